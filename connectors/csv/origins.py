"""Which files a record came from, and which of them still count when they could not be read; serves `assemble`.

A record that several files state has all their names as its origin, so that one bad file among them removes nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

JOINT = " | "


def parts(origin: str) -> list[str]:
    """Split a record's origin into file names."""
    return origin.split(JOINT) if origin else []


def join(files: Iterable[str]) -> str:
    """Make an origin of file names."""
    return JOINT.join(dict.fromkeys(files))


@dataclass(frozen=True, slots=True)
class Origins:
    """The state of every file of a pull. `broken` may hold a whole ZIP or folder, `upserts` only tell changes."""

    full: frozenset[str]
    upserts: frozenset[str]
    broken: frozenset[str]

    def carries(self, origin: str) -> list[str]:
        """Return the files of a stored record's origin that still vouch for it without having been read for it."""
        return [file for file in parts(origin) if self._vouches(file)]

    def missing(self, stored: Collection[str]) -> frozenset[str]:
        """Return the stored origins of which a file stopped coming and none vouches for the record."""
        return frozenset(
            origin for origin in stored if not self.carries(origin) and any(map(self._vanished, parts(origin)))
        )

    def is_broken(self, origin: str) -> bool:
        """Tell whether some file of a stored record's origin could not be read."""
        return any(map(self._is_broken, parts(origin)))

    def _vouches(self, file: str) -> bool:
        if file in self.upserts or self._is_broken(file):
            return True
        return bool(self.upserts) and self._vanished(file)

    def _is_broken(self, file: str) -> bool:
        outer = file.split("!", 1)[0]
        folders = outer.split("/")[:-1]
        holders = {f"{'/'.join(folders[: depth + 1])}/" for depth in range(len(folders))}
        return file in self.broken or outer in self.broken or not self.broken.isdisjoint(holders)

    def _vanished(self, file: str) -> bool:
        return file not in self.full and file not in self.upserts and not self._is_broken(file)

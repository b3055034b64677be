"""Find the files that materials name, within the source's folder or ZIP alone; `identities` and `source` read them."""

import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from connectors.csv.archives import Member, members
from connectors.csv.filenames import Names, steps_of
from connectors.csv.files import ignored, shown
from connectors.csv.opening import opened
from sync.records import File

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that a material names; `file` is its name in reports, `outer` the file on the disk that holds it."""

    file: str
    outer: Path
    size: int
    modified: datetime | None
    open: Callable[[], AbstractContextManager[IO[bytes]]]

    def is_still(self, known: File | None) -> bool:
        """Tell whether this is a file that was read before."""
        return known is not None and bool(known.hash) and (known.size, known.modified) == (self.size, self.modified)


def finder(root: Path) -> Callable[[str], Found | None]:
    """Return what looks a name up in a folder, or in a ZIP. Raise BadFile when a ZIP cannot be opened."""
    return _Archive(root).find if root.is_file() else _Folder(root).find


class _Folder:
    """A folder; every listing is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._listings: dict[Path, Names] = {}

    def find(self, name: str) -> Found | None:
        """Return a plain file below the folder, where links end, too; None for anything else."""
        try:
            place = self._walk(steps_of(name))
            return self._found(place) if place is not None else None
        except (OSError, RuntimeError, ValueError):  # gone, forbidden, a loop of links, a name that no disk can hold
            return None

    def _walk(self, steps: tuple[str, ...]) -> Path | None:
        place = self._root
        for step in steps:
            entry = self._listing(place).find(step)
            place = (place / entry).resolve()
            if not entry or not place.is_relative_to(self._root):
                return None
        return place

    def _listing(self, folder: Path) -> Names:
        if folder not in self._listings:
            self._listings[folder] = Names(entry.name for entry in folder.iterdir())
        return self._listings[folder]

    def _found(self, place: Path) -> Found | None:
        inside = place.relative_to(self._root)
        status = place.stat()
        if not stat.S_ISREG(status.st_mode) or any(map(ignored, inside.parts)):
            return None
        return Found(
            shown(inside), place, status.st_size, _moment(status.st_mtime_ns), partial(opened, place, follow=False)
        )


class _Archive:
    """A ZIP."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._members: dict[str, Member] = {member.name: member for member in members(root)}
        self._names = Names(name for name in self._members if not any(map(ignored, name.split("/"))))

    def find(self, name: str) -> Found | None:
        """Return a file in the ZIP."""
        member = self._members.get(self._names.find("/".join(steps_of(name))))
        if member is None:
            return None
        file = f"{shown(Path(self._root.name))}!{member.name}"
        return Found(file, self._root, member.size, member.written, member.open)


def _moment(nanoseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None

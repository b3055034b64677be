"""Find the files of a source, in a folder or a ZIP, and tell which are still being written; `source` reads them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from connectors.csv.archives import members
from connectors.csv.filenames import may_be_list
from connectors.csv.problems import BadFile
from sync.phrases import Phrase

RECEIPT = ".receipt.txt"
SETTLE_SECONDS = 2.0
MAX_FILE = 256 * 1024 * 1024
MAX_FILES = 2000
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp", ".lock", ".lck", ".bak", "~")
_OUR_OWN = ("settings", "settings.ini")
_SYSTEM = ("desktop.ini", "thumbs.db", "__macosx")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What of a file shows that it changed."""

    size: int
    modified: float
    changed: float

    def age(self, now: float) -> float:
        """Return the seconds since the last change; a time in the future counts as just now."""
        return max(0.0, now - max(self.modified, self.changed))


@dataclass(frozen=True, slots=True)
class Input:
    """One readable input; `file` is its name in reports, `outer` the file on the disk that holds it."""

    file: str
    outer: Path
    written: datetime
    read: Callable[[], bytes]


def ignored(name: str) -> bool:
    """Tell whether a file or folder name is hidden, temporary, a lock, a receipt or a settings file."""
    folded = name.casefold()
    return (
        folded.startswith((".", "~$", "~"))
        or folded.endswith(_UNFINISHED)
        or folded.endswith(RECEIPT)
        or folded in _OUR_OWN
        or folded in _SYSTEM
    )


def find(root: Path) -> dict[str, Path]:
    """Map the names of all files below a folder that may be lists, or of the ZIP itself, to their paths, in order."""
    if root.is_file():
        return {shown(Path(root.name)): root}
    found: dict[str, Path] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not ignored(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not ignored(name) and may_be_list(name) and path.is_file() and len(found) < MAX_FILES:
                found[shown(path.relative_to(root))] = path
    return dict(sorted(found.items()))


def shown(path: PurePath) -> str:
    """Return a file's path as text that can be stored, even if its bytes are not UTF-8."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def stamp(path: Path) -> Stamp | None:
    """Read a file's size and times; None when it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime, status.st_ctime)


def growing(paths: dict[str, Path], clock: Callable[[], float], sleep: Callable[[float], None]) -> set[str]:
    """Look once more at every file changed less than two seconds ago; return those that changed meanwhile."""
    now = clock()
    first = {name: stamp(path) for name, path in paths.items()}
    fresh = {name: seen for name, seen in first.items() if seen is not None and seen.age(now) < SETTLE_SECONDS}
    if not fresh:
        return set()
    sleep(max(SETTLE_SECONDS - seen.age(now) for seen in fresh.values()))
    return {name for name, seen in fresh.items() if stamp(paths[name]) != seen}


def inputs(file: str, path: Path) -> Iterator[Input]:
    """Yield a file, or the files within a ZIP. Raise BadFile when a ZIP cannot be opened."""
    if path.suffix.casefold() == ".zip":
        yield from (
            Input(f"{file}!{member.name}", path, member.written, member.read)
            for member in members(path)
            if may_be_list(member.name) and not any(ignored(part) for part in member.name.split("/"))
        )
        return
    seen = stamp(path)
    written = datetime.fromtimestamp(seen.modified if seen is not None else 0, UTC)
    yield Input(file, path, written, lambda: _read(path))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_FILE + 1)
    except OSError as error:
        reason = Phrase("no access") if isinstance(error, PermissionError) else error.strerror or type(error).__name__
        raise BadFile("unreadable", found=reason) from error
    if len(data) > MAX_FILE:
        raise BadFile("too-large", expected=f"{MAX_FILE // 1024 // 1024} MB")
    return data

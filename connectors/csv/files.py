"""Find the files of a source, in a folder or a ZIP, and tell which are still being written; `source` reads them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePath

from connectors.csv.archives import members
from connectors.csv.filenames import may_be_list
from connectors.csv.opening import opened
from connectors.csv.problems import BadFile
from sync.phrases import Phrase

RECEIPT = ".receipt.txt"
SETTLE_SECONDS = 2.0
MAX_FILE = 256 * 1024 * 1024
MAX_FILES = 2000
MAX_SEEN = 100_000
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


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder that may be lists, in order, and the folders that could not be looked into: `7a/`."""

    files: dict[str, Path]
    shut: dict[str, BadFile]


def find(root: Path) -> Listing:
    """Look for lists below a folder, or take the ZIP itself. Raise BadFile when there is no end to the files."""
    if root.is_file():
        return Listing({shown(Path(root.name)): root}, {})
    files: dict[str, Path] = {}
    shut: dict[str, BadFile] = {}
    waiting, seen = [root], 0
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = list(islice(listed, MAX_SEEN))
        except OSError as error:
            name = shown(folder.relative_to(root)) if folder != root else root.name
            shut[f"{name}/"] = _unreadable(error)
            continue
        kept = [entry for entry in entries if not ignored(entry.name)]
        waiting += (Path(entry.path) for entry in kept if entry.is_dir(follow_symlinks=False))
        lists = (Path(entry.path) for entry in kept if may_be_list(entry.name) and _is_plain(entry))
        files |= {shown(path.relative_to(root)): path for path in lists}
        seen += len(entries)
        if seen >= MAX_SEEN or len(files) > MAX_FILES:
            raise BadFile("too-many-files", expected=str(MAX_FILES if seen < MAX_SEEN else MAX_SEEN))
    return Listing(dict(sorted(files.items())), shut)


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Tell a file from pipes and the like; of a link that leads where we may not look reading tells more."""
    try:
        return entry.is_file()
    except OSError as error:
        return isinstance(error, PermissionError)


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
        with opened(path) as file:
            data = file.read(min(MAX_FILE, os.fstat(file.fileno()).st_size) + 1)
    except OSError as error:
        raise _unreadable(error) from error
    if len(data) > MAX_FILE:
        raise BadFile("too-large", expected=f"{MAX_FILE // 1024 // 1024} MB")
    return data


def _unreadable(error: OSError) -> BadFile:
    reason = Phrase("no access") if isinstance(error, PermissionError) else error.strerror or type(error).__name__
    return BadFile("unreadable", found=reason)

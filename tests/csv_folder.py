"""A folder of rosters and a memory of what was pulled from it, for tests of the CSV connector."""

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha1
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.csv.source import CsvSource
from sync.records import CourseRole, File, Kind, Pulled, Snapshot, StoredPull, Tally

ALMATY = ZoneInfo("Asia/Almaty")
SAMPLES = Path(__file__).parent / "rosters"
NOW = 1_800_000_000.0


def identity(record: object) -> tuple[object, ...]:
    """Return what makes two records of one kind the same."""
    names: tuple[str, ...] = ("person", "course", "role") if hasattr(record, "person") else ("course", "id")
    if not hasattr(record, "course"):
        names = ("id",)
    return tuple(getattr(record, name) for name in names)


def after(previous: Snapshot, pulled: Pulled) -> Snapshot:
    """Return what a store holds after a pull, by the rules of `Snapshot`; removals that are held still go."""
    if pulled.snapshot is None:
        return previous
    seen = pulled.snapshot
    kept: dict[str, Any] = {}
    for kind in Kind:
        now = getattr(seen, kind.value)
        ids = {identity(record) for record in now}
        past = [
            record
            for record in getattr(previous, kind.value)
            if identity(record) not in ids and _stays(record, kind, seen)
        ]
        kept[kind.value] = (*now, *past)
    return Snapshot(**kept)


def _stays(record: object, kind: Kind, seen: Snapshot) -> bool:
    person = getattr(record, "person", "") or (getattr(record, "id", "") if kind is Kind.PEOPLE else "")
    course = getattr(record, "course", "") or (getattr(record, "id", "") if kind is Kind.COURSES else "")
    origin = getattr(record, "origin", "")
    return (
        kind in seen.unknown
        or (origin, kind) in seen.unknown_in
        or person in seen.protected_people
        or course in seen.protected_courses
    )


def plain(snapshot: Snapshot | None) -> dict[str, set[object]]:
    """Return the records as sets without origins and positions, to compare two ways of writing the same."""
    assert snapshot is not None
    return {
        kind.value: {replace(record, origin="", **_zero(record)) for record in getattr(snapshot, kind.value)}
        for kind in Kind
    }


def _zero(record: object) -> dict[str, int]:
    return {"position": 0} if hasattr(record, "position") else {}


@dataclass
class Folder:
    """A folder that is written to and pulled; `state` is what a store would hold."""

    path: Path
    options: dict[str, object] = field(default_factory=dict)
    state: Snapshot = field(default_factory=Snapshot)
    last: Pulled = field(default_factory=lambda: Pulled(None))

    def write(self, files: Mapping[str, str | bytes]) -> "Folder":
        """Write files; text becomes UTF-8. Their time is long ago, so that nothing waits."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def copy(self, sample: str, *names: str) -> "Folder":
        """Copy the files of a sample, all or some."""
        found = SAMPLES / sample
        return self.write({path.name: path.read_bytes() for path in found.iterdir() if not names or path.name in names})

    def clear(self) -> "Folder":
        """Delete everything."""
        return self.remove(*listing(self.path))

    def remove(self, *names: str) -> "Folder":
        """Delete files."""
        for name in names:
            (self.path / name).unlink()
        return self

    def source(self, **more: object) -> CsvSource:
        """Return the source of this folder. Its clock is far ahead, so that no file looks fresh."""
        options: dict[str, object] = {
            "name": "rosters",
            "path": self.path,
            "timezone": ALMATY,
            "language": "en",
            "clock": lambda: NOW * 2,
            "sleep": _no_sleep,
            **self.options,
            **more,
        }
        return CsvSource(**options)  # type: ignore[arg-type]

    def pull(self, **more: object) -> Pulled:
        """Pull once and remember."""
        self.last = self.source(**more).pull(lambda: self.state)
        self.state = after(self.state, self.last)
        return self.last

    def counts(self) -> dict[str, int]:
        """Count what is held, without the kinds that are empty."""
        return {kind.value: n for kind in Kind if (n := len(getattr(self.state, kind.value)))}

    def names(self) -> set[str]:
        """Return the names of the people held."""
        return {person.name for person in self.state.people}

    def titles(self) -> set[str]:
        """Return the titles of the courses held."""
        return {course.title for course in self.state.courses}

    def roles(self) -> set[tuple[str, str, CourseRole]]:
        """Return who is what where, by ids."""
        return {(role.person, role.course, role.role) for role in self.state.enrolments}

    def files(self) -> list[File]:
        """Return the files of all materials held."""
        return [file for material in self.state.materials for file in material.files]

    def file(self) -> File:
        """Return the only file of a material."""
        (file,) = self.files()
        return file

    def codes(self) -> list[tuple[str, int, str]]:
        """Return file, line and code of every problem."""
        return [(item.file, item.line, item.code) for item in self.last.problems]


PDF = b"%PDF-1.4\n%%EOF\n"


def naming(*names: str) -> str:
    """Return a list with a material for each file."""
    rows = (f'Алгебра,1,Материал {number},"{name}"\n' for number, name in enumerate(names))
    return "course,module,title,file\n" + "".join(rows)


def hash_of(content: bytes) -> str:
    """Return a content's SHA-1."""
    return sha1(content, usedforsecurity=False).hexdigest()


def settled(path: Path, at: float = NOW) -> None:
    """Give a file a time."""
    os.utime(path, (at, at))


def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"nothing here is fresh, yet it slept {seconds} s")


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP of files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def stored(pulled: Pulled) -> StoredPull:
    """Say that a store added everything a pull saw."""
    snapshot = pulled.snapshot or Snapshot()
    changes: dict[tuple[str, Kind], Tally] = {}
    for kind in Kind:
        for record in getattr(snapshot, kind.value):
            past = changes.get((record.origin, kind), Tally())
            changes[record.origin, kind] = replace(past, added=past.added + 1)
    return StoredPull({kind: len(getattr(snapshot, kind.value)) for kind in Kind}, changes)


def listing(path: Path) -> dict[str, bytes]:
    """Return every file of a folder with its bytes."""
    return {
        Path(folder, name).relative_to(path).as_posix(): Path(folder, name).read_bytes()
        for folder, _, names in os.walk(path)
        for name in names
    }

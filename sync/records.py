"""What one pull of a source saw, as values. Connectors make them, the store keeps them, `desired` reads them.

Ids are the source's own, unique within it. Times are aware and in UTC. Text is NFC-normalised and trimmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of records, spelt as in every report."""

    COURSES = "courses"
    MODULES = "modules"
    MATERIALS = "materials"
    PEOPLE = "people"
    ENROLMENTS = "enrolments"
    GROUPS = "groups"


class CourseRole(StrEnum):
    """What a person is in a course; STAFF and MODERATOR reach beyond it, to the school's own roles."""

    STUDENT = "student"
    TEACHER = "teacher"
    ASSISTANT = "assistant"
    OBSERVER = "observer"
    MODERATOR = "moderator"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Course:
    """A course (in CSV: the columns of that name)."""

    id: str
    title: str
    hidden: bool = False
    start: datetime | None = None
    end: datetime | None = None
    position: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """A learning unit of a course; `id` is unique within the course."""

    id: str
    course: str
    title: str
    hidden: bool = False
    position: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a material. `size` in bytes and `hash` (SHA-1 of the content, hex) are 0 and empty where not told.

    `url` is where its source has it, without any secret; empty for one in a folder, which is found by its name, and
    for one that is only named, which has no hash either.
    """

    name: str
    size: int = 0
    type: str = ""
    hash: str = ""
    modified: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """An activity or resource of a module; `id` is unique within the course, so that it survives a move.

    `text` is Markdown as Discord reads it, already safe: connectors make it, and it is posted as it is.
    Students see it from `visible_from` on and before `visible_until`; only those in one of `groups`, if any are named.
    """

    id: str
    course: str
    module: str
    title: str
    type: str = ""
    text: str = ""
    url: str = ""
    files: tuple[File, ...] = ()
    opens: datetime | None = None
    due: datetime | None = None
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    groups: tuple[str, ...] = ()
    hidden: bool = False
    position: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A human in the roster; `discord` is a user name or a user id, as the source states it.

    `codes` are the ids by which other sources may know this person; None means the id itself.
    """

    id: str
    name: str
    email: str = ""
    discord: str = ""
    suspended: bool = False
    origin: str = ""
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group inside a course, or a cohort of the school when `course` is empty."""

    id: str
    course: str
    title: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's role in a course with its dates; an empty course is the school itself (staff, moderators).

    Identified by (person, course, role). `end` is the first instant at which it no longer holds. `ref` is the
    source's own id of it (several are joined by a space), by which a later delta may move or delete it.
    """

    person: str
    course: str
    role: CourseRole = CourseRole.STUDENT
    groups: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    suspended: bool = False
    origin: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: where, what was found, what was expected.

    `line` is the physical line from 1 (0: the whole file), `column` the header as the file spells it. `template`
    is an English gettext message with named fields, filled from `values` after translation.
    """

    file: str
    line: int
    column: str
    code: str
    template: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one pull saw, and for which records absence means removal.

    A stored record that is absent here is kept when its kind is in `unknown`, when (its origin, its kind) is in
    `unknown_in`, or when it belongs to a protected person or course. The removal of a record whose origin is in
    `missing` counts, but is always held for a person's approval. `memo` is what the source wants to be told next time.
    """

    courses: tuple[Course, ...] = ()
    modules: tuple[Module, ...] = ()
    materials: tuple[Material, ...] = ()
    people: tuple[Person, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    groups: tuple[Group, ...] = ()
    unknown: frozenset[Kind] = frozenset()
    unknown_in: frozenset[tuple[str, Kind]] = frozenset()
    protected_people: frozenset[str] = frozenset()
    protected_courses: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pulled:
    """The result of one pull. `snapshot` is None when nothing usable was read: then nothing may change.

    `unproven` are kinds of which the input only tells changes; the snapshot already holds the rest, so they are
    for reports alone.
    """

    snapshot: Snapshot | None
    problems: tuple[Problem, ...] = ()
    dialects: Mapping[str, str] = field(default_factory=dict)
    unproven: frozenset[Kind] = frozenset()
    calls: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records of one kind a pull added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class StoredPull:
    """What storing a snapshot did: the source's state after it, and the changes per origin and kind.

    `withheld` people were passed over, because they were forgotten.
    """

    counts: Mapping[Kind, int]
    changes: Mapping[tuple[str, Kind], Tally]
    withheld: int = 0

    def removed(self, kind: Kind) -> int:
        """Count the records of a kind that were present before and are absent now."""
        return sum(tally.removed for (_, k), tally in self.changes.items() if k is kind)

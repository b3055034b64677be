"""What the rows of a file claim, before references are resolved. Dialects write it, `assemble` reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn, TypeVar

from connectors.csv.kinds import FileKind
from connectors.csv.problems import PER_FILE, BadCell, problem
from connectors.csv.table import Row
from sync.records import CourseRole, Kind, Problem

T = TypeVar("T")
CONTACT_ROLES = frozenset({"guardian", "parent", "relative", "contact"})
_SYNONYMS = {
    "person": ("id", "email", "user_id", "user_integration_id", "userSourcedId", "Student_id", "teacherid", "username"),
    "course": ("class", "classSourcedId", "course_id", "Section_id", "courseSourcedId", "coursename", "course1"),
    "id": ("sourcedId", "user_id", "course_id", "Section_id", "Student_id", "Teacher_id", "Staff_id", "username"),
    "name": ("given", "family", "whole", "firstname", "First_name", "givenName", "full_name", "first_name"),
    "email": ("mail",),
}


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """A person as one row states it. Without id and e-mail the name is the identity, if it occurs once.

    `declared`: the row is about the person itself, not about an enrolment.
    `unread` names cells that could not be read, whose last known value counts. `alias` is a second id.
    """

    line: int
    id: str = ""
    email: str = ""
    name: str = ""
    known_as: str = ""
    discord: str = ""
    suspended: bool = False
    declared: bool = False
    gone: bool = False
    unread: frozenset[str] = frozenset()
    course: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class CourseClaim:
    """A course that a row declares."""

    line: int
    id: str
    title: str = ""
    position: int = 0
    start: datetime | None = None
    end: datetime | None = None
    terms: tuple[str, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class MaterialClaim:
    """A material and its module; `course` is a reference."""

    line: int
    course: str
    module: str
    title: str
    id: str = ""
    url: str = ""
    file: str = ""
    type: str = ""
    due: datetime | None = None
    visible_from: datetime | None = None
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupClaim:
    """A group of a course, or of the school when `course` is empty."""

    line: int
    course: str
    id: str
    title: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class EnrolmentClaim:
    """A role in a course; `person` is a claim of the same row or a reference. A `section` may stand for the course.

    `cohorts` are groups of the school, of which only the people of courses are known to be members.
    """

    line: int
    person: PersonClaim | str
    course: str
    role: CourseRole
    groups: tuple[tuple[str, str], ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    suspended: bool = False
    gone: bool = False
    keep_groups: bool = False
    section: str = ""
    ref: str = ""
    cohorts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """A person whose id changed, as Moodle's `oldusername` says."""

    line: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in a group that another file puts into a course."""

    line: int
    person: str
    group: str
    gone: bool = False


@dataclass(slots=True)
class Notes:
    """What a file says about other files: a manifest's modes, terms' dates, roles in the school, other ids.

    `people` are only mentioned, by the line of the first mention; `children` name, by line, one of the `parents`.
    """

    modes: dict[str, str] = field(default_factory=dict)
    terms: dict[str, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    school_roles: dict[str, set[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    moved_sections: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    children: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class FileClaims:
    """Everything one readable file claims, in the order of its rows, and what was wrong with it."""

    file: str
    kind: FileKind
    spelt: dict[str, str]
    upsert: bool = False
    people: list[PersonClaim] = field(default_factory=list)
    courses: list[CourseClaim] = field(default_factory=list)
    materials: list[MaterialClaim] = field(default_factory=list)
    groups: list[GroupClaim] = field(default_factory=list)
    enrolments: list[EnrolmentClaim] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0
    protected_people: set[str] = field(default_factory=set)
    protected_courses: set[str] = field(default_factory=set)
    illegible: set[Kind] = field(default_factory=set)
    rows: int = 0
    refused: set[int] = field(default_factory=set)
    seen: dict[object, int] = field(default_factory=dict)
    shared: dict[object, PersonClaim] = field(default_factory=dict)

    def first(self, what: object, line: int) -> bool:
        """Tell whether something is met for the first time in this file."""
        return self.seen.setdefault(what, line) == line

    def complain(self, code: str, line: int, column: str = "", found: str = "", expected: str = "") -> None:
        """Note a problem; `column` is a field's name or a header."""
        if len(self.problems) >= PER_FILE:
            self.unlisted += 1
            return
        self.problems.append(problem(code, self.file, line, self._header(column), found, expected))

    def _header(self, column: str) -> str:
        """Return a field's header as the file spells it; what a field is called differs between dialects."""
        names = (column, *_SYNONYMS.get(column, ()))
        return next((self.spelt[name] for name in names if name in self.spelt), "" if column in _SYNONYMS else column)

    def refuse(self, row: Row, code: str, column: str = "", found: str = "", expected: str = "") -> None:
        """Note that a row is not used: who and what it names is protected, or its kinds are unknown here."""
        self.complain(code, row.line, column, found, expected)
        self.protect(row)

    def protect(self, row: Row) -> None:
        """Keep what a bad row names; when it names nobody, the absence of these kinds proves nothing."""
        self.refused.add(row.line)
        if row.person:
            self.protected_people.add(row.person)
        if row.course:
            self.protected_courses.add(row.course)
        if not row.person:
            self.illegible |= self.kind.kinds & {Kind.PEOPLE, Kind.ENROLMENTS}
        if not row.course:
            self.illegible |= self.kind.kinds - {Kind.PEOPLE, Kind.ENROLMENTS}

    def optional(self, row: Row, name: str, check: Callable[[str], T], default: T) -> T:
        """Read a cell that a row can do without: a bad one costs only itself."""
        text = row.get(name)
        if not text:
            return default
        try:
            return check(text)
        except BadCell as bad:
            self.complain(bad.code, row.line, name, bad.found, bad.expected)
            row.unread.add(name)
            return default


def required(row: Row, name: str, check: Callable[[str], T], expected: str) -> T:
    """Read a cell that a row cannot do without. Raise BadCell with its column when it is empty or bad."""
    text = row.get(name)
    try:
        return check(text) if text else _missing(expected)
    except BadCell as bad:
        bad.column = name
        raise


def _missing(expected: str) -> NoReturn:
    raise BadCell("missing-cell", "", expected)

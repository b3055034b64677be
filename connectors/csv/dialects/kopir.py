"""Kopir's own dialect: four files or one flat roster, typed by hand, with headers in three languages."""

from collections.abc import Callable
from typing import TypeVar

from connectors.csv import cells, material_kinds
from connectors.csv.claims import CourseClaim, EnrolmentClaim, FileClaims, MaterialClaim, PersonClaim, required
from connectors.csv.kinds import FileKind, needs
from connectors.csv.options import Options
from connectors.csv.problems import BadCell
from connectors.csv.table import Row
from connectors.csv.words import (
    COURSE_COLUMNS,
    MATERIAL_COLUMNS,
    PERSON_COLUMNS,
    ROLE_EXAMPLES,
    ROLES,
    SCHOOL_COLUMNS,
    key,
)
from sync.records import CourseRole, Kind

T = TypeVar("T")
PLACES = ("course", "class", "group")
SCHOOL_WIDE = frozenset({CourseRole.STAFF, CourseRole.MODERATOR})
_SURE_TITLES = COURSE_COLUMNS["title"] - {key(word) for word in ("name", "аты", "course", "курс", "пән", "предмет")}


def role_of(text: str) -> CourseRole:
    """Read a role in any of the three languages; empty is a student."""
    if not text:
        return CourseRole.STUDENT
    role = ROLES.get(key(text))
    if role is None:
        raise BadCell("unknown-role", text, ROLE_EXAMPLES)
    return role


def read_person(row: Row, out: FileClaims, *, declared: bool) -> PersonClaim:
    """Read who a row is about; note in the row what was legible before a bad name refuses it."""
    identity = out.optional(row, "id", cells.identifier, "")
    email = out.optional(row, "email", cells.email, "")
    row.person = identity or email
    if row.unread and not row.person:
        out.illegible |= {Kind.PEOPLE, Kind.ENROLMENTS}
    name, known_as = _name(row)
    row.person = row.person or cells.fold(known_as)
    discord = out.optional(row, "discord", cells.discord, "")
    suspended = declared and out.optional(row, "suspended", cells.flag, default=False)
    unread = frozenset(row.unread)
    claim = PersonClaim(
        row.line, identity, email, name, known_as, discord, suspended, declared, unread=unread, course=row.course
    )
    if not (identity or email):
        return claim
    return out.shared.setdefault((identity, email, name, discord, suspended, unread), claim)


def _name(row: Row) -> tuple[str, str]:
    whole = row.get("name")
    if whole:
        checked = required(row, "name", cells.name, "a name")
        return checked, checked
    family, given, middle = row.get("family"), row.get("given"), row.get("middle")
    parts = [required(row, part, cells.name, "a name") for part in ("given", "family") if row.get(part)]
    if not parts:
        column = next((name for name in ("name", "family", "given") if name in row.cells), "name")
        return required(row, column, cells.name, "a name"), ""
    return " ".join(parts), " ".join(filter(None, (given, middle, family)))


def _people(row: Row, out: FileClaims, options: Options) -> None:
    del options
    out.people.append(read_person(row, out, declared=True))


def _courses(row: Row, out: FileClaims, options: Options) -> None:
    identity = out.optional(row, "id", cells.identifier, "")
    row.course = identity or row.get("title")
    heading = required(row, "title", cells.title, "a title") if not identity or row.get("title") else identity
    start = out.optional(row, "start", lambda text: cells.start(text, options.zone), None)
    end = out.optional(row, "end", lambda text: cells.end(text, options.zone), None)
    place = len(out.courses) + 1
    out.courses.append(CourseClaim(row.line, identity or cells.fold(heading), heading, place, start, end))


def _roster(row: Row, out: FileClaims, options: Options) -> None:
    row.course = _course_cell(row)
    person = read_person(row, out, declared=False)
    out.people.append(person)
    _enrol(row, out, options, person)


def _enrolments(row: Row, out: FileClaims, options: Options) -> None:
    row.course = _course_cell(row)
    text = row.get("person") or row.get("id")
    if not text and row.get("email"):
        text = row.person = required(row, "email", cells.email, "an e-mail")
    elif text:
        row.person = text
        text = required(row, "person" if row.get("person") else "id", cells.identifier, "an id or an e-mail")
    else:
        raise _missing(row, "person", "an id or an e-mail")
    _enrol(row, out, options, text)


def _missing(row: Row, column: str, expected: str) -> BadCell:
    bad = BadCell("missing-cell", "", expected)
    bad.column = column if column in row.cells else next(iter(row.cells))
    return bad


def _place(row: Row) -> str:
    """Return the column that names the course: without one the class, without that the group stands for it."""
    return next((column for column in PLACES if column in row.cells), "course")


def _course_cell(row: Row) -> str:
    """Return the course reference when it is legible."""
    text = row.get(_place(row))
    try:
        return cells.title(text)
    except BadCell:
        return ""


def _enrol(row: Row, out: FileClaims, options: Options, person: PersonClaim | str) -> None:
    role = _cell(row, "role", role_of)
    column = _place(row)
    if not row.get(column):
        if role not in SCHOOL_WIDE:
            raise _missing(row, column, "the id or title of a course")
        course = ""
    else:
        course = required(row, column, cells.title, "the id or title of a course")
    groups, unread = _groups(row, out) if course else ((), False)
    start = _cell(row, "start", lambda text: cells.start(text, options.zone) if text else None)
    end = _cell(row, "end", lambda text: cells.end(text, options.zone) if text else None)
    check_order(row, start, end)
    suspended = out.optional(row, "suspended", cells.flag, default=False)
    out.enrolments.append(
        EnrolmentClaim(row.line, person, course, role, groups, start, end, suspended, keep_groups=unread)
    )


def check_order(row: Row, start: object, end: object) -> None:
    """Refuse a period that ends before it starts."""
    if start is not None and end is not None and end <= start:  # type: ignore[operator]
        bad = BadCell("date-order", row.get("end"), row.get("start"))
        bad.column = "end"
        raise bad


def _cell(row: Row, name: str, check: Callable[[str], T]) -> T:
    try:
        return check(row.get(name))
    except BadCell as bad:
        bad.column = name
        raise


def _groups(row: Row, out: FileClaims) -> tuple[tuple[tuple[str, str], ...], bool]:
    columns = [column for column in ("group", "class") if column in row.cells and column != _place(row)]
    found: dict[str, str] = {}
    for column in columns:
        heading = out.optional(row, column, cells.title, "")
        if heading:
            found.setdefault(cells.fold(heading), heading)
    unread = not row.unread.isdisjoint(columns)
    if unread:
        out.illegible.add(Kind.GROUPS)
    return tuple(found.items()), unread


def _materials(row: Row, out: FileClaims, options: Options) -> None:
    row.course = _course_cell(row)
    course = required(row, "course", cells.title, "the id or title of a course")
    module = cells.title(row.get("module")) if row.get("module") else ""
    heading = required(row, "title", cells.title, "a title")
    visible_from = _cell(row, "visible_from", lambda text: cells.start(text, options.zone) if text else None)
    url = out.optional(row, "url", cells.url, "")
    out.materials.append(
        MaterialClaim(
            line=row.line,
            course=course,
            module=module,
            title=heading,
            id=out.optional(row, "id", cells.identifier, ""),
            url=url,
            file=row.get("file"),
            type=material_kinds.kind(row.get("type"), url, row.get("file")),
            due=out.optional(row, "due", lambda text: cells.due(text, options.zone), None),
            visible_from=visible_from,
            unread=frozenset(row.unread),
        )
    )


_PEOPLE_KINDS = frozenset({Kind.PEOPLE, Kind.ENROLMENTS})
_ROSTER_KINDS = frozenset({Kind.PEOPLE, Kind.ENROLMENTS, Kind.COURSES, Kind.GROUPS})
_MATERIAL_KINDS = frozenset({Kind.COURSES, Kind.MODULES, Kind.MATERIALS})
_ROSTER_COLUMNS = {**PERSON_COLUMNS, **{name: SCHOOL_COLUMNS[name] for name in SCHOOL_COLUMNS if name != "person"}}

PEOPLE = FileKind(
    dialect="kopir",
    part="people",
    columns={**PERSON_COLUMNS, "id": SCHOOL_COLUMNS["id"], "suspended": SCHOOL_COLUMNS["suspended"]},
    needs=needs("name email", "name id", "name discord", "given family", "given id", "given email"),
    read=_people,
    kinds=frozenset({Kind.PEOPLE}),
    exact=False,
)
PEOPLE_BY_FILE = FileKind(
    dialect="kopir",
    part="people",
    columns=PEOPLE.columns,
    needs=needs("name", "given", "email"),
    read=_people,
    kinds=PEOPLE.kinds,
    stems=("people",),
    exact=False,
)
COURSES_BY_FILE = FileKind(
    dialect="kopir",
    part="courses",
    columns={**COURSE_COLUMNS, "start": SCHOOL_COLUMNS["start"], "end": SCHOOL_COLUMNS["end"]},
    needs=needs("title", "id title"),
    read=_courses,
    kinds=frozenset({Kind.COURSES}),
    stems=("courses",),
    exact=False,
)
COURSES = FileKind(
    dialect="kopir",
    part="courses",
    columns={"id": COURSE_COLUMNS["id"], "title": _SURE_TITLES},
    needs=needs("id title"),
    read=_courses,
    kinds=COURSES_BY_FILE.kinds,
    exact=False,
)
MATERIALS = FileKind(
    dialect="kopir",
    part="materials",
    columns=MATERIAL_COLUMNS,
    needs=needs(
        "course module title", "course title url", "course title file", "course title due", "course title visible_from"
    ),
    read=_materials,
    kinds=_MATERIAL_KINDS,
    exact=False,
)
ROSTER = FileKind(
    dialect="kopir",
    part="roster",
    columns=_ROSTER_COLUMNS,
    needs=needs(*(f"{name} {place}" for name in ("name", "given", "family") for place in PLACES)),
    read=_roster,
    kinds=_ROSTER_KINDS,
    exact=False,
)
ENROLMENTS = FileKind(
    dialect="kopir",
    part="enrolments",
    columns={**SCHOOL_COLUMNS, "email": PERSON_COLUMNS["email"]},
    needs=needs("person course", "person class", "email course", "email class"),
    read=_enrolments,
    kinds=_ROSTER_KINDS,
    exact=False,
)
KINDS = (PEOPLE_BY_FILE, COURSES_BY_FILE, MATERIALS, ROSTER, ENROLMENTS, COURSES, PEOPLE)

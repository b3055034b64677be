"""Microsoft School Data Sync 2.1: a near relative of OneRoster without status columns. Absence is removal."""

from connectors.csv import cells
from connectors.csv.claims import CourseClaim, EnrolmentClaim, FileClaims, PersonClaim, required
from connectors.csv.dialects.names import full_name, one_of, own_id
from connectors.csv.kinds import FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.table import Row
from sync.records import CourseRole, Kind

DIALECT = "microsoft-sds"
_NEVER = frozenset({"status", "datelastmodified"})
_ROLES = {
    "student": CourseRole.STUDENT,
    "teacher": CourseRole.TEACHER,
    "aide": CourseRole.ASSISTANT,
    "proctor": CourseRole.OBSERVER,
    "substitute": CourseRole.TEACHER,
}


def _users(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person = row.get("sourcedId")
    identity = own_id(row, out, "sourcedId")
    name = full_name(row, "givenName", "familyName")
    email = out.optional(row, "email", cells.email, "")
    out.people.append(PersonClaim(row.line, identity, email, name, declared=True, unread=frozenset(row.unread)))


def _classes(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.course = row.get("sourcedId")
    identity = own_id(row, out, "sourcedId")
    heading = required(row, "title", cells.title, "a title")
    out.courses.append(CourseClaim(row.line, identity, heading, len(out.courses) + 1))


def _enrollments(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person, row.course = row.get("userSourcedId"), row.get("classSourcedId")
    required(row, "userSourcedId", cells.identifier, "an id")
    required(row, "classSourcedId", cells.identifier, "an id")
    out.enrolments.append(EnrolmentClaim(row.line, row.person, row.course, one_of(row, "role", _ROLES)))


def _roles(row: Row, out: FileClaims, options: Options) -> None:
    del options
    out.notes.school_roles.setdefault(row.get("userSourcedId"), set()).add(row.get("role").casefold())


KINDS = (
    FileKind(
        dialect=DIALECT,
        part="users",
        columns=exactly("sourcedId username givenName familyName email"),
        needs=needs("sourcedId username givenName familyName"),
        read=_users,
        kinds=frozenset({Kind.PEOPLE}),
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="classes",
        columns=exactly("sourcedId orgSourcedId title"),
        needs=needs("sourcedId orgSourcedId title"),
        read=_classes,
        kinds=frozenset({Kind.COURSES}),
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="enrollments",
        columns=exactly("classSourcedId userSourcedId role"),
        needs=needs("classSourcedId userSourcedId role"),
        read=_enrollments,
        kinds=frozenset({Kind.ENROLMENTS}),
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="roles",
        columns=exactly("userSourcedId orgSourcedId role"),
        needs=needs("userSourcedId orgSourcedId role"),
        read=_roles,
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="orgs",
        columns=exactly("sourcedId name type"),
        needs=needs("sourcedId name type"),
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="academicsessions",
        columns=exactly("sourcedId title startDate endDate"),
        needs=needs("sourcedId title startDate endDate"),
        never=_NEVER,
    ),
    FileKind(
        dialect=DIALECT,
        part="courses",
        columns=exactly("sourcedId orgSourcedId title code"),
        needs=needs("sourcedId orgSourcedId title code"),
        never=_NEVER,
    ),
)

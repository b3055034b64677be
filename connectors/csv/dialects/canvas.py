"""Canvas SIS import files: sections are our groups. Rows only tell changes unless the source says `complete = yes`."""

from connectors.csv import cells
from connectors.csv.claims import (
    CourseClaim,
    EnrolmentClaim,
    FileClaims,
    GroupClaim,
    Membership,
    PersonClaim,
    Rename,
    required,
)
from connectors.csv.dialects.names import full_name, one_of, optional_period, own_id, period, status
from connectors.csv.kinds import Absence, FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.problems import BadCell
from connectors.csv.table import Row
from sync.records import CourseRole, Kind

DIALECT = "canvas-sis"
_ROLES = {
    "student": CourseRole.STUDENT,
    "teacher": CourseRole.TEACHER,
    "ta": CourseRole.ASSISTANT,
    "designer": CourseRole.ASSISTANT,
    "observer": CourseRole.OBSERVER,
}
_DELETED = frozenset({"deleted", "deleted_last_completed"})


def _users(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person = row.get("user_id")
    identity = own_id(row, out, "user_id")
    state = status(row, "active suspended deleted", "active")
    if row.get("integration_id"):
        out.notes.aliases[row.get("integration_id")] = identity
    if state == "deleted":
        out.people.append(PersonClaim(row.line, identity, gone=True))
        return
    parts = full_name(row, "first_name", "last_name", needed=False)
    whole = next((column for column in ("full_name", "sortable_name", "short_name") if row.get(column)), "full_name")
    name = row.get("full_name") or parts
    if not parts or row.get("full_name"):
        name = required(row, whole, cells.name, "a name")
    email = out.optional(row, "email", cells.email, "")
    suspended = state == "suspended"
    unread = frozenset(row.unread)
    out.people.append(PersonClaim(row.line, identity, email, name, suspended=suspended, declared=True, unread=unread))


def _courses(row: Row, out: FileClaims, options: Options) -> None:
    row.course = row.get("course_id")
    identity = own_id(row, out, "course_id")
    state = status(row, "active published completed deleted", "active")
    column = "long_name" if row.get("long_name") else "short_name"
    heading = "" if state == "deleted" else required(row, column, cells.title, "a title")
    start, end = optional_period(row, out, options, "start_date", "end_date")
    terms = (row.get("term_id"),) if row.get("term_id") and start is None and end is None else ()
    position = len(out.courses) + 1
    out.courses.append(CourseClaim(row.line, identity, heading, position, start, end, terms, gone=state == "deleted"))


def _sections(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.course = row.get("course_id")
    course = required(row, "course_id", cells.identifier, "an id")
    identity = own_id(row, out, "section_id")
    gone = status(row, "active deleted", "active") == "deleted"
    heading = row.get("name") if gone else required(row, "name", cells.title, "a title")
    out.groups.append(GroupClaim(row.line, course, identity, heading, gone=gone))


def _enrollments(row: Row, out: FileClaims, options: Options) -> None:
    row.person, row.course = row.get("user_id") or row.get("user_integration_id"), row.get("course_id")
    if not row.person:
        required(row, "user_id" if "user_id" in row.cells else "user_integration_id", cells.identifier, "an id")
    section = row.get("section_id")
    if not section and not row.course:
        required(row, "section_id" if "section_id" in row.cells else "course_id", cells.identifier, "an id")
    state = status(row, "active deleted completed inactive deleted_last_completed", "active")
    role = one_of(row, "role" if "role" in row.cells else "role_id", _ROLES)
    start, end = period(row, options, "start_date", "end_date")
    out.enrolments.append(
        EnrolmentClaim(
            row.line,
            row.person,
            row.course,
            role,
            start=start,
            end=end,
            suspended=state in {"completed", "inactive"},
            gone=state in _DELETED,
            section=section,
        )
    )


def _groups(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.course = row.get("course_id")
    identity = own_id(row, out, "group_id")
    gone = status(row, "available deleted", "available") == "deleted"
    if row.course:
        out.groups.append(
            GroupClaim(row.line, row.course, identity, required(row, "name", cells.title, "a title"), gone=gone)
        )


def _memberships(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person = row.get("user_id")
    person = required(row, "user_id", cells.identifier, "an id")
    group = required(row, "group_id", cells.identifier, "an id")
    gone = status(row, "accepted deleted", "accepted") == "deleted"
    out.memberships.append(Membership(row.line, person, group, gone=gone))


def _crosslists(row: Row, out: FileClaims, options: Options) -> None:
    del options
    if status(row, "active deleted", "active") == "active":
        out.notes.moved_sections[row.get("section_id")] = row.get("xlist_course_id")


def _changes(row: Row, out: FileClaims, options: Options) -> None:
    del options
    if row.get("type").casefold() == "user" and row.get("old_id") and row.get("new_id"):
        out.renames.append(Rename(row.line, row.get("old_id"), row.get("new_id")))
    elif row.get("type").casefold() not in {"user", "course", "section", "account", "term", "group", "group_category"}:
        raise BadCell("unknown-status", row.get("type"), "user")


def _terms(row: Row, out: FileClaims, options: Options) -> None:
    out.notes.terms[row.get("term_id")] = optional_period(row, out, options, "start_date", "end_date")


def _kind(part: str, columns: str, *needed: str, **more: object) -> FileKind:
    return FileKind(
        DIALECT,
        part,
        exactly(columns),
        needs(*needed),
        absence=Absence.NOTHING,
        **more,  # type: ignore[arg-type]
    )


KINDS = (
    _kind(
        "enrollments",
        "course_id section_id user_id user_integration_id role role_id status start_date end_date",
        *(
            f"{user} {role} {place} status"
            for user in ("user_id", "user_integration_id")
            for role in ("role", "role_id")
            for place in ("course_id", "section_id")
        ),
        read=_enrollments,
        kinds=frozenset({Kind.ENROLMENTS}),
    ),
    _kind(
        "users",
        "user_id integration_id login_id first_name last_name full_name sortable_name short_name email status",
        "user_id login_id status",
        read=_users,
        kinds=frozenset({Kind.PEOPLE}),
    ),
    _kind(
        "courses",
        "course_id short_name long_name term_id status start_date end_date",
        "course_id short_name long_name status",
        read=_courses,
        kinds=frozenset({Kind.COURSES}),
    ),
    _kind("xlists", "xlist_course_id section_id status", "xlist_course_id section_id status", read=_crosslists),
    _kind(
        "sections",
        "section_id course_id name status",
        "section_id course_id name status",
        read=_sections,
        kinds=frozenset({Kind.GROUPS}),
    ),
    _kind(
        "groups_membership",
        "group_id user_id status",
        "group_id user_id status",
        read=_memberships,
        kinds=frozenset({Kind.ENROLMENTS}),
    ),
    _kind(
        "groups",
        "group_id course_id name status",
        "group_id name status",
        read=_groups,
        kinds=frozenset({Kind.GROUPS}),
    ),
    _kind("terms", "term_id name status start_date end_date", "term_id name status", read=_terms),
    _kind("change_sis_id", "old_id new_id type", "old_id new_id type", read=_changes),
    _kind("user_observers", "observer_id student_id status", "observer_id student_id status"),
    _kind("admins", "user_id account_id status", "user_id account_id status"),
)

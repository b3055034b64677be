"""Clever's SFTP files: our course is the section, teachers come with it. Absence is removal; dates are month first."""

import re

from connectors.csv import cells
from connectors.csv.claims import CourseClaim, EnrolmentClaim, FileClaims, PersonClaim, required
from connectors.csv.dialects.names import full_name, optional_period, own_id
from connectors.csv.kinds import FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.table import Row
from sync.records import CourseRole, Kind

DIALECT = "clever"
_TEACHER = re.compile(r"teacher(?:\d+)?id")
_PEOPLE = frozenset({Kind.PEOPLE})


def _person(row: Row, out: FileClaims, prefix: str, identity: str) -> None:
    """Read a person; students, teachers and staff number their ids each on their own, so the latter two are marked."""
    row.person = prefix + row.get(identity)
    text = prefix + required(row, identity, cells.identifier, "an id")
    name = full_name(row, "First_name", "Last_name")
    email = out.optional(row, "email", cells.email, "")
    claim = PersonClaim(row.line, text, email, name, declared=True, unread=frozenset(row.unread))
    if out.shared.setdefault((text, email, name), claim) is claim:
        out.people.append(claim)


def _students(row: Row, out: FileClaims, options: Options) -> None:
    del options
    _person(row, out, "", "Student_id")


def _teachers(row: Row, out: FileClaims, options: Options) -> None:
    del options
    _person(row, out, "teacher:", "Teacher_id")


def _staff(row: Row, out: FileClaims, options: Options) -> None:
    del options
    _person(row, out, "staff:", "Staff_id")


def _sections(row: Row, out: FileClaims, options: Options) -> None:
    row.course = row.get("Section_id")
    identity = own_id(row, out, "Section_id")
    numbered = " ".join(filter(None, (row.get("Course_name"), row.get("Section_number"))))
    column = "Name" if row.get("Name") else "Course_name"
    heading = required(row, column, cells.title, "a title")
    start, end = optional_period(row, out, options, "Term_start", "Term_end", month_first=True)
    heading = heading if column == "Name" else numbered
    out.courses.append(CourseClaim(row.line, identity, heading, len(out.courses) + 1, start, end))
    teachers = dict.fromkeys(text for name, text in row.cells.items() if text and _TEACHER.fullmatch(name))
    for teacher in teachers:
        out.enrolments.append(EnrolmentClaim(row.line, f"teacher:{teacher}", identity, CourseRole.TEACHER))


def _enrollments(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person, row.course = row.get("Student_id"), row.get("Section_id")
    required(row, "Student_id", cells.identifier, "an id")
    required(row, "Section_id", cells.identifier, "an id")
    out.enrolments.append(EnrolmentClaim(row.line, row.person, row.course, CourseRole.STUDENT))


KINDS = (
    FileKind(
        dialect=DIALECT,
        part="students",
        columns=exactly("Student_id First_name Last_name email=Student_email"),
        needs=needs("Student_id First_name Last_name"),
        read=_students,
        kinds=_PEOPLE,
    ),
    FileKind(
        dialect=DIALECT,
        part="teachers",
        columns=exactly("Teacher_id First_name Last_name email=Teacher_email"),
        needs=needs("Teacher_id First_name Last_name"),
        read=_teachers,
        kinds=_PEOPLE,
    ),
    FileKind(
        dialect=DIALECT,
        part="staff",
        columns=exactly("Staff_id First_name Last_name email=Staff_email"),
        needs=needs("Staff_id First_name Last_name"),
        read=_staff,
        kinds=_PEOPLE,
    ),
    FileKind(
        dialect=DIALECT,
        part="sections",
        columns=exactly("Section_id School_id Name Course_name Section_number Term_start Term_end"),
        needs=needs("Section_id School_id Name", "Section_id School_id Course_name"),
        read=_sections,
        kinds=frozenset({Kind.COURSES, Kind.ENROLMENTS}),
        pattern=_TEACHER,
    ),
    FileKind(
        dialect=DIALECT,
        part="enrollments",
        columns=exactly("Section_id Student_id School_id"),
        needs=needs("Section_id Student_id"),
        read=_enrollments,
        kinds=frozenset({Kind.ENROLMENTS}),
    ),
    FileKind(DIALECT, "schools", exactly("School_id School_name"), needs("School_id School_name")),
    FileKind(DIALECT, "admins", exactly("School_id Admin_email"), needs("School_id Admin_email")),
)

"""Moodle's "upload users" file: one person a row with numbered courses. Nothing is removed for being absent, unless
the source says `complete = yes`.
"""

import re
from datetime import datetime, timedelta

from connectors.csv import cells
from connectors.csv.claims import EnrolmentClaim, FileClaims, GroupClaim, PersonClaim, Rename, required
from connectors.csv.dialects.names import full_name
from connectors.csv.kinds import Absence, FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.problems import BadCell
from connectors.csv.table import Row
from connectors.csv.words import key
from sync.records import CourseRole, Kind

_ROLES = {
    "student": CourseRole.STUDENT,
    "editingteacher": CourseRole.TEACHER,
    "teacher": CourseRole.TEACHER,
    "observer": CourseRole.OBSERVER,
    "guest": CourseRole.OBSERVER,
}
_TYPES = {"1": CourseRole.STUDENT, "2": CourseRole.TEACHER, "3": CourseRole.TEACHER}
_NUMBERED = "course|role|type|group|enrolstatus|enroltimestart|enrolperiod|cohort|sysrole|category|categoryrole"
_USED = re.compile(
    r"(?:course|role|type|group|enrolstatus|enroltimestart|enrolperiod|cohort)\d+|profilefield\w*discord\w*"
)
_KNOWN_WORDS = """
    id username email emailstop city country lang timezone mailformat maildisplay maildigest htmleditor autosubscribe
    institution department idnumber phone1 phone2 address description descriptionformat password auth oldusername
    suspended theme deleted mnethostid interests firstname lastname middlename alternatename firstnamephonetic
    lastnamephonetic
"""
_KNOWN = frozenset(map(key, _KNOWN_WORDS.split()))


def known_header(header: str) -> bool:
    """Tell whether Moodle knows a column of this name."""
    text = key(header)
    return text in _KNOWN or text.startswith("profilefield") or re.fullmatch(rf"(?:{_NUMBERED})\d+", text) is not None


def discord_cell(row: Row, out: FileClaims) -> str:
    """Read the first profile field that holds a Discord user."""
    for column in sorted(name for name in row.cells if "discord" in name or "дискорд" in name):
        if found := out.optional(row, column, cells.discord, ""):
            return found
    return ""


def _users(row: Row, out: FileClaims, options: Options) -> None:
    row.person = row.get("username").casefold()
    identity = required(row, "username", cells.identifier, "a user name").casefold()
    if row.get("deleted") == "1":
        out.people.append(PersonClaim(row.line, identity, gone=True))
        return
    if old := row.get("oldusername").casefold():
        out.renames.append(Rename(row.line, old, identity))
    name = full_name(row, "firstname", "lastname", needed=False)
    email = out.optional(row, "email", cells.email, "")
    discord = discord_cell(row, out)
    suspended = out.optional(row, "suspended", cells.flag, default=False)
    unread = frozenset("discord" if "discord" in column else column for column in row.unread)
    person = PersonClaim(
        row.line, identity, email, name, name, discord, suspended, unread=unread, alias=row.get("idnumber")
    )
    out.people.append(person)
    cohorts = _cohorts(row, out)
    for column in [name for name in row.cells if re.fullmatch(r"course\d+", name) and row.get(name)]:
        _enrol(row, out, options, person, column, cohorts)


def _cohorts(row: Row, out: FileClaims) -> tuple[tuple[str, str], ...]:
    columns = sorted(name for name in row.cells if re.fullmatch(r"cohort\d+", name))
    headings = [heading for column in columns if (heading := out.optional(row, column, cells.title, ""))]
    out.groups.extend(GroupClaim(row.line, "", cells.fold(heading), heading) for heading in headings)
    return tuple((cells.fold(heading), heading) for heading in headings)


def _enrol(
    row: Row,
    out: FileClaims,
    options: Options,
    person: PersonClaim,
    column: str,
    cohorts: tuple[tuple[str, str], ...],
) -> None:
    number = column.removeprefix("course")
    row.course = row.get(column)
    course = required(row, column, cells.title, "a course's short name")
    role = _role(row, number, options.role)
    heading = out.optional(row, f"group{number}", cells.title, "")
    start, end = _dates(row, number, options)
    out.enrolments.append(
        EnrolmentClaim(
            row.line,
            person,
            course,
            role,
            ((cells.fold(heading), heading),) if heading else (),
            start,
            end,
            suspended=out.optional(row, f"enrolstatus{number}", cells.flag, default=False),
            keep_groups=f"group{number}" in row.unread,
            cohorts=cohorts,
        )
    )


def _role(row: Row, number: str, default: CourseRole) -> CourseRole:
    for column, words in ((f"role{number}", _ROLES), (f"type{number}", _TYPES)):
        text = row.get(column).casefold()
        if text and text not in words:
            bad = BadCell("unknown-role", row.get(column), ", ".join(words))
            bad.column = column
            raise bad
        if text:
            return words[text]
    return default


def _dates(row: Row, number: str, options: Options) -> tuple[datetime | None, datetime | None]:
    """Read start and period; a period without start counts from when the file was written, as in Moodle's upload."""
    column = f"enroltimestart{number}"
    start = required(row, column, lambda text: cells.start(text, options.zone), "") if row.get(column) else None
    column = f"enrolperiod{number}"
    days = required(row, column, _days, "a number of days") if row.get(column) else 0
    base = start or options.written
    return start, base + timedelta(days=days) if days and base is not None else None


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 5:
        raise BadCell("bad-date", text)
    return int(text)


KIND = FileKind(
    dialect="moodle-upload-users",
    part="users",
    columns=exactly("username firstname lastname email idnumber suspended deleted oldusername"),
    needs=needs("username firstname", "username lastname", "username email", "username course1", "username deleted"),
    read=_users,
    kinds=frozenset({Kind.PEOPLE, Kind.COURSES, Kind.GROUPS, Kind.ENROLMENTS}),
    absence=Absence.NOTHING,
    pattern=_USED,
    exact=False,
    known=_KNOWN,
)
KINDS = (KIND,)

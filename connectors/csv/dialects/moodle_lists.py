"""Lists that Moodle lets people download or import: a course's participants, the site's users, a course's groups."""

import re

from connectors.csv import cells
from connectors.csv.claims import EnrolmentClaim, FileClaims, GroupClaim, PersonClaim, required
from connectors.csv.dialects.moodle_upload import discord_cell
from connectors.csv.dialects.names import full_name
from connectors.csv.kinds import Absence, FileKind, exactly, needs
from connectors.csv.options import Options
from connectors.csv.problems import BadCell, BadFile
from connectors.csv.table import Row
from connectors.csv.words import key
from sync.records import Kind
from sync.texts import N_

_DISCORD = re.compile(r"\w*(?:discord|дискорд)\w*")


def _headers(words: str) -> frozenset[str]:
    return frozenset(key(word) for word in words.split(","))


_EMAIL = _headers(
    "Email address,Адрес электронной почты,Электрондық пошта адресі,Электрондық пошта мекенжайы,"
    "Электронды пошта адресі,Электронды пошта мекенжайы,Эл. пошта адресі,Эл. пошта мекенжайы,"
    "Email мекенжайы,Email адресі"
)
_PARTICIPANT_COLUMNS = {
    "given": _headers("First name,Имя,Аты,Есімі,Есім"),
    "family": _headers("Last name,Surname,Фамилия,Тегі,Тек,Фамилиясы"),
    "whole": _headers("First name / Last name,Имя / Фамилия,Аты / Тегі,Full name,Полное имя,Толық аты"),
    "mail": _EMAIL,
    "groups": _headers("Groups,Группы,Топтар"),
    "username": _headers("Username,Логин,Пайдаланушы аты,Имя пользователя,Қолданушы аты,Пайдаланушы есімі"),
    "idnumber": _headers(
        "ID number,Индивидуальный номер,Идентификационный номер,ID нөмірі,Жеке нөмірі,Жеке нөмір,"
        "Идентификациялық нөмірі"
    ),
}


def _participants(row: Row, out: FileClaims, options: Options) -> None:
    if not options.place:
        raise BadFile("no-course-name", expected="participants-algebra.csv")
    row.course = options.place
    number = out.optional(row, "idnumber", cells.identifier, "")
    identity = out.optional(row, "username", cells.identifier, "").casefold() or number
    email = out.optional(row, "mail", cells.email, "")
    row.person = identity or email
    if row.unread and not row.person:
        out.illegible |= {Kind.PEOPLE, Kind.ENROLMENTS}
    whole = row.get("whole")
    name = required(row, "whole", cells.name, "a name") if whole else full_name(row, "given", "family")
    unread = frozenset("email" if column == "mail" else column for column in row.unread)
    discord = discord_cell(row, out)
    alias = number if number != identity else ""
    person = PersonClaim(row.line, identity, email, name, name, discord, unread=unread, course=row.course, alias=alias)
    out.people.append(person)
    groups, kept = _groups(row, out)
    out.enrolments.append(EnrolmentClaim(row.line, person, options.place, options.role, groups, keep_groups=kept))


def _groups(row: Row, out: FileClaims) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Read the groups, which Moodle separates by a comma and a space."""
    text = out.optional(row, "groups", cells.title, "")
    if "groups" in row.unread:
        out.illegible.add(Kind.GROUPS)
        return (), True
    return tuple((cells.fold(part), part) for part in text.split(", ") if part), False


def _users(row: Row, out: FileClaims, options: Options) -> None:
    del options
    row.person = row.get("username").casefold()
    identity = required(row, "username", cells.identifier, "a user name").casefold()
    name = full_name(row, "firstname", "lastname")
    email = out.optional(row, "email", cells.email, "")
    discord = discord_cell(row, out)
    unread = frozenset("discord" if "discord" in column else column for column in row.unread)
    alias = row.get("idnumber")
    out.people.append(PersonClaim(row.line, identity, email, name, name, discord, unread=unread, alias=alias))


def _group_import(row: Row, out: FileClaims, options: Options) -> None:
    row.course = row.get("idnumber") or row.get("coursename") or options.place
    if not row.course:
        raise BadCell("missing-cell", "", N_("a course"))
    heading = required(row, "groupname", cells.title, "a title")
    out.groups.append(GroupClaim(row.line, row.course, cells.fold(heading), heading))


KINDS = (
    FileKind(
        dialect="moodle-participants",
        part="participants",
        columns=_PARTICIPANT_COLUMNS,
        needs=needs("given family groups", "given family mail", "whole groups", "whole mail"),
        read=_participants,
        kinds=frozenset({Kind.PEOPLE, Kind.COURSES, Kind.GROUPS, Kind.ENROLMENTS}),
        pattern=_DISCORD,
        never=_headers("course,курс,пән,сынып,класс,course1,role,роль,рөл,discord,дискорд"),
        exact=False,
    ),
    FileKind(
        dialect="moodle-user-list",
        part="users",
        columns=exactly("id username email firstname lastname idnumber"),
        needs=needs("id username email firstname lastname"),
        read=_users,
        kinds=frozenset({Kind.PEOPLE}),
        absence=Absence.NOTHING,
        pattern=_DISCORD,
        never=_headers("course1,role1,cohort1,password,deleted,suspended,oldusername,auth"),
        exact=False,
    ),
    FileKind(
        dialect="moodle-groups",
        part="groups",
        columns=exactly("groupname idnumber coursename"),
        needs=needs("groupname"),
        read=_group_import,
        kinds=frozenset({Kind.GROUPS}),
        absence=Absence.NOTHING,
        exact=False,
    ),
)

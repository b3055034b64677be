"""Read enrolments and accounts as our Enrolments, Groups and People. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from connectors.accounts import NoAccount, discord_account
from connectors.moodle import prose, shapes
from connectors.text import clean
from sync.records import CourseRole, Enrolment, Group, Person

ROLES: Mapping[str, CourseRole] = MappingProxyType(
    {
        "student": CourseRole.STUDENT,
        "editingteacher": CourseRole.TEACHER,
        "teacher": CourseRole.ASSISTANT,
        "manager": CourseRole.TEACHER,
        "coursecreator": CourseRole.TEACHER,
    }
)
_DELETED_EMAIL = re.compile(r"[0-9a-f]{32}")
_DELETED_NAME = re.compile(r".*\.\d{9,11}")


@dataclass(slots=True)
class Members:
    """The people of one course. `unmapped` are roles of Moodle that the settings do not translate."""

    enrolments: list[Enrolment] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    unmapped: set[str] = field(default_factory=set)


def read_members(
    at: shapes.Course,
    roster: Iterable[shapes.Enrolled],
    inactive: Collection[int],
    roles: Mapping[str, CourseRole],
    language: str,
) -> Members:
    """Read who is in a course; those in `inactive` are suspended, expired or not yet started."""
    course = str(at.id)
    members = Members()
    for enrolled in roster:
        groups = [read_group(course, group, language) for group in enrolled.groups]
        members.groups |= {group.id: group for group in groups}
        for role in dict.fromkeys(role.shortname for role in enrolled.roles):
            if role not in roles:
                members.unmapped.add(role)
                continue
            enrolment = Enrolment(
                person=str(enrolled.id),
                course=course,
                role=roles[role],
                groups=tuple(sorted(group.id for group in groups)),
                suspended=enrolled.id in inactive,
                origin=course,
            )
            if enrolment not in members.enrolments[-len(enrolled.roles) :]:
                members.enrolments.append(enrolment)
    return members


def read_group(course: str, group: shapes.CourseGroup, language: str) -> Group:
    """Read a group; one without a name keeps its number."""
    return Group(str(group.id), course, prose.name(group.name, language) or str(group.id), course)


def is_deleted(user: shapes.User) -> bool:
    """Tell an account that was deleted: Moodle still answers for its id, with its name and e-mail mangled."""
    mangled = user.email is not None and _DELETED_EMAIL.fullmatch(user.email)
    return bool(mangled and user.username and _DELETED_NAME.fullmatch(user.username))


@dataclass(frozen=True, slots=True)
class Account:
    """A person, and whether the profile field states no Discord account although it is filled in."""

    person: Person
    no_account: str = ""

    def carrying(self, before: Person, user: shapes.User) -> Person:
        """Keep what our account was shown before and is not shown now: that it is missing proves nothing."""
        person = self.person
        if user.suspended is None:
            person = replace(person, suspended=before.suspended)
        if user.email is None:
            person = replace(person, email=before.email)
        if user.username is None:
            person = replace(person, discord=before.discord, codes=before.codes)
        return person


def read_account(user: shapes.User, discord_field: str) -> Account:
    """Read an account. Who cannot log in gets nothing, as if suspended, and so does who may be: sites can hide that."""
    fields = {found.shortname: found.value for found in user.customfields}
    stated = clean(str(fields.get(discord_field) or ""))
    account, wrong = _stated(stated)
    return Account(
        Person(
            id=str(user.id),
            name=clean(user.fullname),
            email=clean(user.email or "").casefold(),
            discord=account,
            suspended=user.suspended is not False or not user.confirmed or user.auth == "nologin",
            codes=tuple(dict.fromkeys(code for code in map(clean, (user.idnumber or "", user.username or "")) if code)),
        ),
        stated if wrong else "",
    )


def _stated(text: str) -> tuple[str, bool]:
    if text in {"", "-"}:
        return "", False
    try:
        return discord_account(text), False
    except NoAccount:
        return "", True

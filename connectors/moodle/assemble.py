"""Put what a site answered together into a Snapshot; what was not asked anew is carried over from the last. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.moodle import problems, prose, shapes
from connectors.moodle.accounts import Accounts
from connectors.moodle.contents import SECTION, Rules, read_page
from connectors.moodle.looks import ROSTER, SEPARATE_GROUPS, Look
from connectors.moodle.people import Members, is_deleted, read_account
from connectors.moodle.problems import Doubts
from connectors.moodle.selection import is_hidden
from sync.records import Course, Enrolment, Group, Material, Module, Person, Snapshot


@dataclass(frozen=True, slots=True)
class Past:
    """The last snapshot, by course and by id."""

    snapshot: Snapshot
    people: Mapping[str, Person]
    modules: Mapping[str, Sequence[Module]]
    materials: Mapping[str, Mapping[str, Material]]
    enrolments: Mapping[str, Sequence[Enrolment]]
    groups: Mapping[str, Mapping[str, Group]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Past":
        """Index a snapshot."""
        modules, enrolments = defaultdict(list), defaultdict(list)
        materials: defaultdict[str, dict[str, Material]] = defaultdict(dict)
        groups: defaultdict[str, dict[str, Group]] = defaultdict(dict)
        for module in snapshot.modules:
            modules[module.course].append(module)
        for material in snapshot.materials:
            materials[material.course][material.id] = material
        for enrolment in snapshot.enrolments:
            enrolments[enrolment.course].append(enrolment)
        for group in snapshot.groups:
            groups[group.course][group.id] = group
        people = {person.id: person for person in snapshot.people}
        return cls(snapshot, people, modules, materials, enrolments, groups)


@dataclass(slots=True)
class Draft:
    """A snapshot in the making."""

    courses: list[Course] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def shows_separate_groups(looks: Iterable[Look]) -> bool:
    """Tell whether people of a course with separate groups are shown to us."""
    return any(look.roster and look.course.groupmode == SEPARATE_GROUPS for look in looks)


def roster_of(look: Look, past: Past, doubts: Doubts, *, sees_groups: bool) -> tuple[shapes.Enrolled, ...] | None:
    """Return who is in a course, None where the answer proves nothing.

    Without a capability Moodle answers for a course with separate groups as if nobody were in it.
    """
    here = str(look.course.id)
    empty = look.roster == () and look.course.groupmode == SEPARATE_GROUPS
    if empty and (past.enrolments.get(here) or not sees_groups):
        doubts.lacks("moodle/site:accessallgroups", problems.SEPARATE, look.course.shortname)
        doubts.doubt(here, *ROSTER)
        return None
    return look.roster


def add_courses(
    draft: Draft, courses: Iterable[shapes.Course], categories: Mapping[int, shapes.Category], language: str
) -> None:
    """Add the chosen courses, in the site's order."""
    for place, course in enumerate(courses):
        draft.courses.append(
            Course(
                id=str(course.id),
                title=prose.name(course.fullname, language) or course.shortname or str(course.id),
                hidden=is_hidden(course, categories),
                start=_moment(course.startdate),
                end=_moment(course.enddate),
                position=place,
                origin=str(course.id),
            )
        )


def add_page(draft: Draft, look: Look, past: Past, rules: Rules, doubts: Doubts) -> None:
    """Add what a course's page shows; of a page that was not asked for what it showed last time."""
    here = str(look.course.id)
    if look.unchanged:
        draft.modules += past.modules.get(here, ())
        draft.materials += past.materials.get(here, {}).values()
    if look.outline is None:
        return
    page = read_page(here, look.outline, past.materials.get(here, {}), rules)
    draft.modules += page.modules
    draft.materials += page.materials
    for title, conditions in page.unread.items():
        if conditions == (SECTION,):
            doubts.say("section-restricted", look.course.shortname, found=title)
        else:
            doubts.say("restriction", look.course.shortname, found=title, condition=", ".join(conditions))


def add_members(
    draft: Draft, rosters: Mapping[str, Members], people: Mapping[str, Person], doubts: Doubts, names: Mapping[str, str]
) -> None:
    """Add the roles of those people who are known, and their groups."""
    for course, members in rosters.items():
        for role in sorted(members.unmapped):
            doubts.say("unknown-role", names[course], found=role)
        kept = [enrolment for enrolment in members.enrolments if enrolment.person in people]
        draft.enrolments += kept
        draft.groups += (members.groups[group] for group in sorted({g for e in kept for g in e.groups}, key=int))
    enrolled = {enrolment.person for enrolment in draft.enrolments}
    draft.people += (people[person] for person in sorted(enrolled, key=int))


def people_of(
    enrolled: Collection[str], accounts: Accounts, past: Past, discord_field: str, doubts: Doubts
) -> dict[str, Person]:
    """Return the people in courses: as their accounts say now, else as they were; who is not known gets nothing."""
    people: dict[str, Person] = {}
    for identity in enrolled:
        user, before = accounts.found.get(identity), past.people.get(identity)
        if user is not None and not is_deleted(user):
            people[identity] = _person(user, before, discord_field, doubts)
        elif user is None and before is not None:
            people[identity] = before
        elif user is None and identity not in accounts.broken:
            doubts.say("person-unknown", found=identity)
    for identity in sorted(accounts.broken, key=int):
        doubts.say("bad-account", found=identity)
    _notice_hidden_fields(accounts, doubts)
    return people


def _person(user: shapes.User, before: Person | None, discord_field: str, doubts: Doubts) -> Person:
    account = read_account(user, discord_field)
    if account.no_account:
        doubts.say("bad-discord", found=account.person.id)
    return account.person if before is None else account.carrying(before, user)


def _notice_hidden_fields(accounts: Accounts, doubts: Doubts) -> None:
    users = accounts.found.values()
    if any(user.email is None for user in users):
        doubts.lacks("moodle/site:viewuseridentity", problems.EMAILS)
    if any(user.suspended is None for user in users):
        doubts.lacks("moodle/user:viewhiddendetails", problems.STATE)
    if users and all(user.username is None for user in users):
        doubts.lacks("moodle/user:viewalldetails", problems.DETAILS)


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**36 else None

"""Say of each removal that waits what would go, from whom, and why, so that a person can decide about it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sync import keys
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE
from sync.desired import is_active
from sync.desired_posts import visible
from sync.guild import Guild
from sync.ledger import Link
from sync.merge import Roster
from sync.phrases import Phrase
from sync.records import CourseRole, Enrolment, Person
from sync.removals import Loss, Removal
from sync.resources import Member, Role, State, kind, title
from sync.texts import N_
from sync.words import KINDS

NOBODY = N_("no longer in any class list")
UNTIED = N_("no longer linked with a person")
SUSPENDED = N_("suspended in the source")
NOT_LISTED = N_("no longer in this class list")
PAUSED = N_("suspended in this course")
ENDED = N_("the enrolment ended on {date}")
NOT_BEGUN = N_("the enrolment begins on {date}")
OTHER_ROLE = N_("has another role in this course now")
OVER = N_("the course is over")
NO_COURSE = N_("the course is no longer in the source")
NO_GROUP = N_("the group is no longer in the source")
NO_MODULE = N_("the module is no longer in the source")
NO_MATERIAL = N_("the material is no longer in the source")
NOT_SHOWN = N_("the source no longer shows it to students")
OTHER_LAYOUT = N_("the settings no longer ask for it")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tells why something is no longer wanted; `users` ties people to the members of the server.

    `over` are the courses, as spelt in Keys, that are in the source and go to the archive all the same.
    """

    roster: Roster
    links: Mapping[str, Link]
    users: Mapping[str, str]
    guild: Guild
    zone: ZoneInfo
    now: datetime
    over: frozenset[str] = frozenset()


def losses(waiting: Iterable[Removal], existing: State, evidence: Evidence) -> dict[Removal, Loss]:
    """Word each removal."""
    known = _Known(evidence)
    return {removal: known.loss(removal, existing) for removal in waiting}


class _Known:
    """The evidence, sorted by what is looked up in it."""

    def __init__(self, evidence: Evidence) -> None:
        roster = evidence.roster
        self._now = evidence.now
        self._over = evidence.over
        self._zone = evidence.zone
        self._guild = evidence.guild
        self._linked = {link.user_id: person for person, link in evidence.links.items()}
        self._linked |= {user: person for person, user in evidence.users.items()}
        self._people = {person.id: person for person in roster.people}
        self._enrolments: defaultdict[str, list[Enrolment]] = defaultdict(list)
        for enrolment in roster.enrolments:
            self._enrolments[enrolment.person].append(enrolment)
        self._courses = {keys.course(course.id) for course in roster.courses}
        self._modules = {keys.module(module.course, module.id) for module in roster.modules}
        self._groups = {keys.group(group.course, group.id, "") for group in roster.groups}
        self._materials = {keys.material(one.course, one.id): one for one in roster.materials}

    def loss(self, removal: Removal, existing: State) -> Loss:
        """Word one removal."""
        key, role = removal
        resource = existing[key]
        if isinstance(resource, Member):
            given = existing.get(role)
            shown = given.name if isinstance(given, Role) else keys.last_part(role)
            return Loss(self._who(resource), shown, self._why_not(resource.user_id, role))
        name = title(resource)
        return Loss(name if name != key else keys.last_part(key), KINDS[kind(resource)], self._why_gone(key))

    def _who(self, member: Member) -> str:
        person = self._person(member.user_id)
        found = self._guild.member(member.user_id)
        return (person.name if person else "") or member.nick or (found.username if found else member.user_id)

    def _person(self, user: str) -> Person | None:
        return self._people.get(self._linked.get(user, ""))

    def _why_not(self, user: str, role: str) -> Phrase:
        """Say why a member does not get a role."""
        person = self._person(user)
        if person is None:
            return Phrase(NOBODY if user in self._linked else UNTIED)
        if person.suspended:
            return Phrase(SUSPENDED)
        enrolled = self._enrolments[person.id]
        there = [e for e in enrolled if role == VERIFIED_ROLE or _concerns(e, role)]
        idle = [e for e in there if not is_active(e, self._now)]
        if idle and len(idle) == len(there):
            return self._why_idle(idle[0])
        return Phrase(OTHER_ROLE if there else NOT_LISTED)

    def _why_gone(self, key: str) -> Phrase:
        """Say why a role, a place or a message is no longer wanted."""
        match keys.parts(key):
            case ["course", course, *_] if course in self._over:
                return Phrase(OVER)
            case ["course", course, *_] if f"course/{course}" not in self._courses:
                return Phrase(NO_COURSE)
            case ["course", course, "group", group, *_] if f"course/{course}/group/{group}/" not in self._groups:
                return Phrase(NO_GROUP)
            case ["group", group, *_] if f"group/{group}/" not in self._groups:
                return Phrase(NO_GROUP)
            case ["course", course, "material", one] | ["course", course, "group", _, "material", one]:
                return self._why_not_posted(f"course/{course}/material/{one}")
            case ["course", course, "module" | "thread", module, *_] if (
                f"course/{course}/module/{module}" not in self._modules
            ):
                return Phrase(NO_MODULE)
        return Phrase(OTHER_LAYOUT)

    def _why_not_posted(self, key: str) -> Phrase:
        material = self._materials.get(key)
        if material is None:
            return Phrase(NO_MATERIAL)
        return Phrase(OTHER_LAYOUT if visible(material, self._now) else NOT_SHOWN)

    def _why_idle(self, enrolment: Enrolment) -> Phrase:
        if enrolment.suspended:
            return Phrase(PAUSED)
        if enrolment.end is not None and enrolment.end <= self._now:
            return Phrase(ENDED, date=self._day(enrolment.end))
        return Phrase(NOT_BEGUN, date=self._day(enrolment.start or self._now))

    def _day(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d}"


def _concerns(enrolment: Enrolment, role: str) -> bool:
    """Tell whether a role has to do with an enrolment: it is of its course, or one of the school's own."""
    if role in {STAFF_ROLE, MODERATOR_ROLE}:
        return enrolment.role is (CourseRole.STAFF if role == STAFF_ROLE else CourseRole.MODERATOR)
    if not keys.course_of(role):
        return any(keys.group("", group, "role") == role for group in enrolment.groups)
    return keys.course_of(role) == keys.course_of(keys.course(enrolment.course))

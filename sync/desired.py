"""Compute the State a school's server should have, from its roster and settings; pure, the clock comes in as `now`."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sync import finished, keys, naming
from sync.archive import Past, archived, kept, struck_out
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE, Audience
from sync.by_hand import taken
from sync.desired_course import CourseState, Memory, Settings
from sync.desired_order import orders
from sync.desired_posts import CourseRecords, local_materials
from sync.guild import Guild
from sync.layout import MAX_CHANNELS, MAX_IN_CATEGORY, forums
from sync.ledger import Binding
from sync.merge import Roster
from sync.news import known, next_notice
from sync.observe import granted, observe, places
from sync.records import CourseRole, Enrolment, Person
from sync.resources import Category, Channel, Member, Resource, Role, State
from sync.settings import SchoolSettings
from sync.template import Template
from sync.texts import Texts

_TEACHING = {CourseRole.TEACHER, CourseRole.ASSISTANT}


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that decides the desired state. `users` maps people to the Discord users that are on the server.

    `linked` are all users that are tied to a person, even to one who is in no class list any more.
    """

    roster: Roster
    school: SchoolSettings
    template: Template
    users: Mapping[str, str]
    guild: Guild
    bindings: Mapping[str, Binding]
    now: datetime
    texts: Texts
    linked: frozenset[str] = frozenset()


def desired(inputs: Inputs) -> State:
    """Give the desired State. It holds every resource of ours; what is bound but not in it is deleted."""
    state: dict[str, Resource] = {}
    audience = Audience(inputs.guild.bot_permissions)
    going_on, past = _live(inputs), _past(inputs, audience)
    for resource in [*_base(inputs, audience), *_courses(going_on, audience), *_cohorts(inputs)]:
        state[resource.key] = resource
    for later in (kept(past), archived(past, state), struck_out(past, state), _members(inputs, past, state)):
        state.update({resource.key: resource for resource in later})
    return state | {order.key: order for order in orders(state, inputs.guild, inputs.bindings)}


def is_active(enrolment: Enrolment, now: datetime) -> bool:
    """Tell whether an enrolment gives anything now: not suspended, started, not yet ended."""
    started = enrolment.start is None or enrolment.start <= now
    return not enrolment.suspended and started and (enrolment.end is None or now < enrolment.end)


def next_moment(roster: Roster, school: SchoolSettings, now: datetime) -> datetime | None:
    """Return when the desired state changes next without any new input: a start, an end, a release, time for news."""
    moments = [moment for e in roster.enrolments for moment in (e.start, e.end)]
    moments += [moment for material in roster.materials for moment in (material.visible_from, material.visible_until)]
    moments += finished.moments(roster, school.archive)
    moments.append(next_notice(school.posts, school.timezone, now))
    return min((moment for moment in moments if moment and moment > now), default=None)


def _live(inputs: Inputs) -> Inputs:
    """Leave out the courses that are over."""
    going_on = finished.live(inputs.roster, inputs.school.archive, inputs.bindings, inputs.guild, inputs.now)
    return replace(inputs, roster=replace(inputs.roster, courses=going_on))


def _past(inputs: Inputs, audience: Audience) -> Past:
    """Gather what the archive is made from."""
    live = {course.id for course in _live(inputs).roster.courses}
    over = [course for course in course_records(inputs.roster) if course.course.id not in live]
    courses = [one for one in over if keys.course(one.course.id, "students") in inputs.bindings]
    build = _builder(inputs, audience)
    shown = {key: overwrites for one in courses for key, overwrites in build(one).audiences().items()}
    spelt = frozenset(keys.course_of(keys.course(course)) for course in live)
    existing = observe(inputs.guild, inputs.bindings)
    return Past(existing, inputs.bindings, spelt, shown, audience, inputs.texts)


def _base(inputs: Inputs, audience: Audience) -> Iterator[Resource]:
    language, mask = inputs.school.language, inputs.guild.bot_permissions
    for role in inputs.template.roles:
        name = naming.display_name(role.names[language])
        yield Role(keys.base_role(role.key), name, role.colour, role.hoist, role.permissions & mask)
    for category in inputs.template.categories:
        parent = keys.base_category(category.key)
        yield Category(parent, naming.display_name(category.names[language]), audience.base("verified", "verified"))
        for channel in category.channels:
            voice = channel.type == "voice"
            named = naming.display_name if voice else naming.channel_name
            topic = None if voice else naming.plain(channel.topics.get(language, ""))
            overwrites = audience.base(channel.who, channel.writes)
            key = keys.base_channel(channel.key)
            yield Channel(key, named(channel.names[language]), channel.type, parent, topic, overwrites)


def _courses(inputs: Inputs, audience: Audience) -> Iterator[Resource]:
    build = _builder(inputs, audience)
    states = {records.course.id: build(records) for records in course_records(inputs.roster)}
    base = sum(1 + len(category.channels) for category in inputs.template.categories)
    free = MAX_CHANNELS - base - foreign_channels(inputs.guild, inputs.bindings) - _leftovers(inputs)
    standing = frozenset(_standing(inputs))
    in_forum = forums(inputs.school.layout, [state.demand(standing) for state in states.values()], free)
    for course, state in states.items():
        yield from state.resources(forum=course in in_forum)


def _builder(inputs: Inputs, audience: Audience) -> Callable[[CourseRecords], CourseState]:
    """Give what builds one course's resources."""
    school, mask = inputs.school, inputs.guild.bot_permissions
    settings = Settings(school.groups, school.voice, school.timezone, school.posts.permitted(mask))
    there = {channel.id for channel in inputs.guild.channels}
    there |= {b.discord_id for b in inputs.bindings.values() if b.kind == "thread" and b.discord_id}
    local = local_materials(inputs.bindings, there)
    by_hand = dict(_tags_by_hand(inputs)), frozenset(_pinned_by_hand(inputs))
    memory = Memory(inputs.bindings, local, known(inputs.bindings), *by_hand)
    return lambda records: CourseState(records, settings, audience, inputs.texts, memory, inputs.now)


def _tags_by_hand(inputs: Inputs) -> Iterator[tuple[str, int]]:
    """Count in each of our forums the tags that people made."""
    ours = places(inputs.bindings)
    for channel in inputs.guild.channels:
        if channel.tags and channel.id in ours:
            known = inputs.bindings[ours[channel.id]].memo
            yield ours[channel.id], sum(id_ not in known for id_, _ in channel.tags)


def _pinned_by_hand(inputs: Inputs) -> Iterator[str]:
    """List our forums in which people pinned a post of their own; a forum has one pinned post at most (30047)."""
    ours = places(inputs.bindings)
    for thread in inputs.guild.threads:
        if thread.pinned and thread.id not in ours:
            yield ours.get(thread.parent_id, "")


def _standing(inputs: Inputs) -> Iterator[str]:
    """List our channels that courses stand in: those in the archive only of a course that has no others."""
    ours = places(inputs.bindings)
    there = {ours[c.id]: ours.get(c.parent_id, "") for c in inputs.guild.channels if c.id in ours}
    standing = {key for key, parent in there.items() if not keys.archive_part(parent)}
    built = {keys.course_of(key) for key in standing if keys.holds_modules(key)}
    yield from standing
    yield from (key for key in there.keys() - standing if keys.course_of(key) not in built)


def _leftovers(inputs: Inputs) -> int:
    """Count the channels of courses that are gone: they stay, in the archive, fifty to a category."""
    ours = places(inputs.bindings)
    live = {"", *(keys.course_of(keys.course(course.id)) for course in inputs.roster.courses)}
    inside = [channel.id for channel in inputs.guild.channels if channel.type != "category"]
    gone = sum(keys.course_of(ours.get(channel, "")) not in live for channel in inside)
    return gone - (-gone // MAX_IN_CATEGORY)


def foreign_channels(guild: Guild, bindings: Mapping[str, Binding]) -> int:
    """Count the channels on the server that are not ours."""
    ours = places(bindings)
    return sum(channel.id not in ours for channel in guild.channels)


def course_records(roster: Roster) -> list[CourseRecords]:
    """Gather each course with its modules, materials and groups, in the source's order."""
    modules, materials, groups = defaultdict(list), defaultdict(list), defaultdict(list)
    for module in sorted(roster.modules, key=lambda m: m.position):
        modules[module.course].append(module)
    for material in sorted(roster.materials, key=lambda m: m.position):
        materials[material.course, material.module].append(material)
    for group in sorted(roster.groups, key=lambda g: (g.title, g.id)):
        groups[group.course].append(group)
    return [
        CourseRecords(
            course,
            tuple(modules[course.id]),
            {module.id: tuple(materials[course.id, module.id]) for module in modules[course.id]},
            tuple(groups[course.id]),
        )
        for course in sorted(roster.courses, key=lambda c: (c.position, c.id))
    ]


def _cohorts(inputs: Inputs) -> Iterator[Role]:
    if inputs.school.groups != "off":
        for group in inputs.roster.groups:
            if not group.course:
                yield Role(keys.group("", group.id, "role"), naming.display_name(group.title))


def _members(inputs: Inputs, past: Past, state: State) -> Iterator[Member]:
    wanted, barred = _wanted_roles(inputs), _barred(inputs)
    ours = places(inputs.bindings)
    respects_taken = "member-roles" in inputs.school.by_hand.respected
    people = {person.id: person for person in inputs.roster.people}
    named = {user: people[person] for person, user in inputs.users.items() if person in people}
    out = {user for user, person in named.items() if person.suspended}
    for member in inputs.guild.members:
        key = keys.member(member.user_id)
        if member.user_id not in named and key not in inputs.bindings:
            continue
        held = {ours[role] for role in member.roles if role in ours}
        given = held & granted(inputs.bindings.get(key))
        by_hand = held - given
        tied = member.user_id not in out and (member.user_id in named or member.user_id in inputs.linked)
        read = {role for role in given if tied and past.is_over(role)} - barred[member.user_id]
        roles = frozenset(role for role in wanted[member.user_id] | read | by_hand if role in state or role in by_hand)
        left = roles & taken(inputs.bindings.get(key), held) if respects_taken else frozenset()
        nick = _nick(named.get(member.user_id), outranks=inputs.guild.outranks_bot(member))
        yield Member(key, nick, roles - left, member.user_id, left, member.joined)


def _nick(person: Person | None, *, outranks: bool) -> str | None:
    return None if outranks or person is None or not person.name else naming.nick(person.name)


def _wanted_roles(inputs: Inputs) -> Mapping[str, set[str]]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    people = {person.id: person for person in inputs.roster.people}
    cohorts = frozenset(group.id for group in inputs.roster.groups if not group.course)
    ends = finished.ends(inputs.roster, inputs.school.archive)
    enrolled = defaultdict(list)
    for enrolment in inputs.roster.enrolments:
        enrolled[enrolment.person].append(enrolment)
    for person, user in inputs.users.items():
        active = [e for e in enrolled[person] if is_active(e, inputs.now)]
        to_the_end = [e for e in enrolled[person] if finished.stayed(e, ends, inputs.now)]
        known = person in people and not people[person].suspended
        if known:
            wanted[user] |= {VERIFIED_ROLE} if active or not enrolled[person] else set()
            wanted[user] |= {role for e in (*active, *to_the_end) for role in _roles(e, cohorts)}
    return wanted


def _barred(inputs: Inputs) -> Mapping[str, set[str]]:
    """Map users to the roles of courses in which they are suspended: those give nothing in the archive either."""
    barred: defaultdict[str, set[str]] = defaultdict(set)
    for enrolment in inputs.roster.enrolments:
        if enrolment.suspended and enrolment.person in inputs.users:
            barred[inputs.users[enrolment.person]] |= set(_roles(enrolment, ()))
    return barred


def _roles(enrolment: Enrolment, cohorts: Container[str]) -> Iterator[str]:
    if enrolment.role is CourseRole.STAFF:
        yield STAFF_ROLE
    elif enrolment.role is CourseRole.MODERATOR:
        yield MODERATOR_ROLE
    elif enrolment.course and enrolment.role in _TEACHING:
        yield keys.course(enrolment.course, "teachers")
    elif enrolment.course and enrolment.role is CourseRole.STUDENT:
        yield keys.course(enrolment.course, "students")
    if enrolment.role is not CourseRole.OBSERVER:
        for group in enrolment.groups:
            yield keys.group("" if group in cohorts else enrolment.course, group, "role")

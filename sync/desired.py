"""Compute the State a school's server should have, from its roster and settings; pure, the clock comes in as `now`."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync import keys, naming
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE, Audience
from sync.by_hand import taken
from sync.desired_course import CourseState, Memory, Settings
from sync.desired_posts import CourseRecords, local_materials
from sync.guild import Guild
from sync.layout import MAX_CHANNELS, MAX_IN_CATEGORY, forums, split
from sync.ledger import Binding
from sync.looks import retired
from sync.merge import Roster
from sync.news import known, next_notice
from sync.observe import granted, places
from sync.records import CourseRole, Enrolment, Person
from sync.resources import Category, Channel, Discussion, Member, Order, Pin, Post, Resource, Role, State, Thread
from sync.settings import SchoolSettings
from sync.template import Template
from sync.texts import Texts

_TEACHING = {CourseRole.TEACHER, CourseRole.ASSISTANT}


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that decides the desired state. `users` maps people to the Discord users that are on the server."""

    roster: Roster
    school: SchoolSettings
    template: Template
    users: Mapping[str, str]
    guild: Guild
    bindings: Mapping[str, Binding]
    now: datetime
    texts: Texts


def desired(inputs: Inputs) -> State:
    """Give the desired State. It holds every resource of ours; what is bound but not in it is deleted."""
    state: dict[str, Resource] = {}
    audience = Audience(inputs.guild.bot_permissions)
    for resource in [*_base(inputs, audience), *_courses(inputs, audience), *_cohorts(inputs)]:
        state[resource.key] = resource
    for later in (_archived(inputs, audience, state), _retired(inputs, state), _members(inputs, state)):
        state.update({resource.key: resource for resource in later})
    state[keys.ROLE_ORDER] = Order(keys.ROLE_ORDER, _role_order(state))
    placed = [key for key, resource in state.items() if isinstance(resource, Category | Channel)]
    state[keys.CHANNEL_ORDER] = Order(keys.CHANNEL_ORDER, tuple(_channel_order(inputs, state, placed)))
    return state


def is_active(enrolment: Enrolment, now: datetime) -> bool:
    """Tell whether an enrolment gives anything now: not suspended, started, not yet ended."""
    started = enrolment.start is None or enrolment.start <= now
    return not enrolment.suspended and started and (enrolment.end is None or now < enrolment.end)


def next_moment(roster: Roster, school: SchoolSettings, now: datetime) -> datetime | None:
    """Return when the desired state changes next without any new input: a start, an end, a release, time for news."""
    moments = [moment for e in roster.enrolments for moment in (e.start, e.end)]
    moments += [moment for material in roster.materials for moment in (material.visible_from, material.visible_until)]
    moments.append(next_notice(school.posts, school.timezone, now))
    return min((moment for moment in moments if moment and moment > now), default=None)


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
    school, mask = inputs.school, inputs.guild.bot_permissions
    settings = Settings(school.groups, school.voice, school.timezone, school.posts.permitted(mask))
    there = {channel.id for channel in inputs.guild.channels}
    there |= {b.discord_id for b in inputs.bindings.values() if b.kind == "thread" and b.discord_id}
    local = local_materials(inputs.bindings, there)
    by_hand = dict(_tags_by_hand(inputs)), frozenset(_pinned_by_hand(inputs))
    memory = Memory(inputs.bindings, local, known(inputs.bindings), *by_hand)
    states = {
        records.course.id: CourseState(records, settings, audience, inputs.texts, memory, inputs.now)
        for records in course_records(inputs.roster)
    }
    base = sum(1 + len(category.channels) for category in inputs.template.categories)
    free = MAX_CHANNELS - base - foreign_channels(inputs.guild, inputs.bindings) - _leftovers(inputs)
    standing = frozenset(_standing(inputs))
    in_forum = forums(inputs.school.layout, [state.demand(standing) for state in states.values()], free)
    for course, state in states.items():
        yield from state.resources(forum=course in in_forum)


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
    """List our channels on the server that are not in the archive."""
    ours = places(inputs.bindings)
    for channel in inputs.guild.channels:
        if channel.id in ours and not ours.get(channel.parent_id, "").startswith(keys.ARCHIVE):
            yield ours[channel.id]


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


def _archived(inputs: Inputs, audience: Audience, state: State) -> Iterator[Resource]:
    """Move channels that are no longer wanted out of sight instead of deleting what people wrote in them."""
    shut = audience.archive()
    gone = [b for b in inputs.bindings.values() if b.discord_id and b.key not in state]
    there = {channel.id for channel in inputs.guild.channels}
    channels = sorted(b.key for b in gone if b.kind == "channel" and b.discord_id in there)
    for number, part in enumerate(split(channels), 1):
        if part:
            category = keys.nth(keys.ARCHIVE, number)
            name = naming.suffixed(inputs.texts.text("Archive"), f" ({number})" if number > 1 else "")
            yield Category(category, name, shut)
            yield from (Channel(key, None, None, category, None, shut) for key in part)
    yield from (Thread(b.key, None, None, locked=True) for b in gone if b.kind == "thread")


def _retired(inputs: Inputs, state: State) -> Iterator[Resource]:
    """Keep posts whose material went: unpinned and marked, as people replied to them; untouched in the archive."""
    ours = places(inputs.bindings)
    for binding in inputs.bindings.values():
        if binding.kind not in {"post", "index", "pin", "discussion"} or not binding.discord_id or binding.key in state:
            continue
        place = state.get(ours.get(binding.parent_id, ""))
        archived = isinstance(place, Channel) and place.name is None
        if binding.kind == "discussion":
            post = inputs.bindings.get(binding.key.removeprefix("discussion/"))
            if post is not None and post.discord_id == binding.discord_id:  # else it is on a message of the past
                yield Discussion(binding.key, post.key, None)
        elif binding.kind == "pin":
            yield from [Pin(binding.key, binding.key.removeprefix("pin/"), None)] if archived else []
        elif place is not None:
            gone = retired(binding.title, inputs.texts)
            yield Post(binding.key, None, None, None if archived else True, binding.title, gone)


def _members(inputs: Inputs, state: State) -> Iterator[Member]:
    wanted = _wanted_roles(inputs)
    ours = places(inputs.bindings)
    respects_taken = "member-roles" in inputs.school.by_hand.respected
    people = {person.id: person for person in inputs.roster.people}
    named = {user: people[person] for person, user in inputs.users.items() if person in people}
    for member in inputs.guild.members:
        key = keys.member(member.user_id)
        if member.user_id not in named and key not in inputs.bindings:
            continue
        held = {ours[role] for role in member.roles if role in ours}
        by_hand = held - granted(inputs.bindings.get(key))
        roles = frozenset(role for role in wanted[member.user_id] | by_hand if role in state or role in by_hand)
        left = roles & taken(inputs.bindings.get(key), held) if respects_taken else frozenset()
        nick = _nick(named.get(member.user_id), outranks=inputs.guild.outranks_bot(member))
        yield Member(key, nick, roles - left, member.user_id, left)


def _nick(person: Person | None, *, outranks: bool) -> str | None:
    return None if outranks or person is None or not person.name else naming.nick(person.name)


def _wanted_roles(inputs: Inputs) -> Mapping[str, set[str]]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    people = {person.id: person for person in inputs.roster.people}
    cohorts = frozenset(group.id for group in inputs.roster.groups if not group.course)
    enrolled = defaultdict(list)
    for enrolment in inputs.roster.enrolments:
        enrolled[enrolment.person].append(enrolment)
    for person, user in inputs.users.items():
        active = [e for e in enrolled[person] if is_active(e, inputs.now)]
        known = person in people and not people[person].suspended
        if known and (active or not enrolled[person]):
            wanted[user] |= {VERIFIED_ROLE, *(role for e in active for role in _roles(e, cohorts))}
    return wanted


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


def _role_order(state: State) -> tuple[str, ...]:
    """Rank roles for the member list: school roles first, then teachers, students and groups; the base role last."""
    roles = [key for key, resource in state.items() if isinstance(resource, Role)]
    return tuple(sorted(roles, key=_role_rank))


def _role_rank(key: str) -> int:
    if key == VERIFIED_ROLE:
        return 4
    if key.startswith("school/"):
        return 0
    return {"teachers": 1, "students": 2}.get(key.rpartition("/")[2], 3)


def _channel_order(inputs: Inputs, state: State, placed: Iterable[str]) -> Iterator[str]:
    """Put channels behind their category, those for voice last, as Discord shows them wherever they are put."""
    voices = {channel.id for channel in inputs.guild.channels if channel.type == "voice"}
    children = defaultdict(list)
    for key in placed:
        resource = state[key]
        children[resource.parent if isinstance(resource, Channel) else ""].append(key)
    for category in children[""]:
        yield category
        yield from sorted(children[category], key=lambda key: _is_voice(key, state, inputs.bindings, voices))


def _is_voice(key: str, state: State, bindings: Mapping[str, Binding], voices: Container[str]) -> bool:
    place = state[key]
    speaks = isinstance(place, Channel) and place.type == "voice"
    return speaks or (key in bindings and bindings[key].discord_id in voices)

"""Values with sensible defaults, so that a test names only what it is about."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sync.guild import Guild, GuildChannel, GuildMember, GuildRole
from sync.ledger import Binding, Link
from sync.merge import Roster
from sync.permissions import Permission
from sync.records import Course, CourseRole, Enrolment, Group, Material, Module, Person
from sync.resources import Resource, State
from sync.settings import Limits, SchoolSettings
from sync.settings_by_hand import ByHand
from sync.settings_posts import PostSettings
from sync.settings_privacy import Keeping

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
GUILD, OWNER, BOT_USER, BOT_ROLE = "1", "2", "3", "4"
# What Discord gives @everyone in a server that a person has just made, of the bits Kopir knows.
EVERYONE_DEFAULT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.STREAM
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.USE_VAD
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
BOT_BITS = sum(Permission) & ~Permission.ADMINISTRATOR
NEVER = Limits(percent=100, floor=0, posts=1_000_000)


def course(id_: str = "algebra", title: str = "Algebra 7", **more: Any) -> Course:
    return Course(id_, title, **more)


def module(id_: str = "1", course_id: str = "algebra", title: str = "", **more: Any) -> Module:
    return Module(id_, course_id, title or f"Module {id_}", **more)


def material(
    id_: str = "m1", module_id: str = "1", course_id: str = "algebra", title: str = "", **more: Any
) -> Material:
    return Material(id_, course_id, module_id, title or f"Material {id_}", **more)


def person(id_: str = "aru", name: str = "", discord: str | None = None, **more: Any) -> Person:
    return Person(id_, name or id_.title(), discord=id_ if discord is None else discord, **more)


def group(id_: str = "g1", course_id: str = "algebra", title: str = "") -> Group:
    return Group(id_, course_id, title or f"Group {id_}")


def enrolled(
    who: str = "aru", course_id: str = "algebra", role: CourseRole = CourseRole.STUDENT, *groups: str, **more: Any
) -> Enrolment:
    return Enrolment(who, course_id, role, groups, **more)


def roster(*records: Course | Module | Material | Person | Group | Enrolment) -> Roster:
    """Sort records into a roster."""

    def of(kind: type) -> Any:
        return tuple(record for record in records if isinstance(record, kind))

    return Roster(of(Course), of(Module), of(Material), of(Person), of(Enrolment), of(Group))


def school(**more: Any) -> SchoolSettings:
    values: dict[str, Any] = {
        "id": "aqjol",
        "name": "Aqjol",
        "guild": GUILD,
        "timezone": ZoneInfo("Asia/Almaty"),
        "language": "en",
        "layout": "channels",
        "groups": "channels",
        "voice": True,
        "template": None,
        "limits": NEVER,
        "posts": PostSettings(discussed=frozenset(), quiet=None),
        "by_hand": ByHand(),
        "keeping": Keeping(),
        "sources": (),
    }
    return SchoolSettings(**(values | more))


def guild_role(id_: str, name: str = "", position: int = 1, permissions: int = 0, **more: Any) -> GuildRole:
    return GuildRole(id_, name or f"role {id_}", 0, hoist=False, permissions=permissions, position=position, **more)


def guild_channel(id_: str, name: str = "", type_: str = "text", position: int = 0, **more: Any) -> GuildChannel:
    return GuildChannel(id_, name or f"channel-{id_}", type_, position, **more)


def guild_member(user_id: str, username: str = "", **more: Any) -> GuildMember:
    return GuildMember(user_id, username or f"user{user_id}", **more)


def guild(
    *members: GuildMember, roles: Iterable[GuildRole] = (), channels: Iterable[GuildChannel] = (), **more: Any
) -> Guild:
    """Make a server with its owner and our bot, whose role is on top."""
    own = (
        guild_role(GUILD, "@everyone", 0, EVERYONE_DEFAULT),
        guild_role(BOT_ROLE, "Kopir", 100, BOT_BITS, managed=True),
    )
    people = (guild_member(OWNER, "owner"), guild_member(BOT_USER, "kopir", roles=frozenset({BOT_ROLE}), bot=True))
    return Guild(GUILD, OWNER, BOT_USER, (*own, *roles), tuple(channels), (*people, *members), **more)


def binding(key: str, kind: str, discord_id: str | None, parent_id: str | None = None, digest: str = "") -> Binding:
    return Binding(key, kind, discord_id, parent_id, digest, NOW)


def bound(*bindings: Binding) -> Mapping[str, Binding]:
    return {one.key: one for one in bindings}


def linked(who: str, user_id: str, proof: str = "command") -> Link:
    return Link(who, user_id, proof, NOW)


def state(*resources: Resource) -> State:
    return {resource.key: resource for resource in resources}

"""Members and bans: list, search, edit (nickname, roles, timeout), give and take roles, kick, ban."""

from datetime import datetime, timedelta
from typing import Any

from sandbox import views
from sandbox.access import Seat
from sandbox.bits import Action, Intent, Permission
from sandbox.calls import Call, Route
from sandbox.errors import invalid_field, missing_access, missing_permissions, refused, unknown
from sandbox.forms import array, flag, integer, moment, nullable, read, snowflake, text
from sandbox.naming import nickname
from sandbox.permissions import is_administrator
from sandbox.world import Ban, Guild, Json, Member, created_at

_LONGEST_TIMEOUT = timedelta(days=28)
_BYPASSES_VERIFICATION = 1 << 2
_NICK = nullable(text(0, 32))
_FIELDS = {
    "nick": _NICK,
    "roles": nullable(array(snowflake, 350), ()),
    "mute": flag,
    "deaf": flag,
    "channel_id": nullable(snowflake),
    "communication_disabled_until": nullable(moment),
    "flags": nullable(integer(0, 2**31 - 1)),
}
_BAN = {
    "delete_message_seconds": nullable(integer(0, 604800), 0),
    "delete_message_days": nullable(integer(0, 7), 0),
}


def list_members(call: Call) -> list[Json]:
    """Return a page of members by user id; bots need the GUILD_MEMBERS intent, also here."""
    seat = call.seat()
    if call.application is not None and not call.application.intents & Intent.GUILD_MEMBERS:
        raise missing_access()
    after, most = call.query_id("after") or 0, call.query_int("limit", 1, 1000, 1)
    ids = sorted(i for i in seat.guild.members if i > after)[:most]
    return [views.member(seat.guild.members[i]) for i in ids]


def search_members(call: Call) -> list[Json]:
    """Return members whose username or nickname starts with the query."""
    seat, most = call.seat(), call.query_int("limit", 1, 1000, 1)
    query = call.query.get("query", "").lower()
    if not 1 <= len(query) <= 100:
        raise invalid_field("query", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    found = [m for _, m in sorted(seat.guild.members.items()) if _matches(m, query)]
    return [views.member(m) for m in found[:most]]


def get_member(call: Call) -> Json:
    """Return one member; somebody who left is 10007, somebody who never was is 10013."""
    return views.member(_member(call, call.seat().guild))


def update_member(call: Call) -> Json:
    """Change nickname, roles, timeout or flags, each with its own permission."""
    seat, values = call.seat(), read(call.body, _FIELDS)
    member = _member(call, seat.guild)
    if values.keys() & {"mute", "deaf", "channel_id"}:
        raise refused(40032, "Target user is not connected to voice.")
    _require_update(seat, member, values)
    _apply(call, seat.guild, member, values)
    return views.member(member)


def update_self(call: Call) -> Json:
    """Change one's own nickname."""
    seat, values = call.seat(), read(call.body, {"nick": _NICK})
    seat.require_any(Permission.CHANGE_NICKNAME, Permission.MANAGE_NICKNAMES)
    _apply(call, seat.guild, seat.member, values)
    return views.member(seat.member)


def add_role(call: Call) -> None:
    """Give a member one role."""
    seat = call.seat()
    seat.require(Permission.MANAGE_ROLES)
    member = _member(call, seat.guild)
    _require_assignable(seat, call.id("role_id"))
    _apply(call, seat.guild, member, {"roles": member.roles | {call.id("role_id")}})


def remove_role(call: Call) -> None:
    """Take one role from a member."""
    seat = call.seat()
    seat.require(Permission.MANAGE_ROLES)
    member = _member(call, seat.guild)
    _require_assignable(seat, call.id("role_id"))
    _apply(call, seat.guild, member, {"roles": member.roles - {call.id("role_id")}})


def kick(call: Call) -> None:
    """Remove a member below the caller."""
    seat = call.seat()
    seat.require(Permission.KICK_MEMBERS)
    member = _member(call, seat.guild)
    seat.require_above_member(member)
    remove(call, seat.guild, member)
    call.audit(seat.guild, Action.MEMBER_KICK, member.user.id)


def ban(call: Call) -> None:
    """Ban a user, who is removed if a member."""
    seat, values = call.seat(), read(call.body, _BAN)
    seat.require(Permission.BAN_MEMBERS)
    guild, user = seat.guild, call.world.users.get(call.id("user_id"))
    if user is None:
        raise unknown(10013)
    member = guild.members.get(user.id)
    if member is not None:
        seat.require_above_member(member)
        remove(call, guild, member)
    guild.bans[user.id] = Ban(user, call.reason)
    _delete_recent(call, guild, user.id, values)
    call.publish("GUILD_BAN_ADD", guild.id, {"guild_id": str(guild.id), "user": views.user(user)})
    call.audit(guild, Action.MEMBER_BAN_ADD, user.id)


def unban(call: Call) -> None:
    """Lift a ban, or 10026."""
    seat = call.seat()
    seat.require(Permission.BAN_MEMBERS)
    lifted = seat.guild.bans.pop(call.id("user_id"), None)
    if lifted is None:
        raise unknown(10026)
    data = {"guild_id": str(seat.guild.id), "user": views.user(lifted.user)}
    call.publish("GUILD_BAN_REMOVE", seat.guild.id, data)
    call.audit(seat.guild, Action.MEMBER_BAN_REMOVE, lifted.user.id)


def list_bans(call: Call) -> list[Json]:
    """Return a page of bans by user id."""
    seat = call.seat()
    seat.require(Permission.BAN_MEMBERS)
    after, most = call.query_id("after") or 0, call.query_int("limit", 1, 1000, 1000)
    return [_ban_json(b) for i, b in sorted(seat.guild.bans.items()) if i > after][:most]


def get_ban(call: Call) -> Json:
    """Return one ban, or 10026."""
    seat = call.seat()
    seat.require(Permission.BAN_MEMBERS)
    found = seat.guild.bans.get(call.id("user_id"))
    if found is None:
        raise unknown(10026)
    return _ban_json(found)


def remove(call: Call, guild: Guild, member: Member) -> None:
    """Take a member out of the guild and its threads, with the event."""
    del guild.members[member.user.id]
    for thread in guild.threads.values():
        if thread.thread is not None:
            thread.thread.members.pop(member.user.id, None)
    data = {"guild_id": str(guild.id), "user": views.user(member.user)}
    call.publish("GUILD_MEMBER_REMOVE", guild.id, data)


def _ban_json(value: Ban) -> Json:
    return {"reason": value.reason, "user": views.user(value.user)}


def _matches(member: Member, query: str) -> bool:
    names = (member.user.username, member.user.global_name, member.nick)
    return any(name is not None and name.lower().startswith(query) for name in names)


def _member(call: Call, guild: Guild) -> Member:
    user_id = call.id("user_id")
    member = guild.members.get(user_id)
    if member is None:
        raise unknown(10007 if user_id in call.world.users else 10013)
    return member


def _require_update(seat: Seat, member: Member, values: dict[str, Any]) -> None:
    if "nick" in values:
        _require_rename(seat, member)
    if "roles" in values:
        seat.require(Permission.MANAGE_ROLES)
        for role_id in member.roles ^ set(values["roles"]):
            _require_assignable(seat, role_id)
    if "communication_disabled_until" in values:
        _require_timeout(seat, member, values["communication_disabled_until"])
    if "flags" in values:
        moderation = Permission.MODERATE_MEMBERS | Permission.KICK_MEMBERS | Permission.BAN_MEMBERS
        seat.require_any(Permission.MANAGE_GUILD, Permission.MANAGE_ROLES, moderation)


def _require_rename(seat: Seat, member: Member) -> None:
    if member is seat.member:
        seat.require_any(Permission.CHANGE_NICKNAME, Permission.MANAGE_NICKNAMES)
        return
    seat.require(Permission.MANAGE_NICKNAMES)
    seat.require_above_member(member)


def _require_assignable(seat: Seat, role_id: int) -> None:
    role = seat.guild.roles.get(role_id)
    if role is None:
        raise unknown(10011)
    if role.managed or role.id == seat.guild.id:
        raise refused(50028, "Invalid Role")
    seat.require_above_role(role)


def _require_timeout(seat: Seat, member: Member, until: datetime | None) -> None:
    seat.require(Permission.MODERATE_MEMBERS)
    if is_administrator(seat.guild, member):
        raise missing_permissions()
    seat.require_above_member(member)
    if until is not None and until - seat.world.now() > _LONGEST_TIMEOUT:
        message = "Timeouts cannot be longer than 28 days."
        raise invalid_field("communication_disabled_until", "INVALID_COMMUNICATION_DISABLED_TIMESTAMP", message)


def _apply(call: Call, guild: Guild, member: Member, values: dict[str, Any]) -> None:
    before = views.member(member)
    roles_before = set(member.roles)
    if "nick" in values:
        member.nick = nickname(values["nick"] or "") or None
    if "roles" in values:
        member.roles = set(values["roles"])
    if "communication_disabled_until" in values:
        member.timed_out_until = values["communication_disabled_until"]
    if values.get("flags") is not None:
        kept = member.flags & ~_BYPASSES_VERIFICATION
        member.flags = kept | values["flags"] & _BYPASSES_VERIFICATION
    if views.member(member) == before:
        return
    call.publish("GUILD_MEMBER_UPDATE", guild.id, views.member(member) | {"guild_id": str(guild.id)})
    roles_only = member.roles != roles_before
    call.audit(guild, Action.MEMBER_ROLE_UPDATE if roles_only else Action.MEMBER_UPDATE, member.user.id)


def _delete_recent(call: Call, guild: Guild, user_id: int, values: dict[str, Any]) -> None:
    days = values.get("delete_message_days", 0)
    seconds = values.get("delete_message_seconds", 0) or days * 86400
    since = call.world.now() - timedelta(seconds=seconds)
    for channel in [*guild.channels.values(), *guild.threads.values()] if seconds else []:
        recent = [m for m in channel.messages.values() if m.author.id == user_id]
        gone = [m.id for m in recent if created_at(m) >= since]
        for message_id in gone:
            del channel.messages[message_id]
            channel.pins.pop(message_id, None)
        if gone:
            data = {"ids": [str(i) for i in gone], "channel_id": str(channel.id), "guild_id": str(guild.id)}
            call.publish("MESSAGE_DELETE_BULK", guild.id, data)


_MEMBERS = "/guilds/{guild_id}/members"
_MEMBER = f"{_MEMBERS}/{{user_id}}"
_BANS = "/guilds/{guild_id}/bans"
ROUTES = (
    Route("GET", _MEMBERS, list_members),
    Route("GET", f"{_MEMBERS}/search", search_members),
    Route("PATCH", f"{_MEMBERS}/@me", update_self),
    Route("GET", _MEMBER, get_member),
    Route("PATCH", _MEMBER, update_member),
    Route("DELETE", _MEMBER, kick),
    Route("PUT", f"{_MEMBER}/roles/{{role_id}}", add_role),
    Route("DELETE", f"{_MEMBER}/roles/{{role_id}}", remove_role),
    Route("GET", _BANS, list_bans),
    Route("GET", f"{_BANS}/{{user_id}}", get_ban),
    Route("PUT", f"{_BANS}/{{user_id}}", ban),
    Route("DELETE", f"{_BANS}/{{user_id}}", unban),
)

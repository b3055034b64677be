"""Invites: create, list, look up, delete; and what happens when a person accepts one."""

from typing import Any

from sandbox import views
from sandbox.access import Seat, find_seat
from sandbox.bits import THREADS, Action, ChannelType, Permission
from sandbox.calls import Call, Route
from sandbox.errors import limit, refused, unknown
from sandbox.forms import array, flag, integer, nullable, read, snowflake, unsupported
from sandbox.world import Channel, Guild, Invite, Json, World

MAX_INVITES = 1000
_DAY = 86400
_FIELDS = {
    "max_age": nullable(integer(0, 7 * _DAY), _DAY),
    "max_uses": nullable(integer(0, 100), 0),
    "temporary": nullable(flag, default=False),
    "unique": nullable(flag, default=False),
    "role_ids": nullable(array(snowflake, 250), ()),
    "target_type": unsupported("invites to streams and activities"),
    "target_users_file": unsupported("invites for chosen users"),
}
_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def create_invite(call: Call) -> Json:
    """Create an invite, or return a like one unless `unique` is asked for."""
    seat, channel = call.guild_place()
    values = read(call.body, _FIELDS)
    seat.require(Permission.CREATE_INSTANT_INVITE, channel)
    if channel.type in THREADS | {ChannelType.CATEGORY}:
        raise refused(50024, "Cannot execute action on this channel type")
    for role_id in values.get("role_ids", ()):
        _require_grantable(seat, role_id)
    guild = seat.guild
    wanted = _new(call, channel, values)
    alike = None if values.get("unique") else _alike(call.world, guild, wanted)
    if alike is not None:
        return views.invite(call.world, alike)
    if len(_live(call.world, guild)) >= MAX_INVITES:
        raise limit(30016, "invites", MAX_INVITES)
    guild.invites[wanted.code] = wanted
    _publish_creation(call, wanted)
    call.audit(guild, Action.INVITE_CREATE, None, options={"channel_id": str(channel.id)})
    return views.invite(call.world, wanted)


def list_channel_invites(call: Call) -> list[Json]:
    """Return a channel's invites."""
    seat, channel = call.guild_place()
    seat.require(Permission.MANAGE_CHANNELS, channel)
    live = _live(call.world, seat.guild)
    return [views.invite(call.world, i) for i in live if i.channel_id == channel.id]


def list_guild_invites(call: Call) -> list[Json]:
    """Return all invites; VIEW_AUDIT_LOG alone sees them without their uses."""
    seat = call.seat()
    seat.require_any(Permission.MANAGE_GUILD, Permission.VIEW_AUDIT_LOG)
    shown = [views.invite(call.world, i) for i in _live(call.world, seat.guild)]
    if Permission.MANAGE_GUILD in seat.bits():
        return shown
    return [{key: value for key, value in one.items() if key != "uses"} for one in shown]


def get_invite(call: Call) -> Json:
    """Return an invite that anybody may look up."""
    return views.invite(call.world, _invite(call))


def delete_invite(call: Call) -> Json:
    """Revoke an invite: MANAGE_CHANNELS on its channel or MANAGE_GUILD."""
    invite = _invite(call)
    seat = find_seat(call.world, call.user, invite.guild_id)
    if Permission.MANAGE_GUILD not in seat.bits():
        seat.require(Permission.MANAGE_CHANNELS, seat.guild.channels[invite.channel_id])
    shown = views.invite(call.world, invite)
    _drop(call, seat.guild, invite)
    call.audit(seat.guild, Action.INVITE_DELETE, None, options={"code": invite.code})
    return shown


def accept(call: Call, guild: Guild, code: str) -> list[int]:
    """Use an invite up by one and return the roles it gives."""
    invite = guild.invites.get(code)
    if invite is None or not _is_live(call.world, invite):
        raise unknown(10006)
    if "INVITES_DISABLED" in guild.features:
        raise refused(40007, "Invites are currently paused for this server", 403)
    invite.uses += 1
    if invite.uses == invite.max_uses:
        _drop(call, guild, invite)
    return [i for i in invite.role_ids if i in guild.roles]


def _new(call: Call, channel: Channel, values: dict[str, Any]) -> Invite:
    return Invite(
        code=_code(call.world.next_id()),
        guild_id=channel.guild_id or 0,
        channel_id=channel.id,
        inviter=call.user,
        created_at=call.world.now(),
        max_age=values.get("max_age", _DAY),
        max_uses=values.get("max_uses", 0),
        temporary=values.get("temporary", False),
        role_ids=list(values.get("role_ids", ())),
    )


def _code(number: int) -> str:
    code = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        code += _DIGITS[digit]
    return code


def _require_grantable(seat: Seat, role_id: int) -> None:
    seat.require(Permission.MANAGE_ROLES)
    role = seat.guild.roles.get(role_id)
    if role is None:
        raise unknown(10011)
    if role.managed or role.id == seat.guild.id:
        raise refused(50028, "Invalid Role")
    seat.require_above_role(role)
    seat.require_holds(role.permissions)


def _alike(world: World, guild: Guild, wanted: Invite) -> Invite | None:
    def kind(invite: Invite) -> tuple[object, ...]:
        limits = invite.max_age, invite.max_uses, invite.temporary
        return invite.channel_id, invite.inviter.id, limits, tuple(invite.role_ids)

    return next((i for i in _live(world, guild) if kind(i) == kind(wanted)), None)


def _is_live(world: World, invite: Invite) -> bool:
    return invite.expires_at is None or world.now() < invite.expires_at


def _live(world: World, guild: Guild) -> list[Invite]:
    return [invite for invite in guild.invites.values() if _is_live(world, invite)]


def _invite(call: Call) -> Invite:
    for guild in call.world.guilds.values():
        invite = guild.invites.get(call.params["code"])
        if invite is not None and _is_live(call.world, invite):
            return invite
    raise unknown(10006)


def _publish_creation(call: Call, invite: Invite) -> None:
    shown = views.invite(call.world, invite)
    keys = ("code", "guild_id", "inviter", "uses", "max_uses", "max_age", "temporary", "created_at")
    data = {key: shown[key] for key in keys} | {"channel_id": str(invite.channel_id)}
    call.publish("INVITE_CREATE", invite.guild_id, data)


def _drop(call: Call, guild: Guild, invite: Invite) -> None:
    del guild.invites[invite.code]
    data = {"channel_id": str(invite.channel_id), "guild_id": str(guild.id), "code": invite.code}
    call.publish("INVITE_DELETE", guild.id, data)


_CHANNEL = "/channels/{channel_id}/invites"
ROUTES = (
    Route("POST", _CHANNEL, create_invite),
    Route("GET", _CHANNEL, list_channel_invites),
    Route("GET", "/guilds/{guild_id}/invites", list_guild_invites),
    Route("GET", "/invites/{code}", get_invite),
    Route("DELETE", "/invites/{code}", delete_invite),
)

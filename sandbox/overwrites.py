"""Permission overwrites: parsing, who may set which, and children that follow their category. Used by `rest`."""

from typing import Any

from sandbox.access import Seat
from sandbox.bits import NOTHING, ChannelType, Permission
from sandbox.calls import Call
from sandbox.errors import missing_permissions, unknown
from sandbox.forms import Problem, array, bits, nullable, obj, snowflake
from sandbox.world import Channel, Guild, Overwrite

MAX_PER_REQUEST = 100


def _kind(value: object) -> int:
    if value in (0, "0", "role"):
        return 0
    if value in (1, "1", "member"):
        return 1
    raise Problem("BASE_TYPE_CHOICES", "Value must be one of {0, 1}.")


BODY = {"type": _kind, "allow": nullable(bits, NOTHING), "deny": nullable(bits, NOTHING)}
LIST = array(obj({"id": snowflake, **BODY}, required=["id", "type"]), MAX_PER_REQUEST)

Overwrites = dict[int, Overwrite]


def from_list(guild: Guild, items: list[dict[str, Any]]) -> Overwrites:
    """Return the overwrites of a parsed list; 10011 or 10013 for a stranger's id."""
    return {item.id: item for item in (_one(guild, **values) for values in items)}


def from_body(guild: Guild, target: int, values: dict[str, Any]) -> Overwrite:
    """Return one overwrite from a parsed body."""
    return _one(guild, id=target, **values)


def _one(guild: Guild, **values: Any) -> Overwrite:
    target, kind = values["id"], values["type"]
    if not isinstance(target, int) or (kind == 0 and target not in guild.roles):
        raise unknown(10011)
    allow, deny = (Permission(values.get(key, NOTHING)) for key in ("allow", "deny"))
    return Overwrite(target, int(kind == 1), allow, deny)


def touched(before: Overwrites, after: Overwrites) -> Permission:
    """Return the bits whose allow or deny differs between two sets of overwrites."""
    changed = NOTHING
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        changed |= (old.allow if old else NOTHING) ^ (new.allow if new else NOTHING)
        changed |= (old.deny if old else NOTHING) ^ (new.deny if new else NOTHING)
    return changed


def require_may_create(seat: Seat, after: Overwrites) -> None:
    """Refuse overwrites of a new channel: only bits held in the guild, MANAGE_ROLES for administrators only."""
    bits_set = touched({}, after)
    seat.require_holds(bits_set)
    if Permission.MANAGE_ROLES in bits_set and not seat.is_administrator():
        raise missing_permissions()


def require_may_edit(seat: Seat, channel: Channel, after: Overwrites) -> None:
    """Refuse edited overwrites: MANAGE_ROLES here, and only bits held in the guild or the parent.

    A MANAGE_ROLES overwrite of one's own in the channel lifts the second rule.
    """
    seat.require(Permission.MANAGE_ROLES, channel)
    if not _may_manage_by_overwrite(seat, channel):
        seat.require_holds(touched(channel.overwrites, after), seat.guild.channels.get(channel.parent_id or 0))


def _may_manage_by_overwrite(seat: Seat, channel: Channel) -> bool:
    ids = seat.member.roles | {seat.member.user.id, seat.guild.id}
    return any(Permission.MANAGE_ROLES in o.allow for i, o in channel.overwrites.items() if i in ids)


def copied(overwrites: Overwrites) -> Overwrites:
    """Return overwrites that can change without changing the originals."""
    return {i: Overwrite(o.id, o.type, o.allow, o.deny) for i, o in overwrites.items()}


def replace(call: Call, guild: Guild, channel: Channel, after: Overwrites) -> None:
    """Set a channel's overwrites; children that were synced with a category follow it, with events."""
    before = channel.overwrites
    channel.overwrites = after
    if channel.type is not ChannelType.CATEGORY or before == after:
        return
    for child in guild.channels.values():
        if child.parent_id == channel.id and child.overwrites == before:
            child.overwrites = copied(after)
            call.publish_channel("CHANNEL_UPDATE", child)

"""Roles: list, create, edit, sort, delete, count members; nobody touches a role above their own."""

from typing import Any

from sandbox import views
from sandbox.access import Seat
from sandbox.bits import Action, Feature, Permission
from sandbox.calls import Call, Route
from sandbox.errors import limit, missing_permissions, refused, unknown
from sandbox.forms import array, bits, flag, integer, nullable, obj, read, read_list, snowflake, text, unsupported
from sandbox.permissions import rank
from sandbox.world import Channel, Guild, Json, Role

MAX_ROLES = 250
_COLOR = integer(0, 0xFFFFFF)
_FIELDS = {
    "name": nullable(text(1, 100)),
    "permissions": nullable(bits),
    "color": nullable(_COLOR, 0),
    "colors": nullable(
        obj(
            {
                "primary_color": nullable(_COLOR, 0),
                "secondary_color": nullable(_COLOR),
                "tertiary_color": nullable(_COLOR),
            }
        )
    ),
    "hoist": nullable(flag, default=False),
    "mentionable": nullable(flag, default=False),
    "icon": unsupported("role icons"),
    "unicode_emoji": unsupported("role icons"),
}
_MOVES = array(obj({"id": snowflake, "position": nullable(integer(0, MAX_ROLES))}, required=["id"]), MAX_ROLES)


def list_roles(call: Call) -> list[Json]:
    """Return every role, lowest first."""
    return [views.role(r) for r in ordered(call.seat().guild)]


def get_role(call: Call) -> Json:
    """Return one role."""
    return views.role(_role(call, call.seat().guild))


def create_role(call: Call) -> Json:
    """Create a role right above @everyone; without `permissions` it copies @everyone's."""
    seat, values = call.seat(), read(call.body, _FIELDS)
    seat.require(Permission.MANAGE_ROLES)
    guild = seat.guild
    if len(guild.roles) >= MAX_ROLES:
        raise limit(30005, "guild roles", MAX_ROLES)
    role = Role(call.world.next_id(), "new role", guild.everyone.permissions)
    _require_holds(seat, role, values)
    _assign(guild, role, values)
    order = ordered(guild)
    guild.roles[role.id] = role
    role.position = 1
    call.publish("GUILD_ROLE_CREATE", guild.id, _event(guild, role))
    renumber(call, guild, [order[0], role, *order[1:]])
    call.audit(guild, Action.ROLE_CREATE, role.id)
    return views.role(role)


def update_role(call: Call) -> Json:
    """Change the sent fields of a role below the caller's own."""
    seat, values = call.seat(), read(call.body, _FIELDS)
    seat.require(Permission.MANAGE_ROLES)
    role = _role(call, seat.guild)
    if role.id != seat.guild.id:
        seat.require_above_role(role)
    _require_holds(seat, role, values)
    before = views.role(role)
    _assign(seat.guild, role, values)
    if views.role(role) != before:
        call.publish("GUILD_ROLE_UPDATE", seat.guild.id, _event(seat.guild, role))
        call.audit(seat.guild, Action.ROLE_UPDATE, role.id)
    return views.role(role)


def move_roles(call: Call) -> list[Json]:
    """Sort roles below the caller's own, none of them above it afterwards."""
    seat, moves = call.seat(), read_list(call.body, _MOVES)
    seat.require(Permission.MANAGE_ROLES)
    guild = seat.guild
    wanted = {m["id"]: m["position"] for m in moves if m.get("position") is not None}
    for role_id in wanted:
        _require_movable(seat, role_id)
    order = _moved(ordered(guild), wanted)
    _require_still_below(seat, order, set(wanted))
    renumber(call, guild, order)
    return [views.role(r) for r in order]


def delete_role(call: Call) -> None:
    """Delete a role, take it from its members and out of every channel's overwrites."""
    seat = call.seat()
    seat.require(Permission.MANAGE_ROLES)
    guild, role = seat.guild, _role(call, seat.guild)
    if role.managed or role.id == guild.id:
        raise refused(50028, "Invalid role")
    seat.require_above_role(role)
    _forget(guild, role)
    call.publish("GUILD_ROLE_DELETE", guild.id, {"guild_id": str(guild.id), "role_id": str(role.id)})
    for channel in guild.channels.values():
        _drop_overwrite(call, channel, role.id)
    renumber(call, guild, ordered(guild))
    call.audit(guild, Action.ROLE_DELETE, role.id)


def count_members(call: Call) -> dict[str, int]:
    """Return how many members each role has, @everyone left out."""
    guild = call.seat().guild
    counts = {str(r.id): 0 for r in ordered(guild) if r.id != guild.id}
    for member in guild.members.values():
        for role_id in member.roles:
            counts[str(role_id)] += 1
    return counts


def ordered(guild: Guild) -> list[Role]:
    """Return the roles from @everyone up."""
    return sorted(guild.roles.values(), key=rank)


def renumber(call: Call, guild: Guild, order: list[Role]) -> None:
    """Give the roles the positions of a list and tell the gateway which ones moved."""
    for position, role in enumerate(order):
        if role.position != position:
            role.position = position
            call.publish("GUILD_ROLE_UPDATE", guild.id, _event(guild, role))


def _role(call: Call, guild: Guild) -> Role:
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        raise unknown(10011)
    return role


def _event(guild: Guild, role: Role) -> Json:
    return {"guild_id": str(guild.id), "role": views.role(role)}


def _require_holds(seat: Seat, role: Role, values: dict[str, Any]) -> None:
    sent = values.get("permissions")
    if sent is not None:
        seat.require_holds(sent & ~role.permissions if role.id in seat.guild.roles else sent)


def _assign(guild: Guild, role: Role, values: dict[str, Any]) -> None:
    for name in ("name", "permissions"):
        if values.get(name) is not None:
            setattr(role, name, values[name])
    if "color" in values:
        role.colors = (values["color"], None, None)
    if values.get("colors") is not None:
        role.colors = _colors(guild, values["colors"])
    for name in ("hoist", "mentionable"):
        if name in values:
            setattr(role, name, values[name])


def _colors(guild: Guild, sent: dict[str, Any]) -> tuple[int, int | None, int | None]:
    colors = sent.get("primary_color", 0), sent.get("secondary_color"), sent.get("tertiary_color")
    if any(colors[1:]) and Feature.ENHANCED_ROLE_COLORS not in guild.features:
        raise refused(50101, "This server needs more boosts to perform this action")
    return colors


def _require_movable(seat: Seat, role_id: int) -> None:
    role = seat.guild.roles.get(role_id)
    if role is None:
        raise unknown(10011)
    if role.id == seat.guild.id:
        raise refused(50028, "Invalid role")
    seat.require_above_role(role)


def _moved(order: list[Role], wanted: dict[int, int]) -> list[Role]:
    moving = sorted((r for r in order if r.id in wanted), key=lambda r: (wanted[r.id], -r.id))
    result = [r for r in order if r.id not in wanted]
    for role in moving:
        result.insert(max(1, wanted[role.id]), role)
    return result


def _require_still_below(seat: Seat, order: list[Role], moved: set[int]) -> None:
    if seat.owns:
        return
    own = max(i for i, role in enumerate(order) if role.id in seat.member.roles | {seat.guild.id})
    if any(role.id in moved for role in order[own:]):
        raise missing_permissions()


def _forget(guild: Guild, role: Role) -> None:
    del guild.roles[role.id]
    for member in guild.members.values():
        member.roles.discard(role.id)


def _drop_overwrite(call: Call, channel: Channel, overwrite_id: int) -> None:
    if channel.overwrites.pop(overwrite_id, None) is not None:
        call.publish_channel("CHANNEL_UPDATE", channel)


_ROLES = "/guilds/{guild_id}/roles"
ROUTES = (
    Route("GET", _ROLES, list_roles),
    Route("POST", _ROLES, create_role),
    Route("PATCH", _ROLES, move_roles),
    Route("GET", f"{_ROLES}/member-counts", count_members),
    Route("GET", f"{_ROLES}/{{role_id}}", get_role),
    Route("PATCH", f"{_ROLES}/{{role_id}}", update_role),
    Route("DELETE", f"{_ROLES}/{{role_id}}", delete_role),
)

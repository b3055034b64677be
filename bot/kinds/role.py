"""Create, change and delete roles, and put them in order."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot import shapes
from bot.guild import DiscordReader
from bot.wire import Wire
from sync.diff import Action, Change
from sync.guild import Guild, GuildRole
from sync.ledger import Binding
from sync.ports import Sent
from sync.resources import Order, Role

_FIELDS = {"name": "name", "colour": "color", "hoist": "hoist", "permissions": "permissions"}


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Apply one role's change."""
    if change.action is Action.DELETE:
        role_id = bindings[change.key].discord_id or ""
        await wire.send("DELETE", "/guilds/{guild_id}/roles/{role_id}", role_id=role_id)
        return Sent(role_id)
    role = change.desired
    if not isinstance(role, Role):
        raise TypeError(change.key)
    if change.action is Action.CREATE:
        made = shapes.MADE_ROLE.read(await wire.send("POST", "/guilds/{guild_id}/roles", body(role, _FIELDS)))
    else:
        role_id = bindings[change.key].discord_id or ""
        changed = body(role, change.fields)
        answer = await wire.send("PATCH", "/guilds/{guild_id}/roles/{role_id}", changed, role_id=role_id)
        made = shapes.MADE_ROLE.read(answer, role_id)
    return Sent(made.id, digest=f"{made.name}\n{role.name}")


def body(role: Role, fields: Mapping[str, object]) -> dict[str, Any]:
    """Word the fields for Discord. `permissions` is always sent: a role created without copies @everyone's."""
    values = {"name": role.name, "colour": role.colour, "hoist": role.hoist, "permissions": str(role.permissions)}
    return {_FIELDS[name]: values[name] for name in fields}


async def order(wire: Wire, change: Change, bindings: Mapping[str, Binding], guild: Guild) -> Sent:
    """Sort our roles with one bulk request; the others keep their places among them."""
    if not isinstance(change.desired, Order):
        raise TypeError(change.key)
    roles = await DiscordReader(wire).roles()
    bot = guild.member(guild.bot_id)
    top = max((role.position for role in roles if bot and role.id in bot.roles), default=0)
    wanted = [bindings[key].discord_id or "" for key in change.desired.keys if key in bindings]
    movable = [role for role in roles if role.id != wire.guild_id and role.position < top]
    if positions := sorted_positions(movable, wanted):
        await wire.send("PATCH", "/guilds/{guild_id}/roles", positions)
    return Sent("")


def sorted_positions(roles: Sequence[GuildRole], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Give the positions that put `wanted` (highest first) in order, each other role staying in its slot."""
    slots = sorted(roles, key=lambda role: (-role.position, int(role.id)))
    there = {role.id for role in roles}
    ours = iter([role_id for role_id in wanted if role_id in there])
    chosen = set(wanted)
    in_order = [next(ours) if role.id in chosen else role.id for role in slots]
    now = {role.id: role.position for role in roles}
    top = len(in_order)
    return [
        {"id": role_id, "position": top - index}
        for index, role_id in enumerate(in_order)
        if now[role_id] != top - index
    ]

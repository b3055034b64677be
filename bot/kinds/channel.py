"""Create and change categories, channels and forum posts, archive what is no longer wanted, and put all in order."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.guild import CHANNEL_TYPES, parse_channel
from bot.wire import Wire
from sync.diff import Action, Change
from sync.guild import Guild, GuildChannel
from sync.ledger import Binding
from sync.observe import LOCKED
from sync.ports import Sent
from sync.resources import BOT, EVERYONE, Category, Channel, Order, Overwrites, Thread

TYPE_NUMBERS = {name: number for number, name in CHANNEL_TYPES.items()}
WEEK = 10_080  # minutes; the longest time a thread may be quiet before Discord folds it away
OPEN = "open"


async def write(
    wire: Wire, change: Change, bindings: Mapping[str, Binding], guild: Guild, positions: Mapping[str, int]
) -> Sent:
    """Apply one category's or channel's change; a new or moved one goes to its position in `positions`."""
    channel_id = bindings[change.key].discord_id if change.key in bindings else None
    if change.action is Action.DELETE:
        await wire.send("DELETE", "/channels/{channel_id}", channel_id=channel_id or "")
        return Sent(channel_id or "")
    place = change.desired
    if not isinstance(place, Category | Channel):
        raise TypeError(change.key)
    body = _body(place, change.fields, bindings)
    if "overwrites" in change.fields:
        strangers = await _strangers(wire, channel_id, bindings, guild) if channel_id else []
        body["permission_overwrites"] = [*overwrites(place.overwrites or (), bindings, guild), *strangers]
    if change.action is Action.CREATE or "parent" in change.fields:
        body["position"] = positions.get(change.key, len(positions))
    if change.action is Action.CREATE:
        answer = await wire.send("POST", "/guilds/{guild_id}/channels", body)
    else:
        answer = await wire.send("PATCH", "/channels/{channel_id}", body, channel_id=channel_id or "")
    return Sent(answer["id"], digest=f"{answer['name']}\n{place.name or answer['name']}")


def _body(place: Category | Channel, fields: Mapping[str, object], bindings: Mapping[str, Binding]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": place.name, "type": 4}
    if isinstance(place, Channel):
        parent = bindings[place.parent].discord_id if place.parent else None
        values |= {"type": TYPE_NUMBERS.get(place.type or ""), "parent": parent, "topic": place.topic}
    names = {"parent": "parent_id"}
    chosen = {name for name in fields if name in values} | ({"type"} if fields.get("name", ("",))[0] is None else set())  # type: ignore[index]
    return {names.get(name, name): values[name] for name in sorted(chosen)}


def overwrites(wanted: Overwrites, bindings: Mapping[str, Binding], guild: Guild) -> list[dict[str, Any]]:
    """Word overwrites for Discord; the bot's own is for its user."""
    known = {EVERYONE: guild.id, BOT: guild.bot_id}
    return [
        {
            "id": known.get(o.target) or bindings[o.target].discord_id,
            "type": 1 if o.target == BOT else 0,
            "allow": str(o.allow),
            "deny": str(o.deny),
        }
        for o in wanted
    ]


async def _strangers(
    wire: Wire, channel_id: str, bindings: Mapping[str, Binding], guild: Guild
) -> list[dict[str, Any]]:
    """Read the overwrites that people set for roles and members that are not ours; sending the list replaces all."""
    ours = {binding.discord_id for binding in bindings.values() if binding.kind == "role"} | {guild.id, guild.bot_id}
    channel = await wire.get("/channels/{channel_id}", channel_id=channel_id)
    return [overwrite for overwrite in channel["permission_overwrites"] if overwrite["id"] not in ours]


async def write_thread(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Open, rename, lock or reopen the forum post that stands for a module."""
    thread = change.desired
    if not isinstance(thread, Thread):
        raise TypeError(change.key)
    if change.action is Action.CREATE:
        forum = bindings[thread.parent or ""].discord_id or ""
        message = {"content": f"**{thread.name}**", "allowed_mentions": {"parse": []}}
        body: dict[str, Any] = {"name": thread.name, "auto_archive_duration": WEEK, "message": message}
        answer = await wire.send("POST", "/channels/{channel_id}/threads", body, channel_id=forum)
    else:
        body = {"archived": thread.locked, "locked": thread.locked}
        body |= {"name": thread.name} if "name" in change.fields else {}
        thread_id = bindings[change.key].discord_id or ""
        answer = await wire.send("PATCH", "/channels/{channel_id}", body, channel_id=thread_id)
        forum = bindings[change.key].parent_id or ""
    return Sent(answer["id"], forum, f"{LOCKED if thread.locked else OPEN}\n{thread.name or answer['name']}")


async def order(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Sort our channels behind everybody else's with one bulk request."""
    if not isinstance(change.desired, Order):
        raise TypeError(change.key)
    channels = [parse_channel(data) for data in await wire.get("/guilds/{guild_id}/channels")]
    wanted = [bindings[key].discord_id or "" for key in change.desired.keys if key in bindings]
    if positions := sorted_positions(channels, wanted):
        await wire.send("PATCH", "/guilds/{guild_id}/channels", positions)
    return Sent("")


def sorted_positions(channels: Sequence[GuildChannel], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Give the positions that put `wanted` in order; those that are not ours are not touched."""
    ours = set(wanted)
    now = {channel.id: channel.position for channel in channels}
    first = max((channel.position + 1 for channel in channels if channel.id not in ours), default=0)
    places = enumerate((channel_id for channel_id in wanted if channel_id in now), first)
    return [{"id": channel_id, "position": place} for place, channel_id in places if now[channel_id] != place]

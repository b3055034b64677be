"""Create and change categories, channels and forum posts, archive what is no longer wanted, and put all in order."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot import shapes
from bot.guild import CHANNEL_TYPES, PINNED, DiscordReader
from bot.kinds.folded import open_and_send
from bot.kinds.wording import NO_PINGS
from bot.wire import Wire
from sync.diff import Action, Change
from sync.errors import Refused, Stopped
from sync.guild import Guild, GuildChannel, GuildThread
from sync.layout import TAGS_ON_A_POST
from sync.ledger import Binding
from sync.naming import escape
from sync.observe import thread_digest
from sync.ports import Sent
from sync.resources import BOT, EVERYONE, Category, Channel, Order, Overwrites, Thread

TYPE_NUMBERS = {name: number for number, name in CHANNEL_TYPES.items()}
Tag = Mapping[str, Any]
WEEK = 10_080  # minutes; the longest time a thread may be quiet before Discord folds it away


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
    # What people added must be in the lists as well: sending a list replaces all of it.
    read = channel_id and {"tags", "overwrites"} & set(change.fields)
    now = await _read(wire, channel_id or "") if read else {}
    if "tags" in change.fields and isinstance(place, Channel):
        body["available_tags"] = _tags(place.tags or (), now.get("available_tags") or (), bindings.get(change.key))
    if "overwrites" in change.fields:
        strangers = _strangers(now.get("permission_overwrites") or (), bindings, guild)
        body["permission_overwrites"] = [*overwrites(place.overwrites or (), bindings, guild), *strangers]
    if change.action is Action.CREATE or "parent" in change.fields:
        body["position"] = positions.get(change.key, len(positions))
    if change.action is Action.CREATE:
        made = shapes.MADE_CHANNEL.read(await wire.send("POST", "/guilds/{guild_id}/channels", body))
    else:
        answer = await wire.send("PATCH", "/channels/{channel_id}", body, channel_id=channel_id or "")
        made = shapes.MADE_CHANNEL.read(answer, channel_id or "")
    memo = _known_tags(place.tags, made) if isinstance(place, Channel) and place.tags is not None else None
    if change.action is Action.CREATE:
        memo = dict(place.told) or memo
    return Sent(made.id, digest=f"{made.name}\n{place.name or made.name}", memo=memo)


async def _read(wire: Wire, channel_id: str) -> Mapping[str, Any]:
    """Read a channel as it is now, with all that must be sent back as it came."""
    answer: Mapping[str, Any] = await wire.get("/channels/{channel_id}", channel_id=channel_id)
    shapes.CHANNEL.read(answer, channel_id)
    return answer


def _tags(wanted: Sequence[str], there: Sequence[Tag], known: Binding | None) -> list[Tag]:
    """List a forum's tags: those that people made, ours that stay (by id, so that posts keep them), and new ones."""
    ours = known.memo if known else {}
    kept = {ours.get(tag["id"], tag["name"]): tag for tag in there}
    others = [tag for tag in there if tag["id"] not in ours and tag["name"] not in wanted]
    return [*others, *({**kept.get(name, {}), "name": name} for name in wanted)]


def _known_tags(wanted: Sequence[str], made: shapes.Made) -> dict[str, str]:
    """Remember which of a forum's tags are ours."""
    return {tag.id: tag.name for tag in made.available_tags or () if tag.name in wanted}


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


def _strangers(
    there: Sequence[Mapping[str, Any]], bindings: Mapping[str, Binding], guild: Guild
) -> list[Mapping[str, Any]]:
    """Keep the overwrites that people set for roles and members that are not ours."""
    ours = {binding.discord_id for binding in bindings.values() if binding.kind == "role"} | {guild.id, guild.bot_id}
    return [overwrite for overwrite in there if overwrite["id"] not in ours]


async def write_thread(wire: Wire, change: Change, bindings: Mapping[str, Binding], guild: Guild) -> Sent:
    """Open, rename, tag, pin, lock or reopen the forum post that stands for a module."""
    thread = change.desired
    if not isinstance(thread, Thread):
        raise TypeError(change.key)
    forum = bindings[thread.parent] if thread.parent else None
    tags = _tag_ids(thread.tags or (), forum)
    if change.action is Action.CREATE:
        made = await _open_thread(wire, thread, forum, tags)
    else:
        now = guild.thread(bindings[change.key].discord_id or "")
        tags += await _tags_by_hand(wire, now, forum) if "tags" in change.fields else []
        body = _thread_body(thread, change, tags)
        thread_id = bindings[change.key].discord_id or ""
        answer = await open_and_send(wire, "PATCH", "/channels/{channel_id}", body, channel_id=thread_id)
        made = shapes.MADE_CHANNEL.read(answer, thread_id)
    parent = forum.discord_id if forum else bindings[change.key].parent_id
    return Sent(made.id, parent, thread_digest(thread, thread.name or made.name))


async def _open_thread(wire: Wire, thread: Thread, forum: Binding | None, tags: list[str]) -> shapes.Made:
    """Open a forum post; what is pinned there needs a request of its own."""
    body: dict[str, Any] = {
        "name": thread.name,
        "auto_archive_duration": WEEK,
        "message": {"content": f"**{escape(thread.name or '')}**", **NO_PINGS},
        **({"applied_tags": tags} if tags else {}),
    }
    forum_id = (forum.discord_id or "") if forum else ""
    made = shapes.MADE_CHANNEL.read(
        await wire.send("POST", "/channels/{channel_id}/threads", body, channel_id=forum_id)
    )
    if thread.pinned:
        await _pin_on_top(wire, made.id)
    return made


async def _pin_on_top(wire: Wire, thread_id: str) -> None:
    """Pin a new forum post; if that is refused the post is still there, and the next plan tries once more."""
    try:
        await wire.send("PATCH", "/channels/{channel_id}", {"flags": PINNED}, channel_id=thread_id)
    except Stopped:
        raise
    except Refused:
        return


async def _tags_by_hand(wire: Wire, now: GuildThread | None, forum: Binding | None) -> list[str]:
    """Return the tags that people put on a post. One that is no longer offered was ours, and Discord refuses it."""
    strange = [tag for tag in now.tags if tag not in forum.memo] if now and forum else []
    if not strange or forum is None:
        return []
    channel = await _read(wire, forum.discord_id or "")
    offered = {tag["id"] for tag in channel.get("available_tags") or ()}
    return [tag for tag in strange if tag in offered]


def _thread_body(thread: Thread, change: Change, tags: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": thread.name,
        "tags": tags[:TAGS_ON_A_POST],
        "pinned": PINNED if thread.pinned else 0,
    }
    names = {"tags": "applied_tags", "pinned": "flags"}
    chosen = {names.get(name, name): value for name, value in values.items() if name in change.fields}
    return {"archived": thread.locked, "locked": thread.locked} | chosen


def _tag_ids(wanted: Sequence[str], forum: Binding | None) -> list[str]:
    return [id_ for id_, name in (forum.memo if forum else {}).items() if name in wanted]


async def order(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Sort our channels behind everybody else's with one bulk request."""
    if not isinstance(change.desired, Order):
        raise TypeError(change.key)
    channels = await DiscordReader(wire).channels()
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

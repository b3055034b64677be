"""A guild as one canonical JSON value for comparisons, and what one member may do and see in it. For `control`."""

from collections.abc import Callable
from typing import Any

from sandbox import messageviews, views
from sandbox.access import Seat
from sandbox.bits import ChannelType, Permission
from sandbox.permissions import rank
from sandbox.world import Channel, Guild, Json, Message, World

Label = Callable[[int], str]

_NO_COMPARISON = ("last_message_id", "last_pin_timestamp", "guild_id")


def dump(world: World, guild: Guild, *, by_name: bool = False) -> Json:
    """Return roles, channels, members and messages; by name, two servers built alike are equal."""
    label = _names(guild) if by_name else str
    members = sorted(guild.members.values(), key=lambda m: m.user.id)
    return {
        "id": label(guild.id),
        "name": guild.name,
        "owner": label(guild.owner_id),
        "roles": [_role(r, label) for r in sorted(guild.roles.values(), key=rank, reverse=True)],
        "members": [_member(m, label) for m in members],
        "channels": [_channel(world, guild, c, label) for c in in_order(guild)],
    }


def in_order(guild: Guild) -> list[Channel]:
    """Return the channels as the client lists them: each category with its children, voice last."""
    top = sorted((c for c in guild.channels.values() if c.parent_id is None), key=_in_client)
    children = sorted((c for c in guild.channels.values() if c.parent_id is not None), key=_in_client)
    return [c for parent in top for c in (parent, *(k for k in children if k.parent_id == parent.id))]


def threads_of(guild: Guild, channel: Channel) -> list[Channel]:
    """Return a channel's threads, oldest first."""
    return sorted((t for t in guild.threads.values() if t.parent_id == channel.id), key=lambda t: t.id)


def permissions_of(seat: Seat) -> Json:
    """Return the member's permission bits in the guild and in every channel and thread."""
    channels = [*seat.guild.channels.values(), *seat.guild.threads.values()]
    return {
        "guild": str(int(seat.bits())),
        "channels": {str(c.id): str(int(seat.bits(c))) for c in channels},
    }


def visible_to(seat: Seat) -> Json:
    """Return the channels that exist for the member, with the messages the member can read."""
    channels = [c for c in in_order(seat.guild) if seat.sees(c)]
    threads = [t for _, t in sorted(seat.guild.threads.items()) if seat.sees(t)]
    return {"channels": [_seen(seat, c) for c in channels], "threads": [_seen(seat, t) for t in threads]}


def _seen(seat: Seat, channel: Channel) -> Json:
    readable = Permission.READ_MESSAGE_HISTORY in seat.bits(channel)
    messages = channel.messages.values() if readable else ()
    return views.channel(channel) | {"messages": [messageviews.message(seat.world, m) for m in messages]}


def _in_client(channel: Channel) -> tuple[bool, bool, int, int]:
    is_category = channel.type is ChannelType.CATEGORY
    is_voice = channel.type in (ChannelType.VOICE, ChannelType.STAGE)
    return is_category, is_voice, channel.position, channel.id


def _names(guild: Guild) -> Label:
    names = {guild.id: guild.name} | {r.id: f"@{r.name}" for r in guild.roles.values()}
    names |= {m.user.id: m.user.username for m in guild.members.values()}
    for channel in [*guild.channels.values(), *guild.threads.values()]:
        names[channel.id] = f"#{channel.name}"
    return lambda key: names.get(key, "?")


def _role(role: Any, label: Label) -> Json:
    shown = views.role(role) | {"id": label(role.id)}
    if role.bot_id is not None:
        shown["tags"] = {"bot_id": label(role.bot_id)}
    return shown


def _member(member: Any, label: Label) -> Json:
    return {
        "id": label(member.user.id),
        "username": member.user.username,
        "nick": member.nick,
        "roles": sorted(label(i) for i in member.roles),
        "bot": member.user.bot,
    }


def _channel(world: World, guild: Guild, channel: Channel, label: Label) -> Json:
    shown = {k: v for k, v in views.channel(channel).items() if k not in _NO_COMPARISON}
    shown["id"] = label(channel.id)
    if channel.parent_id is not None:
        shown["parent_id"] = label(channel.parent_id)
    overwrites = [views.overwrite(o) | {"id": label(o.id)} for o in channel.overwrites.values()]
    shown["permission_overwrites"] = sorted(overwrites, key=lambda o: str(o["id"]))
    shown["messages"] = [_message(world, m, label) for m in channel.messages.values()]
    shown["pins"] = [label(i) if label is str else channel.messages[i].content for i in channel.pins]
    shown["threads"] = [_channel(world, guild, t, label) for t in threads_of(guild, channel)]
    return shown


def _message(world: World, message: Message, label: Label) -> Json:
    shown = {
        "author": label(message.author.id),
        "type": int(message.type),
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
        "attachments": [[a.filename, len(a.data)] for a in message.attachments],
        "pinned": message.id in world.channels[message.channel_id].pins,
        "flags": message.flags,
    }
    return shown | ({"id": str(message.id)} if label is str else {})

"""Prints a guild as a text tree: roles with member counts, then categories, channels, threads and pinned posts."""

from collections import Counter
from collections.abc import Iterator

from sandbox.bits import ChannelType
from sandbox.dump import in_order, threads_of
from sandbox.permissions import rank
from sandbox.world import Channel, Guild, Message

_MARKS = {
    ChannelType.VOICE: "🔊",
    ChannelType.ANNOUNCEMENT: "📣",
    ChannelType.STAGE: "🎙",
    ChannelType.FORUM: "💬",
    ChannelType.MEDIA: "🖼",
}
_WIDTH = 72


def tree(guild: Guild) -> str:
    """Return the guild as lines of text that end with a newline."""
    return "\n".join([f"{guild.name} ({len(guild.members)} members)", *_roles(guild), *_channels(guild)]) + "\n"


def _roles(guild: Guild) -> Iterator[str]:
    counts = Counter(i for member in guild.members.values() for i in member.roles)
    counts[guild.id] = len(guild.members)
    yield "roles"
    for role in sorted(guild.roles.values(), key=rank, reverse=True):
        yield f"  {role.name if role.id == guild.id else '@' + role.name}  {counts[role.id]}"


def _channels(guild: Guild) -> Iterator[str]:
    yield "channels"
    for channel in in_order(guild):
        indent = "  " if channel.parent_id is None else "    "
        yield indent + _title(channel)
        yield from (f"{indent}  📌 {_first_line(m)}" for m in _pinned(channel))
        for thread in threads_of(guild, channel):
            yield f"{indent}  ↳ {thread.name}"
            yield from (f"{indent}    📌 {_first_line(m)}" for m in _pinned(thread))


def _title(channel: Channel) -> str:
    if channel.type is ChannelType.CATEGORY:
        return f"▾ {channel.name}"
    topic = _short(str(channel.settings.get("topic") or ""))
    return f"{_MARKS.get(channel.type, '#')} {channel.name}" + (f"  — {topic}" if topic else "")


def _pinned(channel: Channel) -> list[Message]:
    newest_first = sorted(channel.pins, key=lambda i: channel.pins[i], reverse=True)
    return [channel.messages[i] for i in newest_first]


def _first_line(message: Message) -> str:
    texts = [message.content, *(str(e.get("title") or e.get("description") or "") for e in message.embeds)]
    texts += [str(c["content"]) for c in message.components if c.get("content")]
    texts += [a.filename for a in message.attachments]
    return _short(next((t for t in texts if t.strip()), "…"))


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"

"""Puts messages into channels and changes them: files, mentions, events. `rest` checks permissions first."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox import messageviews
from sandbox.bits import MessageFlag, MessageType, Permission
from sandbox.calls import File
from sandbox.errors import ApiError, invalid_field, limit
from sandbox.events import Bus
from sandbox.mentions import pings
from sandbox.messageform import MAX_FILES, check_message, numbered, user_flags
from sandbox.permissions import effective
from sandbox.world import Attachment, Channel, Guild, Json, Message, User, World

_MAX_FILE = 10 * 1024 * 1024


def compose(world: World, channel: Channel, author: User, values: Mapping[str, Any], files: Iterable[File]) -> Message:
    """Build a checked message from parsed values (`messageform.FIELDS`) without posting it."""
    attachments = _attached(world, list(files), values.get("attachments") or ())
    flags = user_flags(values)
    check_message(values, flags=flags, has_files=bool(attachments))
    message = Message(
        id=world.next_id(),
        channel_id=channel.id,
        author=author,
        content=values.get("content", ""),
        embeds=list(values.get("embeds", ())),
        components=numbered(list(values.get("components", ()))),
        attachments=attachments,
        flags=flags,
        tts=values.get("tts", False),
        nonce=values.get("nonce"),
    )
    mention(world, channel, message, values.get("allowed_mentions"))
    return message


def post(world: World, bus: Bus, channel: Channel, message: Message) -> Message:
    """Put a composed message into its channel and tell the gateway."""
    channel.messages[message.id] = message
    channel.last_message_id = message.id
    if channel.thread is not None and message.type is not MessageType.THREAD_STARTER:
        channel.thread.message_count += 1
        channel.thread.total_sent += 1
    bus.publish("MESSAGE_CREATE", channel.guild_id, messageviews.message_event(world, message))
    return message


def revise(
    world: World, bus: Bus, channel: Channel, message: Message, values: Mapping[str, Any], files: Iterable[File]
) -> Message:
    """Change the sent parts of a message; listed attachments are kept, unlisted ones go."""
    attachments = _kept(world, message, values, list(files))
    flags = message.flags
    if "flags" in values:
        sent = user_flags(values) | (flags & MessageFlag.IS_COMPONENTS_V2)
        flags = sent | (flags & ~int(MessageFlag.SUPPRESS_EMBEDS))
    after = {key: values.get(key, getattr(message, key)) for key in ("content", "embeds", "components")}
    check_message(after, flags=flags, has_files=bool(attachments))
    message.content = after["content"]
    message.embeds, message.components = list(after["embeds"]), numbered(list(after["components"]))
    message.flags, message.attachments = flags, attachments
    message.edited_at = world.now()
    if "content" in values or "allowed_mentions" in values:
        mention(world, channel, message, values.get("allowed_mentions"))
    bus.publish("MESSAGE_UPDATE", channel.guild_id, messageviews.message_event(world, message))
    return message


def mention(world: World, channel: Channel, message: Message, allowed: Mapping[str, Any] | None) -> None:
    """Work out whom a message pings and write it into the message."""
    guild = world.guilds.get(channel.guild_id or 0)
    found = pings(world, guild, message.content, allowed, _author_bits(world, guild, channel, message.author))
    message.mentions = [world.users[i] for i in found.users]
    message.mention_roles = list(found.roles)
    message.mention_everyone = found.everyone


def _author_bits(world: World, guild: Guild | None, channel: Channel, author: User) -> Permission:
    member = guild.members.get(author.id) if guild else None
    if guild is None or member is None:
        return Permission(0)
    return effective(guild, member, channel, now=world.now())


def _attached(world: World, files: list[File], described: Iterable[Mapping[str, Any]]) -> list[Attachment]:
    if len(files) > MAX_FILES:
        raise limit(30015, "attachments in a message", MAX_FILES)
    if any(len(file.data) > _MAX_FILE for file in files):
        raise ApiError(413, 50045, "File uploaded exceeds the maximum size")
    notes = {note["id"]: note for note in described}
    return [_attachment(world, file, notes.get(file.index, {})) for file in files]


def _attachment(world: World, file: File, note: Mapping[str, Any]) -> Attachment:
    name = str(note.get("filename") or file.filename).replace(" ", "_").replace("/", "_")
    return Attachment(world.next_id(), name, file.content_type, file.data, note.get("description"))


def _kept(world: World, message: Message, values: Mapping[str, Any], files: list[File]) -> list[Attachment]:
    listed = values.get("attachments")
    if listed is None:
        listed = [{"id": a.id} for a in message.attachments]
    new = _attached(world, files, listed)
    wanted = {note["id"] for note in listed}
    known = {a.id for a in message.attachments} | {file.index for file in files}
    if wanted - known:
        raise invalid_field("attachments", "ATTACHMENT_NOT_FOUND", "Attachment data was not found")
    kept = [a for a in message.attachments if a.id in wanted] + new
    if len(kept) > MAX_FILES:
        raise limit(30015, "attachments in a message", MAX_FILES)
    return kept


def notice(kind: MessageType, world: World, channel: Channel, author: User, reference: Json) -> Message:
    """Build one of Discord's own messages, such as "pinned a message"."""
    return Message(world.next_id(), channel.id, author, type=kind, reference=reference)

"""The JSON that Discord shows of messages and their files, in lists and in events; `views` has the rest."""

from typing import Any

from sandbox.bits import MessageType
from sandbox.views import channel as show_channel
from sandbox.views import member, stamp, user
from sandbox.world import Attachment, Channel, Json, Message, World, created_at


def attachment(world: World, message: Message, value: Attachment) -> Json:
    """Show a file; its address is served by the sandbox itself."""
    path = f"/_sandbox/cdn/attachments/{message.channel_id}/{value.id}/{value.filename}"
    shown: Json = {
        "id": str(value.id),
        "filename": value.filename,
        "size": len(value.data),
        "content_type": value.content_type,
        "url": world.base_url + path,
        "proxy_url": world.base_url + path,
    }
    if value.description is not None:
        shown["description"] = value.description
    return shown


def message(world: World, value: Message) -> Json:
    """Show a message as its channel's list does; events add the guild and the author's membership."""
    channel = world.channels.get(value.channel_id)
    shown: Json = {
        "id": str(value.id),
        "channel_id": str(value.channel_id),
        "author": user(value.author),
        "content": value.content,
        "timestamp": stamp(created_at(value)),
        "edited_timestamp": stamp(value.edited_at),
        "tts": value.tts,
        "mention_everyone": value.mention_everyone,
        "mentions": [user(u) for u in value.mentions],
        "mention_roles": [str(i) for i in value.mention_roles],
        "attachments": [attachment(world, value, a) for a in value.attachments],
        "embeds": value.embeds,
        "components": value.components,
        "pinned": channel is not None and value.id in channel.pins,
        "type": int(value.type),
        "flags": value.flags,
    }
    return shown | _message_extras(world, value, channel)


def _message_extras(world: World, value: Message, channel: Channel | None) -> Json:
    extras: dict[str, Any] = {
        "nonce": value.nonce,
        "message_reference": value.reference,
        "application_id": None if value.application_id is None else str(value.application_id),
        "interaction_metadata": value.interaction,
        "webhook_id": str(value.application_id) if value.interaction else None,
    }
    extras = {key: shown for key, shown in extras.items() if shown is not None}
    if value.type is MessageType.REPLY and value.reference and channel:
        target = channel.messages.get(int(value.reference["message_id"]))
        extras["referenced_message"] = None if target is None else message(world, target)
    thread = world.channels.get(value.id)
    if thread is not None and thread.parent_id == value.channel_id:
        extras["thread"] = show_channel(thread)
    return extras


def message_event(world: World, value: Message) -> Json:
    """Show a message as MESSAGE_CREATE and MESSAGE_UPDATE carry it."""
    shown = message(world, value)
    channel = world.channels[value.channel_id]
    if channel.guild_id is not None:
        shown["guild_id"] = str(channel.guild_id)
        author = world.guilds[channel.guild_id].members.get(value.author.id)
        if author is not None:
            shown["member"] = member(author, with_user=False)
    return shown

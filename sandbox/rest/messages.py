"""Messages: create (with nonce), read, edit, delete, bulk delete, publish."""

from datetime import timedelta
from typing import Any

from sandbox import messageviews
from sandbox.access import Place
from sandbox.bits import FORUM_LIKE, Action, ChannelType, MessageFlag, MessageType, Permission
from sandbox.calls import Call, Route
from sandbox.errors import missing_access, refused, unknown
from sandbox.forms import array, read, snowflake
from sandbox.messageform import FIELDS
from sandbox.posting import compose, post, revise
from sandbox.rest.threads import require_unlocked, wake
from sandbox.world import Channel, Json, Message, created_at

_NONCE_LIFE = timedelta(minutes=5)
_BULK_AGE = timedelta(days=14)
_BULK = {"messages": array(snowflake, 100, 2)}
_EDITABLE = {key: FIELDS[key] for key in ("content", "embeds", "embed", "components", "flags")}
_EDITABLE |= {key: FIELDS[key] for key in ("attachments", "allowed_mentions")}


def create_message(call: Call) -> Json:
    """Post a message; with `enforce_nonce` a repeated nonce returns the message of the first time."""
    place, values = call.place(), read(call.body, FIELDS)
    _require_writable(place, values, has_files=bool(call.files))
    repeated = _repeated(call, values)
    if repeated is not None:
        return messageviews.message(call.world, repeated)
    message = compose(call.world, place.channel, call.user, values, call.files)
    _reply(place.channel, message, values)
    wake(call, place.channel)
    post(call.world, call.bus, place.channel, message)
    if values.get("nonce") is not None:
        call.world.nonces[call.user.id, str(values["nonce"])] = message
    return messageviews.message(call.world, message)


def list_messages(call: Call) -> list[Json]:
    """Return messages, newest first; without READ_MESSAGE_HISTORY there are none."""
    place, limit = call.place(), call.query_int("limit", 1, 100, 50)
    if Permission.READ_MESSAGE_HISTORY not in place.bits():
        return []
    ids = sorted(place.channel.messages, reverse=True)
    return [messageviews.message(call.world, place.channel.messages[i]) for i in _window(call, ids, limit)]


def get_message(call: Call) -> Json:
    """Return one message."""
    place = call.place()
    if Permission.READ_MESSAGE_HISTORY not in place.bits():
        raise missing_access()
    return messageviews.message(call.world, call.message_in(place.channel))


def edit_message(call: Call) -> Json:
    """Change one's own message; others' only by SUPPRESS_EMBEDS with MANAGE_MESSAGES."""
    place, values = call.place(), read(call.body, _EDITABLE)
    message = call.message_in(place.channel)
    require_unlocked(place)
    if message.author.id != call.user.id:
        _require_suppression(place, values)
    if not message.written:
        raise refused(50021, "Cannot execute action on a system message", 403)
    return messageviews.message(call.world, revise(call.world, call.bus, place.channel, message, values, call.files))


def delete_message(call: Call) -> None:
    """Delete one's own message, or anyone's with MANAGE_MESSAGES."""
    place = call.place()
    message = call.message_in(place.channel)
    if message.author.id != call.user.id:
        place.require(Permission.MANAGE_MESSAGES)
    _forget(place.channel, message.id)
    ids = {"id": str(message.id), "channel_id": str(place.channel.id)}
    call.publish("MESSAGE_DELETE", place.channel.guild_id, ids | _guild_of(place))
    if place.seat is not None and message.author.id != call.user.id:
        options = {"channel_id": str(place.channel.id), "count": "1"}
        call.audit(place.seat.guild, Action.MESSAGE_DELETE, message.author.id, options=options)


def delete_messages(call: Call) -> None:
    """Delete 2 to 100 messages younger than two weeks; ids that are gone are ignored."""
    seat, channel = call.guild_place()
    seat.require(Permission.MANAGE_MESSAGES, channel)
    ids = read(call.body, _BULK, required=["messages"])["messages"]
    found = [channel.messages[i] for i in dict.fromkeys(ids) if i in channel.messages]
    if any(call.world.now() - created_at(message) > _BULK_AGE for message in found):
        raise refused(50034, "You can only bulk delete messages that are under 14 days old.")
    for message in found:
        _forget(channel, message.id)
    gone = [str(message.id) for message in found]
    data = {"ids": gone, "channel_id": str(channel.id), "guild_id": str(seat.guild.id)}
    call.publish("MESSAGE_DELETE_BULK", seat.guild.id, data)
    options = {"count": str(len(gone))}
    call.audit(seat.guild, Action.MESSAGE_BULK_DELETE, channel.id, options=options)


def crosspost(call: Call) -> Json:
    """Publish a message of an announcement channel to its followers."""
    seat, channel = call.guild_place()
    message = call.message_in(channel)
    if channel.type is not ChannelType.ANNOUNCEMENT:
        raise refused(50024, "Cannot execute action on this channel type")
    own = message.author.id == call.user.id
    seat.require(Permission.SEND_MESSAGES if own else Permission.MANAGE_MESSAGES, channel)
    if message.flags & MessageFlag.CROSSPOSTED:
        raise refused(40033, "This message has already been crossposted")
    message.flags |= MessageFlag.CROSSPOSTED
    call.publish("MESSAGE_UPDATE", seat.guild.id, messageviews.message_event(call.world, message))
    return messageviews.message(call.world, message)


def start_typing(call: Call) -> None:
    """Show that the caller is typing."""
    place = call.place()
    place.require_sending()
    data = {"channel_id": str(place.channel.id), "user_id": str(call.user.id)}
    data |= _guild_of(place)
    call.publish("TYPING_START", place.channel.guild_id, data | {"timestamp": int(call.world.now().timestamp())})


def _guild_of(place: Place) -> Json:
    return {} if place.seat is None else {"guild_id": str(place.seat.guild.id)}


def _require_writable(place: Place, values: dict[str, Any], *, has_files: bool) -> None:
    if place.channel.type in FORUM_LIKE:
        raise refused(40058, "Cannot send messages in a forum channel")
    if place.channel.type is ChannelType.CATEGORY:
        raise refused(50008, "Cannot send messages in a non-text channel")
    require_unlocked(place)
    place.require_sending()
    if values.get("embeds"):
        place.require(Permission.EMBED_LINKS)
    if has_files:
        place.require(Permission.ATTACH_FILES)
    if values.get("tts"):
        place.require(Permission.SEND_TTS_MESSAGES)
    if values.get("message_reference"):
        place.require(Permission.READ_MESSAGE_HISTORY)


def _repeated(call: Call, values: dict[str, Any]) -> Message | None:
    if not values.get("enforce_nonce") or values.get("nonce") is None:
        return None
    first = call.world.nonces.get((call.user.id, str(values["nonce"])))
    if first is None or call.world.now() - created_at(first) > _NONCE_LIFE:
        return None
    channel = call.world.channels.get(first.channel_id)
    if channel is None or first.id not in channel.messages:
        raise unknown(10008)
    return first


def _reply(channel: Channel, message: Message, values: dict[str, Any]) -> None:
    sent = values.get("message_reference")
    if not sent:
        return
    if sent.get("type", 0) != 0:
        raise refused(50024, "Forwarding is not possible here")
    target = channel.messages.get(sent["message_id"])
    if target is None and sent.get("fail_if_not_exists", True):
        raise unknown(10008)
    message.type = MessageType.REPLY
    message.reference = {"type": 0, "channel_id": str(channel.id), "message_id": str(sent["message_id"])}
    if channel.guild_id is not None:
        message.reference["guild_id"] = str(channel.guild_id)
    replied = (values.get("allowed_mentions") or {"replied_user": True}).get("replied_user", False)
    if target is not None and replied and target.author not in message.mentions:
        message.mentions.append(target.author)


def _require_suppression(place: Place, values: dict[str, Any]) -> None:
    if values.keys() - {"flags"}:
        raise refused(50005, "Cannot edit a message authored by another user", 403)
    place.require(Permission.MANAGE_MESSAGES)


def _window(call: Call, ids: list[int], limit: int) -> list[int]:
    around, before, after = (call.query_id(name) for name in ("around", "before", "after"))
    if around is not None:
        older = [i for i in ids if i <= around][: limit // 2 + 1]
        newer = [i for i in ids if i > around]
        return (newer[len(newer) - limit // 2 :] if limit // 2 < len(newer) else newer) + older
    if before is not None:
        return [i for i in ids if i < before][:limit]
    if after is not None:
        return [i for i in ids if i > after][-limit:]
    return ids[:limit]


def _forget(channel: Channel, message_id: int) -> None:
    del channel.messages[message_id]
    # No CHANNEL_PINS_UPDATE: Discord sends none when a pinned message is deleted.
    channel.pins.pop(message_id, None)
    if channel.thread is not None:
        channel.thread.message_count = max(0, channel.thread.message_count - 1)


_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = f"{_MESSAGES}/{{message_id}}"
ROUTES = (
    Route("GET", _MESSAGES, list_messages),
    Route("POST", _MESSAGES, create_message),
    Route("POST", f"{_MESSAGES}/bulk-delete", delete_messages),
    Route("GET", _MESSAGE, get_message),
    Route("PATCH", _MESSAGE, edit_message),
    Route("DELETE", _MESSAGE, delete_message),
    Route("POST", f"{_MESSAGE}/crosspost", crosspost),
    Route("POST", "/channels/{channel_id}/typing", start_typing),
)

"""Pinned messages: the paginated routes and the deprecated ones, the limit, and the "pinned a message" notice."""

from datetime import datetime, timedelta
from typing import Any

from sandbox import messageviews, views
from sandbox.access import Place
from sandbox.bits import Action, MessageType, Permission
from sandbox.calls import Call, Route
from sandbox.errors import invalid_form, limit, refused
from sandbox.forms import Problem, moment
from sandbox.posting import notice, post
from sandbox.rest.threads import require_unlocked
from sandbox.world import Channel, Json, Message

MAX_PINS = 250
_OLD_PAGE = 50


def list_pins(call: Call) -> Json:
    """Return a page of pins, newest pin first, older than `before`."""
    place, most = call.place(), call.query_int("limit", 1, 50, 50)
    pins = _newest_first(place)
    before = _before(call)
    pins = [(i, at) for i, at in pins if before is None or at < before]
    messages = place.channel.messages
    items = [{"pinned_at": views.stamp(at), "message": messageviews.message(call.world, messages[i])} for i, at in pins]
    return {"items": items[:most], "has_more": len(items) > most}


def list_pins_old(call: Call) -> list[Json]:
    """Return the 50 newest pins as the deprecated route does."""
    place = call.place()
    ids = [i for i, _ in _newest_first(place)][:_OLD_PAGE]
    return [messageviews.message(call.world, place.channel.messages[i]) for i in ids]


def pin(call: Call) -> None:
    """Pin a message and post the notice; a pinned one stays as it is."""
    place = call.place()
    message = _pinnable(call, place)
    channel = place.channel
    if message.id in channel.pins:
        return
    if len(channel.pins) >= MAX_PINS:
        raise limit(30003, "pins in this channel", MAX_PINS)
    # Two pins never share a moment: `pinned_at` is what pages go by.
    newest = max(channel.pins.values(), default=datetime.min.replace(tzinfo=call.world.now().tzinfo))
    pinned_at = max(call.world.now(), newest + timedelta(microseconds=1))
    channel.pins[message.id] = channel.last_pin_at = pinned_at
    _publish(call, place, message)
    post(call.world, call.bus, channel, _notice(call, channel, message))
    _audit(call, place, message, Action.MESSAGE_PIN)


def unpin(call: Call) -> None:
    """Unpin a message."""
    place = call.place()
    message = _pinnable(call, place)
    if place.channel.pins.pop(message.id, None) is None:
        return
    place.channel.last_pin_at = max(place.channel.pins.values(), default=None)
    _publish(call, place, message)
    _audit(call, place, message, Action.MESSAGE_UNPIN)


def _newest_first(place: Place) -> list[tuple[int, datetime]]:
    if Permission.READ_MESSAGE_HISTORY not in place.bits():
        return []
    return sorted(place.channel.pins.items(), key=lambda pinned: pinned[1], reverse=True)


def _before(call: Call) -> datetime | None:
    if "before" not in call.query:
        return None
    try:
        parsed: datetime = moment(call.query["before"].replace(" ", "+"))
    except Problem as problem:
        raise invalid_form({"before": problem.errors}) from None
    return parsed


def _pinnable(call: Call, place: Place) -> Message:
    message = call.message_in(place.channel)
    require_unlocked(place)
    place.require(Permission.PIN_MESSAGES)
    if not message.written:
        raise refused(50021, "Cannot execute action on a system message", 403)
    return message


def _notice(call: Call, channel: Channel, message: Message) -> Message:
    reference: dict[str, Any] = {"type": 0, "channel_id": str(channel.id), "message_id": str(message.id)}
    if channel.guild_id is not None:
        reference["guild_id"] = str(channel.guild_id)
    return notice(MessageType.PIN_NOTICE, call.world, channel, call.user, reference)


def _publish(call: Call, place: Place, message: Message) -> None:
    channel = place.channel
    data: Json = {"channel_id": str(channel.id), "last_pin_timestamp": views.stamp(channel.last_pin_at)}
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
    call.publish("CHANNEL_PINS_UPDATE", channel.guild_id, data)
    call.publish("MESSAGE_UPDATE", channel.guild_id, messageviews.message_event(call.world, message))


def _audit(call: Call, place: Place, message: Message, action: Action) -> None:
    if place.seat is not None:
        options = {"channel_id": str(place.channel.id), "message_id": str(message.id)}
        call.audit(place.seat.guild, action, message.author.id, options=options)


_PINS = "/channels/{channel_id}/messages/pins"
_OLD = "/channels/{channel_id}/pins"
ROUTES = (
    Route("GET", _PINS, list_pins),
    Route("PUT", f"{_PINS}/{{message_id}}", pin),
    Route("DELETE", f"{_PINS}/{{message_id}}", unpin),
    Route("GET", _OLD, list_pins_old),
    Route("PUT", f"{_OLD}/{{message_id}}", pin),
    Route("DELETE", f"{_OLD}/{{message_id}}", unpin),
)

"""Ask the staff about held removals with buttons, and take the buttons away once that is decided."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot import shapes
from bot.errors import ResourceGone
from bot.kinds.wording import NO_PINGS, embed, nonce
from bot.wire import Wire
from sync import keys
from sync.diff import Change
from sync.ledger import Binding
from sync.ports import Sent
from sync.resources import Question
from sync.texts import N_, Texts

APPROVE, DISCARD, SHOW = "approve", "discard", "show"
BUTTONS = {APPROVE: (N_("Approve"), 4), DISCARD: (N_("Discard"), 2), SHOW: (N_("Show all"), 2)}
_ROW, _BUTTON = 1, 2  # https://discord.com/developers/docs/components/reference
_MESSAGES = "/channels/{channel_id}/messages"


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], texts: Texts) -> Sent:
    """Post, edit or close one question; a closed one keeps what was asked, for the record."""
    question, old = change.desired, bindings.get(change.key)
    if not isinstance(question, Question):
        raise TypeError(change.key)
    if old is not None and old.discord_id:
        with suppress(ResourceGone):  # deleted by hand: nobody is asked any more
            message = f"{_MESSAGES}/{{message_id}}"
            body, channel_id = _body(question, texts), old.parent_id or ""
            await wire.send("PATCH", message, body, channel_id=channel_id, message_id=old.discord_id)
        return Sent(old.discord_id, old.parent_id, question.digest or "")
    channel_id = bindings[question.channel or ""].discord_id or ""
    body = _body(question, texts) | nonce(change.key, channel_id, bindings)
    answer = await wire.send("POST", _MESSAGES, body, channel_id=channel_id)
    return Sent(shapes.SENT.read(answer).id, channel_id, question.digest or "")


def custom_id(verb: str, digest: str) -> str:
    """Name a button; it says for itself what it is about, so that it outlives any restart."""
    return f"kopir:{verb}:{digest}"


def _body(question: Question, texts: Texts) -> dict[str, Any]:
    if not question.open:
        return {"content": question.verdict, "components": [], **NO_PINGS}
    digest = keys.last_part(question.key)
    buttons = [
        {"type": _BUTTON, "style": style, "label": texts.text(label), "custom_id": custom_id(verb, digest)}
        for verb, (label, style) in BUTTONS.items()
    ]
    return {"embeds": [embed(question.look)], "components": [{"type": _ROW, "components": buttons}], **NO_PINGS}

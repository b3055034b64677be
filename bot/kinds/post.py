"""Post, edit, retire and pin the messages that stand for materials and modules. Nothing here can ping anybody."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot.errors import RequestFailed, ResourceGone
from bot.wire import Wire
from sync import posts
from sync.diff import Action, Change
from sync.ledger import Binding
from sync.naming import cut, escape
from sync.observe import RETIRED
from sync.phrases import Phrase
from sync.ports import Sent
from sync.resources import Index, Pin, Post
from sync.texts import Texts

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
PIN = "/channels/{channel_id}/messages/pins/{message_id}"
ARCHIVED_THREAD = 50083  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
PIN_NOTICE = 6
PAGE = 100
QUIET = 1 << 12  # SUPPRESS_NOTIFICATIONS
DESCRIPTION_LIMIT = 4096
TITLE_LIMIT = 256
NO_PINGS: Mapping[str, Any] = {"allowed_mentions": {"parse": []}}


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], texts: Texts) -> Sent:
    """Apply one message's change. One that moved is retired by a change of its own before it is posted anew."""
    message = change.desired
    if isinstance(message, Post) and message.retired:
        return await _retire(wire, bindings[change.key], texts)
    if not isinstance(message, Post | Index) or message.channel is None:
        raise TypeError(change.key)
    body, digest = _body(wire, message, bindings, texts)
    place = bindings[message.channel]
    old = bindings.get(change.key)
    if old and old.discord_id and old.parent_id == place.discord_id:
        return await _edit(wire, old, body, digest)
    return await _post(wire, change.key, place, body, digest, bindings)


def _body(
    wire: Wire, message: Post | Index, bindings: Mapping[str, Binding], texts: Texts
) -> tuple[dict[str, Any], str]:
    if isinstance(message, Post):
        return {"content": message.body, **NO_PINGS}, posts.digest(message.body)
    ids = [_message_id(entry.post, bindings) for entry in message.entries]
    # Without a digest the next plan edits it again: by then what could not be posted now may be there to link to.
    digest = posts.index_digest(message.title, message.entries, ids) if all(ids) else ""
    channel = bindings[message.channel].discord_id
    place = f"https://discord.com/channels/{wire.guild_id}/{channel}/"
    titles = [entry.title for entry in message.entries]
    lines = [_line(number, titles[number - 1], place + post if post else "") for number, post in enumerate(ids, 1)]
    embed = {"title": cut(escape(message.title), TITLE_LIMIT), "description": fitting(lines, texts)}
    return {"content": "", "embeds": [embed], **NO_PINGS}, digest


def _message_id(post: str, bindings: Mapping[str, Binding]) -> str:
    return (bindings[post].discord_id or "") if post in bindings else ""


def _line(number: int, title: str, link: str) -> str:
    text = posts.cut_escaped(escape(title), 100)
    return f"{number}. [{text}]({link})" if link else f"{number}. {text}"


def fitting(lines: list[str], texts: Texts) -> str:
    """Join as many lines as an embed takes, and say how many more there are."""
    for shown in range(len(lines), 0, -1):
        more = len(lines) - shown
        rest = [texts.say(Phrase("… and {count} more", count=more))] if more else []
        if len(text := "\n".join([*lines[:shown], *rest])) <= DESCRIPTION_LIMIT:
            return text
    return ""


async def _post(
    wire: Wire, key: str, place: Binding, body: dict[str, Any], digest: str, bindings: Mapping[str, Binding]
) -> Sent:
    """Post a message. The nonce makes Discord give back the first one if an answer was lost and we ask again."""
    channel_id = place.discord_id or ""
    if place.kind == "thread" and key.endswith("/index"):
        await _patch(wire, channel_id, channel_id, body)
        return Sent(channel_id, channel_id, digest)
    intent = bindings.get(key)
    moment = intent.at.isoformat() if intent else ""
    nonce = hashlib.sha256(f"{key} {channel_id} {moment}".encode()).hexdigest()[:25]
    whole = body | {"nonce": nonce, "enforce_nonce": True, "flags": QUIET}
    answer = await wire.send("POST", "/channels/{channel_id}/messages", whole, channel_id=channel_id)
    return Sent(answer["id"], channel_id, digest)


async def _edit(wire: Wire, old: Binding, body: dict[str, Any], digest: str) -> Sent:
    await _patch(wire, old.parent_id or "", old.discord_id or "", body)
    return Sent(old.discord_id or "", old.parent_id, digest)


async def _patch(wire: Wire, channel_id: str, message_id: str, body: dict[str, Any]) -> None:
    """Edit a message; a thread that Discord folded away is opened first."""
    try:
        await wire.send("PATCH", MESSAGE, body, channel_id=channel_id, message_id=message_id)
    except RequestFailed as error:
        if error.code != ARCHIVED_THREAD:
            raise
        await wire.send("PATCH", "/channels/{channel_id}", {"archived": False}, channel_id=channel_id)
        await wire.send("PATCH", MESSAGE, body, channel_id=channel_id, message_id=message_id)


async def _retire(wire: Wire, old: Binding, texts: Texts) -> Sent:
    """Leave only the title of a message whose material went, and unpin it: people may have replied to it."""
    channel_id, message_id = old.parent_id or "", old.discord_id or ""
    try:
        message = await wire.get(MESSAGE, channel_id=channel_id, message_id=message_id)
        title = message["content"].partition("\n")[0].strip("*~")
        mark = "-# " + texts.text("no longer part of the course")
        body = {"content": f"~~{title}~~\n{mark}" if title else mark, "embeds": [], **NO_PINGS}
        await _patch(wire, channel_id, message_id, body)
        if message.get("pinned"):
            await wire.send("DELETE", PIN, channel_id=channel_id, message_id=message_id)
    except ResourceGone:
        pass  # deleted by hand: nothing is left to retire
    return Sent(message_id, channel_id, RETIRED)


async def write_pin(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Pin or unpin a message; both can be repeated."""
    if change.action is Action.DELETE:
        old = bindings[change.key]
        with suppress(ResourceGone):  # the message went, and the pin with it
            await wire.send("DELETE", PIN, channel_id=old.parent_id or "", message_id=old.discord_id or "")
        return Sent(old.discord_id or "")
    if not isinstance(change.desired, Pin):
        raise TypeError(change.key)
    post = bindings[change.desired.post]
    await wire.send("PUT", PIN, channel_id=post.parent_id or "", message_id=post.discord_id or "")
    return Sent(post.discord_id or "", post.parent_id)


async def tidy(wire: Wire, channel_id: str, bot_id: str) -> None:
    """Clear the "pinned a message" notices of our own pins, with one bulk delete for up to a hundred."""
    while True:
        page = await wire.get("/channels/{channel_id}/messages", {"limit": PAGE}, channel_id=channel_id)
        notices = [m["id"] for m in page if m["type"] == PIN_NOTICE and m["author"]["id"] == bot_id]
        if len(notices) > 1:
            bulk = "/channels/{channel_id}/messages/bulk-delete"
            await wire.send("POST", bulk, {"messages": notices}, channel_id=channel_id)
        elif notices:
            await wire.send("DELETE", MESSAGE, channel_id=channel_id, message_id=notices[0])
        if len(notices) < PAGE:
            return

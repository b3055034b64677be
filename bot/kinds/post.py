"""Post, edit, retire and pin the messages that stand for materials and modules. Nothing here can ping anybody."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot import shapes
from bot.errors import RequestFailed, ResourceGone
from bot.kinds.folded import open_and_send
from bot.kinds.uploads import NO_UPLOADS, Uploads
from bot.kinds.wording import NO_PINGS, embed, nonce
from bot.wire import Wire
from sync import keys, posts
from sync.diff import Action, Change
from sync.ledger import Binding
from sync.observe import RETIRED
from sync.ports import Files, Sent
from sync.resources import Index, Pin, Post
from sync.texts import Texts

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
MESSAGES = "/channels/{channel_id}/messages"
PIN = "/channels/{channel_id}/messages/pins/{message_id}"
TOO_LARGE = frozenset({40005, 50045})
PIN_NOTICE = 6
PAGE = 100
MOST_PAGES = 20
QUIET = 1 << 12  # SUPPRESS_NOTIFICATIONS
SHOWN: Mapping[str, Any] = {"flags": 0}  # an edit also brings back embeds that somebody hid


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], texts: Texts, files: Files) -> Sent:
    """Apply one message's change. One that moved is retired by a change of its own before it is posted anew."""
    message, old = change.desired, bindings.get(change.key)
    if isinstance(message, Post) and message.retired and old is not None:
        return await _retire(wire, message, old, bindings)
    if isinstance(message, Post) and message.channel is not None:
        return await _write_post(wire, message, bindings, texts, files)
    if not isinstance(message, Index):
        raise TypeError(change.key)
    body, digest = _index_body(wire, message, bindings, texts)
    return await _put(wire, message, bindings, body, NO_UPLOADS, digest)


async def _write_post(wire: Wire, message: Post, bindings: Mapping[str, Binding], texts: Texts, files: Files) -> Sent:
    """Write a post with its files; those that Discord finds too large for this server are named instead."""
    there = _there(message, bindings)
    # A message found again after a crash has no digest: nobody knows which files hang on it.
    known = there.memo if there and there.digest else None
    uploads, digest = await Uploads.of(message.files, known, files), message.digest or ""
    try:
        return await _put(wire, message, bindings, _post_body(message, uploads, texts), uploads, digest)
    except RequestFailed as error:
        if error.code not in TOO_LARGE or not uploads.new:
            raise
    uploads = uploads.without_new(message.files)
    return await _put(wire, message, bindings, _post_body(message, uploads, texts), uploads, digest)


def _there(message: Post | Index, bindings: Mapping[str, Binding]) -> Binding | None:
    """Return the message as it stands in its place, if it does."""
    old, place = bindings.get(message.key), bindings[message.channel or ""]
    return old if old and old.discord_id and old.parent_id == place.discord_id else None


async def _put(
    wire: Wire,
    message: Post | Index,
    bindings: Mapping[str, Binding],
    body: dict[str, Any],
    uploads: Uploads,
    digest: str,
) -> Sent:
    """Edit a message where it stands, or post it."""
    if (there := _there(message, bindings)) is not None:
        sent = await _patch(wire, there.parent_id or "", there.discord_id or "", body, uploads)
        return Sent(there.discord_id or "", there.parent_id, digest, uploads.memo(sent))
    return await _create(wire, message.key, bindings[message.channel or ""], body, digest, bindings, uploads)


def _post_body(post: Post, uploads: Uploads, texts: Texts) -> dict[str, Any]:
    room = posts.TEXT_LIMIT - len(post.look.text) - 1
    missing = posts.fitting([file.line for file in uploads.missing], room, texts)
    return {"content": "", "embeds": [embed(post.look, missing)], **SHOWN, **NO_PINGS, **uploads.listed()}


def _index_body(wire: Wire, index: Index, bindings: Mapping[str, Binding], texts: Texts) -> tuple[dict[str, Any], str]:
    ids = [posts.target_id(entry.target, bindings) for entry in index.entries]
    lines = posts.listing(index.entries, bindings, wire.guild_id, texts)
    body = {"content": "", "embeds": [embed(index.look, lines)], **SHOWN, **NO_PINGS}
    return body, posts.index_digest(index.look, index.entries, ids)


async def _create(
    wire: Wire,
    key: str,
    place: Binding,
    body: dict[str, Any],
    digest: str,
    bindings: Mapping[str, Binding],
    uploads: Uploads,
) -> Sent:
    """Post a message. The nonce makes Discord give back the first one if an answer was lost and we ask again."""
    channel_id = place.discord_id or ""
    if place.kind == "thread" and keys.opens_thread(key):
        await _patch(wire, channel_id, channel_id, body, uploads)
        return Sent(channel_id, channel_id, digest)
    whole = body | nonce(key, channel_id, bindings) | {"flags": QUIET}
    answer = await open_and_send(wire, "POST", MESSAGES, whole, uploads.new, channel_id=channel_id)
    sent = shapes.SENT.read(answer)
    return Sent(sent.id, channel_id, digest, uploads.memo(sent))


async def _patch(
    wire: Wire,
    channel_id: str,
    message_id: str,
    body: dict[str, Any],
    uploads: Uploads = NO_UPLOADS,
) -> shapes.Sent:
    ids = {"channel_id": channel_id, "message_id": message_id}
    answer = await open_and_send(wire, "PATCH", MESSAGE, body, uploads.new, **ids)
    return shapes.SENT.read(answer, message_id)


async def _retire(wire: Wire, post: Post, old: Binding, bindings: Mapping[str, Binding]) -> Sent:
    """Leave only the title of a message whose material went, and unpin it: people may have replied to it."""
    channel_id, message_id = old.parent_id or "", old.discord_id or ""
    body = {"content": "", "embeds": [embed(post.look)], **NO_PINGS, "attachments": []}
    pin = bindings.get(keys.pin(post.key))
    with suppress(ResourceGone):  # deleted by hand: nothing is left to retire
        await _patch(wire, channel_id, message_id, body)
        if pin is not None and pin.discord_id == message_id:
            await wire.send("DELETE", PIN, channel_id=channel_id, message_id=message_id)
    return Sent(message_id, channel_id, RETIRED, {})


async def write_pin(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Pin, lift or unpin a message; all of it can be repeated."""
    if change.action is Action.DELETE:
        old = bindings[change.key]
        with suppress(ResourceGone):  # the message went, and the pin with it
            await wire.send("DELETE", PIN, channel_id=old.parent_id or "", message_id=old.discord_id or "")
        return Sent(old.discord_id or "")
    if not isinstance(change.desired, Pin):
        raise TypeError(change.key)
    post = bindings[change.desired.post]
    if change.desired.lifted:
        await wire.send("DELETE", PIN, channel_id=post.parent_id or "", message_id=post.discord_id or "")
    await wire.send("PUT", PIN, channel_id=post.parent_id or "", message_id=post.discord_id or "")
    return Sent(post.discord_id or "", post.parent_id)


async def tidy(wire: Wire, channel_id: str, bot_id: str) -> None:
    """Clear the "pinned a message" notices of our own pins, with one bulk delete for up to a hundred."""
    cleared: set[str] = set()
    for _ in range(MOST_PAGES):
        page = shapes.MESSAGE_LIST.read(await wire.get(MESSAGES, {"limit": PAGE}, channel_id=channel_id))
        ours = [m.id for m in page if m.type == PIN_NOTICE and m.author.id == bot_id]
        notices = [id_ for id_ in ours if id_ not in cleared]
        cleared.update(notices)
        if len(notices) > 1:
            bulk = "/channels/{channel_id}/messages/bulk-delete"
            await wire.send("POST", bulk, {"messages": notices}, channel_id=channel_id)
        elif notices:
            with suppress(ResourceGone):  # somebody was faster
                await wire.send("DELETE", MESSAGE, channel_id=channel_id, message_id=notices[0])
        if len(notices) < PAGE:
            return

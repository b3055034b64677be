"""Open, rename and wake the threads in which materials are discussed."""

from collections.abc import Mapping
from typing import Any

from bot.errors import RequestFailed
from bot.wire import Wire
from sync.diff import Action, Change
from sync.ledger import Binding
from sync.ports import Sent
from sync.resources import Discussion

WEEK = 10_080  # minutes; the longest time a thread may be quiet before Discord folds it away
EXISTS = 160004  # https://discord.com/developers/docs/topics/opcodes-and-status-codes


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding]) -> Sent:
    """Apply one discussion's change. A thread has the id of its message, and a message has only one."""
    thread = change.desired
    if not isinstance(thread, Discussion):
        raise TypeError(change.key)
    post = bindings[thread.post]
    thread_id, channel_id = post.discord_id or "", post.parent_id or ""
    if change.action is Action.CREATE or "channel" in change.fields:
        await _open(wire, channel_id, thread_id, thread.name or "")
    else:
        body: dict[str, Any] = {"archived": False} | ({"name": thread.name} if "name" in change.fields else {})
        await wire.send("PATCH", "/channels/{channel_id}", body, channel_id=thread_id)
    return Sent(thread_id, channel_id, thread.name or bindings[change.key].digest)


async def _open(wire: Wire, channel_id: str, message_id: str, name: str) -> None:
    """Start the thread on a message, or take the one that somebody started there."""
    body = {"name": name, "auto_archive_duration": WEEK}
    path = "/channels/{channel_id}/messages/{message_id}/threads"
    try:
        await wire.send("POST", path, body, channel_id=channel_id, message_id=message_id)
    except RequestFailed as error:
        if error.code != EXISTS:
            raise
        await wire.send("PATCH", "/channels/{channel_id}", {"archived": False, "name": name}, channel_id=message_id)

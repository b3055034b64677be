"""Send what concerns a place that may be a thread: one that Discord folded away is read-only, so it is opened first."""

from collections.abc import Sequence
from typing import Any

from bot.errors import RequestFailed
from bot.wire import NamedBytes, Wire

ARCHIVED_THREAD = 50083  # https://discord.com/developers/docs/topics/opcodes-and-status-codes


async def open_and_send(
    wire: Wire, method: str, path: str, body: Any, files: Sequence[NamedBytes] = (), *, channel_id: str, **ids: str
) -> Any:
    """Send, and once more after opening the thread where it is folded away."""
    try:
        return await wire.send(method, path, body, files, channel_id=channel_id, **ids)
    except RequestFailed as error:
        if error.code != ARCHIVED_THREAD:
            raise
        await wire.send("PATCH", "/channels/{channel_id}", {"archived": False}, channel_id=channel_id)
        return await wire.send(method, path, body, files, channel_id=channel_id, **ids)

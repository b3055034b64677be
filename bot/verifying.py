"""Look at what a plan does not read, messages and their pins, where somebody may have changed something by hand."""

import asyncio
from collections.abc import Mapping

from sync.errors import Gone, Refused, Stopped
from sync.ledger import Binding
from sync.ports import MessageReader, OwnMessage, Progress
from sync.verify import Findings, findings, in_doubt, lost_threads, not_pinned

AT_ONCE = 32  # channels that are looked at side by side; Discord's limits decide the pace


async def look(
    bindings: Mapping[str, Binding], reader: MessageReader, channels: frozenset[str], progress: Progress
) -> Findings:
    """Look into the channels that are in doubt: one request for each fifty pins, one for each message without a pin."""
    expected = in_doubt(bindings, channels)
    gate, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(channel: str, there: tuple[Binding, ...]) -> Findings:
        nonlocal done
        async with gate:
            found = await _look_into(channel, there, bindings, reader)
        done += 1
        progress(done, len(expected))
        return found

    parts = await asyncio.gather(*(one(channel, there) for channel, there in expected.items()))
    gone = tuple(dict.fromkeys(key for part in parts for key in part.gone))
    return Findings(gone, tuple(binding for part in parts for binding in part.altered))


async def _look_into(
    channel: str, expected: tuple[Binding, ...], bindings: Mapping[str, Binding], reader: MessageReader
) -> Findings:
    try:
        pinned = {message.id: message for message in await reader.pinned(channel)}
        seen: dict[str, OwnMessage | None] = dict(pinned)
        for message in not_pinned(expected, pinned):
            seen[message] = await reader.message(channel, message)
    except Gone:
        return Findings(lost_threads(bindings, {channel}))
    except Refused as error:
        if isinstance(error, Stopped):
            raise
        return Findings()  # a channel that is closed to us is named by the plan
    return findings(bindings, expected, seen, pinned)

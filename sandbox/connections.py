"""One open gateway socket: queues what is sent, compresses it as asked, and limits what it accepts."""

import asyncio
import contextlib
import zlib
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.buckets import Limit, Windows

SENDS = Limit("gateway-sends", 120, 60.0)
"""Payloads a client may send per connection; more close it with 4008. Documented."""


@dataclass(frozen=True, slots=True)
class _Goodbye:
    code: int
    reason: str


@dataclass(slots=True)
class Connection:
    """A socket with its outgoing queue; `run` writes until the goodbye."""

    socket: web.WebSocketResponse
    transport: asyncio.WriteTransport | None
    compress: bool
    said_goodbye: int | None = None
    _queue: asyncio.Queue[str | _Goodbye] = field(default_factory=asyncio.Queue)
    _received: Windows = field(default_factory=Windows)

    def send(self, payload: str) -> None:
        """Queue one payload."""
        self._queue.put_nowait(payload)

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code after everything queued so far has been written."""
        self.said_goodbye = code
        self._queue.put_nowait(_Goodbye(code, reason))

    def cut(self) -> None:
        """Break the line without a closing handshake."""
        if self.transport is not None:
            self.transport.abort()

    def accept(self, now: float, hurry: float) -> bool:
        """Count one received payload; False when there were too many. A hurry of 0 accepts all."""
        if not hurry:
            return True
        return self._received.take(SENDS.bucket, SENDS.count, SENDS.window / hurry, now).allowed

    async def run(self) -> None:
        """Write what is queued until the goodbye or the end of the socket."""
        deflate = zlib.compressobj() if self.compress else None
        with contextlib.suppress(ConnectionError):
            while not isinstance(item := await self._queue.get(), _Goodbye):
                await self._write(item, deflate)
            await self.socket.close(code=item.code, message=item.reason.encode())

    async def _write(self, text: str, deflate: "zlib._Compress | None") -> None:
        if deflate is None:
            await self.socket.send_str(text)
        else:
            # One stream per connection; the flush marks where a payload ends.
            await self.socket.send_bytes(deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH))

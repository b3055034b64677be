"""A bare gateway client for the sandbox's tests: it says exactly what a test tells it to."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.server import Sandbox

ALL_INTENTS = 53739519
PATIENCE = 3.0


@dataclass
class Client:
    """One connection; payloads that a test passes over are kept in `seen`."""

    socket: aiohttp.ClientWebSocketResponse
    token: str
    compressed: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inflate = zlib.decompressobj()

    async def say(self, op: int, data: Any) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def hear(self) -> dict[str, Any]:
        """Return the next payload; {"close": code} when the connection ended."""
        message = await asyncio.wait_for(self.socket.receive(), PATIENCE)
        if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
            return {"close": self.socket.close_code}
        text = self._inflate.decompress(message.data) if self.compressed else message.data
        payload: dict[str, Any] = json.loads(text)
        self.seen.append(payload)
        return payload

    async def hear_event(self, name: str) -> Any:
        """Return the data of the next event of that name."""
        while True:
            payload = await self.hear()
            assert "close" not in payload, f"closed with {payload} while waiting for {name}"
            if payload["t"] == name:
                return payload["d"]

    async def hear_close(self) -> int | None:
        while "close" not in (payload := await self.hear()):
            pass
        return payload["close"]  # type: ignore[no-any-return]

    async def identify(self, intents: int = ALL_INTENTS, **others: Any) -> None:
        properties = {"os": "linux", "browser": "test", "device": "test"}
        data = {"token": self.token, "intents": intents, "properties": properties}
        await self.say(2, data | others)

    async def is_quiet(self) -> bool:
        """Tell whether nothing is queued before the answer to a heartbeat."""
        await self.say(1, None)
        return bool((await self.hear())["op"] == 11)


@asynccontextmanager
async def connected(sandbox: Sandbox, query: str = "v=10&encoding=json") -> AsyncIterator[Client]:
    """Connect without identifying; HELLO is the first thing to hear."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{sandbox.hub.url}?{query}", autoclose=True) as socket,
    ):
        yield Client(socket, sandbox.token, compressed="zlib-stream" in query)


@asynccontextmanager
async def identified(sandbox: Sandbox, intents: int = ALL_INTENTS) -> AsyncIterator[Client]:
    """Connect, identify, and hear READY and the first guild."""
    async with connected(sandbox) as client:
        await client.identify(intents)
        await client.hear_event("READY")
        if intents & 1:
            await client.hear_event("GUILD_CREATE")
        yield client

"""A small HTTP server that answers as a test scripts it, and one that enforces a fixed-window limit per channel."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer; `drop` closes the connection instead, `cut` in the middle of the body."""

    status: int = 200
    json: Any = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False
    wait: asyncio.Event | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answering = Callable[[Seen], Reply | Awaitable[Reply]]


@dataclass
class Scripted:
    """The running server; `script` is used up first, then `otherwise` answers."""

    url: str = ""
    script: deque[Reply] = field(default_factory=deque)
    otherwise: Answering = lambda _: Reply(json={"id": "1"})
    seen: list[Seen] = field(default_factory=list)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v10"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.path, dict(request.query), dict(request.headers), await request.read())
        self.seen.append(seen)
        reply = self.script.popleft() if self.script else self.otherwise(seen)
        if not isinstance(reply, Reply):
            reply = await reply
        if reply.wait is not None:
            await reply.wait.wait()
        return await _give(request, reply)


async def _give(request: web.Request, reply: Reply) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    if reply.drop:
        transport.abort()
        return web.Response()
    body = reply.body if reply.json is None else json.dumps(reply.json).encode()
    headers = {"Content-Type": reply.content_type, **reply.headers}
    if reply.cut:
        partial = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": str(len(body))})
        await partial.prepare(request)
        await partial.write(body[: len(body) // 2])
        transport.close()
        return partial
    if reply.status == 204:
        return web.Response(status=204, headers=reply.headers)
    return web.Response(status=reply.status, body=body, headers=headers)


@asynccontextmanager
async def scripted(*replies: Reply, otherwise: Answering | None = None) -> AsyncIterator[Scripted]:
    server = Scripted(script=deque(replies))
    if otherwise is not None:
        server.otherwise = otherwise
    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{rest:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@dataclass
class Window:
    """A fixed window as Discord announces it, opened by its first request."""

    name: str
    limit: int
    seconds: float
    ends: float = 0.0
    used: int = 0

    def take(self) -> tuple[bool, dict[str, str]]:
        now = time.time()
        if now >= self.ends:
            self.ends, self.used = now + self.seconds, 0
        allowed = self.used < self.limit
        self.used += allowed
        return allowed, {
            "X-RateLimit-Bucket": self.name,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self.used),
            "X-RateLimit-Reset": f"{self.ends:.3f}",
            "X-RateLimit-Reset-After": f"{self.ends - now:.3f}",
        }


@dataclass
class Limited:
    """Answers with a limit per (bucket, second path segment), as Discord counts per channel or guild."""

    limit: int
    seconds: float
    bucket: Callable[[Seen], str] = lambda seen: seen.method
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)

    def __call__(self, seen: Seen) -> Reply:
        name = self.bucket(seen)
        major = "/".join(seen.path.split("/")[3:5])
        window = self.windows.setdefault((name, major), Window(name, self.limit, self.seconds))
        allowed, headers = window.take()
        self.statuses[200 if allowed else 429] += 1
        if not allowed:
            after = float(headers["X-RateLimit-Reset-After"])
            return Reply(429, json={"message": "limited", "retry_after": after, "global": False}, headers=headers)
        self.order.append(seen.body.decode())
        return Reply(json={"id": str(len(self.order))}, headers=headers)

"""Kopir's only way to Discord's HTTP API: the library's client with its `request` replaced.

The same instance serves the reconciler, the command line and the unmodified interactions Client. Giving it to the
Client: construct the Client, then set `client.http = http` before starting it; the Client reads that attribute each
time it needs it and its constructor takes no client. It then calls `login(token)` (which asks `/users/@me`),
`get_gateway()`, `websocket_connect(url)` and, when it stops, `close()`. That `close()` leaves the shared session open
(closing it under a running gateway is what makes `Client.stop()` spin); the owner ends with `aclose()`, or uses
`discord_http`. Without a gateway no login is needed: the first request opens the session.

The address is each client's own: requests are built from the route's path, never from the global `Route.BASE`. The
files' address `Asset.BASE` is global in the library; `request_cdn` takes whole addresses and sends no token to them.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from interactions.api.http.http_client import HTTPClient
from interactions.api.http.route import Route
from interactions.models.discord.file import UPLOADABLE_TYPE
from yarl import URL

from bot.errors import DiscordUnreachable, TokenRefused, UnknownAnswer
from bot.transport import answers, routes
from bot.transport.answers import Answer, Call
from bot.transport.payloads import Body, uploads
from bot.transport.permits import Gate, OnWait, Request
from bot.transport.ratelimits import Lane, Priority
from bot.transport.sending import Footing, Prepared, Retries, Sender, Traffic, whole
from bot.transport.session import open_session, require_secure

__all__ = ["DISCORD", "DiscordHTTP", "Footing", "Priority", "Retries", "Traffic", "discord_http"]

DISCORD = "https://discord.com/api/v10"

# Discord allows 50; what left evenly may arrive in a bunch.
PER_SECOND = 45.0

# Of each window for editing members; bulk work uses them too, but only at the window's end.
KEPT_FOR_PEOPLE = 6


class DiscordHTTP(HTTPClient):
    """Send requests to Discord as fast as its limits allow; see `request`."""

    def __init__(
        self,
        token: str = "",
        api_url: str = DISCORD,
        *,
        on_wait: OnWait | None = None,
        retries: Retries | None = None,
        per_second: float = PER_SECOND,
        allow_plain_http: bool = False,
    ) -> None:
        """Prepare a client; `on_wait(seconds, route)` hears of waits over 10 s and may raise to refuse one."""
        require_secure(api_url, allow_plain=allow_plain_http)
        super().__init__()
        self.token = token
        self._api_url = api_url.rstrip("/")
        self._allow_plain = allow_plain_http
        self._session: aiohttp.ClientSession | None = None
        self._ended = False
        self._sender = Sender(self._open, Gate(per_second, on_wait), retries or Retries(), on_wait)

    def traffic(self) -> Traffic:
        """Return how much was sent, repeated and waited for so far."""
        return self._sender.traffic()

    async def request(  # type: ignore[override]
        self,
        route: Route,
        payload: Any = None,
        files: list[UPLOADABLE_TYPE] | UPLOADABLE_TYPE | None = None,
        reason: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        priority: Priority = Priority.INTERACTIVE,
        footing: Footing | None = None,
        **kwargs: Any,
    ) -> Any:
        """Send one request and return its decoded answer, None for 204. Never returns None for a failure.

        Waits for Discord's limits, repeats what is worth and safe to repeat, and raises the errors of `bot.errors`:
        LostAnswer where a repetition could do a thing twice. `priority` BULK lets people go first; the library's own
        calls are INTERACTIVE. `footing` is asked before it is sent.
        """
        body = Body(_plain(payload, files), await uploads(files))
        shown = routes.template(route)
        prepared = Prepared(
            Call(route.method, shown, routes.repeatable(route.method, shown, payload), routes.carries_token(route)),
            _turn(route, shown, priority),
            URL(f"{self._api_url}{routes.location(route)}", encoded=True).update_query(routes.query(params)),
            self._headers(reason, body),
            body,
            route.method == "POST" and routes.enforces_nonce(payload),
            footing,
            kwargs,
        )
        return await self._sender.send(prepared)

    async def login(self, token: str) -> Any:
        """Take the token and return the bot's own user; TokenRefused when Discord does not know it."""
        if token != self.token:
            self.token, self._sender.token_refused = token, False
        return await self.request(Route("GET", "/users/@me"))

    @property
    def token_refused(self) -> bool:
        """Say whether Discord refused the token, so that nothing is sent any more."""
        return self._sender.token_refused

    def when_token_refused(self, hear: Callable[[TokenRefused], None]) -> None:
        """Let somebody hear of it at once, before whoever sent the request does."""
        self._sender.on_token_refused = hear

    async def request_cdn(self, url: str, asset: object) -> bytes:  # noqa: ARG002 - the library's signature
        """Fetch a file from Discord's file server, without the token."""
        require_secure(url, allow_plain=self._allow_plain)
        call = Call("GET", "(a file)", repeatable=True)
        try:
            async with self._open().get(url, allow_redirects=False) as response:
                answer = Answer(response.status, response.headers.copy(), await whole(call, response))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DiscordUnreachable(call.method, call.template, type(error).__name__) from None
        if answer.status != 200:
            failure = answers.refusal(call, answer)
            raise failure if answer.status != 401 else UnknownAnswer(call.method, call.template, answer.status)
        return answer.body

    async def websocket_connect(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Connect to the gateway, which will be told the token."""
        require_secure(url, allow_plain=self._allow_plain)
        return await self._open().ws_connect(
            url, timeout=aiohttp.ClientWSTimeout(ws_close=2.0), max_msg_size=0, autoclose=False
        )

    @property
    def closed(self) -> bool:
        """Say whether the session is closed or not yet open."""
        return self._session is None or self._session.closed

    async def close(self) -> None:
        """Do nothing: a Client calls this when it stops, but the session is not its own."""

    async def aclose(self) -> None:
        """Close the session for good; whatever still wants to send something gets a RuntimeError."""
        self._ended = True
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._ended:
            raise RuntimeError("the Discord client is closed")
        if self._session is None or self._session.closed:
            self._session = open_session(self.user_agent, self._sender.sent)
        return self._session

    def _headers(self, reason: str | None, body: Body) -> dict[str, str]:
        headers = {"Authorization": f"Bot {self.token}"} if self.token else {}
        if reason and (encoded := routes.audit_reason(reason)):
            headers["X-Audit-Log-Reason"] = encoded
        if body.payload is not None and not body.uploads:
            headers["Content-Type"] = "application/json"
        return headers


def _plain(payload: Any, files: object) -> Any:
    """Return the payload as plain values, the way the library would send it."""
    if isinstance(payload, aiohttp.FormData):
        raise TypeError("A form can be sent only once; give `files` instead.")
    plain = HTTPClient._process_payload(payload if payload is not None or not files else {}, None)
    return {**plain, "attachments": []} if files == [] and isinstance(plain, dict) else plain


def _turn(route: Route, shown: str, priority: Priority) -> Request:
    """Say where the request queues; of the limit for editing members bulk work leaves some for who just joined."""
    kept = KEPT_FOR_PEOPLE if shown.startswith("/guilds/{guild_id}/members/") else 0
    lane = Lane(f"{route.method} {shown}", routes.major(route))
    return Request(lane, priority, kept, paced=not routes.answers_interaction(route))


@asynccontextmanager
async def discord_http(token: str, api_url: str = DISCORD, **options: Any) -> AsyncIterator[DiscordHTTP]:
    """Open a client for the length of a block; options as for DiscordHTTP."""
    http = DiscordHTTP(token, api_url, **options)
    try:
        yield http
    finally:
        await http.aclose()

"""Keeps the bot connected to Discord's gateway and hands the raw events on; it shares `bot.http` with everything else.

The library's Client ends when one reconnect fails; this module then starts a new one. The library's `stop()` can spin
for ever, so leaving closes the gateway and, if need be, cancels the task.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from interactions import Client, Listener
from interactions.api.events import RawGatewayEvent
from interactions.client.errors import WebSocketClosed

from bot.http import DiscordHTTP
from bot.transport.sending import Retries
from sync.errors import Refused
from sync.phrases import Phrase
from sync.texts import N_

OnEvent = Callable[[str, int, Mapping[str, Any]], None]

EVENTS = (
    "GUILD_CREATE",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_UPDATE",
    "GUILD_MEMBER_REMOVE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "CHANNEL_PINS_UPDATE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
)

# A connection that lasted this long was a good one: the next outage starts with short pauses again. Counting READY
# alone would let a flapping gateway use up Discord's 1,000 identifications a day, after which it resets the token.
_GOOD = 60.0
_LEAVE_WITHIN = 3.0

_log = logging.getLogger(__name__)

TOKEN_REFUSED = 4004
_REFUSALS = {
    TOKEN_REFUSED: N_(
        "Discord's gateway refused the bot's token; put the current token of the Developer Portal into the settings."
    ),
    4010: N_("Discord's gateway refused the shard; Kopir connects without shards, so another Kopir version is needed."),
    4011: N_("The bot is in too many servers for one connection; use one bot per district."),
    4012: N_("Discord's gateway no longer speaks this API version; update Kopir."),
    4013: N_("Discord's gateway does not know the requested intents; update Kopir."),
    4014: N_(
        "Discord's gateway refused the privileged intents; switch on Server Members Intent (and Message Content "
        "Intent, where used) in the Developer Portal under Bot, Privileged Gateway Intents, and start again."
    ),
}


class GatewayRefused(Refused):
    """Say what somebody must change before the gateway lets the bot in; `code` is Discord's close code."""

    def __init__(self, code: int) -> None:
        super().__init__(Phrase(_REFUSALS[code]))
        self.code = code


@dataclass(slots=True)
class Gateway:
    """One supervised connection. `make_client` builds the library's Client with intents and extensions, not started.

    `on_event(name, guild_id, data)` must be quick: it only notes that a run is wanted. A GUILD_CREATE after an outage
    means that events may have been missed. Users inside `data` may already be the library's objects; ids stay plain.
    """

    http: DiscordHTTP
    make_client: Callable[[], Client]
    on_event: OnEvent
    pauses: Retries = field(default_factory=lambda: Retries(first=1.0, longest=300.0))
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    draw: Callable[[], float] = random.random
    _failures: int = 0
    _out_since: float | None = None
    _ready_at: float | None = None

    async def run(self) -> None:
        """Stay connected until cancelled; raise Refused when Discord will not let the bot in."""
        while True:
            error = await self._connection()
            if refused := _refusal(error):
                raise refused from error
            self._note_outage(error)
            await self.sleep(self.pauses.pause(self._failures, self.draw()))

    async def _connection(self) -> BaseException | None:
        """Run one Client until it ends, and return why, if it says so."""
        self._ready_at = None
        client = self.make_client()
        client.http = self.http
        self._listen(client)
        task = asyncio.create_task(client.astart(self.http.token))
        try:
            await asyncio.wait({task})
        finally:
            await _leave(client, task)
        return None if task.cancelled() else task.exception()

    def _listen(self, client: Client) -> None:
        def hand_on(name: str) -> Callable[[RawGatewayEvent], Coroutine[Any, Any, None]]:
            async def listener(event: RawGatewayEvent) -> None:
                if guild_id := event.data.get("id" if name == "GUILD_CREATE" else "guild_id"):
                    self.on_event(name, int(guild_id), event.data)

            return listener

        async def ready(_event: object) -> None:
            self._note_ready()

        for name in EVENTS:
            client.add_listener(Listener.create(f"raw_{name.lower()}")(hand_on(name)))
        client.add_listener(Listener.create("websocket_ready")(ready))

    def _note_ready(self) -> None:
        self._ready_at = _now()
        if self._out_since is not None:
            _log.info("Discord's gateway is back after %.0f s.", _now() - self._out_since)
            self._out_since = None

    def _note_outage(self, error: BaseException | None) -> None:
        if self._ready_at is not None and _now() - self._ready_at >= _GOOD:
            self._failures = 0
        self._failures += 1
        if self._out_since is None:
            self._out_since = _now()
            _log.warning("Discord's gateway is lost (%s); trying again until it is back.", error or "connection ended")


def _refusal(error: BaseException | None) -> Refused | None:
    """Find in an error, or behind it, what only a person can fix; the library hides the close code of some."""
    while error is not None:
        if isinstance(error, WebSocketClosed) and error.code in _REFUSALS:
            return GatewayRefused(error.code)
        if isinstance(error, Refused):
            return error
        error = error.__cause__ or error.__context__
    return None


async def _leave(client: Client, task: asyncio.Task[None]) -> None:
    """End a Client within seconds, whatever it is doing."""
    if client.ws:
        client.ws.close()
        await asyncio.wait({task}, timeout=_LEAVE_WITHIN)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_LEAVE_WITHIN)
    if task.done() and not task.cancelled():
        task.exception()  # taken note of; who leaves has nobody to tell it to


def _now() -> float:
    return asyncio.get_running_loop().time()

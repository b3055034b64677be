"""The gateway WebSocket: opens connections, and dispatches what the bus publishes to the sessions that may see it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.connections import Connection
from sandbox.conversations import Conversation, Hub
from sandbox.events import Bus, Event, JsonObject
from sandbox.faults import Fault, Faults, Kind
from sandbox.guarding import for_testers
from sandbox.intents import as_told_to, is_known, shown_to
from sandbox.ready import guild_create
from sandbox.sessions import Close, Op, Session, payload

_LOG = logging.getLogger(__name__)
_MISSED_HEARTBEATS = 1.5
_ENDS_SESSION = frozenset({1000, 1001, Close.INVALID_SEQUENCE, Close.SESSION_TIMED_OUT})


@dataclass(slots=True)
class Gateway:
    """All open connections of one sandbox and the faults that befall them."""

    hub: Hub
    faults: Faults
    open: set[Conversation] = field(default_factory=set)
    _refuse_until: float = 0.0

    def listen(self, bus: Bus) -> None:
        """Begin to dispatch what the bus publishes."""
        bus.subscribe(self.dispatch)

    def dispatch(self, event: Event) -> None:
        """Send an event to every session that asked for it and may see it, as the armed faults allow."""
        if not is_known(event.name):
            _LOG.error("the sandbox's gateway does not know the event %s", event.name)
            return
        self._expel_revoked()
        fault = self.faults.strike_event(event.name) if self.hub.sessions.all() else None
        for session in self.hub.sessions.all():
            told = as_told_to(session.bot, event)
            data = self._as_seen(session, told)
            if data is not None:
                _deliver(session, told.name, data, fault)

    def _expel_revoked(self) -> None:
        for conversation in self.open:
            if conversation.session is not None and conversation.session.bot.revoked:
                conversation.connection.close(Close.AUTHENTICATION_FAILED, "Authentication failed.")

    def _as_seen(self, session: Session, event: Event) -> JsonObject | None:
        world, bot = self.hub.world, session.bot
        data = shown_to(world, bot, session.intents, event)
        if data is None or event.name != "GUILD_CREATE":
            return data
        # A bot that joins learns all of the guild, not only what the publisher knew.
        return guild_create(world, bot, world.guilds[int(data["id"])], session.intents)

    def refuse(self, seconds: float) -> int:
        """Refuse new connections for a while; those that are open stay."""
        self._refuse_until = self.hub.clock() + seconds
        return len(self.open)

    def close_all(self, code: int, reason: str = "") -> int:
        """Close every connection with a code; return how many there were."""
        for conversation in self.open:
            conversation.connection.close(code, reason)
        return len(self.open)

    def cut_all(self) -> int:
        """Cut every connection without a word, as a broken network does."""
        for conversation in self.open:
            conversation.connection.cut()
        return len(self.open)

    def invalidate_all(self, *, resumable: bool) -> int:
        """Tell every client that its session is invalid."""
        for conversation in self.open:
            conversation.invalidate(resumable=resumable)
        return len(self.open)

    def ask_to_reconnect(self) -> int:
        """Ask every client to reconnect and resume."""
        for conversation in self.open:
            conversation.connection.send(payload(Op.RECONNECT, None))
        return len(self.open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection from HELLO to the end."""
        if self.hub.clock() < self._refuse_until:
            return web.Response(status=503, text="the gateway is away")
        socket = web.WebSocketResponse(compress=False, timeout=1.0)
        await socket.prepare(request)
        compress = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, _transport(request), compress)
        conversation = Conversation(self.hub, connection)
        self.open.add(conversation)
        writer = asyncio.create_task(connection.run())
        try:
            await self._converse(conversation, socket)
        finally:
            self.open.discard(conversation)
            conversation.hang_up(resumable=_code(socket, connection) not in _ENDS_SESSION)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return socket

    async def _converse(self, conversation: Conversation, socket: web.WebSocketResponse) -> None:
        conversation.greet()
        patience = self.hub.heartbeat_seconds * _MISSED_HEARTBEATS
        while not socket.closed:
            try:
                message = await socket.receive(timeout=max(0.01, patience - conversation.silent_for()))
            except TimeoutError:
                conversation.connection.close(Close.SESSION_TIMED_OUT, "Session timed out.")
                conversation.heard_at = self.hub.clock()  # said once is enough
                continue
            if message.type is not WSMsgType.TEXT:
                return
            conversation.hear(message.data)

    def to_json(self) -> dict[str, Any]:
        """Return the open connections' count and every session."""
        return {"connections": len(self.open), "sessions": [_shown(s) for s in self.hub.sessions.all()]}


def add_routes(app: web.Application, gateway: Gateway) -> None:
    """Serve the socket at `/gateway`, and `/_sandbox/gateway`: GET shows sessions, POST makes trouble."""

    async def show(_request: web.Request) -> web.Response:
        return web.json_response(gateway.to_json())

    async def trouble(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        action = _troubles(gateway, body).get(request.match_info["action"])
        if action is None:
            return web.json_response({"message": "there is no such trouble"}, status=404)
        return web.json_response({"connections": action()})

    async def leave(_app: web.Application) -> None:
        gateway.close_all(1001, "The sandbox is leaving.")

    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/_sandbox/gateway", show)
    app.router.add_post("/_sandbox/gateway/{action}", for_testers(trouble))
    app.on_shutdown.append(leave)


def _deliver(session: Session, name: str, data: JsonObject, fault: Fault | None) -> None:
    match None if fault is None else fault.kind:
        case Kind.SWALLOW_EVENT:
            return
        case Kind.DELAY_EVENT if fault is not None:
            # Copied, because what the data shows may change before it is delivered.
            late = deepcopy(data)
            asyncio.get_running_loop().call_later(fault.delay, session.dispatch, name, late)
        case Kind.DUPLICATE_EVENT:
            session.dispatch(name, data)
            session.dispatch(name, data)
        case _:
            session.dispatch(name, data)


def _transport(request: web.Request) -> asyncio.WriteTransport | None:
    transport = request.transport
    return transport if isinstance(transport, asyncio.WriteTransport) else None


def _code(socket: web.WebSocketResponse, connection: Connection) -> int | None:
    # A client's close frame echoes whatever its library likes; what we said first counts.
    return socket.close_code if connection.said_goodbye is None else connection.said_goodbye


def _troubles(gateway: Gateway, body: dict[str, Any]) -> dict[str, Callable[[], int]]:
    return {
        "close": lambda: gateway.close_all(int(body.get("code", Close.UNKNOWN_ERROR))),
        "cut": gateway.cut_all,
        "refuse": lambda: gateway.refuse(float(body["seconds"])),
        "invalidate": lambda: gateway.invalidate_all(resumable=bool(body.get("resumable"))),
        "reconnect": gateway.ask_to_reconnect,
    }


def _shown(session: Session) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "bot": str(session.bot.user.id),
        "intents": int(session.intents),
        "sequence": session.sequence,
        "connected": session.outlet is not None,
    }

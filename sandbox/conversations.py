"""What the gateway answers to each thing a client says on one connection; `gateway` owns the sockets."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.buckets import Limit, Windows
from sandbox.chunks import chunks, wanted
from sandbox.connections import Connection
from sandbox.intents import KNOWN, PRIVILEGED, Intents
from sandbox.ready import DEFAULT_LARGE, guild_create, guilds_of, ready
from sandbox.sessions import Close, Op, Session, Sessions, payload
from sandbox.world import Application, World

_LOG = logging.getLogger(__name__)
_MAX_BYTES = 4096
_IDENTIFY = Limit("identify", 1, 5.0)
_EVERYBODY = Limit("request-guild-members", 1, 30.0)
_WITHOUT_SESSION = frozenset({Op.HEARTBEAT, Op.IDENTIFY, Op.RESUME})


@dataclass(slots=True)
class Hub:
    """What all conversations share. `hurry` divides the limits' windows, 0 switches them off."""

    world: World
    hurry: float = 1.0
    heartbeat_seconds: float = 41.25
    clock: Callable[[], float] = time.monotonic
    url: str = ""
    sessions: Sessions = field(default_factory=Sessions)
    _windows: Windows = field(default_factory=Windows)

    def refused_for(self, limit: Limit, *key: int) -> float:
        """Count one use; return for how many seconds the caller must wait, 0 if it may go on."""
        if not self.hurry:
            return 0.0
        taken = self._windows.take((limit.bucket, *key), limit.count, limit.window / self.hurry, self.clock())
        return 0.0 if taken.allowed else taken.reset_after


@dataclass(slots=True, eq=False)
class Conversation:
    """One connection's side of the protocol; it has a session once the client has identified or resumed."""

    hub: Hub
    connection: Connection
    session: Session | None = None
    heard_at: float = 0.0

    def greet(self) -> None:
        """Say HELLO and begin to wait for heartbeats."""
        self.heard_at = self.hub.clock()
        interval = int(self.hub.heartbeat_seconds * 1000)
        self.connection.send(payload(Op.HELLO, {"heartbeat_interval": interval, "_trace": ["sandbox"]}))

    def silent_for(self) -> float:
        """Return the seconds since the last heartbeat."""
        return self.hub.clock() - self.heard_at

    def hear(self, text: str) -> None:
        """Answer one payload, or close the connection with the code that Discord has for it."""
        if self.connection.said_goodbye is not None:
            return
        if not self.connection.accept(self.hub.clock(), self.hub.hurry):
            self._close(Close.RATE_LIMITED, "You are being rate limited.")
            return
        try:
            op, data = _read(text)
        except (ValueError, KeyError, TypeError):
            self._close(Close.DECODE_ERROR, "Error while decoding payload.")
            return
        self._answer(op, data)

    def hang_up(self, *, resumable: bool) -> None:
        """Leave the session to be resumed, or end it."""
        if self.session is None or self.session.outlet is not self.connection:
            return
        self.session.lose(self.hub.clock())
        if not resumable:
            self.hub.sessions.end(self.session)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell the client that its session is invalid."""
        if self.session is not None:
            self.hang_up(resumable=resumable)
            self.session = None
        self.connection.send(payload(Op.INVALID_SESSION, resumable))

    def _answer(self, op: int, data: Any) -> None:
        if op not in _ANSWERS:
            _LOG.warning("the sandbox's gateway does not implement opcode %s", op)
            self._close(Close.UNKNOWN_OPCODE, "Unknown opcode.")
        elif self.session is None and op not in _WITHOUT_SESSION:
            self._close(Close.NOT_AUTHENTICATED, "Not authenticated.")
        else:
            try:
                _ANSWERS[op](self, data)
            except (ValueError, KeyError, TypeError, AttributeError):
                _LOG.warning("a client's payload with opcode %s makes no sense", op, exc_info=True)
                self._close(Close.DECODE_ERROR, "Error while decoding payload.")

    def _heartbeat(self, _data: Any) -> None:
        self.heard_at = self.hub.clock()
        self.connection.send(payload(Op.HEARTBEAT_ACK, None))

    def _identify(self, data: dict[str, Any]) -> None:
        bot = self.hub.world.application_by_token(_token(data))
        if bot is None:
            self._close(Close.AUTHENTICATION_FAILED, "Authentication failed.")
        elif refusal := self._refusal(bot, data):
            self._close(refusal, refusal.name.replace("_", " ").capitalize() + ".")
        elif self.hub.refused_for(_IDENTIFY, bot.id):
            self.invalidate()
        else:
            self._begin(bot, data)

    def _refusal(self, bot: Application, data: dict[str, Any]) -> Close | None:
        intents, (shard, shards) = data["intents"], data.get("shard") or (0, 1)
        if self.session is not None:
            return Close.ALREADY_AUTHENTICATED
        if shard != 0 or shards != 1:
            _LOG.warning("the sandbox's gateway does not implement shards")
            return Close.INVALID_SHARD
        if not isinstance(intents, int) or intents & ~KNOWN:
            return Close.INVALID_INTENTS
        return Close.DISALLOWED_INTENTS if intents & PRIVILEGED & ~bot.intents else None

    def _begin(self, bot: Application, data: dict[str, Any]) -> None:
        hub, intents = self.hub, data["intents"]
        hub.sessions.drop_stale(hub.clock())
        session = self.session = hub.sessions.open(bot, intents, self.connection)
        session.dispatch("READY", ready(hub.world, bot, session.id, hub.url, data.get("shard")))
        if intents & Intents.GUILDS:
            large = int(data.get("large_threshold") or DEFAULT_LARGE)
            for guild in guilds_of(hub.world, bot):
                session.dispatch("GUILD_CREATE", guild_create(hub.world, bot, guild, intents, large))

    def _resume(self, data: dict[str, Any]) -> None:
        session = self.hub.sessions.find(data["session_id"], _token(data))
        missed = None if session is None else session.missed_since(int(data["seq"] or 0))
        if session is None or missed is None:
            self.invalidate()
            return
        if isinstance(session.outlet, Connection):
            session.outlet.close(Close.UNKNOWN_ERROR, "Resumed elsewhere.")
        session.attach(self.connection)
        self.session = session
        for text in missed:
            self.connection.send(text)
        session.dispatch("RESUMED", {"_trace": ["sandbox"]})

    def _request_members(self, data: dict[str, Any]) -> None:
        request, session = wanted(data), self._own_session()
        guild = self.hub.world.guilds.get(request.guild_id)
        if guild is None or session.bot.user.id not in guild.members:
            return
        if request.is_everybody and not session.intents & Intents.GUILD_MEMBERS:
            self._close(Close.DISALLOWED_INTENTS, "Disallowed intent(s).")
        elif request.is_everybody and (wait := self.hub.refused_for(_EVERYBODY, session.bot.id, guild.id)):
            meta = {"guild_id": str(guild.id), "nonce": request.nonce}
            refused = {"opcode": int(Op.REQUEST_GUILD_MEMBERS), "retry_after": wait, "meta": meta}
            session.dispatch("RATE_LIMITED", refused)
        else:
            for chunk in chunks(guild, request):
                session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def _presence(self, _data: Any) -> None:
        """Accept a presence; nobody but people would see it."""

    def _own_session(self) -> Session:
        if self.session is None:
            raise ValueError("no session yet")
        return self.session

    def _close(self, code: Close, reason: str) -> None:
        self.connection.close(code, reason)


def _read(text: str) -> tuple[int, Any]:
    if len(text.encode()) > _MAX_BYTES:
        raise ValueError("payload too large")
    body = json.loads(text)
    return int(body["op"]), body.get("d")


def _token(data: dict[str, Any]) -> str:
    return str(data["token"]).removeprefix("Bot ")


_ANSWERS: dict[int, Callable[[Conversation, Any], None]] = {
    Op.HEARTBEAT: Conversation._heartbeat,
    Op.IDENTIFY: Conversation._identify,
    Op.PRESENCE_UPDATE: Conversation._presence,
    Op.RESUME: Conversation._resume,
    Op.REQUEST_GUILD_MEMBERS: Conversation._request_members,
}

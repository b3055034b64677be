"""Gateway sessions: sequence numbers and the memory that makes RESUME possible. `connections` carries it all."""

import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from sandbox.world import Application

REMEMBERED_EVENTS = 5_000
"""How many events a session keeps for a resume; a client further behind must identify anew."""


RESUMABLE_SECONDS = 180.0
"""How long a session without a connection waits for a resume."""


class Op(IntEnum):
    """What a gateway payload is."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Why the gateway closed a connection."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Outlet(Protocol):
    """Where a connected session's payloads go."""

    def send(self, payload: str) -> None:
        """Queue one payload."""


def payload(op: Op, data: Any, name: str | None = None, sequence: int | None = None) -> str:
    """Return a gateway payload as text."""
    body = {"op": int(op), "d": data, "s": sequence, "t": name}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class Session:
    """One bot's stream of events; it outlives its connection."""

    id: str
    bot: Application
    intents: int
    outlet: Outlet | None = None
    sequence: int = 0
    lost_at: float | None = None
    _sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_EVENTS))

    def dispatch(self, name: str, data: Mapping[str, Any]) -> None:
        """Number an event, remember it, and send it if somebody is connected."""
        self.sequence += 1
        text = payload(Op.DISPATCH, data, name, self.sequence)
        self._sent.append((self.sequence, text))
        if self.outlet is not None:
            self.outlet.send(text)

    def lose(self, now: float) -> None:
        """Note that nobody is connected any more; events are remembered from here on."""
        self.outlet, self.lost_at = None, now

    def attach(self, outlet: Outlet) -> None:
        """Continue on another connection."""
        self.outlet, self.lost_at = outlet, None

    def missed_since(self, sequence: int) -> list[str] | None:
        """Return the payloads after `sequence`, None if they are no longer all remembered."""
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        if not oldest - 1 <= sequence <= self.sequence:
            return None
        return [text for number, text in self._sent if number > sequence]


@dataclass(slots=True)
class Sessions:
    """All sessions that live or may still be resumed."""

    _by_id: dict[str, Session] = field(default_factory=dict)

    def open(self, bot: Application, intents: int, outlet: Outlet) -> Session:
        """Start a session for an identified bot."""
        session = Session(secrets.token_hex(16), bot, intents, outlet)
        self._by_id[session.id] = session
        return session

    def find(self, session_id: str, token: str) -> Session | None:
        """Return the session if the same, still valid bot asks for it."""
        session = self._by_id.get(session_id)
        if session is None or session.bot.token != token or session.bot.revoked:
            return None
        return session

    def end(self, session: Session) -> None:
        """Forget a session; it cannot be resumed any more."""
        self._by_id.pop(session.id, None)

    def drop_stale(self, now: float) -> None:
        """Forget the sessions that nobody resumed in time."""
        for session in self.all():
            if session.lost_at is not None and now - session.lost_at > RESUMABLE_SECONDS:
                self.end(session)

    def all(self) -> list[Session]:
        """Return every session, connected or not."""
        return list(self._by_id.values())

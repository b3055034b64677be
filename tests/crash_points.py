"""A Kopir process that dies at a chosen point: before or after a request's effect, before or after a commit.

It is a thread with a loop of its own. At its point everything in it ends, and nothing it still does has an effect:
that is what `kill -9` leaves, as a half-done transaction is rolled back either way.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bot.http import PER_SECOND, DiscordHTTP, Retries
from bot.pulls import pull
from bot.runs import RunResult, apply_school
from bot.transport.answers import Answer
from bot.transport.permits import Gate
from bot.transport.sending import Prepared, Sender
from bot.transport.session import Wire
from sync.database import Database, open_database
from sync.ports import Files, Source
from sync.settings import SchoolSettings
from sync.store import Store

IMPATIENT = Retries(first=0.001, longest=0.01)


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


@dataclass(slots=True)
class Fate:
    """Numbers the points that a process reaches from 0 and ends it at the `last`; without one it lives on."""

    last: int | None = None
    points: list[str] = field(default_factory=list)
    dead: bool = False
    _lock: Lock = field(default_factory=Lock)

    def reach(self, point: str) -> None:
        """Pass a point, or die there; who is dead passes no further one, whatever is still under way."""
        with self._lock:
            if not self.dead:
                self.dead = len(self.points) == self.last
                self.points.append(point)
            if self.dead:
                raise Killed


@dataclass(frozen=True)
class MortalDatabase(Database):
    """A database whose commits are points."""

    fate: Fate

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with super().writing() as connection:
            yield connection
            self.fate.reach("before a commit")
        self.fate.reach("after a commit")


class MortalSender(Sender):
    """Sends requests that are points: a write is three, as its effect, its answer and what follows may be cut apart."""

    fate: Fate

    async def send(self, asked: Prepared) -> Any:
        answer = await super().send(asked)
        self._reach("answered", asked)
        return answer

    async def _exchange(self, asked: Prepared, wire: Wire) -> tuple[float, Answer]:
        self.fate.reach(f"before {asked.call.method} {asked.call.template}")
        answer = await super()._exchange(asked, wire)
        self._reach("unanswered", asked)
        return answer

    def _reach(self, what: str, asked: Prepared) -> None:
        if asked.call.method != "GET":
            self.fate.reach(f"{what} {asked.call.method} {asked.call.template}")


class MortalHTTP(DiscordHTTP):
    """A client of Discord whose requests are points."""

    def __init__(self, token: str, api_url: str, fate: Fate) -> None:
        super().__init__(token, api_url)
        self._sender = MortalSender(self._open, Gate(10 * PER_SECOND), IMPATIENT)
        self._sender.fate = fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What `kopir sync` of one school needs; each `run` is a new process on the same tables and server."""

    school: SchoolSettings
    database: str
    token: str
    api_url: str
    source: Callable[[], Source]
    files: Callable[[Source], Files]

    async def run(self, fate: Fate | None = None) -> RunResult | None:
        """Pull and sync until the end, or until the fate's last point: then nothing comes back."""
        return await asyncio.to_thread(self._live, fate or Fate())

    def _live(self, fate: Fate) -> RunResult | None:
        try:
            return asyncio.run(self._sync(fate))
        except Killed:
            return None

    async def _sync(self, fate: Fate) -> RunResult:
        opened = open_database(self.database)
        database = MortalDatabase(opened.engine, opened.file, opened.where, fate)
        http = MortalHTTP(self.token, self.api_url, fate)
        source = self.source()
        try:
            with Store(database) as store:
                await asyncio.to_thread(pull, store, self.school.id, source)
                return await apply_school(self.school, store, http, "sync", self.files(source))
        finally:
            await http.aclose()

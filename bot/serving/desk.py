"""Carries out one school's requests for runs: one run at a time, and beside it people who wait for their roles."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bot.http import DiscordHTTP
from bot.runs import RunResult, Task, Waiting, run_held
from bot.serving.echoes import Echoes, concerned
from bot.serving.logs import unexpected
from bot.serving.outages import Outage
from bot.serving.requests import Pending, Request, add, take
from bot.serving.sharing import SharedLedger
from bot.serving.tables import TableCache
from bot.serving.tidings import failures, summary
from bot.transport.sending import Retries
from bot.turns import Turns
from sync.errors import KopirError, Stopped
from sync.phrases import Phrase
from sync.ports import Files
from sync.reconcile import Status
from sync.scope import SCHOOL
from sync.settings import SchoolSettings
from sync.store import Store

COMMAND = "run"
PAUSES = Retries(first=1.0, longest=300.0)
AFTER_FAILURES = Retries(first=60.0, longest=3600.0)  # before what failed in a run is tried again, unasked
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Desk:
    """One school's desk. `ask` from anywhere in the loop; `work` until cancelled; `done` hears of each school's run."""

    school: SchoolSettings
    store: Store
    http: DiscordHTTP
    files: Files
    waiting: Waiting = lambda _: None
    done: Callable[["Desk"], None] = lambda _: None
    pauses: Retries = PAUSES
    tables: TableCache = field(default_factory=TableCache)
    echoes: Echoes = field(default_factory=Echoes)
    _turns: Turns = field(default_factory=Turns)
    _pending: Pending = ()
    _owed: Pending = ()
    _asked: dict[bool, asyncio.Event] = field(default_factory=lambda: {True: asyncio.Event(), False: asyncio.Event()})
    _opened: asyncio.Event = field(default_factory=asyncio.Event)
    _nudged: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _entering: asyncio.Lock = field(default_factory=asyncio.Lock)
    _hold: AbstractContextManager[None] | None = None
    _inside: int = 0
    _leaving: bool = False
    _failed_runs: int = 0
    _again: asyncio.TimerHandle | None = None
    _outages: dict[bool, Outage] = field(default_factory=dict)
    _shared: SharedLedger = field(init=False)

    def __post_init__(self) -> None:
        self._shared = SharedLedger(self.store)
        name = f"School {self.school.id}"
        self._outages = {False: Outage(name, self.pauses), True: Outage(f"{name}, who joined,", self.pauses)}
        self._idle.set()

    def ask(self, request: Request) -> None:
        """Want a run; it starts when its turn comes, merged with what waits."""
        self._pending = add(self._pending, request)
        self._asked[bool(request.scope.members)].set()

    def open(self) -> None:
        """Let runs of the school begin; those of members need not wait for the first pull."""
        self._opened.set()

    def leave(self) -> None:
        """Begin nothing more and send no further write; what is on its way may still end well."""
        self._leaving = True
        if self._again is not None:
            self._again.cancel()

    def nudge(self) -> None:
        """Try at once what an outage delays: it seems to be over."""
        self._nudged.set()

    async def quiet(self) -> None:
        """Wait until no run is under way."""
        await self._idle.wait()

    async def work(self) -> None:
        """Carry out requests until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._lane(people=True))
            lanes.create_task(self._lane(people=False))

    async def _lane(self, *, people: bool) -> None:
        if not people:
            await self._opened.wait()
        while True:
            await self._asked[people].wait()
            self._asked[people].clear()
            while not self._leaving and (request := self._take(people=people)) is not None:
                pause = await self._serve(request, people=people)
                if pause is None:
                    break
                if pause:
                    await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        self._nudged.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudged.wait()

    def _take(self, *, people: bool) -> Request | None:
        request, self._pending = take(self._pending, people=people)
        return request

    async def _serve(self, request: Request, *, people: bool) -> float | None:
        """Do one request and return the pause before the next; None when only a new reason makes sense of trying."""
        try:
            async with self._holding():
                await self._run(request)
        except KopirError as error:
            self._pending = add(self._pending, request)
            if self._leaving:
                return None
            return self._failed(error, people=people)
        except Exception as error:
            # A mistake in Kopir must not stop the school for good: the next reason tries again.
            unexpected(_log, f"School {self.school.id}: a run ended unexpectedly", error)
            return 0.0
        if line := self._outages[people].worked(self._now()):
            _log.info("%s", line)
        return 0.0

    def _failed(self, error: KopirError, *, people: bool) -> float | None:
        verdict = self._outages[people].failed(error, self._now(), random.random())  # noqa: S311 - spreads retries
        if verdict.line and not (people and self._outages[False].failures):
            _log.warning("%s", verdict.line)
        return verdict.pause

    async def _run(self, request: Request) -> None:
        ledger = self._shared.open(only_gives=bool(request.scope.members))
        task = Task(
            command=COMMAND,
            scope=request.scope,
            priority=request.priority,
            gone=request.gone,
            doubt=request.doubt,
            load=self.tables.glance if request.scope.members else self.tables.load,
            ledger=ledger,
            files=self.files,
            turns=self._turns,
            witness=self,
            waiting=self.waiting,
            began=lambda _: self._repay(request),
        )
        try:
            result = await run_held(self.school, self.store, self.http, task)
        finally:
            self._shared.close(ledger)
        self._report(request, result)
        if result.report.stopped:
            raise Stopped(result.report.stopped)
        if request.scope.members and self.tables.behind:
            self._owed = add(self._owed, request)
            self.ask(Request(reasons=frozenset({"newer tables"})))
        if request.scope == SCHOOL:
            self.tables.settled()
            self._try_again(failed=bool(result.report.count(Status.FAILED)))
            self.done(self)

    def _repay(self, begun: Request) -> None:
        """Serve those again who were served from an older roster, now that a run of the school read the newer one."""
        if begun.scope == SCHOOL:
            owed, self._owed = self._owed, ()
            for request in owed:
                self.ask(request)

    def _report(self, request: Request, result: RunResult) -> None:
        _log.info("%s", summary(self.school.id, request, result, leaving=self._leaving))
        for line in [] if self._leaving else failures(self.school.id, result.report):
            _log.warning("%s", line)

    def _try_again(self, *, failed: bool) -> None:
        """Ask for another run after a while when something failed, more rarely each time."""
        self._failed_runs = self._failed_runs + 1 if failed else 0
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if failed and not self._leaving:
            pause = AFTER_FAILURES.pause(self._failed_runs, random.random())  # noqa: S311 - spreads retries
            again = Request(reasons=frozenset({"after failures"}))
            self._again = asyncio.get_running_loop().call_later(pause, self.ask, again)

    @asynccontextmanager
    async def _holding(self) -> AsyncIterator[None]:
        """Hold the school among processes for as long as any of this desk's runs is under way."""
        async with self._entering:
            if self._hold is None:
                hold = self.store.hold(self.school.id)
                await asyncio.to_thread(hold.__enter__)
                self._hold = hold
            self._inside += 1
            self._idle.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside and self._hold is not None:
                hold, self._hold = self._hold, None
                hold.__exit__(None, None, None)
                self._idle.set()

    def before(self, method: str, path: str, ids: Mapping[str, str], body: Any) -> None:
        """Note a write that is about to be sent, so that its event is known as ours; refuse it when leaving."""
        if self._leaving:
            raise Stopped(Phrase("Kopir is leaving; the next run goes on from here."))
        self.echoes.wrote(list(concerned(method, path, ids, body)), self._now())

    def after(self, method: str, path: str, ids: Mapping[str, str], answer: Any) -> None:
        """Note an answered write: what it created, and that its event may come from now on."""
        self.echoes.wrote(list(concerned(method, path, ids, None, answer)), self._now())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

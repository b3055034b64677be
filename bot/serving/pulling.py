"""Pulls one source when asked, in a thread, one pull at a time; waits out its outages; the service hears of each."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.pulls import PullReport, pull
from bot.serving.logs import unexpected
from bot.serving.outages import Outage
from bot.serving.threads import in_daemon
from bot.transport.sending import Retries
from sync.errors import KopirError, Retriable
from sync.ports import Source
from sync.store import Store

PAUSES = Retries(first=5.0, longest=600.0)
STILL_CHANGING = "still-changing"
LOOK_AGAIN = 2.0  # seconds until a file that was still being copied is looked at once more

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Puller:
    """One source. `ask` from anywhere in the loop; `work` until cancelled; `done` hears of every usable pull."""

    store: Store
    school: str
    source: Source
    done: Callable[[PullReport, frozenset[str]], None]
    pauses: Retries = PAUSES
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    _reasons: frozenset[str] = frozenset()
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _outage: Outage = field(init=False)
    _later: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self._outage = Outage(f"Source {self.school}/{self.source.name}", self.pauses)

    def ask(self, reason: str) -> None:
        """Want a pull; all wishes during one pull are one further pull."""
        self._reasons |= {reason}
        self._asked.set()

    async def work(self) -> None:
        """Pull whenever asked, until cancelled. `tried` is set after the first try, good or bad."""
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                self._forget_timer()
                reasons, self._reasons = self._reasons, frozenset()
                pause = await self._pull(reasons)
                self.tried.set()
                if pause is not None:
                    self._later = asyncio.get_running_loop().call_later(pause, self.ask, "trying again")
        finally:
            self._forget_timer()

    async def _pull(self, reasons: frozenset[str]) -> float | None:
        """Pull once and return after how long to pull again unasked, if at all."""
        name = f"{self.school}/{self.source.name}"
        try:
            report = await in_daemon(lambda: pull(self.store, self.school, self.source), f"pull {name}")
        except KopirError as error:
            return self._failed(error)
        except Exception as error:
            # A mistake in a connector must not stop the source for good: the next reason tries again.
            unexpected(_log, f"Source {name}: a pull ended unexpectedly", error)
            return self._failed(Retriable("the pull ended unexpectedly"))
        codes = {problem.code for problem in report.pulled.problems}
        if not report.ok and codes == {STILL_CHANGING}:
            return LOOK_AGAIN
        if not report.ok:
            return self._failed(report.error or Retriable(_unusable(report)))
        if line := self._outage.worked(asyncio.get_running_loop().time()):
            _log.info("%s", line)
        problems = len(report.pulled.problems)
        why = ", ".join(sorted(reasons))
        _log.info("Source %s: pulled (%s), %d problems, %.1f s.", name, why, problems, report.seconds)
        self.done(report, reasons)
        return LOOK_AGAIN if STILL_CHANGING in codes else None

    def _failed(self, error: KopirError) -> float | None:
        now = asyncio.get_running_loop().time()
        verdict = self._outage.failed(error, now, random.random())  # noqa: S311 - spreads retries, no secret
        if verdict.line:
            _log.warning("%s", verdict.line)
        return verdict.pause

    def _forget_timer(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None


def _unusable(report: PullReport) -> str:
    """Say why nothing usable was read, without names: files may be called after people."""
    codes = sorted({problem.code for problem in report.pulled.problems})
    return f"nothing usable was read ({', '.join(codes) or 'no reason given'}); see the receipts or `kopir pull`"

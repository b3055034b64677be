"""Sends one prepared request until it is answered, refused, or not worth repeating; the only place that retries.

`bot.http` prepares requests and opens the session; `permits` says when to send; `answers` says what came back.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import aiohttp
from yarl import URL

from bot.errors import (
    DiscordBroken,
    DiscordUnreachable,
    InvalidBudgetSpent,
    LostAnswer,
    RequestFailed,
    StillRateLimited,
    TokenRefused,
    TooMuch,
    Unanswered,
)
from bot.transport import answers
from bot.transport.answers import Answer, Call, Dropped, Outcome
from bot.transport.payloads import Body
from bot.transport.permits import LONG_WAIT, Gate, OnWait, Request
from bot.transport.ratelimits import ROUNDING, InvalidBudget, Permit, announced
from bot.transport.session import Wire
from sync.phrases import Phrase

# "The past few minutes" for which Discord recognises a nonce, taken at its shortest.
NONCE_LASTS = 120.0

# The largest answers are pages of a hundred messages with all their embeds, and lists of channels with all overwrites.
LARGEST = 32 * 2**20

_WORTH_REPEATING = (DiscordBroken, DiscordUnreachable, StillRateLimited)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is repeated and how long the pauses grow, in seconds; a 429 says itself how long."""

    failures: int = 6
    rate_limits: int = 20
    first: float = 0.5
    longest: float = 30.0

    def pause(self, failure: int, draw: float) -> float:
        """Return the pause after the n-th failure; `draw` from 0 to 1 spreads it over its upper half."""
        return min(self.longest, self.first * 2.0 ** (failure - 1)) * (0.5 + draw / 2)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a client did so far: attempts on the wire per method, repetitions, seconds in which somebody waited."""

    sent: Mapping[str, int]
    retries: int
    waited: float


class Footing(Protocol):
    """What lets the requests of a run go: whether there is any sense in sending them."""

    @property
    def doubtful(self) -> bool:
        """Say whether nothing should be sent at this moment."""
        ...

    async def firm(self) -> None:
        """Wait until that is known; raise what makes sending pointless."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to be sent any number of times; `by_nonce` says that only its nonce makes it repeatable."""

    call: Call
    turn: Request
    url: URL
    headers: Mapping[str, str]
    body: Body
    by_nonce: bool = False
    footing: Footing | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Stopwatch:
    """Measures the time in which at least one request waits, on the running loop's clock."""

    waiting: int = 0
    since: float = 0.0
    total: float = 0.0

    def read(self, now: float) -> float:
        """Return the seconds measured until now."""
        return self.total + (now - self.since if self.waiting else 0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        clock = asyncio.get_running_loop().time
        if self.waiting == 0:
            self.since = clock()
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1
            if self.waiting == 0:
                self.total += clock() - self.since


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    limited: int = 0
    lost_at: float | None = None


@dataclass(slots=True)
class Sender:
    """The sending side of one bot's client; `session` is asked for the open session before each attempt."""

    session: Callable[[], aiohttp.ClientSession]
    gate: Gate
    retries: Retries = field(default_factory=Retries)
    on_wait: OnWait | None = None
    budget: InvalidBudget = field(default_factory=InvalidBudget)
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    draw: Callable[[], float] = random.random
    sent: Counter[str] = field(default_factory=Counter)
    token_refused: bool = False
    on_token_refused: Callable[[TokenRefused], None] = lambda _: None
    _repeated: int = 0
    _stopwatch: _Stopwatch = field(default_factory=_Stopwatch)

    def traffic(self) -> Traffic:
        """Return the counters as they are now."""
        now = self._now() if self._stopwatch.waiting else 0.0
        return Traffic(MappingProxyType(dict(self.sent)), self._repeated, self._stopwatch.read(now))

    async def send(self, asked: Prepared) -> Any:
        """Return the decoded answer, None for 204; every failure is an error of `bot.errors`."""
        tries = _Tries()
        while True:
            outcome = await self._attempt(asked, tries)
            if isinstance(outcome, Answer) and answers.good(outcome):
                try:
                    return answers.value(outcome)
                except ValueError as unreadable:
                    raise answers.refusal(asked.call, outcome) from unreadable
            error = self._error(asked, outcome, tries)
            if not self._worth_repeating(error, tries):
                raise self._last_word(asked, error, tries)
            self._repeated += 1
            await self._pause(asked, error, tries)

    def _error(self, asked: Prepared, outcome: Outcome, tries: _Tries) -> RequestFailed | Unanswered:
        if asked.by_nonce and answers.ambiguous(outcome) and tries.lost_at is None:
            tries.lost_at = self._now()
        if isinstance(outcome, Dropped):
            return answers.unanswered(asked.call, outcome)
        error = answers.refusal(asked.call, outcome)
        if isinstance(error, TokenRefused) and not self.token_refused:
            self.token_refused = True
            self.on_token_refused(error)
        return error

    def _worth_repeating(self, error: Exception, tries: _Tries) -> bool:
        if isinstance(error, StillRateLimited):
            tries.limited += 1
            return tries.limited <= self.retries.rate_limits
        tries.failed += 1
        return isinstance(error, _WORTH_REPEATING) and tries.failed < self.retries.failures

    def _last_word(self, asked: Prepared, error: RequestFailed | Unanswered, tries: _Tries) -> Exception:
        """Return the final error: a message whose answer was lost once may exist, and its nonce will be forgotten."""
        if tries.lost_at is not None and isinstance(error, _WORTH_REPEATING):
            return LostAnswer(asked.call.method, asked.call.template, str(error.args[0]))
        return error

    async def _pause(self, asked: Prepared, error: Exception, tries: _Tries) -> None:
        if isinstance(error, StillRateLimited):
            return
        stated = error.after if isinstance(error, DiscordBroken) else None
        pause = max(self.retries.pause(tries.failed, self.draw()), stated or 0.0)
        if pause > LONG_WAIT and self.on_wait is not None:
            self.on_wait(pause, asked.turn.lane.route)
        with self._stopwatch.running():
            await self.sleep(pause)

    async def _attempt(self, asked: Prepared, tries: _Tries) -> Outcome:
        self._refuse_here(asked)
        with self._stopwatch.running():
            permit = await self._turn(asked)
        wire = Wire()
        try:
            self._refuse_here(asked)
            self._refuse_old_nonce(asked, tries)
            at, answer = await self._exchange(asked, wire)
        except BaseException as error:
            (self.gate.lose if wire.sent else self.gate.give_back)(permit)
            if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
                return Dropped(wire.sent, _reason(error))
            raise
        self._settle(permit, answer, at, tries)
        return answer

    async def _turn(self, asked: Prepared) -> Permit:
        """Wait for the turn, and again if doubts came up meanwhile whether to send at all."""
        while asked.footing is not None:
            await asked.footing.firm()
            permit = await self.gate.enter(asked.turn)
            if not asked.footing.doubtful:
                return permit
            self.gate.give_back(permit)
        return await self.gate.enter(asked.turn)

    async def _exchange(self, asked: Prepared, wire: Wire) -> tuple[float, Answer]:
        async with self.session().request(
            asked.call.method,
            asked.url,
            headers=asked.headers,
            data=asked.body.encoded(),
            allow_redirects=False,
            trace_request_ctx=wire,
            **asked.options,
        ) as response:
            at = self._now()
            return at, Answer(response.status, response.headers.copy(), await whole(asked.call, response))

    def _settle(self, permit: Permit, answer: Answer, at: float, tries: _Tries) -> None:
        if answers.counts_as_invalid(answer):
            self.budget.count(at)
        block = self._obey(answer, tries) if answer.status == 429 else 0.0
        said = announced(answer.headers, at)
        self.gate.settle(permit, said, at=at, well=answers.good(answer), block=block)

    def _obey(self, answer: Answer, tries: _Tries) -> float:
        """Block what a 429 concerns; return the seconds for which it concerns the request's own bucket."""
        limit = answers.rate_limit(answer)
        after = limit.after
        seconds = self.retries.pause(tries.limited + 1, self.draw()) if after is None else after + ROUNDING
        if limit.scope == "edge":
            self.gate.block_address(seconds)
        elif limit.scope == "global":
            self.gate.block_bot(seconds)
        else:
            return seconds
        return 0.0

    def _refuse_here(self, asked: Prepared) -> None:
        """Raise instead of sending what Discord would only hold against the bot."""
        if self.token_refused:
            raise TokenRefused(asked.call.method, asked.call.template, 401)
        refused = self.budget.spent(self._now())
        if refused:
            raise InvalidBudgetSpent(asked.call.method, asked.call.template, self.budget.most, refused)

    def _refuse_old_nonce(self, asked: Prepared, tries: _Tries) -> None:
        if tries.lost_at is not None and self._now() - tries.lost_at > NONCE_LASTS:
            raise LostAnswer(
                asked.call.method, asked.call.template, Phrase("waited longer than Discord remembers the nonce")
            )

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


async def whole(call: Call, response: aiohttp.ClientResponse) -> bytes:
    """Return a body. Raise TooMuch rather than take in more than an answer can have."""
    taken = bytearray()
    async for part in response.content.iter_any():
        taken += part
        if len(taken) > LARGEST:
            raise TooMuch(call.method, call.template, LARGEST)
    return bytes(taken)


def _reason(error: BaseException) -> str:
    """Return what went wrong with a connection, without the address, which may hold a token."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{type(error).__name__}: {error.message}"
    if isinstance(error, aiohttp.InvalidURL):
        return Phrase("the address is not valid")
    return str(error) or type(error).__name__

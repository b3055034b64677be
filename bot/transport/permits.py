"""Makes requests wait for their turn: in their bucket first, then in the global pace. `bot.http` enters and settles.

In both queues everything INTERACTIVE goes ahead of everything BULK, and within one priority first come, first served.
Bulk work could only starve if people alone kept a bucket or 45 requests a second busy; nothing more is done about that.
Cancelling a waiting request leaves nothing behind.
"""

import asyncio
import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.transport.ratelimits import Announcement, Bucket, Lane, Ledger, Pace, Permit, Priority

OnWait = Callable[[float, str], None]

LONG_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the queues need to know of a request; `kept` is what bulk work leaves of a window for people."""

    lane: Lane
    priority: Priority = Priority.INTERACTIVE
    kept: int = 0
    paced: bool = True


@dataclass(order=True, slots=True)
class _Waiter:
    priority: Priority
    number: int
    request: Request = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)
    announced: bool = field(compare=False, default=False)
    permit: Permit | None = field(compare=False, default=None)


@dataclass(slots=True)
class _Queue:
    """Waiting requests in order, and the timer that looks at the first of them again."""

    waiters: list[_Waiter] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None

    def first(self) -> _Waiter | None:
        """Return the first that still waits; the cancelled ones fall out here."""
        while self.waiters and self.waiters[0].turn.done():
            heapq.heappop(self.waiters)
        return self.waiters[0] if self.waiters else None

    def look_again(self, pause: float, look: Callable[[], None]) -> None:
        """Call `look` after the pause; an infinite one waits for an answer instead."""
        self.forget_timer()
        if pause < math.inf:
            self.timer = asyncio.get_running_loop().call_later(pause, look)

    def forget_timer(self) -> None:
        """Stop the timer."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class _Announcer:
    """Tells about long waits, once per waiting request."""

    def __init__(self, on_wait: OnWait | None) -> None:
        self._on_wait = on_wait

    def tell(self, waiter: _Waiter, pause: float) -> None:
        """Announce a wait over 10 s; what the callback raises becomes the waiting request's error."""
        if self._on_wait is None or waiter.announced or not LONG_WAIT < pause < math.inf:
            return
        waiter.announced = True
        try:
            self._on_wait(pause, waiter.request.lane.route)
        except Exception as refusal:  # the owner of the waiting request decides what it means
            waiter.turn.set_exception(refusal)


class _PacedQueue:
    """The queue in front of one Pace."""

    def __init__(self, pace: Pace, announcer: _Announcer) -> None:
        self._pace = pace
        self._announcer = announcer
        self._queue = _Queue()

    async def enter(self, waiter: _Waiter) -> None:
        """Wait for a turn; one that is cancelled at the last moment is simply not used."""
        heapq.heappush(self._queue.waiters, waiter)
        self._pump()
        await waiter.turn

    def block(self, until: float) -> None:
        """Let nobody through before this time."""
        self._pace.block(until)

    def _pump(self) -> None:
        now = asyncio.get_running_loop().time()
        while (waiter := self._queue.first()) is not None:
            pause = self._pace.pause(now)
            if pause > 0:
                self._announcer.tell(waiter, pause)
                if waiter.turn.done():
                    continue
                self._queue.look_again(pause, self._pump)
                return
            self._pace.take(now)
            waiter.turn.set_result(None)
        self._queue.forget_timer()


class Gate:
    """All queues of one bot."""

    def __init__(self, per_second: float, on_wait: OnWait | None = None) -> None:
        self._ledger = Ledger()
        self._announcer = _Announcer(on_wait)
        self._queues: dict[Bucket, _Queue] = {}
        self._global = _PacedQueue(Pace(per_second), self._announcer)
        self._exempt = _PacedQueue(Pace(math.inf), self._announcer)
        self._numbers = count()

    async def enter(self, request: Request) -> Permit:
        """Wait until the request may be sent; whoever enters must settle, lose or give back the permit."""
        while True:
            permit = await self._bucket_turn(request)
            try:
                await (self._global if request.paced else self._exempt).enter(self._waiter(request))
            except BaseException:
                self.give_back(permit)
                raise
            if not permit.bucket.blocked(self._now()):
                return permit
            self.give_back(permit)

    def give_back(self, permit: Permit) -> None:
        """Return a permit that was not used."""
        self._ledger.give_back(permit)
        self._pump(permit.bucket)

    def lose(self, permit: Permit) -> None:
        """Settle a request that got no answer."""
        self._ledger.lose(permit)
        self._pump(permit.bucket)

    def settle(self, permit: Permit, said: Announcement | None, *, at: float, well: bool, block: float = 0.0) -> None:
        """Settle a request answered at a time; `block` are the seconds for which a 429 closed its bucket.

        `well` tells a route without limits from an answer that lacks its headers.
        """
        renamed = False
        if said is None and well:
            self._ledger.settle_unlimited(permit)
        else:
            renamed = self._ledger.settle(permit, said, at)
        bucket = self._ledger.bucket(permit.lane)
        if block:
            bucket.block(at + block)
        for waited_for in list(self._queues) if renamed else [bucket]:
            self._pump(waited_for)

    def block_bot(self, seconds: float) -> None:
        """Obey a global 429, which does not concern interaction endpoints."""
        self._global.block(self._now() + seconds)

    def block_address(self, seconds: float) -> None:
        """Obey a 429 that is not Discord's own but its edge's: it concerns everything."""
        self.block_bot(seconds)
        self._exempt.block(self._now() + seconds)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _waiter(self, request: Request) -> _Waiter:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return _Waiter(request.priority, next(self._numbers), request, turn)

    async def _bucket_turn(self, request: Request) -> Permit:
        waiter = self._waiter(request)
        bucket = self._ledger.bucket(request.lane)
        self._push(bucket, waiter)
        self._pump(bucket)
        try:
            await waiter.turn
        except BaseException:
            if waiter.permit is not None:
                self.give_back(waiter.permit)
            self._pump(self._ledger.bucket(request.lane))
            raise
        assert waiter.permit is not None  # noqa: S101 - granted together with the turn
        return waiter.permit

    def _push(self, bucket: Bucket, waiter: _Waiter) -> None:
        heapq.heappush(self._queues.setdefault(bucket, _Queue()).waiters, waiter)

    def _pump(self, bucket: Bucket) -> None:
        """Let through whoever may go; take along those whose route turned out to belong to another bucket."""
        queue = self._queues.get(bucket)
        moved: set[Bucket] = set()
        while queue is not None and (waiter := queue.first()) is not None:
            home = self._ledger.bucket(waiter.request.lane)
            if home is not bucket:
                self._push(home, heapq.heappop(queue.waiters))
                moved.add(home)
            elif self._must_wait(queue, waiter, bucket):
                break
            elif not waiter.turn.done():
                waiter.permit = self._ledger.take(waiter.request.lane)
                waiter.turn.set_result(None)
        if queue is not None and not queue.waiters:
            queue.forget_timer()
            del self._queues[bucket]
        for home in moved:
            self._pump(home)

    def _must_wait(self, queue: _Queue, waiter: _Waiter, bucket: Bucket) -> bool:
        pause = bucket.pause(self._now(), waiter.request.priority, waiter.request.kept)
        if pause <= 0:
            return False
        self._announcer.tell(waiter, pause)
        if waiter.turn.done():
            return False
        queue.look_again(pause, lambda: self._pump(bucket))
        return True

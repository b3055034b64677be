"""Bookkeeping of Discord's rate limits: true buckets, the global pace, the budget of refused requests.

Pure: every method is told the time (seconds of any steady clock). `permits` makes requests wait accordingly.
Rules: https://discord.com/developers/docs/topics/rate-limits
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

# Headers are rounded to milliseconds, perhaps downwards.
ROUNDING = 0.001

# Someone who just joined should not wait for a long window that bulk work has used up.
_KEPT_UNTIL = 1.5
_WORTH_KEEPING = 5


class Priority(IntEnum):
    """Order waiting requests: a person waits for the first, a run for the second."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the headers of one answer say about its bucket; `reset` is on Discord's clock, `reset_after` in seconds."""

    bucket: str
    limit: int
    remaining: int
    reset: float
    reset_after: float

    @property
    def processed(self) -> float:
        """Return when Discord counted the request, on Discord's clock."""
        return self.reset - self.reset_after


def announced(headers: Mapping[str, str], now: float) -> Announcement | None:
    """Read the rate-limit headers of an answer; None when they are missing or make no sense."""
    try:
        after = float(headers["X-RateLimit-Reset-After"])
        reset = float(headers.get("X-RateLimit-Reset", now + after))
        found = Announcement(
            headers["X-RateLimit-Bucket"],
            int(headers["X-RateLimit-Limit"]),
            int(headers["X-RateLimit-Remaining"]),
            reset,
            after,
        )
    except (KeyError, ValueError):
        return None
    return found if math.isfinite(after) and math.isfinite(reset) and after >= 0 else None


@dataclass(frozen=True, slots=True)
class Lane:
    """Where requests queue: a route (method and template) together with its major parameter."""

    route: str
    major: str


@dataclass(eq=False, slots=True)
class Bucket:
    """One limit: how many requests its window still takes. Unknown at first, then one request at a time probes it."""

    limit: float = 1
    left: float = 1
    ends_at: float = -math.inf
    blocked_until: float = -math.inf
    lost: int = 0
    lost_before: int = 0
    in_flight: set["Permit"] = field(default_factory=set)
    _opened: float = -math.inf
    _reset: float = -math.inf
    _closed: bool = True

    def pause(self, now: float, priority: Priority = Priority.INTERACTIVE, kept: int = 0) -> float:
        """Return the seconds until one more request may go: 0 now, infinity when an answer must come first.

        `kept` requests of a window are held back from bulk work until shortly before the window ends.
        """
        if now < self.blocked_until:
            return self.blocked_until - now
        self._roll(now)
        if self._free(now, priority, kept) >= 1 or (self._closed and not self.in_flight):
            return 0.0
        if self._closed:
            return math.inf
        free_later = priority is Priority.BULK and self._free(now, priority, 0) >= 1
        return self.ends_at - now - (_KEPT_UNTIL if free_later else 0.0)

    def blocked(self, now: float) -> bool:
        """Say whether a 429 forbids requests at this moment."""
        return now < self.blocked_until

    def idle(self, now: float) -> bool:
        """Say whether forgetting this bucket would lose nothing but its size."""
        return not self.in_flight and now > max(self.ends_at, self.blocked_until)

    def _free(self, now: float, priority: Priority, kept: int) -> float:
        """Return how many requests may go: every one in flight may still have to be counted by Discord."""
        early = self._closed or self.ends_at - now > _KEPT_UNTIL
        held = kept if priority is Priority.BULK and early and self.limit >= _WORTH_KEEPING else 0
        return self.left - self.lost - self.lost_before - len(self.in_flight) - held

    def _roll(self, now: float) -> None:
        """Open the next window; its end is known with the first answer."""
        if not self._closed and now >= self.ends_at:
            # Near the turn of a window nobody knows in which one a lost request was counted: charge it to both.
            self._closed, self.left, self.lost, self.lost_before = True, self.limit, 0, self.lost

    def learn(self, said: Announcement, now: float) -> None:
        """Take over what an answer announced; answers may arrive in any order and from the previous window."""
        after_window = said.processed >= self._reset - ROUNDING
        before_window = said.reset <= self._opened + ROUNDING or (self._closed and not after_window)
        if before_window:
            return
        self.limit = max(1, said.limit)
        if after_window:
            self._opened, self._reset, self.left, self.ends_at = said.processed, said.reset, said.remaining, -math.inf
        self._closed = False
        self._opened = min(self._opened, said.processed)
        self._reset = max(self._reset, said.reset)
        self.left = min(self.left, said.remaining)
        self.ends_at = max(self.ends_at, now + said.reset_after + ROUNDING)

    def block(self, until: float) -> None:
        """Send nothing before this time."""
        self.blocked_until = max(self.blocked_until, until)


@dataclass(eq=False, slots=True)
class Permit:
    """The right to send one request, charged to a bucket until it is settled."""

    lane: Lane
    bucket: Bucket


def _move(permit: Permit, bucket: Bucket) -> None:
    permit.bucket.in_flight.discard(permit)
    permit.bucket = bucket
    bucket.in_flight.add(permit)


class Ledger:
    """All buckets, found by lane; learns from the answers which lanes share one."""

    def __init__(self) -> None:
        self._hashes: dict[Lane, str] = {}
        self._usual: dict[str, str] = {}
        self._unlimited: set[str] = set()
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._sweep_at = 1024

    def bucket(self, lane: Lane) -> Bucket:
        """Return the bucket of a lane; before its first answer the one its route usually has."""
        known = self._hashes.get(lane) or self._usual.get(lane.route)
        key = (known or lane.route, lane.major)
        if key not in self._buckets:
            size = math.inf if not known and lane.route in self._unlimited else 1
            self._buckets[key] = Bucket(limit=size, left=size)
        return self._buckets[key]

    def take(self, lane: Lane) -> Permit:
        """Charge one request to the lane's bucket."""
        permit = Permit(lane, self.bucket(lane))
        permit.bucket.in_flight.add(permit)
        return permit

    def give_back(self, permit: Permit) -> None:
        """Return a permit whose request was never sent."""
        permit.bucket.in_flight.discard(permit)

    def lose(self, permit: Permit) -> None:
        """Settle a request without news: Discord may have counted it."""
        self.give_back(permit)
        permit.bucket.lost += 1

    def settle(self, permit: Permit, said: Announcement | None, now: float) -> bool:
        """Settle an answered request with what its headers announce; return whether lanes moved to other buckets."""
        if said is None:
            self.lose(permit)
            return False
        renamed = self._hashes.get(permit.lane) != said.bucket
        if renamed:
            self._rename(permit.lane, said.bucket)
        self.give_back(permit)
        self.bucket(permit.lane).learn(said, now)
        self._sweep(now)
        return renamed

    def settle_unlimited(self, permit: Permit) -> None:
        """Settle an answer that names no limit although all is well: its route has none."""
        self.give_back(permit)
        if permit.lane not in self._hashes and permit.lane.route not in self._usual:
            self._unlimited.add(permit.lane.route)
            permit.bucket.limit = permit.bucket.left = math.inf

    def _rename(self, lane: Lane, name: str) -> None:
        """Give a lane its bucket, and take along what it has in flight."""
        if lane.route not in self._usual:
            self._name_route(lane.route, name)
        old = self.bucket(lane)
        self._hashes[lane] = name
        new = self.bucket(lane)
        for permit in [held for held in old.in_flight if held.lane == lane]:
            _move(permit, new)

    def _name_route(self, route: str, name: str) -> None:
        """Let all lanes of a route share the bucket that the first answer named, with what they have in flight."""
        self._usual[route] = name
        self._unlimited.discard(route)
        for key in [key for key in self._buckets if key[0] == route]:
            old = self._buckets.pop(key)
            old.limit, old.left = min(old.limit, 1), min(old.left, 1)
            new = self._buckets.setdefault((name, key[1]), old)
            for permit in list(old.in_flight):
                _move(permit, new)

    def _sweep(self, now: float) -> None:
        """Forget idle buckets now and then: every interaction token makes one."""
        if len(self._buckets) <= self._sweep_at:
            return
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.idle(now)}
        self._hashes = {lane: name for lane, name in self._hashes.items() if (name, lane.major) in self._buckets}
        self._sweep_at = max(1024, 2 * len(self._buckets))


class Pace:
    """The global limit, kept by spacing: at most `burst` at once and `per_second` thereafter."""

    def __init__(self, per_second: float, burst: int = 2) -> None:
        self._gap = 1 / per_second
        self._slack = (burst - 1) * self._gap
        self._next = -math.inf
        self._blocked_until = -math.inf

    def pause(self, now: float) -> float:
        """Return the seconds until one more request may go."""
        return max(0.0, self._next - self._slack - now, self._blocked_until - now)

    def take(self, now: float) -> None:
        """Count one request."""
        self._next = max(self._next, now) + self._gap

    def block(self, until: float) -> None:
        """Send nothing before this time."""
        self._blocked_until = max(self._blocked_until, until)


class InvalidBudget:
    """Requests refused with 401, 403 or an unshared 429: Discord blocks an address at 10,000 in 10 minutes."""

    WINDOW = 600.0

    def __init__(self, most: int = 2500) -> None:
        self.most = most
        self._refused: deque[float] = deque(maxlen=most)

    def count(self, now: float) -> None:
        """Count one refused request."""
        self._refused.append(now)

    def spent(self, now: float) -> float:
        """Return the seconds until requests may be sent again; 0 while the budget lasts."""
        while self._refused and self._refused[0] <= now - self.WINDOW:
            self._refused.popleft()
        return self._refused[0] + self.WINDOW - now if len(self._refused) >= self.most else 0.0

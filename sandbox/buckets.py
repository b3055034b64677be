"""The rate-limit engine: counts requests per true bucket and says what an answer's headers must announce.

It knows neither HTTP nor which route has which limit; `limits` has the table and `ratelimits` the middleware.
"""

import hashlib
import math
from collections.abc import Hashable
from dataclasses import dataclass, field

_SWEEP_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` requests per `window` seconds; routes that name the same bucket share it."""

    bucket: str
    count: int
    window: float

    @property
    def hash(self) -> str:
        """Return the opaque id that is announced for the bucket; it leaves the major parameter out."""
        return hashlib.sha256(self.bucket.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one request found in its window: whether it may pass, and what is left until the reset (s)."""

    allowed: bool
    remaining: int
    reset_after: float


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(slots=True)
class Windows:
    """Fixed windows by key; a window opens with its first request. The caller brings the clock."""

    _open: dict[Hashable, _Window] = field(default_factory=dict)
    _takes: int = 0

    def take(self, key: Hashable, count: int, window: float, now: float) -> Taken:
        """Use one of `count` in the key's window; a refused request uses nothing."""
        self._sweep(now)
        current = self._open.get(key)
        if current is None or now >= current.ends:
            current = self._open[key] = _Window(ends=now + window)
        allowed = current.used < count
        current.used += allowed
        return Taken(allowed, count - current.used, _milliseconds_up(current.ends - now))

    def exhausted_for(self, key: Hashable, count: int, now: float) -> float:
        """Return for how many seconds the key has nothing left, 0.0 if it has; uses nothing."""
        current = self._open.get(key)
        if current is None or now >= current.ends or current.used < count:
            return 0.0
        return _milliseconds_up(current.ends - now)

    def clear(self) -> None:
        """Forget every window."""
        self._open.clear()

    def _sweep(self, now: float) -> None:
        self._takes += 1
        if self._takes % _SWEEP_EVERY == 0:
            self._open = {key: window for key, window in self._open.items() if window.ends > now}


def _milliseconds_up(seconds: float) -> float:
    # Rounded up: a client that waits exactly as long as announced must never come too early.
    return math.ceil(seconds * 1000) / 1000

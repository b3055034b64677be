"""Faults on demand: what is armed, when it strikes and how often.

Choosing is pure: clock and dice come from outside. `mishaps` carries faults out over HTTP, `gateway` its own.
"""

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What goes wrong."""

    RATE_LIMIT = "rate_limit"
    ERROR = "error"
    DROP = "drop"
    LOSE = "lose"
    SLOW = "slow"
    DUPLICATE_EVENT = "duplicate_event"
    DELAY_EVENT = "delay_event"
    SWALLOW_EVENT = "swallow_event"


_NUMBERS = frozenset({"count", "after", "probability", "seconds", "status", "delay", "retry_after"})
_OPTIONAL = frozenset({"count", "seconds"})
EVENT_KINDS = frozenset({Kind.DUPLICATE_EVENT, Kind.DELAY_EVENT, Kind.SWALLOW_EVENT})


class Headers(StrEnum):
    """What the headers of an injected 429 say."""

    RIGHT = "right"
    LYING = "lying"
    NONE = "none"


class Scope(StrEnum):
    """Whose limit an injected 429 claims to be."""

    USER = "user"
    GLOBAL = "global"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault. `route` is a template such as `/channels/{channel_id}/messages`; `*` means any.

    It skips its first `after` matches, strikes at most `count` times (None: always), each time with
    `probability`, and ends `seconds` after it was armed (None: never). `event` names gateway events.
    """

    kind: Kind
    method: str = "*"
    route: str = "*"
    event: str = "*"
    count: int | None = 1
    after: int = 0
    probability: float = 1.0
    seconds: float | None = None
    status: int = 502
    delay: float = 1.0
    retry_after: float = 1.0
    scope: Scope = Scope.USER
    headers: Headers = Headers.RIGHT
    html: bool = False


@dataclass(slots=True)
class _Armed:
    id: int
    fault: Fault
    until: float | None
    matched: int = 0
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The armed faults of one sandbox; the one armed first strikes first."""

    clock: Callable[[], float] = time.monotonic
    dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable, no secret
    _armed: dict[int, _Armed] = field(default_factory=dict)
    _last_id: int = 0

    def arm(self, fault: Fault) -> int:
        """Arm a fault and return its id."""
        self._last_id += 1
        until = None if fault.seconds is None else self.clock() + fault.seconds
        self._armed[self._last_id] = _Armed(self._last_id, fault, until)
        return self._last_id

    def clear(self, fault_id: int | None = None) -> None:
        """Disarm one fault, or all."""
        if fault_id is None:
            self._armed.clear()
        else:
            self._armed.pop(fault_id, None)

    def seed(self, value: int) -> None:
        """Make the coming chances repeatable."""
        self.dice.seed(value)

    def strike(self, method: str, route: str) -> Fault | None:
        """Return the fault that befalls this request, and count it."""
        return self._first(lambda f: f.kind not in EVENT_KINDS and _matches(f, method, route))

    def strike_event(self, name: str) -> Fault | None:
        """Return the fault that befalls this gateway event, and count it."""
        return self._first(lambda f: f.kind in EVENT_KINDS and f.event in ("*", name))

    def to_json(self) -> list[dict[str, Any]]:
        """Return what is armed and how often each has struck."""
        return [
            {"id": armed.id, **asdict(armed.fault), "matched": armed.matched, "struck": armed.struck}
            for armed in self._armed.values()
        ]

    def _first(self, matches: Callable[[Fault], bool]) -> Fault | None:
        for armed in self._armed.values():
            if matches(armed.fault) and self._strikes(armed):
                return self._as_of_now(armed)
        return None

    def _strikes(self, armed: _Armed) -> bool:
        fault = armed.fault
        if armed.until is not None and self.clock() >= armed.until:
            return False
        if fault.count is not None and armed.struck >= fault.count:
            return False
        armed.matched += 1
        if armed.matched <= fault.after or self.dice.random() >= fault.probability:
            return False
        armed.struck += 1
        return True

    def _as_of_now(self, armed: _Armed) -> Fault:
        if armed.until is None or armed.fault.kind is not Kind.RATE_LIMIT:
            return armed.fault
        # A storm with an end announces that end, so that who waits as told is served.
        left = armed.until - self.clock()
        return replace(armed.fault, retry_after=math.ceil(left * 1000) / 1000)


def parse(body: Mapping[str, Any]) -> Fault:
    """Return the fault a JSON object describes; ValueError names what is wrong with it."""
    unknown = sorted(set(body) - set(Fault.__dataclass_fields__))
    if unknown:
        raise ValueError(f"unknown fault setting: {', '.join(unknown)}")
    values = dict(body)
    for name, choices in (("kind", Kind), ("scope", Scope), ("headers", Headers)):
        if name in values:
            values[name] = choices(values[name])
    if "kind" not in values:
        raise ValueError(f"a fault needs a kind: {', '.join(Kind)}")
    for name in _NUMBERS & set(values) - {key for key in _OPTIONAL if values.get(key) is None}:
        if not isinstance(values[name], int | float) or values[name] < 0:
            raise ValueError(f"the setting {name} of a fault must be a number from 0 on")
    return Fault(**values)


def _matches(fault: Fault, method: str, route: str) -> bool:
    return fault.method in ("*", method) and fault.route in ("*", route)

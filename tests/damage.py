"""Damage to a JSON document, as a bad proxy, a full disk or a bug of the other side does it; for property tests."""

import copy
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

LONG = 100_000


class How(StrEnum):
    """What happens to a value."""

    REPLACE = "replace"
    DROP = "drop"
    EMPTY = "empty"
    DOUBLE = "double"
    SHORTEN = "shorten"


def nested(depth: int) -> Any:
    """Return lists within lists."""
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 2**53 + 1, 2**70, -(2**70), 0.5, 1e308, math.nan, math.inf),
    *("", "x", "1", "01", "²", "\u0000", "\ud800", "9" * 25, "x" * LONG, "{place}", "<b>"),
    *([], {}, [None], [[]], ["1"], {"id": None}, {"id": "1"}, {"x": 1}, nested(60)),
)


@dataclass(frozen=True)
class Damage:
    """One damage: the steps to the damaged value, each counted among its neighbours, and what happens to it."""

    steps: tuple[int, ...]
    how: How
    junk: int = 0

    def of(self, document: Any) -> Any:
        """Return a damaged copy of a document."""
        holder = [copy.deepcopy(document)]
        inside: Any = holder
        key: Any = 0
        for step in self.steps:
            found = inside[key]
            if not isinstance(found, dict | list) or not found:
                break
            inside = found
            key = sorted(inside)[step % len(inside)] if isinstance(inside, dict) else step % len(inside)
        self._strike(inside, key)
        return holder[0] if holder else None

    def _strike(self, inside: Any, key: Any) -> None:
        found = inside[key]
        match self.how:
            case How.REPLACE:
                inside[key] = JUNK[self.junk % len(JUNK)]
            case How.DROP:
                del inside[key]
            case How.EMPTY:
                inside[key] = type(found)() if isinstance(found, dict | list | str) else None
            case How.DOUBLE:
                inside[key] = found * 2 if isinstance(found, list | str) else [found]
            case How.SHORTEN:
                inside[key] = found[: len(found) // 2] if isinstance(found, list | str) else 0


def damages() -> st.SearchStrategy[Damage]:
    """Draw a damage, as often near the root of a document as deep in it."""
    steps = st.lists(st.integers(0, 500), max_size=6).map(tuple)
    return st.builds(Damage, steps, st.sampled_from(How), st.integers(0, len(JUNK) - 1))

"""Decide how courses fit under Discord's ceilings: channels per module, or a forum whose posts are the modules.

Limits: https://discord.com/developers/docs/topics/opcodes-and-status-codes (30005, 30013, 30003) and …/channel.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

MAX_CHANNELS = 500
MAX_IN_CATEGORY = 50
MAX_ROLES = 250
MAX_PINS = 250
MAX_TAGS = 20
TAG_LIMIT = 20  # characters
TAGS_ON_A_POST = 5
OUR_PINS = 225  # in one channel: what people pin themselves needs room too
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Demand:
    """How many channels a course asks for. `built` tells how it stands today: channels, forum or nothing yet."""

    course: str
    modules: int
    others: int
    built: str = ""

    def channels(self, *, forum: bool) -> int:
        """Count the course's channels and the categories they fill."""
        inside = self.others + (1 if forum and self.modules else self.modules)
        return inside + max(1, -(-inside // MAX_IN_CATEGORY))


def forums(layout: str, demands: Iterable[Demand], free: int) -> frozenset[str]:
    """Choose the courses that use a forum. In `auto` the largest courses give way first, and what is built stays.

    Turning a built course into a forum would free nothing: its channels are archived, and still count.
    """
    demands = tuple(demands)
    if layout != "auto":
        return frozenset(d.course for d in demands if layout == "forum")
    chosen = {d.course for d in demands if d.built == "forum"}
    used = sum(d.channels(forum=d.course in chosen) for d in demands)
    new = [demand for demand in demands if not demand.built and demand.modules > 1]
    for demand in sorted(new, key=lambda d: (-d.modules, d.course)):
        if used > free:
            chosen.add(demand.course)
            used -= demand.channels(forum=False) - demand.channels(forum=True)
    return frozenset(chosen)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a server will hold after a plan, of what it may hold."""

    use: Mapping[str, tuple[int, int]]

    def excess(self) -> tuple[str, ...]:
        """Name what would be over its ceiling."""
        return tuple(name for name, (used, limit) in self.use.items() if used > limit)


def split(keys: Sequence[T]) -> tuple[tuple[T, ...], ...]:
    """Split channels over categories of at most 50; there is always one."""
    starts = range(0, len(keys), MAX_IN_CATEGORY)
    return tuple(tuple(keys[start : start + MAX_IN_CATEGORY]) for start in starts) or ((),)

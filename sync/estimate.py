"""Estimate a plan's requests and duration from Discord's limits as observed; the headers decide when it runs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sync.diff import Action, Change
from sync.resources import Discussion, Index, Member, Notice, Order, Pin, Post, Question, Thread

GLOBAL_PER_SECOND = 45.0
SECONDS_EACH = {
    "post": 1.0,
    "index": 1.0,
    "pin": 1.0,
    "discussion": 1.0,
    "notice": 1.0,
    "question": 1.0,
    "member": 1.0,
}  # 5 per 5 s and channel; 10 per 10 s and server
PIN_NOTICES = 2  # one list and one bulk delete for each channel with new pins


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many requests a plan sends, and about how many seconds that takes."""

    requests: int
    seconds: float


def estimate(changes: Iterable[Change]) -> Estimate:
    """Add up requests; channels work in parallel, so the slowest lane or the global limit decides."""
    changes = tuple(changes)
    requests = sum(_requests(change) for change in changes)
    requests += PIN_NOTICES * len({_lane(change) for change in changes if _pins(change)})
    lanes: defaultdict[str, float] = defaultdict(float)
    for change in changes:
        lanes[_lane(change)] += SECONDS_EACH.get(change.kind, 0.0)
    return Estimate(requests, round(max([requests / GLOBAL_PER_SECOND, *lanes.values()]), 1))


def _requests(change: Change) -> int:
    resource = change.resource
    if isinstance(resource, Member | Order):
        return 2  # a fresh read, then the write
    if isinstance(resource, Post | Index) and "channel" in change.fields and change.action is Action.UPDATE:
        return 3  # marked and unpinned where it was, posted where it is now
    return 2 if isinstance(resource, Pin) and resource.lifted else 1


def _pins(change: Change) -> bool:
    return change.kind == "pin" and change.action is not Action.DELETE


def _lane(change: Change) -> str:
    resource = change.resource
    if isinstance(resource, Post | Index | Pin | Discussion | Notice | Question):
        return resource.channel or ""
    return change.kind if isinstance(resource, Member | Thread) else ""

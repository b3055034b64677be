"""Decides from a module's restrictions when, and for which groups, students see it. Pure.

A restriction is a tree of conditions as JSON: {"op": "&", "c": [{"type": "date", "d": ">=", "t": 1795480469}]}.
What we cannot evaluate counts as not fulfilled, also where the tree negates it: nothing is shown too early.
Source: https://docs.moodle.org/dev/Availability_API
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

Audience = frozenset[frozenset[str]]  # alternatives; each names the groups that one must be in
NOBODY: Audience = frozenset()
EVERYBODY: Audience = frozenset({frozenset()})
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Release:
    """When students see something, and only which groups; `unread` names the conditions that we cannot evaluate."""

    hidden: bool = False
    start: datetime | None = None
    end: datetime | None = None
    groups: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class CourseGroups:
    """The groups of a course by id, and those of each grouping."""

    all: frozenset[str] = frozenset()
    groupings: Mapping[str, frozenset[str]] = field(default_factory=dict)


def release(restriction: str | None, groups: CourseGroups, now: datetime) -> Release:
    """Evaluate a restriction for the time that `now` falls into, or else the next time at which anybody sees it."""
    if not restriction:
        return Release()
    tree = _Tree(restriction, groups)
    edges: list[int | None] = [None, *sorted(tree.dates), None]
    spans = _joined((start, end, tree.audience(start)) for start, end in pairwise(edges))
    seen = [span for span in spans if span[2] and (span[1] is None or now.timestamp() < span[1])]
    unread = tuple(sorted(tree.unread))
    if not seen:
        return Release(hidden=True, unread=unread)
    start, end, audience = seen[0]
    own = tuple(sorted(group for alternative in audience for group in alternative))
    open_now = audience == EVERYBODY and (start is None or start <= now.timestamp())
    return Release(False, _moment(start), _moment(end), own, () if open_now else unread)


Span = tuple[int | None, int | None, Audience]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Join neighbouring spans of one audience."""
    found: list[Span] = []
    for start, end, audience in spans:
        if found and found[-1][2] == audience:
            found[-1] = found[-1][0], end, audience
        else:
            found.append((start, end, audience))
    return found


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class _Tree:
    """A parsed restriction with the dates in it, and the kinds of conditions that were not understood so far."""

    def __init__(self, text: str, groups: CourseGroups) -> None:
        self.unread: set[str] = set()
        self.dates: set[int] = set()
        self._groups = groups
        try:
            self._root = json.loads(text)
        except (ValueError, RecursionError):
            self._root = {"type": "damaged"}
        self._collect(self._root, DEEPEST)

    def audience(self, start: int | None) -> Audience:
        """Return who sees it in the span that begins at `start`."""
        return self._of(self._root, start, negated=False, depth=DEEPEST)

    def _collect(self, node: Any, depth: int) -> None:
        if isinstance(node, dict) and depth:
            moment = node.get("t")
            if node.get("type") == "date" and isinstance(moment, int) and 0 <= moment < 2**36:
                self.dates.add(moment)
            for child in _children(node):
                self._collect(child, depth - 1)

    def _of(self, node: Any, start: int | None, *, negated: bool, depth: int) -> Audience:
        if not isinstance(node, dict) or not depth:
            return self._unknown("damaged")
        if "c" in node:
            return self._of_branch(node, start, negated=negated, depth=depth)
        match node.get("type"):
            case "date":
                return self._of_date(node, start, negated=negated)
            case "group" | "grouping" if not negated:
                return frozenset(frozenset({group}) for group in self._named(node))
        return self._unknown(str(node.get("type", "damaged"))[:30])

    def _of_branch(self, node: dict[str, Any], start: int | None, *, negated: bool, depth: int) -> Audience:
        op = str(node.get("op"))
        if op not in {"&", "|", "!&", "!|"}:
            return self._unknown("damaged")
        inverted = op.startswith("!") != negated
        parts = [self._of(child, start, negated=inverted, depth=depth - 1) for child in _children(node)]
        if not parts:
            return EVERYBODY
        return self._all(parts) if op.endswith("&") != inverted else _smallest(one for part in parts for one in part)

    def _all(self, parts: Iterable[Audience]) -> Audience:
        """Return who fulfils all parts. Discord cannot show something to those who are in two groups at once."""
        found = EVERYBODY
        for part in parts:
            both = {one | other for one in found for other in part}
            if any(len(alternative) > 1 for alternative in both):
                self.unread.add("group & group")
            found = _smallest(alternative for alternative in both if len(alternative) < 2)
        return found

    def _of_date(self, node: dict[str, Any], start: int | None, *, negated: bool) -> Audience:
        moment, direction = node.get("t"), node.get("d")
        if moment not in self.dates or direction not in {">=", "<"}:
            return self._unknown("date")
        begun = start is not None and start >= moment
        return EVERYBODY if (begun == (direction == ">=")) != negated else NOBODY

    def _named(self, node: dict[str, Any]) -> frozenset[str]:
        identity = node.get("id")
        if node["type"] == "grouping":
            if str(identity) not in self._groups.groupings:
                self.unread.add("grouping")
            return self._groups.groupings.get(str(identity), frozenset())
        return self._groups.all if identity is None else frozenset({str(identity)})

    def _unknown(self, kind: str) -> Audience:
        self.unread.add(kind)
        return NOBODY


def _children(node: dict[str, Any]) -> list[Any]:
    children = node.get("c")
    return children if isinstance(children, list) else []


def _smallest(alternatives: Iterable[frozenset[str]]) -> Audience:
    """Leave out alternatives that ask for more than another one does."""
    kept: list[frozenset[str]] = []
    for one in sorted(set(alternatives), key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
    return frozenset(kept)

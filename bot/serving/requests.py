"""Requests for runs and how they merge while they wait; `desk` carries them out. Pure.

A request absorbs what it covers unless that is more urgent: whoever just joined does not wait for a run of the school.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.transport.ratelimits import Priority
from sync.scope import SCHOOL, Scope


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a run. `reasons` are words for the log.

    `gone` are messages and threads of ours that somebody deleted, `doubt` channels in which something may be otherwise.
    """

    scope: Scope = SCHOOL
    priority: Priority = Priority.BULK
    reasons: frozenset[str] = field(default_factory=frozenset)
    gone: frozenset[str] = field(default_factory=frozenset)
    doubt: frozenset[str] = field(default_factory=frozenset)

    def covers(self, other: "Request") -> bool:
        """Tell whether the other request is done when this one is, and no later than it should be."""
        return self.scope.covers(other.scope) and self.priority <= other.priority

    def absorb(self, other: "Request") -> "Request":
        """Give one request that keeps this one's scope and both ones' reasons."""
        gone, doubt = self.gone | other.gone, self.doubt | other.doubt
        return replace(self, reasons=self.reasons | other.reasons, gone=gone, doubt=doubt)


Pending = tuple[Request, ...]


def add(pending: Pending, new: Request) -> Pending:
    """Add a request: it joins one like it, or is absorbed, or absorbs what it covers."""
    for old in pending:
        if (joined := _join(old, new)) is not None:
            return add(tuple(other for other in pending if other is not old), joined)
    return tuple(_spared(request, (*pending, new)) for request in (*pending, new))


def _spared(request: Request, pending: Pending) -> Request:
    """Leave out members for whom something more urgent is asked anyway; somebody remains, or that would cover it."""
    sooner = [other for other in pending if other.scope.members and other.priority < request.priority]
    members = request.scope.members.difference(*(other.scope.members for other in sooner))
    return replace(request, scope=Scope(members=members)) if members else request


def _join(one: Request, other: Request) -> Request | None:
    if one.covers(other):
        return one.absorb(other)
    if other.covers(one):
        return other.absorb(one)
    if one.scope.members and other.scope.members and one.priority is other.priority:
        return replace(one.absorb(other), scope=Scope(members=one.scope.members | other.scope.members))
    return None


def merge(requests: Iterable[Request]) -> Pending:
    """Merge requests in the order in which they came."""
    pending: Pending = ()
    for request in requests:
        pending = add(pending, request)
    return pending


def take(pending: Pending, *, people: bool) -> tuple[Request | None, Pending]:
    """Take the most urgent request for some members, or the most urgent other one, and what remains."""
    fitting = [request for request in pending if bool(request.scope.members) is people]
    chosen = min(fitting, key=lambda request: request.priority, default=None)
    return chosen, tuple(request for request in pending if request is not chosen)

"""Write down what a run did, change by change, so that `undo` can take it back, in the form that tables keep. Pure.

An Entry is kept in one transaction with the Binding of its change. `undo` reads it, `store_journal` keeps it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from sync.diff import Action, Change
from sync.ledger import Binding
from sync.plan import Plan
from sync.ports import Entry, Sent
from sync.resources import (
    EMPTY_LOOK,
    KINDS,
    Category,
    Channel,
    Index,
    Notice,
    Order,
    Post,
    Question,
    Resource,
    Role,
    kind,
)

_CLASSES = {word: one for one, word in KINDS.items()}


class Journal:
    """The entries of one run, which has an id; without one nothing is written down."""

    def __init__(self, plan: Plan, run: str) -> None:
        self._run = run
        self._orders = _orders(plan, run) if run else []
        self._sorted = False

    def of(self, change: Change, sent: Sent, known: Binding | None) -> tuple[Entry, ...]:
        """Give what is to be kept of a change that was carried out; `known` is what was remembered before it."""
        if not self._run or sent.denied:
            return ()
        if change.kind == "order":
            self._sorted = True
            return ()
        orders, self._orders = self._orders, []
        return *orders, Entry(self._run, change.key, _before(change, known), _after(change, sent))

    def rest(self) -> tuple[Entry, ...]:
        """Give what came with no other change: that roles or channels were only sorted."""
        return tuple(self._orders) if self._sorted else ()


def dump(resource: Resource | None) -> dict[str, Any]:
    """Put a resource into plain values without its Key; what is as usual is left out."""
    if resource is None:
        return {}
    values = _adapter(kind(resource)).dump_python(resource, mode="json", exclude_defaults=True)
    return {kind(resource): {name: value for name, value in values.items() if name != "key" and value != {}}}


def load(key: str, values: Mapping[str, Any]) -> Resource | None:
    """Read back what `dump` gave."""
    for word, fields in values.items():
        loaded: Resource = _adapter(word).validate_python({"key": key, **fields})
        return loaded
    return None


@cache
def _adapter(word: str) -> TypeAdapter[Any]:
    return TypeAdapter(_CLASSES[word])


def _orders(plan: Plan, run: str) -> list[Entry]:
    """Remember how roles and channels stood, if the plan may mix them: one that comes back goes where it was."""
    sorted_anew = {change.key: change.desired for change in plan.changes if isinstance(change.desired, Order)}
    if not sorted_anew and not any(map(_mixes, plan.changes)):
        return []
    return [Entry(run, order.key, order, sorted_anew.get(order.key)) for order in plan.orders]


def _mixes(change: Change) -> bool:
    return isinstance(change.resource, Role | Category | Channel) and (
        change.action is not Action.UPDATE or "parent" in change.fields
    )


def _before(change: Change, known: Binding | None) -> Resource | None:
    """Return what there was; a category that goes takes along what its people were told of."""
    old = change.existing
    if isinstance(old, Category) and change.action is Action.DELETE and known is not None:
        return replace(old, told=dict(known.memo))
    return old


def _after(change: Change, sent: Sent) -> Resource | None:
    """Return what there is now, as far as `undo` needs it: the digest that stands for it, and no second text."""
    match change.desired:
        case Post(retired=True) as post:
            return replace(post, farewell=EMPTY_LOOK)
        case Post() | Index() as message:
            return replace(message, digest=sent.digest, farewell=EMPTY_LOOK)
        case Notice() as notice:
            return replace(notice, look=EMPTY_LOOK, entries=(), told={})
        case Question() as question:
            return replace(question, look=EMPTY_LOOK)
        case Category() | Channel() as place:
            return replace(place, told={})
    return change.desired


def messages() -> Iterable[str]:
    """Name the kinds whose text is not read back: what they said before a change is in the entry of the one before."""
    return KINDS[Post], KINDS[Index]

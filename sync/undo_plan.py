"""Plan to undo a run, and say which of it the next sync would do again. Pure; `undo` computes the State to go to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sync.diff import Change, diff
from sync.guild import Guild
from sync.ledger import Binding
from sync.phrases import joined
from sync.plan import NO_LIMITS, Facts, Notice, Plan, plan
from sync.refused import named
from sync.removals import Removal, hold, removals
from sync.resources import Order, State
from sync.texts import N_
from sync.undo import Undone

AGAIN = N_(
    "the next sync does this once more, because the class lists or the settings ask for it; mend them first: {what}"
)


@dataclass(frozen=True, slots=True)
class Now:
    """What there is, and what the sources ask for (`wanted`). `unsorted` says that people order roles and channels.

    `discarded` are the removals that somebody does not want.
    """

    school: str
    existing: State
    wanted: State
    guild: Guild
    bindings: Mapping[str, Binding]
    discarded: frozenset[Removal]
    refusals: tuple[Notice, ...]
    unsorted: bool


def undo_plan(undone: Undone, now: Now) -> Plan:
    """Plan what undoes a run. Nothing is held: somebody asks for this very run, and sees the plan first."""
    facts = Facts(
        now.school,
        now.existing,
        undone.state,
        undone.state,
        now.guild,
        now.bindings,
        NO_LIMITS,
        undone.left,
        now.refusals,
        unsorted=now.unsorted,
    )
    made = plan(facts)
    return replace(made, notices=(*made.notices, *_again(made, undone, now)))


def _again(made: Plan, undone: Undone, now: Now) -> Iterator[Notice]:
    """Compare the State to go to with what is wanted, as far as the plan changes something."""
    touched = {change.key for change in made.changes}
    changes = diff(undone.state, now.wanted)
    dropped = now.discarded | undone.restored
    going, _ = hold(changes, undone.state, removals(changes), NO_LIMITS, dropped)
    if again := [change for change in going if change.key in touched and not _sorts(change)]:
        yield Notice("undone-in-vain", AGAIN, {"what": joined("; ", named(again))})


def _sorts(change: Change) -> bool:
    return isinstance(change.desired, Order)

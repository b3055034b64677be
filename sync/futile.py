"""Find what a plan would do in vain because something else is left out of it; pure, `refused` uses it.

A list is written again for a line that still leads nowhere, and lifted above a pin that is not made.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sync import posts
from sync.diff import Action, Change
from sync.ledger import Binding
from sync.needs import needs
from sync.resources import Index, Pin

Bindings = Mapping[str, Binding]


def absent(changes: Sequence[Change], out: Iterable[Change]) -> frozenset[str]:
    """Name what will not be made: what is left out, and what needs it."""
    gone = {change.key for change in out if change.action is Action.CREATE}
    made = [change for change in changes if change.action is Action.CREATE and change.desired]
    while more := {c.key for c in made if c.desired and needs(c.desired) & gone} - gone:
        gone |= more
    return frozenset(gone)


def futile(changes: Sequence[Change], gone: frozenset[str], bindings: Bindings) -> frozenset[str]:
    """Name the changes that would leave everything as it is while `gone` are not made."""
    made = [change for change in changes if change.key not in gone]
    moving = {change.key for change in made if change.action is Action.CREATE or "channel" in change.fields}
    pinned = {change.desired.channel for change in made if change.key in moving and isinstance(change.desired, Pin)}
    lists = {change.key for change in made if _says_the_same(change, moving, bindings)}
    lifts = {change.key for change in made if _is_on_top(change, pinned, bindings)}
    return frozenset(lists | lifts)


def _says_the_same(change: Change, moving: Collection[str], bindings: Bindings) -> bool:
    """Tell whether a list would be written as it stands: none of its lines leads elsewhere than before."""
    old, new = change.existing, change.desired
    if not isinstance(old, Index) or not isinstance(new, Index) or set(change.fields) != {"digest"}:
        return False
    targets = [entry.target for entry in new.entries]
    ids = [posts.target_id(target, bindings) for target in targets]
    return not set(targets) & set(moving) and old.digest == posts.index_digest(new.look, new.entries, ids)


def _is_on_top(change: Change, pinned: Collection[str | None], bindings: Bindings) -> bool:
    """Tell whether a list to be lifted has nothing above it, and gets nothing above it."""
    pin, own = change.desired, bindings.get(change.key)
    if not isinstance(pin, Pin) or own is None or set(change.fields) != {"lifted"} or pin.channel in pinned:
        return False
    others = [
        b for b in bindings.values() if b.kind == "pin" and b.parent_id == own.parent_id and not _lists(b, bindings)
    ]
    return all(other.at <= own.at for other in others)


def _lists(pin: Binding, bindings: Bindings) -> bool:
    post = bindings.get(pin.key.removeprefix("pin/"))
    return post is not None and post.kind == "index"

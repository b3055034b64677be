"""Put roles or channels back into the relative order in which they were before a run. Pure."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from sync.ports import Entry
from sync.resources import Channel, Order, Resource, State


def order_back(entry: Entry | None, now: Order, there: Sequence[str], mixed: Collection[str]) -> tuple[Order, bool]:
    """Give the order of what is to be `there`, and tell whether somebody sorted it anew since, which stays.

    What is new keeps its place among the others; `mixed` are the Keys that the run itself may have moved.
    """
    known = set(there)
    left = [key for key in now.keys if key in known]
    current = [*left, *(key for key in there if key not in set(left))]
    before = entry.existing.keys if entry and isinstance(entry.existing, Order) else ()
    after = entry.desired.keys if entry and isinstance(entry.desired, Order) else ()
    made = after or tuple(key for key in before if key not in mixed)
    if not _agree(now.keys, before) and not _agree(now.keys, made):
        return replace(now, keys=tuple(current)), True
    return replace(now, keys=tuple(_in_slots(current, before))), False


def nested(order: Order, state: State, existing: State) -> Order:
    """Put channels behind their category, those for voice last, as Discord shows them."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for key in order.keys:
        place = state.get(key)
        children[(place.parent or "") if isinstance(place, Channel) else ""].append(key)
    first = [key for key in children[""] if isinstance(state.get(key), Channel)]
    found = list(first)
    for category in children[""]:
        if category not in first:
            found += [category, *sorted(children[category], key=lambda key: _is_voice(existing.get(key) or state[key]))]
    return replace(order, keys=tuple(found))


def _is_voice(place: Resource) -> bool:
    return isinstance(place, Channel) and place.type == "voice"


def in_order(state: State) -> State:
    """Let what is made come in the order in which it is to stand, as each is put behind the others."""
    orders = [resource for resource in state.values() if isinstance(resource, Order)]
    rank = {key: place for order in orders for place, key in enumerate(order.keys)}
    return dict(sorted(state.items(), key=lambda item: rank.get(item[0], -1)))


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether what both have stands in the same order."""
    return [key for key in one if key in set(other)] == [key for key in other if key in set(one)]


def _in_slots(current: Sequence[str], before: Sequence[str]) -> list[str]:
    """Sort what was there before into the places that it takes now."""
    known = set(current)
    sorted_ = iter([key for key in before if key in known])
    ours = set(before)
    return [next(sorted_) if key in ours else key for key in current]

"""Leave as people made it what a school's settings respect, until the source itself says something new. Pure.

What was sent last is remembered field by field: where the server shows something else, a person changed it, and where
the desired value is another one, the source did. So nothing is left that Kopir failed to send.
"""

import hashlib
import json
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace

from sync.diff import Change, plain
from sync.ledger import Binding
from sync.observe import granted
from sync.resources import Category, Channel, Member, Order, Resource, Role, State, Thread

_FIELDS: Mapping[str, Mapping[type, tuple[str, ...]]] = {
    "roles": {Role: ("name", "colour", "hoist", "permissions")},
    "channels": {Category: ("name",), Channel: ("name", "topic"), Thread: ("name",)},
    "overwrites": {Category: ("overwrites",), Channel: ("overwrites",)},
    "order": {Channel: ("parent",)},
    "nicknames": {Member: ("nick",)},
}
ROLES = "roles"  # of a member


def sent(resource: Resource, before: Mapping[str, str], written: Container[str] = ()) -> Mapping[str, str]:
    """Note what a resource was told: the `written` fields anew, others as before, as people may have changed them."""
    fields = {field for kinds in _FIELDS.values() for field in kinds.get(type(resource), ())}
    values = {field: getattr(resource, field) for field in fields}
    stamps = {field: stamp(value) for field, value in values.items() if value is not None}
    return {**stamps, **before, **{field: value for field, value in stamps.items() if field in written}}


def stamp(value: object) -> str:
    """Stand for a value."""
    return hashlib.sha256(json.dumps(plain(value), sort_keys=True).encode()).hexdigest()[:8]


def respecting(desired: State, existing: State, bindings: Mapping[str, Binding], respected: Collection[str]) -> State:
    """Give the desired State with the values that people chose, as far as they are respected."""
    chosen = [kinds for what, kinds in _FIELDS.items() if what in respected]
    if not chosen:
        return desired
    state = dict(desired)
    for key, new in desired.items():
        fields = [field for kinds in chosen for field in kinds.get(type(new), ())]
        if fields and type(existing.get(key)) is type(new):
            state[key] = _as_people_made_it(new, existing[key], fields, bindings[key].sent)
    return state


def sorts_anew(change: Change) -> bool:
    """Tell whether a change would put roles or channels in another order than people gave them."""
    return isinstance(change.existing, Order) and bool(change.existing.keys)


def taken(binding: Binding | None, held: Collection[str]) -> frozenset[str]:
    """Return the roles that we gave and somebody took away; none where a run was cut before it had given them."""
    if binding is None or binding.sent.get(ROLES) != stamp(granted(binding)):
        return frozenset()
    return granted(binding).difference(held)


def no_longer_given(desired: State, existing: State, bindings: Mapping[str, Binding]) -> tuple[Binding, ...]:
    """Give the memories of roles that were taken away and are not wanted any more: given again, they count as new."""
    found = []
    for key, new in desired.items():
        old = existing.get(key)
        if isinstance(new, Member) and isinstance(old, Member) and key in bindings:
            stale = taken(bindings[key], old.roles) - new.roles - new.taken
            found += [_without(bindings[key], stale)] if stale else []
    return tuple(found)


def given(binding: Binding, roles: frozenset[str]) -> Binding:
    """Remember that a member has been given these roles, and no others, by us."""
    return replace(binding, digest="\n".join(sorted(roles)), sent={**binding.sent, ROLES: stamp(roles)})


def _without(binding: Binding, roles: frozenset[str]) -> Binding:
    return given(binding, granted(binding) - roles)


def _as_people_made_it(new: Resource, old: Resource, fields: Iterable[str], told: Mapping[str, str]) -> Resource:
    kept = {
        field: getattr(old, field)
        for field in fields
        if getattr(new, field) is not None and told.get(field) == stamp(getattr(new, field))
    }
    return replace(new, **kept)

"""Compare two States and give the Changes that turn the existing one into the desired one; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from sync.keys import CHANNEL_ORDER
from sync.resources import Channel, Member, Order, Question, Resource, State, compared, kind, title

STAY = Member | Question  # these are never deleted: members are not ours, and a question is closed by an edit


class Action(StrEnum):
    """The three kinds of change."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one resource: `fields` maps a field's name to its old and new value."""

    action: Action
    key: str
    fields: Mapping[str, tuple[object, object]]
    existing: Resource | None
    desired: Resource | None

    @property
    def resource(self) -> Resource:
        """Return the resource that names the change: the desired one, or the one that goes."""
        resource = self.desired or self.existing
        if resource is None:
            raise ValueError(self.key)
        return resource

    @property
    def kind(self) -> str:
        """Return the word for the resource's kind."""
        return kind(self.existing or self.resource)

    @property
    def name(self) -> str:
        """Return what to call the resource in print."""
        both = [resource for resource in (self.desired, self.existing) if resource]
        return next((name for name in map(title, both) if name != self.key), self.key)

    @property
    def lost_roles(self) -> frozenset[str]:
        """Return the roles a member would lose."""
        if isinstance(self.existing, Member) and isinstance(self.desired, Member):
            return self.existing.roles - self.desired.roles
        return frozenset()


def diff(existing: State, desired: State) -> tuple[Change, ...]:
    """List the changes in the order of `desired`, deletions last and in reverse order of `existing`."""
    wanted = [change for key, resource in desired.items() for change in _change(existing, desired, resource)]
    gone = [key for key, resource in existing.items() if key not in desired and not isinstance(resource, STAY)]
    return (*wanted, *(Change(Action.DELETE, key, {}, existing[key], None) for key in reversed(gone)))


def _change(existing: State, desired: State, new: Resource) -> Iterator[Change]:
    old = existing.get(new.key)
    if isinstance(new, Order):
        yield from _reorder(old, new, existing, desired)
    elif old is None and isinstance(new, Member):
        yield from _differing(Member(new.key, "", frozenset(), new.user_id), new)
    elif old is None:
        values = {name: (None, value) for name, value in compared(new).items() if value is not None}
        yield Change(Action.CREATE, new.key, values, None, new)
    else:
        yield from _differing(old, new)


def _differing(old: Resource, new: Resource) -> Iterator[Change]:
    before = compared(old)
    fields = {
        name: (before.get(name), value)
        for name, value in compared(new).items()
        if value is not None and before.get(name) != value
    }
    if fields:
        yield Change(Action.UPDATE, new.key, fields, old, new)


def _reorder(old: Resource | None, new: Order, existing: State, desired: State) -> Iterator[Change]:
    """Ask for an order only when what exists, with the new ones where Discord puts them, would not be in it.

    New and moved channels are sent to the end of their category; where a new role goes is not documented.
    """
    before = old.keys if isinstance(old, Order) else ()
    if new.key == CHANNEL_ORDER:
        in_order = _channels_in_order(before, new.keys, existing, desired)
    else:
        in_order = tuple(key for key in before if key in set(new.keys)) == new.keys
    if not in_order:
        yield Change(Action.UPDATE, new.key, {"keys": (before, new.keys)}, Order(new.key, before), new)


def _channels_in_order(before: Sequence[str], after: Sequence[str], existing: State, desired: State) -> bool:
    groups: defaultdict[str | None, list[str]] = defaultdict(list)
    for key in after:
        groups[_parent(desired[key])].append(key)
    stayed: defaultdict[str | None, list[str]] = defaultdict(list)
    for key in before:
        if key in desired and _parent(existing[key]) == _parent(desired[key]):
            stayed[_parent(existing[key])].append(key)
    return all(_appended(stayed[parent], children) == children for parent, children in groups.items())


def _appended(stayed: list[str], children: list[str]) -> list[str]:
    known = set(stayed)
    return stayed + [key for key in children if key not in known]


def _parent(resource: Resource) -> str | None:
    return resource.parent if isinstance(resource, Channel) else None


def plain(value: object) -> object:
    """Turn field values into JSON, sets sorted."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum) or value is None or isinstance(value, str | int | float | bool):
        return value
    return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]

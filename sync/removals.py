"""Decide which removals of a plan wait for a person's approval; additions are never held. Pure."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from sync import keys
from sync.diff import Action, Change
from sync.resources import Channel, Member, Pin, Post, Resource, State, Thread, kind
from sync.settings import Limits
from sync.texts import N_

Removal = tuple[str, str]  # the Key of what loses, and the role it loses (empty: it goes itself)
MISSING_FILE = N_("a file stopped coming; what it listed is kept until somebody approves")
OVER_LIMIT = N_("{removed} of {total} would go ({kind}), more than {percent} %")


@dataclass(frozen=True, slots=True)
class Held:
    """Removals that wait: why (a gettext template with its values), of which course, and what."""

    template: str
    values: Mapping[str, str]
    removals: frozenset[Removal]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the Keys of what is held."""
        return tuple(sorted({key for key, _ in self.removals}))


def removals(changes: Iterable[Change]) -> frozenset[Removal]:
    """List what changes take away: a member's roles, channels, roles, posts, pins."""
    return frozenset(removal for change in changes for removal in _removals(change))


def _removals(change: Change) -> Iterable[Removal]:
    new = change.desired
    if isinstance(new, Member):
        return [(change.key, role) for role in change.lost_roles]
    archived = isinstance(new, Channel) and new.name is None
    locked = isinstance(new, Thread) and new.locked
    retired = isinstance(new, Post) and new.retired is True
    return [(change.key, "")] if archived or locked or retired or change.action is Action.DELETE else []


def hold(
    changes: tuple[Change, ...], existing: State, surely: frozenset[Removal], limits: Limits
) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """Split a plan into what may go ahead and what is held.

    `surely` are the removals that would happen even if the files that stopped coming were still there.
    """
    everything = removals(changes)
    missing = everything - surely
    held = [Held(MISSING_FILE, {}, frozenset(missing))] if missing else []
    # A pin goes with its post, which counts, or gives way to a newer one, which takes nothing from anybody.
    counted = frozenset(removal for removal in everything - missing if not isinstance(existing[removal[0]], Pin))
    held += _over_limit(counted, existing, limits)
    waiting = frozenset(removal for item in held for removal in item.removals)
    waiting |= _dependants(everything, waiting, existing)
    kept = [kept for change in changes if (kept := _without(change, waiting))]
    used = {_parent(change.desired) for change in kept if change.desired}
    return tuple(change for change in kept if not _is_empty_archive(change, used)), tuple(held)


def _is_empty_archive(change: Change, used: Container[str]) -> bool:
    return change.action is Action.CREATE and change.key.startswith(keys.ARCHIVE) and change.key not in used


def _over_limit(candidates: frozenset[Removal], existing: State, limits: Limits) -> list[Held]:
    """Hold a course's removals all together, and the school's by kind."""
    total = _totals(existing)
    going = Counter(scope for scope in {place for removal in candidates for place in _scopes(removal, existing)})
    lost = Counter(scope for scope, _ in going)
    over = [s for s in lost if total[s] >= limits.floor and lost[s] * 100 > total[s] * limits.percent]
    held = []
    for course, what in sorted(over):
        scope = [r for r in candidates if _in_scope(r, course, what, existing)]
        values = {"removed": str(lost[course, what]), "total": str(total[course, what]), "kind": what}
        held.append(Held(OVER_LIMIT, values | {"percent": str(limits.percent)}, frozenset(scope)))
    return held


Scope = tuple[str, str]  # a course as in Keys (empty: the whole school) and a kind


def _scopes(removal: Removal, existing: State) -> list[tuple[Scope, str]]:
    """Name the scopes a removal counts in, each with the object, so that a member counts once."""
    key, role = removal
    what = kind(existing[key])
    course = keys.course_of(role or key)
    return [(("", what), key)] + ([((course, what), key)] if course else [])


def _totals(existing: State) -> Counter[Scope]:
    total: Counter[Scope] = Counter()
    for key, resource in existing.items():
        what = kind(resource)
        courses = (
            {keys.course_of(role) for role in resource.roles} if isinstance(resource, Member) else {keys.course_of(key)}
        )
        for course in (courses - {""}) | ({""} if courses else set()):
            total[course, what] += 1
    return total


def _in_scope(removal: Removal, course: str, what: str, existing: State) -> bool:
    key, role = removal
    return keys.course_of(role or key) == course if course else kind(existing[key]) == what


def _dependants(everything: frozenset[Removal], waiting: frozenset[Removal], existing: State) -> frozenset[Removal]:
    """Hold what must outlive the held: a role that members keep, a channel's category, a post's pin."""
    roles = {role for _, role in waiting}
    objects = {key for key, role in waiting if not role}
    needed = roles | {_parent(existing[key]) for key in objects}
    return frozenset(
        (key, role) for key, role in everything if not role and (key in needed or _pinned(existing[key]) in objects)
    )


def _parent(resource: Resource) -> str:
    return (resource.parent or "") if isinstance(resource, Channel | Thread) else ""


def _pinned(resource: Resource) -> str:
    return resource.post if isinstance(resource, Pin) else ""


def _without(change: Change, waiting: frozenset[Removal]) -> Change | None:
    """Take the held removals out of a change; None when nothing is left of it."""
    kept = frozenset(role for role in change.lost_roles if (change.key, role) in waiting)
    if (change.key, "") in waiting:
        return None
    if not kept or not isinstance(change.desired, Member):
        return change
    desired = replace(change.desired, roles=change.desired.roles | kept)
    fields = dict(change.fields) | {"roles": (change.fields["roles"][0], desired.roles)}
    if fields["roles"][0] == desired.roles:
        del fields["roles"]
    return replace(change, fields=fields, desired=desired) if fields else None

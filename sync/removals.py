"""Decide which removals of a plan wait for a person's approval; additions are never held. Pure."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from sync import keys
from sync.diff import Action, Change
from sync.layout import MAX_PINS
from sync.resources import Channel, Index, Member, Pin, Post, Resource, State, Thread, kind, title
from sync.settings import Limits
from sync.texts import N_

Removal = tuple[str, str]  # the Key of what loses, and the role it loses (empty: it goes itself)
MISSING_FILE = N_("a file stopped coming; what it listed is kept until somebody approves")
OVER_LIMIT = N_("{removed} of {total} would go ({kind}), more than {percent} %")
OVER_LIMIT_IN = N_("{course}: {removed} of {total} would go ({kind}), more than {percent} %")
MANY_POSTS = N_("{removed} materials would be struck out at once, more than {limit}")


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """A removal in words: whose or which (`name`), what goes (a role's name or a kind), and why."""

    name: str
    what: str
    cause: str


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
    archived = isinstance(new, Channel) and new.name is None and not _in_archive(change.existing)
    locked = isinstance(new, Thread) and new.locked
    retired = isinstance(new, Post) and new.retired is True
    return [(change.key, "")] if archived or locked or retired or change.action is Action.DELETE else []


def _in_archive(resource: Resource | None) -> bool:
    return isinstance(resource, Channel) and keys.archive_part(resource.parent or "") > 0


def hold(
    changes: tuple[Change, ...],
    existing: State,
    surely: frozenset[Removal],
    limits: Limits,
    discarded: frozenset[Removal] = frozenset(),
) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """Split a plan into what may go ahead and what is held.

    `surely` are the removals that would happen even if the files that stopped coming were still there. Of those that
    somebody `discarded` none goes ahead, and none is asked about again.
    """
    everything = removals(changes)
    asked = everything - discarded
    missing = asked - surely
    held = [Held(MISSING_FILE, {}, frozenset(missing))] if missing else []
    # A pin goes with its post, which counts, or gives way to a newer one, which takes nothing from anybody.
    counted = frozenset(removal for removal in asked - missing if not isinstance(existing[removal[0]], Pin))
    held += [*_over_limit(counted, existing, limits), *_many_posts(counted, existing, limits)]
    waiting = frozenset(removal for item in held for removal in item.removals) | (everything & discarded)
    return _going_ahead(changes, existing, waiting, everything), tuple(held)


def _going_ahead(
    changes: Iterable[Change], existing: State, waiting: frozenset[Removal], everything: frozenset[Removal]
) -> tuple[Change, ...]:
    """Leave out of a plan what waits, what must outlive it, and what has no place beside it."""
    waiting |= _dependants(everything, waiting, existing)
    kept = [kept for change in changes if (kept := _without(change, waiting))]
    used = {_parent(change.desired) for change in kept if change.desired}
    unlisted = _lists_of(waiting, existing)
    crowded = _crowded(kept, existing)
    return tuple(
        change
        for change in kept
        if not _is_empty_archive(change, used) and not _unlists(change, unlisted) and change.key not in crowded
    )


def _lists_of(waiting: frozenset[Removal], existing: State) -> frozenset[str]:
    """Name where something waits that a list would no longer name: channels of posts, overviews of modules."""
    objects = [existing[key] for key, role in waiting if not role]
    places = {resource.channel or "" for resource in objects if isinstance(resource, Post)}
    return frozenset(places | {keys.overview_of(one.key) for one in objects if isinstance(one, Channel | Thread)})


def _unlists(change: Change, unlisted: Container[str]) -> bool:
    """Tell whether a list is brought up to date that would leave out what waits; it stays as it was until then."""
    if not isinstance(change.desired, Index) or change.action is not Action.UPDATE:
        return False
    return change.desired.channel in unlisted or change.key in unlisted


def _crowded(changes: Iterable[Change], existing: State) -> frozenset[str]:
    """Name the new pins for which there is no room while old ones wait."""
    changes = tuple(changes)
    gone = {change.key for change in changes if change.action is Action.DELETE}
    there = Counter(pin.channel for key, pin in existing.items() if isinstance(pin, Pin) and key not in gone)
    crowded = set()
    for change in changes:
        if change.action is Action.CREATE and isinstance(change.desired, Pin):
            there[change.desired.channel] += 1
            if there[change.desired.channel] > MAX_PINS:
                crowded.add(change.key)
    return frozenset(crowded)


def _is_empty_archive(change: Change, used: Container[str]) -> bool:
    return change.action is Action.CREATE and change.key.startswith(keys.ARCHIVE) and change.key not in used


def _over_limit(candidates: frozenset[Removal], existing: State, limits: Limits) -> list[Held]:
    """Hold a course's removals of a kind all together, and the school's, the courses first."""
    total = _totals(existing)
    going = Counter(scope for scope in {place for removal in candidates for place in _scopes(removal, existing)})
    lost = Counter(scope for scope, _ in going)
    over = [s for s in lost if total[s] >= limits.floor and lost[s] * 100 > total[s] * limits.percent]
    held = []
    for course, what in sorted(over, key=lambda scope: (not scope[0], scope)):
        scope = [r for r in candidates if _in_scope(r, course, what, existing)]
        values = {"removed": str(lost[course, what]), "total": str(total[course, what]), "kind": what}
        values |= {"percent": str(limits.percent)} | ({"course": _course_name(course, existing)} if course else {})
        held.append(Held(OVER_LIMIT_IN if course else OVER_LIMIT, values, frozenset(scope)))
    return held


def _course_name(course: str, existing: State) -> str:
    category = existing.get(f"course/{course}")
    return title(category) if category else keys.last_part(course)


def _many_posts(candidates: frozenset[Removal], existing: State, limits: Limits) -> list[Held]:
    """Hold the posts of a run that strikes out too many, however few of all they are."""
    posts = frozenset(removal for removal in candidates if isinstance(existing[removal[0]], Post))
    if len(posts) <= limits.posts:
        return []
    return [Held(MANY_POSTS, {"removed": str(len(posts)), "limit": str(limits.posts)}, posts)]


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

"""Give a resource the values that it had before a run, each only where it still has the one that the run gave. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Member,
    Overwrites,
    Resource,
    Role,
    State,
    Thread,
)

_FIELDS: Mapping[type, tuple[str, ...]] = {
    Role: ("name", "colour", "hoist", "permissions"),
    Category: ("name", "overwrites"),
    Channel: ("name", "topic", "parent", "overwrites", "tags"),
    Thread: ("name", "locked", "tags", "pinned"),
    Discussion: ("name",),
}
_EMPTY: Mapping[str, object] = {
    "topic": "", "tags": (), "colour": 0, "permissions": 0, "hoist": False, "locked": False, "pinned": False,
}  # fmt: skip


def fields_back(old: Resource, new: Resource, now: Resource, state: State) -> tuple[Resource, bool]:
    """Give back the old values, and tell whether one stays as it was changed since. `state` is to be true then."""
    back: dict[str, Any] = {}
    kept = False
    for name in _written(old, new):
        was, made, value = (getattr(one, name, None) for one in (old, new, now))
        if _same(value, was):
            continue
        if not _same(value, made) or not _possible(name, was, state):
            kept = True
        else:
            back[name] = known(was, state) if name == "overwrites" else was or _EMPTY[name]
    if back and isinstance(now, Channel):
        back.setdefault("tags", None)  # not to be written: it would replace what else is remembered of the channel
    if "locked" in back and not back["locked"] and isinstance(old, Thread):
        back |= {"tags": old.tags, "pinned": old.pinned or None}  # of a locked one nobody knows how it looks
    return replace(now, **back), kept


def member_back(old: Member, new: Member, now: Member, state: State) -> tuple[Member, bool]:
    """Take back the roles that were given, give back those that were taken, and the nickname if it is still ours."""
    given, taken = new.roles - old.roles, frozenset(role for role in old.roles - new.roles if role in state)
    roles = (now.roles - given) | taken
    if new.nick is None or _same(new.nick, old.nick) or _same(now.nick, old.nick):
        return replace(now, roles=roles), False
    if not _same(now.nick, new.nick):
        return replace(now, roles=roles), True
    return replace(now, roles=roles, nick=old.nick or ""), False


def _written(old: Resource, new: Resource) -> Iterator[str]:
    """Name the fields that the run wrote."""
    for name in _FIELDS.get(type(old), ()):
        made = getattr(new, name, None)
        if made is not None and not _same(made, getattr(old, name)):
            yield name


def _same(one: object, other: object) -> bool:
    """Compare two values; nothing may be told as None or as an empty one."""
    return (one or None) == (other or None)


def _possible(name: str, was: object, state: State) -> bool:
    return name != "parent" or was in state


def known(overwrites: Overwrites | None, state: State) -> Overwrites:
    """Leave out of overwrites the roles that are not there any more."""
    return tuple(one for one in overwrites or () if one.target in {EVERYONE, BOT} or one.target in state)

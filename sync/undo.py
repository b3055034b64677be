"""Compute the State in which what a run did is undone, as far as nobody changed it since. Pure.

What the run changed goes back field by field, what it took away comes back. What it made is not deleted where somebody
may have written: channels go to the archive, forum posts are locked, messages are struck out.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sync import keys
from sync.archive import shelf
from sync.audience import Audience
from sync.diff import Action, Change
from sync.guild import Guild
from sync.layout import MAX_IN_CATEGORY
from sync.ledger import Binding
from sync.looks import retired
from sync.observe import places
from sync.phrases import joined
from sync.plan import Notice
from sync.ports import Entry
from sync.refused import named
from sync.removals import Removal, removals
from sync.resources import (
    Category,
    Channel,
    Discussion,
    Index,
    Member,
    Order,
    Pin,
    Post,
    Resource,
    Role,
    State,
    Thread,
    kind,
)
from sync.texts import N_, Texts
from sync.undo_fields import fields_back, known, member_back
from sync.undo_order import in_order, nested, order_back

CHANGED = N_("left as it is, because it was changed since: {what}")
GONE = N_("left out, because it is not there any more: {what}")
UNKNOWN = N_("left as it is, because what it said before is not known: {what}")
NEEDED = N_("stays, because something else still needs it: {what}")
TALKS = N_("stays open, because people may have written there: {what}")
TOLD = N_("stays, because people have read it: {what}")

_FIRST = ("role", "category", "channel", "thread", "post", "index", "pin", "discussion", "member")
_MESSAGES = Post | Index


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did, and what there is now. `said` gives the messages by Key and digest, as far as they are known."""

    entries: Sequence[Entry]
    said: Mapping[tuple[str, str], Post | Index]
    existing: State
    bindings: Mapping[str, Binding]
    guild: Guild
    texts: Texts


@dataclass(frozen=True, slots=True)
class Undone:
    """The State to go to, what is left alone and why, and the removals that are taken back."""

    state: State
    left: tuple[Notice, ...]
    restored: frozenset[Removal]


def undo(done: Done) -> Undone:
    """Undo what a run did."""
    return _Undoing(done).all()


def change(entry: Entry) -> Change:
    """Give the change that an entry tells of."""
    action = Action.CREATE if entry.existing is None else Action.DELETE if entry.desired is None else Action.UPDATE
    return Change(action, entry.key, {}, entry.existing, entry.desired)


class _Undoing:
    """The State as it becomes, and what is left alone on the way."""

    def __init__(self, done: Done) -> None:
        self._done = done
        self._state = dict(done.existing)
        self._left: defaultdict[str, dict[str, Change]] = defaultdict(dict)
        self._entries = list(_whole(done.entries))

    def all(self) -> Undone:
        by_kind: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in reversed(self._entries):
            by_kind[kind(entry.desired or entry.existing or Order("", ()))].append(entry)
        for word in _FIRST:
            for entry in by_kind[word]:
                self._back(entry)
        self._withdraw([e for e in self._entries if e.existing is None and e.key in self._done.existing])
        self._follow()
        self._sort(by_kind["order"])
        for entry in (*by_kind["notice"], *by_kind["question"]):
            self._leave(TOLD, entry)
        return Undone(in_order(self._state), tuple(self._notices()), frozenset(self._restored()))

    def _back(self, entry: Entry) -> None:
        """Take back one change, unless it made something."""
        now, old = self._state.get(entry.key), entry.existing
        if old is None:
            return
        if entry.desired is None:
            self._bring_back(old, now, entry)
        elif now is None:
            self._leave(GONE, entry)
        elif isinstance(now, Member) and isinstance(old, Member) and isinstance(entry.desired, Member):
            self._set(entry, *member_back(old, entry.desired, now, self._state))
        elif isinstance(now, _MESSAGES) and isinstance(old, _MESSAGES) and isinstance(entry.desired, _MESSAGES):
            self._say(old, entry.desired, now, entry)
        elif not isinstance(now, Pin):  # one that was lifted needs no lowering
            self._set(entry, *fields_back(old, entry.desired, now, self._state))

    def _set(self, entry: Entry, before: Resource, kept: bool) -> None:
        self._state[entry.key] = before
        if kept:
            self._leave(CHANGED, entry)

    def _bring_back(self, old: Resource, now: Resource | None, entry: Entry) -> None:
        """Make anew what the run deleted; a pin only on a message that says something."""
        if now is not None:
            return
        if isinstance(old, Category):
            old = replace(old, overwrites=known(old.overwrites, self._state))
        if not isinstance(old, Pin):
            self._state[entry.key] = old
            return
        message = self._state.get(old.post)
        if isinstance(message, _MESSAGES) and not _struck_out(message):
            self._state[entry.key] = replace(old, channel=message.channel, lifted=None)
        else:
            self._leave(GONE, entry)

    def _say(self, old: Post | Index, new: Post | Index, now: Post | Index, entry: Entry) -> None:
        """Let a message say again what it said."""
        if _says(now, old):
            return
        said = self._done.said.get((entry.key, old.digest or ""))
        if not _says(now, new):
            self._leave(CHANGED, entry)
        elif _struck_out(old):
            self._state[entry.key] = self._struck(entry.key, old.title)
        elif said is None or old.channel not in self._state:
            self._leave(UNKNOWN if said is None else GONE, entry)
        else:
            farewell = retired(said.title, self._done.texts)
            self._state[entry.key] = replace(said, channel=old.channel or "", farewell=farewell)

    def _struck(self, key: str, title: str) -> Post:
        return Post(key, None, None, retired=True, title=title, look=retired(title, self._done.texts))

    def _withdraw(self, made: Sequence[Entry]) -> None:
        """Put away what the run made."""
        put_away = self._archive([entry.key for entry in made])
        for entry in made:
            now = self._state.get(entry.key)
            if isinstance(now, _MESSAGES | Pin) and self._stands_in(now.channel or "", put_away):
                continue
            if isinstance(now, Thread) and now.parent not in put_away:
                self._state[entry.key] = replace(now, locked=True)
            elif isinstance(now, _MESSAGES) and isinstance(entry.desired, _MESSAGES) and not _struck_out(now):
                if _says(now, entry.desired):
                    self._state[entry.key] = self._struck(entry.key, now.title)
                else:
                    self._leave(CHANGED, entry)
            elif isinstance(now, Pin):
                del self._state[entry.key]
            elif isinstance(now, Discussion):
                self._leave(TALKS, entry)
        self._clear([entry for entry in made if isinstance(entry.desired, Category)], self._used_categories())
        self._clear([entry for entry in made if isinstance(entry.desired, Role)], self._used_roles())

    def _archive(self, made: Iterable[str]) -> set[str]:
        """Move channels into the archive, for the staff alone, and name those that are there then."""
        audience = Audience(self._done.guild.bot_permissions)
        put_away = set()
        for key in sorted(made):
            now = self._state.get(key)
            if not isinstance(now, Channel):
                continue
            put_away.add(key)
            if not keys.archive_part(now.parent or ""):
                part = shelf(self._part(), audience, self._done.texts)
                self._state.setdefault(part.key, part)
                self._state[key] = Channel(key, None, None, part.key, None, audience.archive())
        return put_away

    def _part(self) -> int:
        """Number the first part of the archive that has room."""
        parents = [resource.parent for resource in self._state.values() if isinstance(resource, Channel)]
        numbers = range(1, len(parents) + 2)
        return next(n for n in numbers if parents.count(keys.nth(keys.ARCHIVE, n)) < MAX_IN_CATEGORY)

    def _stands_in(self, place: str, put_away: set[str]) -> bool:
        thread = self._state.get(place)
        return place in put_away or (isinstance(thread, Thread) and thread.parent in put_away)

    def _clear(self, made: Iterable[Entry], needed: Container[str]) -> None:
        """Delete what nothing needs any more."""
        for entry in made:
            if keys.archive_part(entry.key) and entry.key in needed:
                continue
            if entry.key in needed:
                self._leave(NEEDED, entry)
            else:
                self._state.pop(entry.key, None)

    def _used_categories(self) -> set[str]:
        ours = places(self._done.bindings)
        strange = {ours.get(one.parent_id, "") for one in self._done.guild.channels if one.id not in ours}
        return strange | {one.parent or "" for one in self._state.values() if isinstance(one, Channel)}

    def _used_roles(self) -> set[str]:
        ours = places(self._done.bindings)
        strange = [one for one in self._done.guild.channels if one.id not in ours]
        named = {ours.get(overwrite.id, "") for one in strange for overwrite in one.overwrites}
        for one in self._state.values():
            if isinstance(one, Category | Channel):
                named |= {overwrite.target for overwrite in one.overwrites or ()}
            elif isinstance(one, Member):
                named |= one.roles
        return named

    def _follow(self) -> None:
        """Let what hangs on a message be where the message is."""
        for key, hanging in self._state.items():
            message = self._state.get(hanging.post) if isinstance(hanging, Pin | Discussion) else None
            if isinstance(hanging, Pin | Discussion) and isinstance(message, _MESSAGES) and message.channel:
                self._state[key] = replace(hanging, channel=message.channel)

    def _sort(self, entries: Iterable[Entry]) -> None:
        """Put roles and channels in the order in which they were."""
        remembered = {entry.key: entry for entry in entries}
        mixed = {entry.key for entry in self._entries if not isinstance(entry.existing, Order)}
        for key, kinds in ((keys.ROLE_ORDER, Role), (keys.CHANNEL_ORDER, Category | Channel)):
            now = self._done.existing.get(key)
            there = [one for one, resource in self._state.items() if isinstance(resource, kinds)]
            if isinstance(now, Order):
                order, kept = order_back(remembered.get(key), now, there, mixed)
                self._state[key] = order if kinds is Role else nested(order, self._state, self._done.existing)
                if kept:
                    self._leave(CHANGED, remembered[key])

    def _leave(self, why: str, entry: Entry) -> None:
        self._left[why][entry.key] = change(entry)

    def _notices(self) -> Iterator[Notice]:
        for why, left in self._left.items():
            changes = tuple(left.values())
            people = tuple(c.resource.user_id for c in changes if isinstance(c.resource, Member))
            yield Notice("left-alone", why, {"what": joined("; ", named(changes))}, people)

    def _restored(self) -> Iterator[Removal]:
        """Give what the run took away and what comes back now."""
        before = self._done.existing
        for key, role in removals(map(change, self._entries)):
            now, then = before.get(key), self._state.get(key)
            if isinstance(then, Member) and isinstance(now, Member):
                if role in then.roles - now.roles:
                    yield key, role
            elif then is not None and then != now:
                yield key, role


def _whole(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give one entry for each Key, from what was first to what was last."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.pop(entry.key, entry)
        found[entry.key] = replace(entry, existing=first.existing)
    return iter(found.values())


def _struck_out(message: Resource) -> bool:
    return isinstance(message, Post) and message.retired is True


def _says(now: Post | Index, then: Post | Index) -> bool:
    """Tell whether a message says, where it stands, what was written then."""
    if _struck_out(now) or _struck_out(then):
        return _struck_out(now) and _struck_out(then)
    return now.digest == then.digest and now.channel == then.channel

"""Apply a Plan: roles, places, then messages and members side by side, deletes last; one failure skips its dependants.

Before something is created an intent is saved, so that after a crash `recover` finds it instead of making it twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sync import by_hand
from sync.departures import in_stay
from sync.diff import Action, Change
from sync.errors import Denied, Gone, KopirError, Refused, Stopped, Unsent
from sync.journal import Journal
from sync.ledger import Binding
from sync.needs import needs
from sync.news import folded
from sync.observe import granted
from sync.phrases import Phrase
from sync.plan import Plan
from sync.ports import Entry, GuildWriter, Ledger, Sent
from sync.resources import (
    KINDS,
    Category,
    Channel,
    Discussion,
    Index,
    Member,
    Notice,
    Pin,
    Post,
    Question,
    Resource,
    Role,
    Thread,
)

AT_ONCE = 64  # changes under way; Discord's limits, kept by the HTTP client, decide the pace


class Status(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one change; `message` says why it failed or was skipped, `denied` why it need not be repeated."""

    change: Change
    status: Status
    message: str = ""
    denied: Denied | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of a plan; `stopped` tells why the run ended early, if it did."""

    outcomes: tuple[Outcome, ...]
    stopped: str = ""

    def count(self, status: Status) -> int:
        """Count the outcomes of one status."""
        return sum(outcome.status is status for outcome in self.outcomes)


async def apply(
    plan: Plan,
    bindings: Mapping[str, Binding],
    writer: GuildWriter,
    ledger: Ledger,
    clock: Callable[[], datetime],
    heard: Callable[[Outcome], None] = lambda _: None,
    run: str = "",
) -> Report:
    """Apply a plan and tell `heard` each outcome as it comes; a `run` with an id keeps a journal."""
    plan.guard()
    return await _Applying(plan, dict(bindings), writer, ledger, clock, heard, Journal(plan, run)).run()


class _Applying:
    """One application of a plan: the bindings as they grow and the outcomes so far."""

    def __init__(
        self,
        plan: Plan,
        bindings: dict[str, Binding],
        writer: GuildWriter,
        ledger: Ledger,
        clock: Callable[[], datetime],
        heard: Callable[[Outcome], None],
        journal: Journal,
    ) -> None:
        self._plan = plan
        self._bindings = bindings
        self._writer = writer
        self._ledger = ledger
        self._clock = clock
        self._heard = heard
        self._journal = journal
        self._outcomes: list[Outcome] = []
        self._stopped = ""
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> Report:
        building = [change for change in self._plan.changes if change.action is not Action.DELETE]
        by_type: defaultdict[type, list[Change]] = defaultdict(list)
        for change in building:
            by_type[type(change.resource)].append(change)
        orders = {change.key: [change] for change in building if change.kind == "order"}
        locks = [change for change in by_type[Thread] if change.desired and getattr(change.desired, "locked", False)]
        await self._together(by_type[Role])
        await self._together(orders.get("order/roles", ()))
        for places in (by_type[Category], by_type[Channel]):
            await self._together(places)
        await self._lanes([change for change in by_type[Thread] if change not in locks])
        unpins = [change for change in self._plan.changes if change.action is Action.DELETE and change.kind == "pin"]
        messages = [*unpins, *(change for kind in (Post, Index, Pin, Discussion) for change in by_type[kind])]
        await asyncio.gather(self._lanes(messages), self._together(by_type[Member]))
        await self._together([*by_type[Notice], *by_type[Question]])
        await self._together(locks)
        await self._together(orders.get("order/channels", ()))
        await self._delete()
        if rest := self._journal.rest():
            await self._save([], rest)
        return Report(tuple(self._outcomes), self._stopped)

    async def _delete(self) -> None:
        gone = [c for c in self._plan.changes if c.action is Action.DELETE and c.kind != "pin"]
        for kind in ("channel", "role", "category"):
            await self._together([change for change in gone if change.kind == kind])

    async def _together(self, changes: Sequence[Change]) -> None:
        await self._intend(changes)
        await asyncio.gather(*(self._one(change) for change in changes))

    async def _lanes(self, changes: Sequence[Change]) -> None:
        """Work on many channels at once, in each one message or thread after the other, so that they stay in order."""
        await self._intend(changes)
        lanes: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            lanes[self._lane(change)].append(change)
        await asyncio.gather(*(self._lane_work(channel, work) for channel, work in lanes.items()))

    async def _lane_work(self, channel: str, changes: Sequence[Change]) -> None:
        """Work through a channel; its last pin is not done before the notices are cleared."""
        last_pin = next((c for c in reversed(changes) if c.kind == "pin" and c.action is not Action.DELETE), None)
        for change in changes:
            await self._one(change, channel if change is last_pin else "")

    def _lane(self, change: Change) -> str:
        return next((place for one in (change.desired, change.existing) if one and (place := _place(one))), "")

    async def _intend(self, changes: Iterable[Change]) -> None:
        created = [c for c in changes if c.action is Action.CREATE and c.kind != "pin" and not self._stopped]
        intents = [self._intent(change) for change in created]
        grants = [self._grant(c, c.desired, before=True) for c in changes if isinstance(c.desired, Member)]
        if intents or grants:
            await self._save([*intents, *grants])

    def _intent(self, change: Change) -> Binding:
        resource = change.resource
        mark = _mark(self._plan.newest, resource)
        kind, place, name = KINDS[type(resource)], self._parent_id(resource), getattr(resource, "title", "")
        return Binding(change.key, kind, None, place, mark, self._clock(), name, getattr(resource, "told", {}))

    def _parent_id(self, resource: Resource) -> str | None:
        place = _place(resource)
        return self._bindings[place].discord_id if place in self._bindings else None

    async def _one(self, change: Change, tidy: str = "") -> None:
        async with self._gate:
            outcome = await self._outcome(change, tidy)
        self._outcomes.append(outcome)
        self._heard(outcome)

    async def _outcome(self, change: Change, tidy: str) -> Outcome:
        missing = self._missing(change)
        if self._stopped or missing:
            await self._withdraw(change)
            needed = Phrase("{key} is missing, which could not be made", key=missing)
            return Outcome(change, Status.SKIPPED, self._stopped or needed)
        try:
            await self._leave(change)
            sent = await self._writer.write(change, self._bindings)
            if tidy:
                await self._writer.tidy(self._bindings[tidy].discord_id or "")
        except Stopped as error:
            self._stopped = self._stopped or error.said
            return Outcome(change, Status.SKIPPED if isinstance(error, Unsent) else Status.FAILED, self._stopped)
        except Refused as error:
            await self._withdraw(change)
            if isinstance(error, Gone):
                await self._forget(_vanished(change))
            return Outcome(change, Status.FAILED, error.said, error if isinstance(error, Denied) else None)
        except KopirError as error:
            return Outcome(change, Status.FAILED, error.said)
        await self._bind(change, sent)
        return Outcome(change, Status.APPLIED, denied=sent.denied)

    async def _leave(self, change: Change) -> None:
        """Retire a message that moves, and go on as if it were new: a run cut between the two finds what it posted."""
        old, new = change.existing, change.desired
        if not (isinstance(old, Post | Index) and isinstance(new, Post | Index) and new.channel):
            return
        if old.channel != new.channel and self._bindings[change.key].discord_id:
            gone = Post(change.key, None, None, retired=True, title=new.title, look=new.farewell)
            await self._writer.write(replace(change, fields={"retired": (False, True)}, desired=gone), self._bindings)
            await self._save([self._intent(change)])

    def _missing(self, change: Change) -> str:
        wanted = needs(change.desired) if change.desired else frozenset()
        bound = {key for key in wanted if key in self._bindings and self._bindings[key].discord_id}
        return min(wanted - bound, default="")

    async def _bind(self, change: Change, sent: Sent) -> None:
        done = self._journal.of(change, sent, self._bindings.get(change.key))
        if change.action is Action.DELETE:
            self._bindings.pop(change.key, None)
            await asyncio.to_thread(self._ledger.remove_bindings, self._plan.school, [change.key], done)
        elif isinstance(change.desired, Member):
            await self._save([self._grant(change, change.desired, before=False)], done)
        elif isinstance(change.desired, Notice):
            told, before = folded(self._bindings, change.key, sent.memo or {})
            await self._save([replace(self._made(change, sent), memo=told)], done)
            await self._forget(*before)
        elif isinstance(change.desired, Question) and not change.desired.open:
            await self._forget(change.key)
        elif change.kind != "order":
            await self._save([self._made(change, sent)], done)

    def _made(self, change: Change, sent: Sent) -> Binding:
        old = self._bindings.get(change.key)
        memo = sent.memo if sent.memo is not None else old.memo if old else {}
        name = getattr(change.resource, "title", "") or (old.title if old else "")
        told = by_hand.sent(change.desired, old.sent if old else {}, change.fields) if change.desired else {}
        place, now = sent.parent_id, self._clock()
        kind = old.kind if old else change.kind  # a list that is struck out reads as a post, and is still a list
        return Binding(change.key, kind, sent.discord_id, place, sent.digest, now, name, memo, told)

    async def _withdraw(self, change: Change) -> None:
        """Forget the intent of what was certainly not created."""
        known = self._bindings.get(change.key)
        if known is not None and known.discord_id is None:
            await self._forget(change.key)

    async def _forget(self, *keys: str) -> None:
        if gone := [key for key in keys if self._bindings.pop(key, None)]:
            await asyncio.to_thread(self._ledger.remove_bindings, self._plan.school, gone)

    def _grant(self, change: Change, member: Member, *, before: bool) -> Binding:
        """Remember the roles given. Saved before they are sent too, or a crash would make them look given by hand."""
        old = self._bindings.get(member.key)
        held = change.existing.roles if isinstance(change.existing, Member) else frozenset()
        strange = held - granted(old)
        ours = (member.roles - strange) | member.taken
        known = in_stay(old or Binding(member.key, "member", member.user_id, None, "", self._clock()), member.joined)
        if before:
            return replace(known, digest="\n".join(sorted(ours | granted(old))))
        return by_hand.given(replace(known, sent=by_hand.sent(member, known.sent, change.fields)), ours)

    async def _save(self, bindings: Sequence[Binding], done: Sequence[Entry] = ()) -> None:
        await asyncio.to_thread(self._ledger.save_bindings, self._plan.school, bindings, done)
        self._bindings.update((binding.key, binding) for binding in bindings)


def _place(resource: Resource) -> str:
    """Name the Key of what a resource stands in: its channel, forum or category."""
    return getattr(resource, "channel", None) or getattr(resource, "parent", None) or ""


def _vanished(change: Change) -> str:
    """Name what is gone although its binding says otherwise, as messages and old forum posts are not read back."""
    match change.desired:
        case Pin(post=post):
            return post
        case Discussion(post=post):
            return post if change.action is Action.CREATE else change.key
        case Post(channel=str(place)) | Index(channel=place):
            return place if change.action is Action.CREATE else change.key
    return ""


def _mark(newest: int, resource: Resource) -> str:
    """Say in an intent how to know the thing again: what is newer than `newest`, with this name or digest."""
    return f"{newest}\n{getattr(resource, 'name', None) or getattr(resource, 'digest', '')}"

"""Put together a Plan: the ordered changes, what is held, what the server will hold, and a digest of it all. Pure."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sync.by_hand import sorts_anew
from sync.diff import Action, Change, diff, plain
from sync.estimate import Estimate, estimate
from sync.guild import Guild
from sync.keys import CHANNEL_ORDER, course_of
from sync.layout import MAX_CHANNELS, MAX_IN_CATEGORY, MAX_PINS, MAX_ROLES, Capacity
from sync.ledger import Binding
from sync.observe import places
from sync.phrases import Phrase
from sync.removals import Held, Loss, Removal, hold, removals
from sync.resources import Category, Channel, Order, Pin, Role, State
from sync.settings import Limits
from sync.texts import N_

OVER_CAPACITY = N_("{what}: {used} needed, Discord allows {limit}; {advice}")
NO_LIMITS = Limits(percent=100, floor=0, posts=sys.maxsize)
_ADVICE = {
    "channels": Phrase("set layout = forum, groups = roles or voice = no"),
    "channels_in_category": Phrase("set layout = forum"),
    "roles": Phrase("set groups = off"),
    "pins_in_channel": Phrase("split the module"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know: a code, a gettext template with its values, and whom it is about (ids)."""

    code: str
    template: str
    values: Mapping[str, str]
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do. `refusals` say why nothing may be applied at all; new places go into `channel_order`;
    `role_names` are for printing. `newest` is the highest id on the server as read. `losses` word what is held; what
    somebody `discarded` is neither done nor asked about. `left_out` are the Keys of changes that are wanted but were
    refused before. Only of `purged` courses channels may be deleted. `orders` are those
    of roles and channels before it."""

    school: str
    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    capacity: Capacity
    notices: tuple[Notice, ...]
    refusals: tuple[Notice, ...]
    estimate: Estimate
    digest: str
    channel_order: tuple[str, ...]
    role_names: Mapping[str, str]
    newest: int
    discarded: frozenset[Removal] = frozenset()
    losses: Mapping[Removal, Loss] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    purged: frozenset[str] = frozenset()
    orders: tuple[Order, ...] = ()

    def with_more(self, changes: Iterable[Change]) -> "Plan":
        """Add changes that are about the plan itself, so that its digest does not name them."""
        changes = (*self.changes, *changes)
        return replace(self, changes=changes, estimate=estimate(changes))

    def guard(self) -> None:
        """Raise ValueError when a channel would be deleted of a course that nobody asked to purge."""
        gone = [change.key for change in self.changes if change.action is Action.DELETE and change.kind == "channel"]
        if kept := [key for key in gone if course_of(key) not in self.purged]:
            raise ValueError(f"a plan may not delete channels: {kept}")

    def counts(self) -> dict[str, dict[str, int]]:
        """Count changes per kind and action."""
        found = Counter((change.kind, change.action) for change in self.changes)
        kinds = dict.fromkeys(change.kind for change in self.changes)
        return {kind: {action.value: found[kind, action] for action in Action} for kind in kinds}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan is made from. `kept` is the desired State if the files that stopped coming were still there.

    `discarded` are removals that somebody does not want, whatever the sources say; `unsorted` says that people order
    roles and channels.
    """

    school: str
    existing: State
    desired: State
    kept: State
    guild: Guild
    bindings: Mapping[str, Binding]
    limits: Limits
    notices: tuple[Notice, ...] = ()
    refusals: tuple[Notice, ...] = ()
    discarded: frozenset[Removal] = frozenset()
    unsorted: bool = False


def plan(facts: Facts, approved: str = "") -> Plan:
    """Plan a school. Removals over the limits are held unless `approved` is the digest of this very plan."""
    wanted = diff(facts.existing, facts.desired)
    if facts.unsorted:
        wanted = tuple(change for change in wanted if not sorts_anew(change))
    surely = removals(wanted if facts.kept is facts.desired else diff(facts.existing, facts.kept))
    changes, held = hold(wanted, facts.existing, surely, facts.limits, facts.discarded)
    fingerprint = digest(wanted, held)
    if approved == fingerprint:
        changes, held = hold(wanted, facts.existing, removals(wanted), NO_LIMITS, facts.discarded)
    refusals = (*facts.refusals, *_over(capacity(facts.guild, facts.bindings, facts.desired)))
    use = capacity(facts.guild, facts.bindings, _after(changes, facts))
    order = facts.desired.get(CHANNEL_ORDER)
    places = order.keys if isinstance(order, Order) else ()
    states = (facts.existing, facts.desired)
    names = {key: r.name for state in states for key, r in state.items() if isinstance(r, Role)}
    return Plan(
        facts.school,
        changes,
        held,
        use,
        facts.notices,
        refusals,
        estimate(changes),
        fingerprint,
        places,
        names,
        facts.guild.newest,
        facts.discarded & removals(wanted),
        orders=tuple(resource for resource in facts.existing.values() if isinstance(resource, Order)),
    )


def _after(changes: Iterable[Change], facts: Facts) -> State:
    """Give the State after a plan: what it leaves standing counts too."""
    gone = {change.key for change in changes if change.action is Action.DELETE}
    left = {key: resource for key, resource in facts.existing.items() if key not in gone}
    return left | dict(facts.desired)


def digest(changes: Iterable[Change], held: Iterable[Held]) -> str:
    """Stand for a plan, or for just its held removals where there are any: their approval outlives the additions."""
    waiting = sorted({removal for item in held for removal in item.removals})
    lines = [[c.action, c.key, {name: plain(value) for name, value in c.fields.items()}] for c in changes]
    text = json.dumps(waiting or lines, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def capacity(guild: Guild, bindings: Mapping[str, Binding], desired: State) -> Capacity:
    """Count what the server will hold, with what is not ours, against Discord's ceilings."""
    ours = places(bindings)
    inside = Counter(resource.parent for resource in desired.values() if isinstance(resource, Channel))
    pins = Counter(resource.channel for resource in desired.values() if isinstance(resource, Pin))
    channels = sum(isinstance(resource, Channel | Category) for resource in desired.values())
    roles = sum(isinstance(resource, Role) for resource in desired.values())
    return Capacity(
        {
            "channels": (channels + sum(c.id not in ours for c in guild.channels), MAX_CHANNELS),
            "roles": (roles + sum(role.id not in ours for role in guild.roles), MAX_ROLES),
            "channels_in_category": (max(inside.values(), default=0), MAX_IN_CATEGORY),
            "pins_in_channel": (max(pins.values(), default=0), MAX_PINS),
        }
    )


def _over(use: Capacity) -> Iterable[Notice]:
    for what in use.excess():
        used, limit = use.use[what]
        values = {"what": what, "used": str(used), "limit": str(limit), "advice": _ADVICE[what]}
        yield Notice("over-capacity", OVER_CAPACITY, values)

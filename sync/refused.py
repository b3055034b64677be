"""Decide which changes are not sent again because Discord refused the very same before, and what to forget. Pure.

Such a change is tried again when it becomes another, when the bot's rights there change (where they were the cause),
after a day, and when a person asks.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from sync.diff import Change, plain
from sync.errors import Denied
from sync.estimate import estimate
from sync.futile import absent, futile
from sync.guild import Guild, GuildChannel
from sync.ledger import Binding, Refusal
from sync.phrases import Phrase, joined
from sync.plan import Notice, Plan, digest
from sync.reconcile import Outcome
from sync.resources import Member
from sync.texts import N_
from sync.words import KINDS

CODE = "refused-before"
# Some causes cannot be seen from here, such as AutoMod's rules; so few requests a day harm nobody.
LASTS = timedelta(days=1)
NAMED = 3  # changes of a kind that a notice names
LEFT_OUT = N_(
    "left out, because Discord refused it before: {what}. {why} "
    "It is tried again when something about it changes, after a day, or with `kopir sync --retry`."
)

Bindings = Mapping[str, Binding]


def refusals(outcomes: Iterable[Outcome], guild: Guild, bindings: Bindings, now: datetime) -> tuple[Refusal, ...]:
    """Gather what is to be remembered of a run, from the server and the bindings that its plan was made from."""
    denied = [(outcome.change, outcome.denied) for outcome in outcomes if outcome.denied]
    return tuple(_refusal(change, why, guild, bindings, now) for change, why in denied)


def _refusal(change: Change, why: Denied, guild: Guild, bindings: Bindings, now: datetime) -> Refusal:
    where = standing(change, guild, bindings) if why.by_standing else ""
    phrase = why.said if isinstance(why.said, Phrase) else joined("", [why.said])
    values = {name: str(value) for name, value in phrase.values.items()}
    return Refusal(change.key, fingerprint(change), where, phrase.template, values, now)


def outdated(
    changes: Iterable[Change], known: Mapping[str, Refusal], guild: Guild, bindings: Bindings, now: datetime
) -> tuple[str, ...]:
    """Name what need not be remembered: its change is no longer wanted, or is to be tried again."""
    same = {change.key for change in changes if _holds(change, known, guild, bindings, now)}
    return tuple(key for key in known if key not in same)


def leave_out(plan: Plan, known: Mapping[str, Refusal], guild: Guild, bindings: Bindings, now: datetime) -> Plan:
    """Take from a plan the changes that were refused before, and say so in it."""
    out = [change for change in plan.changes if _holds(change, known, guild, bindings, now)]
    if not out:
        return plan
    keys = {change.key for change in out}
    rest = [change for change in plan.changes if change.key not in keys]
    vain = futile(rest, absent(rest, out), bindings)
    changes = tuple(change for change in rest if change.key not in vain)
    return replace(
        plan,
        changes=changes,
        notices=(*plan.notices, *_notices(out, known)),
        estimate=estimate(changes),
        digest=digest(changes, plan.held),
        left_out=tuple(change.key for change in out),
    )


def _holds(change: Change, known: Mapping[str, Refusal], guild: Guild, bindings: Bindings, now: datetime) -> bool:
    refusal = known.get(change.key)
    if refusal is None or refusal.digest != fingerprint(change) or now - refusal.at >= LASTS:
        return False
    return not refusal.standing or refusal.standing == standing(change, guild, bindings)


def fingerprint(change: Change) -> str:
    """Stand for a change: what it does to which fields."""
    fields = {name: plain(values) for name, values in change.fields.items()}
    return _digest([change.action.value, change.key, fields])


def standing(change: Change, guild: Guild, bindings: Bindings) -> str:
    """Stand for what decides whether the bot may do a change: its permissions, who is above it, the place, the member.

    Roles above are counted by id: the number of the bot's own position moves with every role that is made.
    """
    bot = guild.member(guild.bot_id)
    own = bot.roles if bot else frozenset()
    above = sorted(role.id for role in guild.roles if role.position >= guild.bot_top and role.id not in own)
    place = [
        sorted((o.id, o.allow, o.deny) for o in channel.overwrites) for channel in _places(change, guild, bindings)
    ]
    member = guild.member(change.resource.user_id) if isinstance(change.resource, Member) else None
    about = [member.joined, sorted(member.roles)] if member else []
    return _digest([guild.bot_permissions, above, place, about])


def _places(change: Change, guild: Guild, bindings: Bindings) -> Iterator[GuildChannel]:
    """Give the channels whose overwrites concern a change: where it happens, and the category above."""
    states = [resource for resource in (change.desired, change.existing) if resource]
    named = {str(getattr(resource, place, "")) for resource in states for place in ("channel", "parent", "key")}
    for key in sorted(named & bindings.keys()):
        binding = bindings[key]
        inside = binding.parent_id if binding.kind == "thread" else binding.discord_id
        channel = guild.channel(inside or "")
        while channel is not None:
            yield channel
            channel = guild.channel(channel.parent_id or "")


def _notices(out: Sequence[Change], known: Mapping[str, Refusal]) -> Iterator[Notice]:
    """Say what is left out, one notice for each cause."""
    causes: defaultdict[Phrase, list[Change]] = defaultdict(list)
    for change in out:
        refusal = known[change.key]
        causes[Phrase(refusal.template, **refusal.values)].append(change)
    for why, changes in causes.items():
        users = tuple(c.resource.user_id for c in changes if isinstance(c.resource, Member))
        yield Notice(CODE, LEFT_OUT, {"what": joined("; ", named(changes)), "why": why}, users)


def named(changes: Sequence[Change]) -> Iterator[Phrase]:
    """Count changes by kind, and name the first; members are listed by id elsewhere."""
    for kind in dict.fromkeys(change.kind for change in changes):
        these = [change for change in changes if change.kind == kind]
        names = [] if kind == "member" else [change.name for change in these[:NAMED]]
        dots = ["…"] if names and len(these) > NAMED else []
        yield joined(" ", (KINDS[kind], str(len(these)), *([f"({', '.join([*names, *dots])})"] if names else [])))


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=16).hexdigest()

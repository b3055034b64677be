"""Gather all that a plan needs - the server, the tables, the links - and plan; holds a reader of Discord only."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.guild import DiscordReader
from bot.returning import Returned, returned
from bot.standing import closed, refusals, shortfalls
from bot.tables import LoadTables, Tables, load_tables
from sync import keys
from sync import template as templates
from sync.by_hand import no_longer_given, respecting
from sync.causes import Evidence, losses
from sync.departures import Back, stays
from sync.desired import Inputs, desired
from sync.guild import Guild
from sync.ledger import Binding, Decision
from sync.linking import NOBODY_BACK, Linking, link
from sync.merge import Conflict, Roster
from sync.missing import prove
from sync.observe import observe, refreshed
from sync.plan import Facts, Notice, Plan, plan
from sync.questions import closing, question_changes
from sync.recover import Recovered, deleted, recover
from sync.refused import leave_out, outdated
from sync.removals import Removal
from sync.resources import State
from sync.scope import SCHOOL, Scope, bindings_of, narrow, roster_of
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, texts
from sync.words import PERSON

UNLINKED = N_("people who name no Discord account yet: {count}")
UNKNOWN = N_("people whose Discord account is not on the server: {count}")
CONTESTED = N_("people who name the same Discord account, so that none of them is linked: {count}")
STRANGERS = N_("members of the server who are in no class list: {count}")
RETURNED = N_("people who are back and get nothing until somebody lets them in with `kopir readmit`: {count}")
NO_CHANNEL = N_("materials that only some groups may see, and that are not posted: {count}; write `groups = channels`")
FINISHED = N_("courses that are over and were never on the server, so that they are not built: {count}")
CONFLICT = N_("people whom the sources describe differently ({field}), so that they were not merged: {count}")
DISCARDED = N_(
    "removals that somebody discarded, so that they are not carried out: {count}; `kopir apply --reconsider` asks again"
)


Approved = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what applying it needs: the server as read, the bindings, and what was found out on the way.

    Decisions about `moot` removals are void, as nobody asks for these any more. `outdated` are the Keys of refusals
    that need not be remembered any more, `stale` are bindings that remember roles which nobody is to have any more.
    `returned` tells who went, and who is back.
    """

    plan: Plan
    guild: Guild
    bindings: Mapping[str, Binding]
    recovered: Recovered
    linking: Linking
    moot: frozenset[Removal] = frozenset()
    outdated: tuple[str, ...] = ()
    stale: tuple[Binding, ...] = ()
    returned: Returned = field(default_factory=Returned)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was made of the tables and the server; `stale` as in Planned, `wanted` is the desired State."""

    plan: Plan
    linking: Linking
    stale: tuple[Binding, ...]
    wanted: State


@dataclass(frozen=True, slots=True)
class Seen:
    """The server and the tables as read, the bindings with what a killed run had made, and who went or is back."""

    guild: Guild
    tables: Tables
    bindings: Mapping[str, Binding]
    recovered: Recovered
    went: Returned


async def prepare(
    school: SchoolSettings,
    store: Store,
    reader: DiscordReader,
    now: datetime,
    approved: Approved,
    *,
    scope: Scope = SCHOOL,
    load: LoadTables = load_tables,
) -> Planned:
    """Read the server and the tables and plan. Nothing is written, neither to Discord nor to the tables.

    `approved` tells whether a person approved the plan with a digest.
    """
    seen = await look(school, store, reader, now, load)
    guild, tables, bindings = seen.guild, seen.tables, seen.bindings
    found = await asyncio.to_thread(decide, school, tables, guild, bindings, now, approved, seen.went.back)
    lost = deleted(bindings, guild, {change.key for change in found.plan.changes})
    settled = Recovered(seen.recovered.found, (*seen.recovered.void, *lost))
    plan, known = narrow(found.plan, scope), tables.refusals
    gone = outdated(plan.changes, known, guild, bindings, now) if scope == SCHOOL else ()
    moot, plan = tables.discarded - found.plan.discarded, leave_out(plan, known, guild, bindings, now)
    return Planned(plan, guild, bindings, settled, found.linking, moot, gone, found.stale, seen.went)


async def look(
    school: SchoolSettings, store: Store, reader: DiscordReader, now: datetime, load: LoadTables = load_tables
) -> Seen:
    """Read the server and the tables, find again what a killed run had made, and judge who went and who is back."""
    guild, tables = await asyncio.gather(reader.read(), asyncio.to_thread(load, store, school))
    await prove(tables.bindings, guild, reader)
    recovered = await recover(tables.bindings, guild, reader)
    void = frozenset(recovered.void)
    bindings = {key: binding for key, binding in tables.bindings.items() if key not in void}
    bindings |= {binding.key: binding for binding in recovered.found}
    reread = (*refreshed(guild, bindings), *stays(bindings, guild))
    bindings |= {binding.key: binding for binding in reread}
    went = await returned(school, tables, guild, bindings, reader, now)
    found = (*recovered.found, *reread, *went.back.renewed)
    settled = Recovered(found, (*recovered.void, *went.back.void))
    return Seen(guild, tables, went.valid(bindings), settled, went)


async def prepare_members(
    school: SchoolSettings, store: Store, reader: DiscordReader, now: datetime, users: frozenset[str], load: LoadTables
) -> Planned:
    """Plan what some members of the server gain, reading no more than that needs; safe beside another run."""
    guild, tables = await asyncio.gather(reader.read_members(users), asyncio.to_thread(load, store, school))
    roster, bindings = roster_of(tables.roster, tables.links, guild), bindings_of(tables.bindings, guild)
    few = Tables(roster, roster, tables.links, bindings)
    went = await returned(school, tables, guild, bindings, reader, now)
    bindings = dict(went.valid(bindings))
    found = await asyncio.to_thread(decide, school, few, guild, bindings, now, lambda _: False, went.back)
    gains = leave_out(narrow(found.plan, Scope(members=users), bindings), tables.refusals, guild, bindings, now)
    settled = Recovered(went.back.renewed, tuple(went.back.void))
    return Planned(gains, guild, bindings, settled, found.linking, returned=went)


def decide(
    school: SchoolSettings,
    tables: Tables,
    guild: Guild,
    bindings: Mapping[str, Binding],
    now: datetime,
    approved: Approved,
    back: Back = NOBODY_BACK,
) -> Decided:
    """Plan from what was read; computes only, but may take long for a large school."""
    linking = link(tables.roster.people, tables.links, guild, now, back)
    base = templates.load(school.template) if school.template else templates.load()
    tied = frozenset(known.user_id for known in tables.links.values())
    inputs = Inputs(tables.roster, school, base, linking.users, guild, bindings, now, texts(school.language), tied)
    existing, respected = observe(guild, bindings), school.by_hand.respected
    wanted = respecting(desired(inputs), existing, bindings, respected)
    kept = wanted if tables.kept is tables.roster else desired(_with_missing(inputs, tables, guild, back))
    over = _over(tables.roster, wanted)
    notices = (
        *_linking_notices(linking),
        *shortfalls(guild, school),
        *closed(guild, bindings),
        *_unposted(tables.roster, school),
        *map(_conflict, tables.roster.conflicts),
        *_never_built(over, bindings),
    )
    facts = Facts(
        school.id,
        existing,
        wanted,
        kept,
        guild,
        bindings,
        school.limits,
        notices,
        refusals(guild, bindings),
        tables.discarded,
        unsorted="order" in respected,
    )
    made = plan(facts)
    if carried_out := made.digest if made.held and approved(made.digest) else "":
        made = plan(facts, carried_out)
    waiting = frozenset(removal for held in made.held for removal in held.removals)
    evidence = Evidence(tables.roster, tables.links, linking.users, guild, school.timezone, now, over)
    notices = (*made.notices, *_discarded(made.discarded))
    made = replace(made, losses=losses(waiting, existing, evidence), notices=notices)
    closings = _closings(bindings, tables.decisions, carried_out)
    made = question_changes(made, existing, wanted, closings, texts(school.language))
    return Decided(made, linking, no_longer_given(wanted, existing, bindings), wanted)


def _closings(bindings: Mapping[str, Binding], decisions: Iterable[Decision], carried_out: str) -> dict[str, str]:
    """Say of each question that was asked what became of it, should it be asked no longer."""
    decided = {decision.digest: decision for decision in decisions}
    asked = [keys.last_part(binding.key) for binding in bindings.values() if binding.kind == "question"]
    return {digest: closing(decided.get(digest), carried_out=digest == carried_out) for digest in asked}


def _with_missing(inputs: Inputs, tables: Tables, guild: Guild, back: Back) -> Inputs:
    users = link(tables.kept.people, tables.links, guild, inputs.now, back).users
    return Inputs(
        tables.kept,
        inputs.school,
        inputs.template,
        users,
        guild,
        inputs.bindings,
        inputs.now,
        inputs.texts,
        inputs.linked,
    )


def _linking_notices(linking: Linking) -> list[Notice]:
    found = (
        ("unlinked", UNLINKED, linking.unlinked),
        ("unknown-member", UNKNOWN, linking.unknown),
        ("contested-account", CONTESTED, linking.contested),
        ("stranger", STRANGERS, linking.strangers),
        ("returned", RETURNED, linking.barred),
    )
    return [Notice(code, text, {"count": str(len(people))}, people) for code, text, people in found if people]


def _unposted(roster: Roster, school: SchoolSettings) -> list[Notice]:
    count = sum(bool(material.groups) for material in roster.materials) if school.groups != "channels" else 0
    return [Notice("group-material", NO_CHANNEL, {"count": str(count)})] if count else []


def _over(roster: Roster, wanted: State) -> frozenset[str]:
    """Name the courses, as spelt in Keys, that are in a source but over."""
    places = (keys.course(course.id) for course in roster.courses)
    return frozenset(keys.course_of(place) for place in places if place not in wanted)


def _never_built(over: frozenset[str], bindings: Mapping[str, Binding]) -> list[Notice]:
    new = over - {keys.course_of(key) for key in bindings}
    return [Notice("finished", FINISHED, {"count": str(len(new))})] if new else []


def _discarded(removals: frozenset[Removal]) -> list[Notice]:
    return [Notice("discarded", DISCARDED, {"count": str(len(removals))})] if removals else []


def _conflict(conflict: Conflict) -> Notice:
    values = {"count": str(len(conflict.people)), "field": PERSON.get(conflict.field, conflict.field)}
    return Notice("conflict", CONFLICT, values, conflict.people)

"""Gather all that a plan needs - the server, the tables, the links - and plan; holds a reader of Discord only."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.guild import DiscordReader
from bot.standing import refusals, shortfalls
from sync import template as templates
from sync.desired import Inputs, desired
from sync.guild import Guild
from sync.ledger import Binding, Link
from sync.linking import Linking, link
from sync.merge import Conflict, Roster, merge
from sync.observe import observe, refreshed
from sync.plan import Facts, Notice, Plan, plan
from sync.ports import GuildReader
from sync.recover import Recovered, deleted, recover
from sync.scope import SCHOOL, Scope, bindings_of, narrow, roster_of
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, texts
from sync.words import PERSON

UNLINKED = N_("people who name no Discord account yet: {count}")
UNKNOWN = N_("people whose Discord account is not on the server: {count}")
CONTESTED = N_("people who name the same Discord account, so that none of them is linked: {count}")
STRANGERS = N_("members of the server who are in no class list: {count}")
NO_CHANNEL = N_("materials that only some groups may see, and that are not posted: {count}; write `groups = channels`")
CONFLICT = N_("people whom the sources describe differently ({field}), so that they were not merged: {count}")


Approved = Callable[[str], bool]
LoadTables = Callable[[Store, SchoolSettings], "Tables"]


@dataclass(frozen=True, slots=True)
class Tables:
    """A school's rosters as stored: merged, and as if the files that stopped coming were still there."""

    roster: Roster
    kept: Roster
    links: Mapping[str, Link]
    bindings: Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what applying it needs: the server as read, the bindings, and what was found out on the way."""

    plan: Plan
    guild: Guild
    bindings: Mapping[str, Binding]
    recovered: Recovered
    linking: Linking


def load_tables(store: Store, school: SchoolSettings) -> Tables:
    """Load and merge a school's records; blocks."""
    links = {found.person: found for found in store.links(school.id)}
    users = {person: found.user_id for person, found in links.items()}
    present = [(source.name, store.load_snapshot(school.id, source.name)) for source in school.sources]
    roster = merge(present, users)
    kept = [(source.name, store.load_snapshot(school.id, source.name, with_missing=True)) for source in school.sources]
    merged = {roster.aliases.get(person, person): found for person, found in links.items()}
    return Tables(roster, roster if kept == present else merge(kept, users), merged, store.bindings(school.id))


async def prepare(
    school: SchoolSettings,
    store: Store,
    reader: GuildReader,
    now: datetime,
    approved: Approved,
    *,
    scope: Scope = SCHOOL,
    load: LoadTables = load_tables,
) -> Planned:
    """Read the server and the tables and plan. Nothing is written, neither to Discord nor to the tables.

    `approved` tells whether a person approved the plan with a digest.
    """
    guild, tables = await asyncio.gather(reader.read(), asyncio.to_thread(load, store, school))
    recovered = await recover(tables.bindings, guild, reader)
    void = frozenset(recovered.void)
    bindings = {key: binding for key, binding in tables.bindings.items() if key not in void}
    bindings |= {binding.key: binding for binding in recovered.found}
    reread = refreshed(guild, bindings)
    bindings |= {binding.key: binding for binding in reread}
    made, linking = await asyncio.to_thread(decide, school, tables, guild, bindings, now, approved)
    gone = deleted(bindings, guild, {change.key for change in made.changes})
    settled = Recovered((*recovered.found, *reread), (*recovered.void, *gone))
    return Planned(narrow(made, scope), guild, bindings, settled, linking)


async def prepare_members(
    school: SchoolSettings, store: Store, reader: DiscordReader, now: datetime, users: frozenset[str], load: LoadTables
) -> Planned:
    """Plan what some members of the server gain, reading no more than that needs; safe beside another run."""
    guild, tables = await asyncio.gather(reader.read_members(users), asyncio.to_thread(load, store, school))
    roster, bindings = roster_of(tables.roster, tables.links, guild), bindings_of(tables.bindings, guild)
    few = Tables(roster, roster, tables.links, bindings)
    made, linking = await asyncio.to_thread(decide, school, few, guild, bindings, now, lambda _: False)
    return Planned(narrow(made, Scope(members=users), bindings), guild, bindings, Recovered((), ()), linking)


def decide(
    school: SchoolSettings,
    tables: Tables,
    guild: Guild,
    bindings: Mapping[str, Binding],
    now: datetime,
    approved: Approved,
) -> tuple[Plan, Linking]:
    """Plan from what was read; computes only, but may take long for a large school."""
    linking = link(tables.roster.people, tables.links, guild, now)
    base = templates.load(school.template) if school.template else templates.load()
    inputs = Inputs(tables.roster, school, base, linking.users, guild, bindings, now, texts(school.language))
    wanted = desired(inputs)
    kept = wanted if tables.kept is tables.roster else desired(_with_missing(inputs, tables, guild))
    notices = (
        *_linking_notices(linking),
        *shortfalls(guild, school),
        *_unposted(tables.roster, school),
        *map(_conflict, tables.roster.conflicts),
    )
    existing = observe(guild, bindings)
    facts = Facts(school.id, existing, wanted, kept, guild, bindings, school.limits, notices, refusals(guild, bindings))
    made = plan(facts)
    return (plan(facts, made.digest) if made.held and approved(made.digest) else made), linking


def _with_missing(inputs: Inputs, tables: Tables, guild: Guild) -> Inputs:
    users = link(tables.kept.people, tables.links, guild, inputs.now).users
    return Inputs(
        tables.kept,
        inputs.school,
        inputs.template,
        users,
        guild,
        inputs.bindings,
        inputs.now,
        inputs.texts,
    )


def _linking_notices(linking: Linking) -> list[Notice]:
    found = (
        ("unlinked", UNLINKED, linking.unlinked),
        ("unknown-member", UNKNOWN, linking.unknown),
        ("contested-account", CONTESTED, linking.contested),
        ("stranger", STRANGERS, linking.strangers),
    )
    return [Notice(code, text, {"count": str(len(people))}, people) for code, text, people in found if people]


def _unposted(roster: Roster, school: SchoolSettings) -> list[Notice]:
    count = sum(bool(material.groups) for material in roster.materials) if school.groups != "channels" else 0
    return [Notice("group-material", NO_CHANNEL, {"count": str(count)})] if count else []


def _conflict(conflict: Conflict) -> Notice:
    values = {"count": str(len(conflict.people)), "field": PERSON.get(conflict.field, conflict.field)}
    return Notice("conflict", CONFLICT, values, conflict.people)

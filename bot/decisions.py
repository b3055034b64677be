"""Decide about the removals that a plan holds; the command line and the buttons on Discord both end here."""

import asyncio

from bot.http import DiscordHTTP
from bot.runs import now, plan_school
from sync.errors import Refused
from sync.ledger import DISCARDED, Decision
from sync.phrases import Phrase
from sync.plan import Plan
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_

OTHER_PLAN = N_(
    "This decision is about another plan: the class lists or the server changed meanwhile. Look at the new plan."
)


async def held_plan(school: SchoolSettings, store: Store, http: DiscordHTTP, digest: str) -> Plan:
    """Plan anew, and return what is held. Raise Refused when that is not what somebody looked at any more."""
    plan = (await plan_school(school, store, http)).plan
    if not plan.held or plan.digest != digest:
        raise Refused(Phrase(OTHER_PLAN))
    return plan


async def decide(
    school: SchoolSettings, store: Store, http: DiscordHTTP, digest: str, verdict: str, by: str
) -> Decision:
    """Keep a decision, which the next run carries out. `by` is `command` or a Discord user id."""
    plan = await held_plan(school, store, http, digest)
    removals = frozenset(removal for held in plan.held for removal in held.removals)
    decision = Decision(digest, verdict, by, now(), len(removals))
    discarded = removals if verdict == DISCARDED else ()
    await asyncio.to_thread(store.save_decision, school.id, decision, discarded)
    return decision

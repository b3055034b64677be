"""Find out before a plan who went and who is back; asks Discord only when somebody is newly missed."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.tables import Tables
from sync import departures
from sync.departures import Back, Bindings, Expulsion
from sync.errors import Refused, Stopped
from sync.guild import Guild
from sync.ledger import Cause, Departure
from sync.permissions import Permission
from sync.plan import Notice
from sync.ports import AuditReader
from sync.settings import SchoolSettings
from sync.texts import N_

BLIND = N_(
    "The bot may not see the audit log, so whoever is kicked or banned seems to have left by themselves. "
    "Give its role View Audit Log in Server Settings, Roles, or write `return_kicked` and `return_banned` = restore."
)


@dataclass(frozen=True, slots=True)
class Returned:
    """Departures that were `noticed` now, and what is made of all of them."""

    noticed: tuple[Departure, ...] = ()
    back: Back = field(default_factory=Back)

    def valid(self, bindings: Bindings) -> Bindings:
        """Leave out what was given in a stay that ended."""
        known = {**bindings, **{binding.key: binding for binding in self.back.renewed}}
        return {key: binding for key, binding in known.items() if key not in self.back.void}


async def returned(
    school: SchoolSettings, tables: Tables, guild: Guild, bindings: Bindings, reader: AuditReader, now: datetime
) -> Returned:
    """Judge everybody of whom `bindings` tell."""
    people, known, asked = tables.people, tables.departures, school.returning.asked
    noticed = departures.went(bindings, guild, people, known, now)
    if Cause.LEFT not in asked:  # they would be let in at once, and may have been banned while they were away
        noticed += departures.back_by_themselves(known.values(), guild)
    if noticed:
        noticed = departures.explained(noticed, await _expulsions(guild, reader))
    if Cause.DROPPED in asked:
        listed = {person.id for person in tables.roster.people}
        seen = {*known, *(one.user_id for one in noticed)}
        noticed += departures.dropped(bindings, people, listed, seen, now)
    everyone = {**known, **{one.user_id: one for one in noticed}}
    return Returned(noticed, departures.back(everyone.values(), guild, bindings, asked))


def blindness(guild: Guild, school: SchoolSettings) -> list[Notice]:
    """Say that kicks cannot be told from leaving, where the settings treat them differently."""
    rules = {cause in school.returning.asked for cause in (Cause.LEFT, Cause.KICKED, Cause.BANNED)}
    blind = not guild.bot_permissions & Permission.VIEW_AUDIT_LOG
    return [Notice("audit-log", BLIND, {})] if blind and len(rules) > 1 else []


async def _expulsions(guild: Guild, reader: AuditReader) -> tuple[Expulsion, ...]:
    """Ask the audit log; a bot that may not see it takes everybody for somebody who left by themselves."""
    if not guild.bot_permissions & Permission.VIEW_AUDIT_LOG:
        return ()
    try:
        return await reader.expulsions()
    except Stopped:
        raise
    except Refused:
        return ()

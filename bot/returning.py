"""Find out before a plan who went and who is back; asks Discord only when somebody is newly missed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sync import departures
from sync.departures import Back, Bindings, Expulsion
from sync.errors import Refused, Stopped
from sync.guild import Guild
from sync.ledger import Cause, Departure
from sync.merge import Roster
from sync.permissions import Permission
from sync.ports import AuditReader
from sync.settings import SchoolSettings


@dataclass(frozen=True, slots=True)
class Returned:
    """Departures that were `noticed` now, and what is made of all of them."""

    noticed: tuple[Departure, ...] = ()
    back: Back = field(default_factory=Back)

    def valid(self, bindings: Bindings) -> Bindings:
        """Leave out what was given in a stay that ended."""
        return {key: binding for key, binding in bindings.items() if key not in self.back.void}


async def returned(
    school: SchoolSettings,
    roster: Roster,
    people: Mapping[str, str],
    known: Mapping[str, Departure],
    guild: Guild,
    bindings: Bindings,
    reader: AuditReader,
    now: datetime,
) -> Returned:
    """Judge everybody of whom `bindings` tell; `people` maps Discord users to persons, `known` ones went before."""
    asked = school.returning.asked
    noticed = departures.went(bindings, guild, people, known, now)
    if noticed:
        noticed = departures.explained(noticed, await _expulsions(guild, reader))
    if Cause.DROPPED in asked:
        listed = {person.id for person in roster.people}
        seen = {*known, *(one.user_id for one in noticed)}
        noticed += departures.dropped(bindings, people, listed, seen, now)
    everyone = {**known, **{one.user_id: one for one in noticed}}
    return Returned(noticed, departures.back(everyone.values(), guild, bindings, asked))


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

"""Ask for what of ours a reading of the server lacks: a damaged list must not make everything a second time."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice

from sync.errors import Retriable
from sync.guild import Guild
from sync.ledger import Binding
from sync.phrases import Phrase
from sync.ports import GuildReader
from sync.texts import N_

ASKED = 5  # of each kind; what a list lost by damage is there, whichever of it is asked for
ROLES = frozenset({"role"})
CHANNELS = frozenset({"category", "channel"})
CONTRADICTION = N_(
    "Discord left out of its list what it still has (roles: {roles}, channels: {channels}), so the list is not "
    "believed and nothing was changed. The next run reads it again."
)


async def prove(bindings: Mapping[str, Binding], guild: Guild, reader: GuildReader) -> None:
    """Raise Retriable if something that was not listed is still there; what somebody deleted is made anew."""
    roles = missing(bindings.values(), ROLES, (role.id for role in guild.roles))
    channels = missing(bindings.values(), CHANNELS, (channel.id for channel in guild.channels))
    asked = [("role", id_) for id_ in islice(roles, ASKED)] + [("channel", id_) for id_ in islice(channels, ASKED)]
    if any(await asyncio.gather(*(reader.still_has(kind, id_) for kind, id_ in asked))):
        raise Retriable(Phrase(CONTRADICTION, roles=len(roles), channels=len(channels)))


def missing(bindings: Iterable[Binding], kinds: frozenset[str], listed: Iterable[str]) -> list[str]:
    """Return the ids of our objects of some kinds that are not listed, the oldest first."""
    ours = {binding.discord_id for binding in bindings if binding.kind in kinds and binding.discord_id}
    return sorted(ours.difference(listed), key=int)

"""What becomes of somebody who comes back, by how they went: a part of a school's section in the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sync.ledger import Cause
from sync.settings_fields import Fields

RESTORE, ASK = "restore", "ask"
DEFAULTS: Mapping[Cause, str] = MappingProxyType(
    {Cause.LEFT: RESTORE, Cause.DROPPED: RESTORE, Cause.KICKED: ASK, Cause.BANNED: ASK, Cause.UNLINKED: ASK}
)
KEYS = frozenset(f"return_{cause}" for cause in Cause)


@dataclass(frozen=True, slots=True)
class Returning:
    """The causes after which nobody gets anything back before somebody of the staff says so."""

    asked: frozenset[Cause] = frozenset(cause for cause, rule in DEFAULTS.items() if rule == ASK)


def read(fields: Fields) -> Returning:
    """Read the keys `return_CAUSE` of a school's section."""
    rules = {cause: fields.choice(f"return_{cause}", (RESTORE, ASK), DEFAULTS[cause]) for cause in Cause}
    return Returning(frozenset(cause for cause, rule in rules.items() if rule == ASK))

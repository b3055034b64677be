"""What people may change by hand on a school's server, and how often all of it is looked at: a part of its section."""

from dataclasses import dataclass

from sync.phrases import Phrase
from sync.settings_fields import Fields

KEYS = frozenset({"respect", "verify_every"})
KINDS = ("roles", "channels", "overwrites", "order", "nicknames", "member-roles", "posts", "pins")
WEEK = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class ByHand:
    """Which kinds of change by hand are `respected`; all others are put back. `verify_every` in seconds, 0: never."""

    respected: frozenset[str] = frozenset()
    verify_every: float = WEEK


def read(fields: Fields) -> ByHand:
    """Read the keys of a school's section."""
    named = frozenset(part.strip() for part in fields.text("respect", "").split(",")) - {""}
    if strange := sorted(named.difference(KINDS)):
        known, value = ", ".join(KINDS), ", ".join(strange)
        fields.complain("respect", Phrase("respect = {value}: write some of {known}", value=value, known=known))
    off = fields.text("verify_every", "7d") == "off"
    return ByHand(named, 0.0 if off else fields.period("verify_every", "7d"))

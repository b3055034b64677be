"""When a school's finished courses go to the archive: a part of its section in the settings."""

import re
from dataclasses import dataclass
from datetime import timedelta

from sync.phrases import Phrase
from sync.settings_fields import Fields

KEYS = frozenset({"archive", "archive_after"})
ENDED, HIDDEN = "ended", "hidden"
CAUSES = frozenset({ENDED, HIDDEN})
_DAYS = re.compile(r"(\d{1,4})\s*d")


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Which courses that are still in the source count as finished (`causes`), and how long `after` that came about.

    One that is dropped from the source is always finished.
    """

    causes: frozenset[str] = CAUSES
    after: timedelta = timedelta(days=14)


def read(fields: Fields) -> ArchiveSettings:
    """Read the keys of a school's section that are about its archive."""
    return ArchiveSettings(_causes(fields), _after(fields))


def _causes(fields: Fields) -> frozenset[str]:
    value = fields.text("archive", "ended, hidden").lower()
    causes = frozenset(part.strip() for part in value.split(",") if part.strip())
    if value != "off" and not causes <= CAUSES:
        expected = Phrase("`ended`, `hidden`, both, or off")
        fields.complain(
            "archive", Phrase("{key} = {value}: write {expected}", key="archive", value=value, expected=expected)
        )
    return causes & CAUSES


def _after(fields: Fields) -> timedelta:
    expected = Phrase("a number of days such as 14d, or 0d for at once")
    days = _DAYS.fullmatch(fields.matching("archive_after", _DAYS.pattern, expected) or "14d")
    return timedelta(days=int(days[1]) if days else 14)

"""How long a school keeps what it no longer needs: a part of its section in the settings."""

from dataclasses import dataclass
from datetime import timedelta

from sync.settings_fields import Fields

LONGEST = timedelta(days=36500)
KEYS = frozenset({"keep_departed", "keep_runs"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long records stay that no source lists any more, and the history of runs, pulls and approvals."""

    departed: timedelta = timedelta(days=365)
    runs: timedelta = timedelta(days=90)


def read(fields: Fields) -> Keeping:
    """Read the keys of a school's section that are about how long things are kept."""
    return Keeping(_span(fields, "keep_departed", "365d"), _span(fields, "keep_runs", "90d"))


def _span(fields: Fields, key: str, default: str) -> timedelta:
    return timedelta(seconds=min(fields.period(key, default), LONGEST.total_seconds()))

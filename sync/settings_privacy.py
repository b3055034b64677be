"""How long a school keeps what it no longer needs: a part of its section in the settings."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sync.settings_fields import Fields

LONGEST = timedelta(days=36500)
KEYS = frozenset({"keep_departed", "keep_runs"})
LOG_KEYS = frozenset({"log", "keep_logs"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long records stay that no source lists any more, and the history of runs, pulls and approvals."""

    departed: timedelta = timedelta(days=365)
    runs: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class LogFile:
    """Where `kopir run` writes its log, stderr if None, and how long a day of it stays."""

    path: Path | None = None
    keep: timedelta = timedelta(days=30)


def read_log(fields: Fields, folder: Path) -> LogFile:
    """Read the keys of `[kopir]` that are about the log; its path counts from a folder."""
    name = fields.text("log", "")
    return LogFile(folder / Path(name).expanduser() if name else None, _span(fields, "keep_logs", "30d"))


def read(fields: Fields) -> Keeping:
    """Read the keys of a school's section that are about how long things are kept."""
    return Keeping(_span(fields, "keep_departed", "365d"), _span(fields, "keep_runs", "90d"))


def _span(fields: Fields, key: str, default: str) -> timedelta:
    return timedelta(seconds=min(fields.period(key, default), LONGEST.total_seconds()))

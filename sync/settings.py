"""The settings as values: what a file, its schools and their sources ask for. `settings_file` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sync.errors import SettingsProblem
from sync.sealing import Seal
from sync.settings_archive import ArchiveSettings
from sync.settings_by_hand import ByHand
from sync.settings_posts import PostSettings
from sync.settings_privacy import Keeping, LogFile
from sync.settings_return import Returning

LAYOUTS = ("channels", "forum", "auto")
GROUPS = ("off", "roles", "channels")
DEFAULT_API = "https://discord.com/api/v10"


@dataclass(frozen=True, slots=True)
class Discord:
    """How to reach Discord. Commands that need it refuse a `token` that is not set, and one with a `problem`."""

    token: str = ""
    api_url: str = DEFAULT_API
    problem: SettingsProblem | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """A period in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cron:
    """A five-field crontab line, read in the school's time zone."""

    line: str


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One `[source:school/name]` section; `options` are the connector's own keys.

    `exposed` are keys of secrets that others on this computer can read in the settings file.
    """

    school: str
    name: str
    type: str
    schedule: Every | Cron
    options: Mapping[str, str]
    lines: Mapping[str, int]
    line: int
    exposed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """When removals are held: over `percent` of what exists, counted from `floor` records up, or over `posts` posts."""

    percent: int = 20
    floor: int = 10
    posts: int = 25


@dataclass(frozen=True, slots=True)
class SchoolSettings:
    """One `[school:id]` section. `guild` is empty when not set yet."""

    id: str
    name: str
    guild: str
    timezone: ZoneInfo
    language: str
    layout: str
    groups: str
    voice: bool
    template: Path | None
    limits: Limits
    posts: PostSettings
    by_hand: ByHand
    keeping: Keeping
    sources: tuple[SourceSettings, ...]
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    returning: Returning = field(default_factory=Returning)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file. Relative paths count from the folder it lies in. Contacts are encrypted by the `seal`."""

    path: Path
    database: str
    language: str
    discord: Discord
    schools: tuple[SchoolSettings, ...]
    seal: Seal | None = None
    log: LogFile = field(default_factory=LogFile)

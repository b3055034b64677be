"""Turn the outside (CSV folders, Moodle) into Snapshots for `sync`; here is the registry of source types."""

from dataclasses import dataclass
from pathlib import Path

from connectors.csv.config import read_config as read_csv
from connectors.csv.files import ignored
from connectors.csv.source import CsvSource
from connectors.moodle.config import read_config as read_moodle
from connectors.moodle.source import MoodleSource
from sync.errors import SettingsInvalid, SettingsProblem
from sync.phrases import Phrase
from sync.ports import Source
from sync.settings import SchoolSettings, SourceSettings

TYPES = ("csv", "moodle")


def check(settings: SourceSettings, base: Path) -> tuple[SettingsProblem, ...]:
    """Return everything that is wrong with one source's settings; relative paths count from `base`."""
    match settings.type:
        case "csv":
            return read_csv(settings, base)[1]
        case "moodle":
            return read_moodle(settings)[1]
    line = settings.lines.get("type", settings.line)
    advice = Phrase(
        "{key} = {value}: write one of {allowed}", key="type", value=settings.type, allowed=", ".join(TYPES)
    )
    return (SettingsProblem(line, advice),)


def build(settings: SourceSettings, school: SchoolSettings, base: Path) -> Source:
    """Make a source of its settings. Raise SettingsInvalid when `check` finds anything."""
    if problems := check(settings, base):
        raise SettingsInvalid(f"source:{settings.school}/{settings.name}", problems)
    if settings.type == "moodle":
        return MoodleSource(name=settings.name, config=read_moodle(settings)[0], language=school.language)
    config, _ = read_csv(settings, base)
    return CsvSource(
        name=settings.name,
        path=config.path,
        timezone=school.timezone,
        language=school.language,
        complete=config.complete,
        role=config.role,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source's files lie: a folder, or one file in it."""

    path: Path

    def concerns(self, changed: Path) -> bool:
        """Tell whether a changed file is an input, not a receipt, a temporary or a hidden file."""
        if changed == self.path:
            return True
        inside = changed.is_relative_to(self.path)
        return inside and not any(ignored(part) for part in changed.relative_to(self.path).parts)


def place(settings: SourceSettings, base: Path) -> Place | None:
    """Return where to watch for changed files; None for a source without files. The settings must be right."""
    return Place(read_csv(settings, base)[0].path.resolve()) if settings.type == "csv" else None

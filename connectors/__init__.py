"""Turn the outside (CSV folders, Moodle) into Snapshots for `sync`; here is the registry of source types."""

from pathlib import Path

from connectors.csv.config import read_config
from connectors.csv.source import CsvSource
from sync.errors import SettingsInvalid, SettingsProblem
from sync.ports import Source
from sync.settings import SchoolSettings, SourceSettings

TYPES = ("csv",)


def check(settings: SourceSettings, base: Path) -> tuple[SettingsProblem, ...]:
    """Return everything that is wrong with one source's settings; relative paths count from `base`."""
    if settings.type == "csv":
        return read_config(settings, base)[1]
    line = settings.lines.get("type", settings.line)
    return (SettingsProblem(line, f"type = {settings.type}: write one of {', '.join(TYPES)}"),)


def build(settings: SourceSettings, school: SchoolSettings, base: Path) -> Source:
    """Make a source of its settings. Raise SettingsInvalid when `check` finds anything."""
    if problems := check(settings, base):
        raise SettingsInvalid(f"source:{settings.school}/{settings.name}", problems)
    config, _ = read_config(settings, base)
    return CsvSource(
        name=settings.name,
        path=config.path,
        timezone=school.timezone,
        language=school.language,
        complete=config.complete,
        role=config.role,
    )

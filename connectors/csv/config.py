"""Read the settings of one CSV source, with every mistake at once; the registry in `connectors` calls it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sync.errors import SettingsProblem
from sync.phrases import Phrase
from sync.records import CourseRole
from sync.settings import SourceSettings

OPTIONS = ("path", "complete", "role")
_YES_NO = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class CsvConfig:
    """The options of a CSV source: where it is, whether a list is complete, the role of a list without roles."""

    path: Path
    complete: bool | None = None
    role: CourseRole | None = None


def read_config(settings: SourceSettings, base: Path) -> tuple[CsvConfig, tuple[SettingsProblem, ...]]:
    """Return the options, paths counted from `base`, and everything that is wrong with them."""
    options = settings.options
    found = [*_unknown(settings), *_no_path(settings)]
    complete = options.get("complete", "").strip().casefold()
    role = options.get("role", "").strip().casefold()
    if complete not in {"", *_YES_NO}:
        found.append(
            _at(settings, "complete", Phrase("{key} = {value}: write yes or no", key="complete", value=complete))
        )
    if role not in {"", *CourseRole}:
        roles = ", ".join(CourseRole)
        found.append(
            _at(
                settings,
                "role",
                Phrase("{key} = {value}: write one of {allowed}", key="role", value=role, allowed=roles),
            )
        )
    config = CsvConfig(
        path=base / Path(_text(options, "path")).expanduser(),
        complete=_YES_NO.get(complete),
        role=CourseRole(role) if role in {*CourseRole} else None,
    )
    return config, tuple(sorted(found, key=lambda problem: problem.line))


def _unknown(settings: SourceSettings) -> list[SettingsProblem]:
    known = ", ".join(OPTIONS)
    return [
        _at(
            settings,
            key,
            Phrase("unknown key '{key}' for a source of type csv; known are {known}", key=key, known=known),
        )
        for key in settings.options
        if key not in OPTIONS
    ]


def _no_path(settings: SourceSettings) -> list[SettingsProblem]:
    if _text(settings.options, "path"):
        return []
    return [_at(settings, "path", Phrase("a source of type csv needs the key 'path': a folder or a ZIP file"))]


def _text(options: Mapping[str, str], key: str) -> str:
    return options.get(key, "").strip()


def _at(settings: SourceSettings, key: str, message: str) -> SettingsProblem:
    return SettingsProblem(settings.lines.get(key, settings.line), message)

"""Read the settings of one CSV source, with every mistake at once; the registry in `connectors` calls it."""

from dataclasses import dataclass
from pathlib import Path

from sync.errors import SettingsProblem
from sync.phrases import Phrase
from sync.records import CourseRole
from sync.settings import SourceSettings
from sync.settings_fields import Fields

OPTIONS = ("path", "complete", "role")


@dataclass(frozen=True, slots=True)
class CsvConfig:
    """The options of a CSV source: where it is, whether a list is complete, the role of a list without roles."""

    path: Path
    complete: bool | None = None
    role: CourseRole | None = None


def read_config(settings: SourceSettings, base: Path) -> tuple[CsvConfig, tuple[SettingsProblem, ...]]:
    """Return the options, paths counted from `base`, and everything that is wrong with them."""
    found: list[SettingsProblem] = []
    lines = {**settings.lines, "": settings.line}
    fields = Fields(f"source:{settings.school}/{settings.name}", settings.options, lines, {}, found)
    fields.refuse_unknown(set(OPTIONS))
    path = fields.text("path", "")
    if not path:
        fields.complain("path", Phrase("a source of type csv needs the key 'path': a folder or a ZIP file"))
    complete = fields.flag("complete", default=False) if fields.text("complete", "") else None
    role = fields.choice("role", tuple(CourseRole), CourseRole.STUDENT) if fields.text("role", "") else ""
    config = CsvConfig(base / Path(path).expanduser(), complete, CourseRole(role) if role else None)
    return config, tuple(sorted(found, key=lambda problem: problem.line))

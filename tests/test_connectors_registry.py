"""The registry of sources and the settings of the CSV connector."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import connectors
from connectors.csv.config import CsvConfig, read_config
from sync.errors import SettingsInvalid
from sync.records import CourseRole
from sync.settings import Every, Limits, SchoolSettings, SourceSettings
from sync.settings_by_hand import ByHand
from sync.settings_posts import PostSettings
from sync.settings_privacy import Keeping

SCHOOL = SchoolSettings(
    id="aqjol",
    name="Ақжол",
    guild="1",
    timezone=ZoneInfo("Asia/Almaty"),
    language="kk",
    layout="auto",
    groups="off",
    voice=False,
    template=None,
    limits=Limits(),
    posts=PostSettings(),
    by_hand=ByHand(),
    keeping=Keeping(),
    sources=(),
)


def section(options: dict[str, str], kind: str = "csv") -> SourceSettings:
    lines = {"": 10, "type": 11, **{key: 12 + number for number, key in enumerate(options)}}
    return SourceSettings("aqjol", "rosters", kind, Every(300), options, lines, 10)


def test_a_csv_source_is_built_from_its_settings(tmp_path: Path) -> None:
    options = section({"path": "inbox", "role": "teacher", "complete": "yes"})
    source = connectors.build(options, SCHOOL, tmp_path)
    assert (source.name, source.type) == ("rosters", "csv")
    config, problems = read_config(options, tmp_path)
    assert config == CsvConfig(tmp_path / "inbox", complete=True, role=CourseRole.TEACHER)
    assert not problems


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"path": "inbox"}, []),
        ({"path": "inbox", "complete": "no", "role": "student"}, []),
        ({}, [10]),
        ({"path": ""}, [12]),
        ({"path": "inbox", "complete": "perhaps", "role": "king", "colour": "red"}, [13, 14, 15]),
    ],
)
def test_every_mistake_is_named_with_its_line(options: dict[str, str], lines: list[int], tmp_path: Path) -> None:
    assert [problem.line for problem in connectors.check(section(options), tmp_path)] == lines


def test_an_unknown_type_names_the_known_ones(tmp_path: Path) -> None:
    problems = connectors.check(section({}, kind="excel"), tmp_path)
    assert [problem.line for problem in problems] == [11]
    assert "csv" in problems[0].message
    with pytest.raises(SettingsInvalid):
        connectors.build(section({}, kind="excel"), SCHOOL, tmp_path)

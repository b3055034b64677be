"""The settings of the archive: what counts as over, and after how many days."""

from datetime import timedelta
from pathlib import Path

import pytest

from sync.errors import SettingsInvalid
from sync.settings_archive import ArchiveSettings
from sync.settings_file import load

BOTH = frozenset({"ended", "hidden"})


def read(tmp_path: Path, lines: str) -> ArchiveSettings:
    path = tmp_path / "settings.ini"
    path.write_text(f"[school:a]\n{lines}\n", "utf-8")
    return load(path, {}, lambda _source, _base: ()).schools[0].archive


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("", ArchiveSettings(BOTH, timedelta(days=14)), id="as most schools want it"),
        pytest.param("archive = ended", ArchiveSettings(frozenset({"ended"})), id="hidden ones stay"),
        pytest.param("archive = Hidden , ended", ArchiveSettings(BOTH), id="in any order"),
        pytest.param("archive = off", ArchiveSettings(frozenset()), id="off"),
        pytest.param("archive_after = 0d", ArchiveSettings(after=timedelta()), id="at once"),
        pytest.param("archive_after = 365 d", ArchiveSettings(after=timedelta(days=365)), id="a year"),
    ],
)
def test_the_archives_keys_are_read(tmp_path: Path, lines: str, expected: ArchiveSettings) -> None:
    assert read(tmp_path, lines) == expected


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param("archive = ended, always", "`ended`, `hidden`, both, or off", id="an unknown cause"),
        pytest.param("archive = off, ended", "`ended`, `hidden`, both, or off", id="off and on"),
        pytest.param("archive_after = two weeks", "a number of days such as 14d", id="no number"),
        pytest.param("archive_after = 2h", "a number of days such as 14d", id="no days"),
    ],
)
def test_what_they_do_not_know_is_told(tmp_path: Path, lines: str, says: str) -> None:
    with pytest.raises(SettingsInvalid, match=says):
        read(tmp_path, lines)

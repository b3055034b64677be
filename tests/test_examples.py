"""The sample school is what the demo and the README promise, and reads without a single problem."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.csv.source import CsvSource
from sync.records import CourseRole, Snapshot

SCHOOL = Path(__file__).resolve().parents[1] / "examples" / "school"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _source(folder: Path) -> CsvSource:
    return CsvSource(name="rosters", path=folder, timezone=ZoneInfo("Asia/Almaty"), language="kk", sleep=lambda _: None)


def _read(folder: Path) -> Snapshot:
    pulled = _source(folder).pull(Snapshot)
    assert pulled.problems == ()
    assert pulled.snapshot is not None
    return pulled.snapshot


@pytest.fixture(scope="module")
def school() -> Snapshot:
    return _read(SCHOOL / "inbox")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("inbox")
    shutil.copytree(SCHOOL / "inbox", folder, dirs_exist_ok=True)
    shutil.copytree(SCHOOL / "changed", folder, dirs_exist_ok=True)
    return _read(folder)


def test_the_school_is_as_large_as_promised(school: Snapshot) -> None:
    sizes = len(school.courses), len(school.modules), len(school.materials), len(school.people)
    assert sizes == (8, 42, 131, 150)


@pytest.mark.parametrize("letters", ["ғқңөұүһі", "йыэ", "abcdefgh"], ids=["Kazakh", "Russian", "English"])
def test_courses_have_titles_in_three_languages(school: Snapshot, letters: str) -> None:
    assert any(set(course.title.casefold()) & set(letters) for course in school.courses)


def test_people_are_unique_and_most_have_a_discord_name(school: Snapshot) -> None:
    named = [person.discord for person in school.people if person.discord]
    assert len(set(named)) == len(named) == 141
    assert len({person.name for person in school.people}) == 150


def test_every_role_occurs(school: Snapshot) -> None:
    assert {enrolment.role for enrolment in school.enrolments} == set(CourseRole)


def test_somebody_has_left_and_somebody_is_still_to_come(school: Snapshot) -> None:
    left = {e.person for e in school.enrolments if e.end and e.end < NOW}
    coming = {e.person for e in school.enrolments if e.start and e.start > NOW}
    assert len(left) == len(coming) == 1


def test_one_material_is_released_later(school: Snapshot) -> None:
    assert len([m for m in school.materials if m.visible_from and m.visible_from > NOW]) == 1


def test_the_change_moves_two_people(school: Snapshot, changed: Snapshot) -> None:
    assert len({e.person for e in {*school.enrolments} ^ {*changed.enrolments}}) == 2
    assert school.people == changed.people


def test_the_change_renames_one_course(school: Snapshot, changed: Snapshot) -> None:
    assert [c.id for c in changed.courses if c not in school.courses] == ["phys8"]
    assert {c.id for c in changed.courses} == {c.id for c in school.courses}


def test_the_change_replaces_one_material(school: Snapshot, changed: Snapshot) -> None:
    before, after = ({m.id for m in snapshot.materials} for snapshot in (school, changed))
    assert (len(before - after), len(after - before)) == (1, 1)


def test_one_named_file_is_there(school: Snapshot) -> None:
    (file,) = (file for material in school.materials for file in material.files if file.hash)
    assert (file.name, file.type) == ("lab-onion-cells.pdf", "application/pdf")
    assert _source(SCHOOL / "inbox").download(file, 2000).startswith(b"%PDF-")

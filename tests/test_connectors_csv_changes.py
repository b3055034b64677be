"""What files that tell changes do to what other files, and earlier pulls, said."""

from pathlib import Path

import pytest

from sync.records import CourseRole, Kind
from tests.csv_folder import SAMPLES, Folder

STUDENT = CourseRole.STUDENT
BULK = {f"1/{file.name}": file.read_bytes() for file in (SAMPLES / "oneroster-1.2/bulk").iterdir()}
DELTA = {f"2/{file.name}": file.read_bytes() for file in (SAMPLES / "oneroster-1.2/delta").iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_delta_that_comes_beside_the_bulk_deletes_what_the_bulk_still_lists(folder: Folder) -> None:
    folder.write(BULK).pull()
    folder.write(DELTA)
    for _ in range(2):
        pulled = folder.pull()
        assert not pulled.problems
        assert folder.counts() == {"courses": 4, "people": 20, "enrolments": 25}
        assert "Һафиз Қожа-Ахмет" not in folder.names()


def test_a_deleted_class_takes_its_enrolments_along_without_a_word(folder: Folder) -> None:
    bulk = SAMPLES / "oneroster-1.2/bulk"
    manifest = (bulk / "manifest.csv").read_text("utf-8").replace("file.classes,bulk", "file.classes,delta")
    head = "sourcedId,status,dateLastModified,title,courseSourcedId,termSourcedIds,schoolSourcedId\n"
    folder.copy("oneroster-1.2/bulk").pull()
    folder.write({"manifest.csv": manifest, "classes.csv": head + "k3,tobedeleted,2026-10-02T08:00:00.000Z,,,,\n"})
    assert not folder.pull().problems
    assert folder.counts() == {"courses": 3, "people": 20, "enrolments": 18}


def test_a_deleted_canvas_user_who_is_still_enrolled_is_no_mistake(folder: Folder) -> None:
    folder.copy("canvas-sis/day1").pull()
    users = (SAMPLES / "canvas-sis/day1/users.csv").read_text("utf-8")
    folder.write(
        {"users.csv": users.replace("hafiz@mektep.example,,student,active", "hafiz@mektep.example,,student,deleted")}
    )
    folder.pull()
    assert folder.counts() == {"courses": 4, "people": 18, "enrolments": 23, "groups": 4}
    assert {code for _, _, code in folder.codes()} == {"unknown-person", "unknown-role", "missing-cell"}
    assert "01111" not in {item.values["found"] for item in folder.last.problems}


def test_a_person_in_two_sections_is_no_repeated_row_in_the_second_pull_either(folder: Folder) -> None:
    folder.copy("canvas-sis/day2").copy("canvas-sis/day1", "courses.csv", "sections.csv", "terms.csv")
    for _ in range(3):
        folder.pull()
        assert "duplicate-row" not in {code for _, _, code in folder.codes()}


def test_a_renamed_moodle_user_repeats_no_row(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "users.csv").pull()
    folder.copy("moodle-uploadusers", "deletes.csv").pull()
    assert folder.codes() == [("users.csv", 21, "duplicate-row")]
    assert ("qtursynov", "dig", STUDENT) in folder.roles()


def test_what_a_vanished_list_of_changes_said_is_unproven(folder: Folder) -> None:
    folder.copy("canvas-sis/day1").pull()
    before = folder.counts()
    folder.remove("enrollments.csv").pull()
    assert folder.counts() == before
    assert Kind.ENROLMENTS in folder.last.unproven


def test_a_vanished_complete_list_is_not_unproven(folder: Folder) -> None:
    folder.copy("clever").pull()
    folder.remove("enrollments.csv").pull()
    assert folder.last.unproven == frozenset()
    assert folder.counts() == {"courses": 4, "people": 21, "enrolments": 5}


def test_an_unknown_role_in_the_school_is_told_in_the_spelling_of_the_standard(folder: Folder) -> None:
    folder.copy("oneroster-1.2/broken").pull()
    expected = [item.values["expected"] for item in folder.last.problems if item.code == "unknown-role"]
    assert "districtAdministrator" in expected[0]


def test_cohorts_of_moodle_have_the_people_of_courses_as_members(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "users.csv").pull()
    assert folder.counts() == {"courses": 3, "people": 19, "enrolments": 24, "groups": 3}
    members = {role.person for role in folder.state.enrolments if "cohort/dig-2026" in role.groups}
    assert len(members) == 19
    assert next(role.groups for role in folder.state.enrolments if role.person == "skim") == (
        "cohort/dig-2026",
        "dig/a тобы",
    )


def test_classes_without_any_file_of_courses_are_no_mistake(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk", "users.csv", "classes.csv", "enrollments.csv").pull()
    assert folder.codes() == []
    assert folder.counts() == {"courses": 4, "people": 20, "enrolments": 25}


def test_a_class_of_a_course_that_the_file_of_courses_lacks_is_reported(folder: Folder) -> None:
    courses = (SAMPLES / "oneroster-1.2/bulk/courses.csv").read_text("utf-8")
    files = ("users.csv", "classes.csv", "enrollments.csv")
    folder.copy("oneroster-1.2/bulk", *files).write({"courses.csv": courses.replace("c3,", "c4,")}).pull()
    assert folder.codes() == [("classes.csv", 5, "unknown-course")]


def test_a_delta_without_status_is_told_what_was_found(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk").pull()
    folder.copy("oneroster-1.2/delta", "manifest.csv").pull()
    found = {item.values["found"] for item in folder.last.problems if item.code == "unknown-status"}
    assert found == {"—"}
    assert folder.counts() == {"courses": 4, "people": 20, "enrolments": 25}

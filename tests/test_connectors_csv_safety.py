"""What bad rows, bad files and missing files do: they never remove anybody."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.records import Kind, Pulled, Snapshot
from tests.csv_folder import NOW, Folder, zipped

HEADER = "name,email,course,role,group,discord\n"
GOOD = HEADER + "Айгүл,a@x.kz,Алгебра,,7А,\nНұрлан,n@x.kz,Алгебра,,7А,\nӘлия,l@x.kz,Физика,teacher,,\n"
OTHER = HEADER + "Марат,m@x.kz,Химия,,,\n"
FULL = {"courses": 2, "people": 3, "enrolments": 3, "groups": 1}
BROKEN = {
    "empty": (b"", "empty-file"),
    "blank": (b"\r\n\r\n", "empty-file"),
    "only a mark": (b"\xef\xbb\xbf", "empty-file"),
    "header only": (HEADER.encode(), "no-rows"),
    "header and totals only": (HEADER.encode() + "Барлығы,0,,,,\n".encode(), "no-rows"),
    "NUL bytes": (GOOD.encode().replace(b"a@x", b"a\x00x"), "damaged"),
    "binary junk": (bytes(range(256)) * 40, "damaged"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "damaged"),
    "cut within a letter": (GOOD.encode()[: GOOD.encode().index("Физика".encode()) + 3], "truncated"),
    "cut within a row": (GOOD.encode()[: GOOD.encode().index("Физика".encode()) - 3], "truncated"),
    "unclosed quote at the end": (GOOD.encode() + '"Данияр,d@x.kz,Алгебра,,,\n'.encode(), "unclosed-quote"),
    "unclosed quote that swallows rows": (
        GOOD.replace("Айгүл", '"Айгүл').encode() + 'Дана,d@x.kz,"Алгебра",,,\n'.encode(),
        "unclosed-quote",
    ),
    "xlsx named csv": (zipped({"xl/workbook.xml": "<workbook/>"}), "spreadsheet"),
    "xls named csv": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "spreadsheet"),
    "another table": ("күні,сабақ\n1,Алгебра\n".encode(), "unknown-header"),
    "HTML": (b"<html><body>login</body></html>", "unknown-header"),
    "a column twice": (GOOD.replace("group", "email").encode(), "repeated-column"),
    "header with lost letters": (
        "Аты-ж?ні;?пошта;П?н\nАй;a@x.kz;Химия\n".encode("cp1251"),
        "lost-letters",
    ),
    "UTF-16 cut in the middle of a unit": (GOOD.encode("utf-16")[:-1], "truncated"),
    "nearly UTF-8": (GOOD.encode().replace("Нұрлан".encode(), b"\xff\xfeurlan"), "damaged"),
}


def seen(pulled: Pulled) -> Snapshot:
    assert pulled.snapshot is not None
    return pulled.snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_among_good_ones_removes_nobody(folder: Folder, name: str) -> None:
    data, code = BROKEN[name]
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    before = folder.state
    pulled = folder.write({"a.csv": data}).pull()
    assert pulled.snapshot is not None
    assert folder.state == before or set(folder.state.people) == set(before.people)
    assert len(seen(pulled).people) == 4
    assert len(seen(pulled).enrolments) == 4
    assert [(problem.file, problem.code) for problem in pulled.problems] == [("a.csv", code)]
    assert "a.csv" not in pulled.dialects


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_alone_gives_no_snapshot(folder: Folder, name: str) -> None:
    data, code = BROKEN[name]
    folder.write({"a.csv": GOOD}).pull()
    pulled = folder.write({"a.csv": data}).pull()
    assert pulled.snapshot is None
    assert [problem.code for problem in pulled.problems] == [code]
    assert folder.counts() == FULL


@pytest.mark.parametrize("name", BROKEN)
def test_a_good_file_beside_a_broken_one_still_counts(folder: Folder, name: str) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    folder.write({"a.csv": BROKEN[name][0], "b.csv": HEADER + "Дана,d@x.kz,Химия,,,\n"}).pull()
    assert folder.names() == {"Айгүл", "Нұрлан", "Әлия", "Дана"}


def test_a_person_of_two_files_stays_while_one_of_them_is_broken(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": GOOD}).pull()
    folder.write({"a.csv": OTHER, "b.csv": b""}).pull()
    assert folder.names() == {"Айгүл", "Нұрлан", "Әлия", "Марат"}
    folder.write({"b.csv": OTHER}).pull()
    assert folder.names() == {"Марат"}


def test_a_person_of_two_files_goes_when_both_drop_them(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": GOOD}).pull()
    folder.write({"a.csv": OTHER}).pull()
    assert len(folder.names()) == 4
    folder.write({"b.csv": OTHER}).pull()
    assert folder.names() == {"Марат"}


def test_a_dropped_row_is_a_removal(folder: Folder) -> None:
    folder.write({"a.csv": GOOD}).pull()
    pulled = folder.write({"a.csv": HEADER + "Айгүл,a@x.kz,Алгебра,,7А,\n"}).pull()
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1, "groups": 1}
    assert not pulled.problems
    assert not pulled.unproven


def test_a_bad_row_protects_its_person_and_course(folder: Folder) -> None:
    folder.write({"a.csv": GOOD}).pull()
    pulled = folder.write({"a.csv": GOOD.replace("Әлия,l@x.kz,Физика", "?лия,l@x.kz,Физика")}).pull()
    assert folder.counts() == FULL
    assert seen(pulled).protected_people == {"l@x.kz"}
    assert seen(pulled).protected_courses == {"физика"}


def test_a_row_whose_person_is_illegible_leaves_the_files_people_unknown(folder: Folder) -> None:
    text = HEADER + "Айгүл,,Алгебра,,7А,\nӘлия,,Физика,teacher,,\n"
    folder.write({"a.csv": text}).pull()
    pulled = folder.write({"a.csv": text.replace("Әлия", "?лия")}).pull()
    assert folder.names() == {"Айгүл", "Әлия"}
    assert {kind for _, kind in seen(pulled).unknown_in} == {Kind.PEOPLE, Kind.ENROLMENTS}


def test_a_lost_email_does_not_remove_the_person_it_identified(folder: Folder) -> None:
    folder.write({"a.csv": GOOD}).pull()
    folder.write({"a.csv": GOOD.replace("l@x.kz", "l at x.kz")}).pull()
    assert {person.id for person in folder.state.people} >= {"l@x.kz", "a@x.kz", "n@x.kz"}


def test_a_course_whose_only_row_is_illegible_stays(folder: Folder) -> None:
    folder.write({"a.csv": GOOD}).pull()
    folder.write({"a.csv": GOOD.replace("Физика", "?изика")}).pull()
    assert folder.counts() == FULL


def test_a_row_with_too_many_cells_is_refused_and_removes_nobody(folder: Folder) -> None:
    folder.write({"a.csv": GOOD}).pull()
    folder.write({"a.csv": GOOD.replace("Нұрлан,", "Жақсыбеков, Нұрлан,")}).pull()
    assert folder.counts() == FULL
    assert [(p.line, p.code) for p in folder.last.problems] == [(3, "extra-cells")]


def test_a_missing_file_is_named_and_its_records_are_absent(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    pulled = folder.remove("a.csv").pull()
    assert seen(pulled).missing == {"a.csv"}
    assert {person.name for person in seen(pulled).people} == {"Марат"}


def test_a_renamed_file_removes_nothing(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    pulled = folder.remove("a.csv").write({"c.csv": GOOD}).pull()
    assert len(seen(pulled).people) == 4
    assert len(seen(pulled).enrolments) == 4


def test_a_missing_list_of_people_does_not_blank_the_names(folder: Folder) -> None:
    folder.write({"people.csv": "id,name,email\n1,Айгүл,a@x.kz\n", "enrolments.csv": "person,course\n1,ALG\n"}).pull()
    folder.remove("people.csv").pull()
    assert folder.names() == {"Айгүл"}


@pytest.mark.parametrize("lost", ["people.csv", "courses.csv"])
def test_a_broken_list_still_says_who_and_what_is_known(folder: Folder, lost: str) -> None:
    files = {
        "people.csv": "id,name,email\n1,Айгүл,a@x.kz\n2,Нұрлан,n@x.kz\n",
        "courses.csv": "id,title\nALG,Алгебра\n",
        "enrolments.csv": "person,course\n1,алгебра\n2,ALG\n",
    }
    folder.write(files).pull()
    folder.write({lost: b"\x00\x01"}).pull()
    assert folder.counts() == {"courses": 1, "people": 2, "enrolments": 2}
    assert [(p.file, p.code) for p in folder.last.problems] == [(lost, "damaged")]


def test_an_empty_folder_and_no_folder_give_no_snapshot(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "inbox")
    assert folder.pull().snapshot is None
    assert [problem.code for problem in folder.last.problems] == ["folder-missing"]
    folder.path.mkdir()
    assert folder.pull().snapshot is None
    assert [problem.code for problem in folder.last.problems] == ["folder-empty"]


def test_a_file_that_is_no_roster_does_no_harm(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "readme.txt": "Put the lists here, please.\n", "photo.jpg": b"\xff\xd8\xff\xe0\x00"})
    pulled = folder.pull()
    assert folder.counts() == FULL
    assert [(p.file, p.code) for p in pulled.problems] == [("readme.txt", "unknown-header")]
    assert "name,email,course" in pulled.problems[0].values["expected"]


def test_a_header_without_rows_that_never_had_any_harms_nobody(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "people.csv": "id,name,email,discord\n"}).pull()
    assert folder.counts() == FULL
    assert folder.codes() == [("people.csv", 1, "no-rows")]


class Scene:
    """A clock and a sleep during which something happens to the folder."""

    def __init__(self, folder: Folder, happens: Callable[[], object] = lambda: None) -> None:
        self.folder = folder
        self.happens = happens
        self.slept: list[float] = []

    def pull(self, age: float) -> Pulled:
        for path in self.folder.path.iterdir():
            os.utime(path, (NOW, NOW))
        changed = max(path.stat().st_ctime for path in self.folder.path.iterdir())
        return self.folder.pull(clock=lambda: max(NOW, changed) + age, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.happens()


def test_a_fresh_file_is_looked_at_once_more_and_then_read(folder: Folder) -> None:
    scene = Scene(folder.write({"a.csv": GOOD}))
    assert scene.pull(age=0.5).snapshot is not None
    assert len(scene.slept) == 1
    assert 0 < scene.slept[0] <= 2


def test_an_old_file_is_read_at_once(folder: Folder) -> None:
    scene = Scene(folder.write({"a.csv": GOOD}))
    assert scene.pull(age=2.5).snapshot is not None
    assert not scene.slept


def test_a_file_that_still_grows_waits_with_its_last_good_content(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    folder.write({"a.csv": HEADER + "Айгүл,a@x.kz,Алгебра,,7А,\n"})

    def grow() -> None:
        with (folder.path / "a.csv").open("ab") as file:
            file.write("Дана,d@x.kz,Алгебра,,,\n".encode())

    pulled = Scene(folder, grow).pull(age=0.5)
    assert folder.names() == {"Айгүл", "Нұрлан", "Әлия", "Марат"}
    assert [(p.file, p.code) for p in pulled.problems] == [("a.csv", "still-changing")]


def test_a_file_deleted_during_the_wait_is_no_error(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER})
    pulled = Scene(folder, (folder.path / "a.csv").unlink).pull(age=0.5)
    assert {person.name for person in seen(pulled).people} == {"Марат"}


def test_a_file_that_may_not_be_read_counts_with_its_last_content(folder: Folder) -> None:
    folder.write({"a.csv": GOOD, "b.csv": OTHER}).pull()
    folder.remove("a.csv")
    (folder.path / "a.csv").symlink_to("a.csv")
    folder.pull()
    assert len(folder.state.people) == 4 or seen(folder.last).missing == {"a.csv"}


def test_complete_no_means_that_absence_proves_nothing(folder: Folder) -> None:
    folder.options["complete"] = False
    folder.write({"a.csv": GOOD}).pull()
    pulled = folder.write({"a.csv": OTHER}).pull()
    assert len(folder.names()) == 4
    assert Kind.PEOPLE in pulled.unproven


def test_many_problems_of_one_file_are_bounded(folder: Folder) -> None:
    rows = "".join(f"Айгүл {n},a{n}@x.kz,Алгебра,дос,,\n" for n in range(2000))
    pulled = folder.write({"a.csv": HEADER + rows}).pull()
    assert len(pulled.problems) == 501
    assert pulled.problems[0].code == "more-problems"
    assert pulled.problems[0].values["found"] == "1500"


def test_times_are_in_utc(folder: Folder) -> None:
    folder.write({"enrolments.csv": "person,course,end\na@x.kz,ALG,2026-09-30\n"}).pull()
    assert folder.state.enrolments[0].end == datetime(2026, 9, 30, 19, tzinfo=UTC)


def test_templates_that_nobody_filled_in_list_nothing(folder: Folder) -> None:
    templates = {"people.csv": "id,name,email,discord\n", "courses.csv": "id,title\n"}
    folder.write({**templates, "enrolments.csv": "person,course\na@x.kz,Алгебра\n", "roster.csv": OTHER}).pull()
    assert folder.titles() == {"Алгебра", "Химия"}
    assert folder.counts()["enrolments"] == 2


def test_an_id_rounded_by_a_spreadsheet_is_refused(folder: Folder) -> None:
    folder.write({"people.csv": "id;name;email\n1,23457E+11;Айгүл;a@x.kz\n1,23457E+11;Нұрлан;n@x.kz\n"}).pull()
    assert {person.id for person in folder.state.people} == {"a@x.kz", "n@x.kz"}
    assert [code for *_, code in folder.codes()] == ["rounded-id", "rounded-id"]


def test_a_name_of_the_file_that_is_no_text_does_no_harm(folder: Folder) -> None:
    folder.write({"a.csv": GOOD})
    (folder.path / os.fsdecode(b"\xff\xfe.csv")).write_bytes(OTHER.encode())
    folder.pull()
    assert len(folder.names()) == 4
    for record in folder.state.people:
        assert record.origin.encode()

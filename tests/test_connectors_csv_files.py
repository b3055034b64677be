"""Which files are read, what a ZIP may hold, receipts, and that inputs are never touched."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from sync.records import Kind, Snapshot, StoredPull, Tally
from tests.csv_folder import Folder, listing, stored, zipped

ROSTER = "name,email,course,role,group,discord\nАйгүл,a@x.kz,Алгебра,,7А,\nӘлия,l@x.kz,Физика,teacher,,\n"
FULL = {"courses": 2, "people": 2, "enrolments": 2, "groups": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.csv",
        "~$roster.csv",
        "roster.csv.part",
        "roster.csv.crdownload",
        "roster.csv.tmp",
        "roster.csv.receipt.txt",
        ".~lock.roster.csv#",
        "settings.ini",
        "Thumbs.db",
        "desktop.ini",
        "__MACOSX/roster.csv",
        ".git/roster.csv",
        "roster.csv~",
    ],
)
def test_hidden_temporary_and_own_files_are_ignored(folder: Folder, name: str) -> None:
    pulled = folder.write({"roster.csv": ROSTER, name: b"\x00junk"}).pull()
    assert not pulled.problems
    assert set(pulled.dialects) == {"roster.csv"}


def test_folders_within_the_folder_are_read(folder: Folder) -> None:
    pulled = folder.write({"7А/математика.csv": ROSTER}).pull()
    assert set(pulled.dialects) == {"7А/математика.csv"}
    assert folder.counts() == FULL


@pytest.mark.parametrize("name", ["roster.txt", "ROSTER.CSV", "roster", "roster.tsv"])
def test_the_header_decides_and_not_the_extension(folder: Folder, name: str) -> None:
    folder.write({name: ROSTER}).pull()
    assert folder.counts() == FULL


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.ods", "roster.csv"])
def test_a_spreadsheet_gets_the_advice_how_to_save_it(folder: Folder, name: str) -> None:
    pulled = folder.write({name: zipped({"xl/workbook.xml": "<x/>"})}).pull()
    assert pulled.snapshot is None
    assert [(problem.file, problem.code) for problem in pulled.problems] == [(name, "spreadsheet")]
    assert "CSV UTF-8" in pulled.problems[0].template


def test_a_zip_is_read_like_a_folder(folder: Folder) -> None:
    bad = ROSTER + "?лан,x@x.kz,Алгебра,,,\n"
    pulled = folder.write({"export.zip": zipped({"a/roster.csv": bad, ".hidden.csv": b"\x00", "b/": b""})}).pull()
    assert folder.counts() == FULL
    assert pulled.dialects == {"export.zip!a/roster.csv": "kopir"}
    assert [(p.file, p.line) for p in pulled.problems] == [("export.zip!a/roster.csv", 4)]


def test_the_source_itself_may_be_a_zip(folder: Folder) -> None:
    folder.write({"export.zip": zipped({"roster.csv": ROSTER})})
    folder.path = folder.path / "export.zip"
    pulled = folder.pull()
    assert pulled.dialects == {"export.zip!roster.csv": "kopir"}


def test_a_broken_zip_removes_nobody(folder: Folder) -> None:
    data = zipped({"roster.csv": ROSTER})
    folder.write({"export.zip": data, "b.csv": ROSTER.replace("l@", "b@")}).pull()
    before = folder.counts()
    folder.write({"export.zip": data[:-30]}).pull()
    assert folder.counts() == before
    assert [(p.file, p.code) for p in folder.last.problems] == [("export.zip", "zip-damaged")]


def test_a_damaged_file_within_a_zip_removes_nobody(folder: Folder) -> None:
    folder.write({"export.zip": zipped({"a.csv": ROSTER, "b.csv": ROSTER.replace("l@", "b@")})}).pull()
    folder.write({"export.zip": zipped({"a.csv": b"", "b.csv": ROSTER.replace("l@", "b@")})}).pull()
    assert folder.counts()["people"] == 3


def test_a_zip_that_unpacks_to_much_more_than_its_size_is_refused(folder: Folder) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("roster.csv", b"0" * 20_000_000)
    folder.write({"bomb.zip": bomb.getvalue()}).pull()
    assert [(p.file, p.code) for p in folder.last.problems] == [("bomb.zip", "zip-bomb")]


def test_a_zip_that_lies_about_its_size_is_refused(folder: Folder) -> None:
    data = zipped({"roster.csv": ROSTER * 50})
    size = len((ROSTER * 50).encode()).to_bytes(4, "little")
    folder.write({"liar.zip": data.replace(size, (10).to_bytes(4, "little"))}).pull()
    assert [p.code for p in folder.last.problems] == ["zip-damaged"]


def test_names_within_a_zip_of_windows_are_readable(folder: Folder) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xxxxxx.csv", "First name,Last name,Email address,Groups\nАйгүл,С,a@x.kz,\n")
    raw = data.getvalue().replace(b"xxxxxx.csv", "Физика".encode("cp866") + b".csv")
    folder.write({"export.zip": raw}).pull()
    assert folder.titles() == {"Физика"}


def test_inputs_are_never_touched(folder: Folder) -> None:
    folder.write({"roster.csv": ROSTER, "readme.txt": "hello\n", "export.zip": zipped({"a.csv": ROSTER})})
    before = listing(folder.path)
    source = folder.source()
    pulled = source.pull(Snapshot)
    source.acknowledge(pulled, stored(pulled))
    assert listing(folder.path).items() >= before.items()


def receipt(folder: Folder, name: str = "roster.csv") -> str:
    return (folder.path / f"{name}.receipt.txt").read_text("utf-8-sig")


def acknowledged(folder: Folder, changes: StoredPull | None = None, language: str = "en") -> str:
    source = folder.source(language=language)
    pulled = source.pull(lambda: folder.state)
    source.acknowledge(pulled, stored(pulled) if changes is None else changes)
    return receipt(folder)


def test_a_receipt_tells_rows_problems_and_changes(folder: Folder) -> None:
    text = acknowledged(folder.write({"roster.csv": ROSTER + "?лан,x@x.kz,Алгебра,,,\n"}))
    assert "2 rows accepted" in text
    assert "line 4" in text
    assert "name" in text
    assert "CSV UTF-8" in text
    assert "2 added" in text
    assert "Traceback" not in text


def test_a_receipt_is_written_only_when_it_would_say_something_new(folder: Folder) -> None:
    acknowledged(folder.write({"roster.csv": ROSTER}))
    path = folder.path / "roster.csv.receipt.txt"
    os.utime(path, (1, 1))
    nothing = StoredPull({}, {})
    text = acknowledged(folder, nothing)
    assert path.stat().st_mtime == 1
    assert "added" in text
    acknowledged(folder, StoredPull({}, {("roster.csv", Kind.PEOPLE): Tally(removed=1)}))
    assert path.stat().st_mtime != 1
    assert "1 removed" in receipt(folder)


def test_a_zip_has_one_receipt_beside_it(folder: Folder) -> None:
    folder.write({"export.zip": zipped({"a.csv": ROSTER, "b.csv": b""})})
    source = folder.source()
    pulled = source.pull(Snapshot)
    source.acknowledge(pulled, stored(pulled))
    text = receipt(folder, "export.zip")
    assert "export.zip!a.csv" in text
    assert "export.zip!b.csv" in text
    assert set(listing(folder.path)) == {"export.zip", "export.zip.receipt.txt"}


def test_a_file_that_could_not_be_used_has_a_receipt_too(folder: Folder) -> None:
    acknowledged(folder.write({"roster.csv": b""}), StoredPull({}, {}))
    assert "not used" in receipt(folder)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_receipts_are_in_the_schools_language(folder: Folder, language: str) -> None:
    assert acknowledged(folder.write({"roster.csv": ROSTER}), language=language)


@pytest.fixture
def locked(folder: Folder) -> Folder:
    folder.write({"roster.csv": ROSTER})
    (folder.path / "roster.csv.receipt.txt").mkdir()
    (folder.path / "roster.csv.receipt.txt" / "x").mkdir()
    return folder


def test_a_receipt_that_cannot_be_written_does_not_fail_the_pull(locked: Folder) -> None:
    source = locked.source()
    pulled = source.pull(Snapshot)
    source.acknowledge(pulled, stored(pulled))
    assert pulled.snapshot is not None


def test_nothing_is_acknowledged_beside_a_missing_folder(folder: Folder) -> None:
    source = folder.source()
    source.acknowledge(source.pull(Snapshot), None)
    assert not folder.path.exists()

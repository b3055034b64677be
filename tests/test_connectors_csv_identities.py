"""The files that materials name: when they are read, what tells that they changed, and when they are handed out."""

import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha1
from itertools import count
from pathlib import Path

import pytest

from connectors.csv import identities
from connectors.csv.source import CsvSource
from sync.errors import Gone, Refused, Retriable
from sync.records import File, Pulled, Snapshot
from sync.store_snapshots import digest_of
from tests.csv_folder import NOW, PDF, Folder, hash_of, naming, settled, stored, zipped

PEOPLE = "name,email,course\nАйгүл,a@x.kz,Алгебра\n"
LIMIT = 10 * 2**20


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


def test_a_named_file_gets_size_type_time_and_hash(folder: Folder) -> None:
    folder.write({"m.csv": naming("7/Кесте.pdf"), "7/Кесте.pdf": PDF})
    settled(folder.path / "7/Кесте.pdf")
    pulled = folder.pull()
    at = datetime.fromtimestamp(NOW, UTC)
    assert folder.file() == File("7/Кесте.pdf", len(PDF), "application/pdf", hash_of(PDF), at, "")
    assert not pulled.problems
    assert pulled.bytes == len(naming("7/Кесте.pdf").encode()) + len(PDF)
    assert folder.source().download(folder.file(), LIMIT) == PDF


def test_an_unchanged_pull_opens_no_file_of_a_material(folder: Folder) -> None:
    """What has the same size and time is not read: else the new content would be noticed."""
    before = {
        "a.pdf": PDF,
        "data.xlsx": zipped({"x": "1"}),
        "notes.txt": b"read me\n",
        "lab.zip": zipped({"a.txt": "x"}),
    }
    folder.write({"m.csv": naming(*before), **before})
    for name in before:
        settled(folder.path / name)
    assert not folder.pull().problems
    assert all(file.hash == hash_of(before[file.name]) for file in folder.files())
    told = folder.files()
    folder.write({name: bytes(len(content)) for name, content in before.items() if name != "lab.zip"})
    for name in before:
        settled(folder.path / name)
    pulled = folder.pull()
    assert folder.files() == told
    assert not pulled.problems
    assert pulled.bytes == len(naming(*before).encode())


@pytest.mark.parametrize(("content", "at"), [(PDF + b"%", NOW), (PDF[::-1], NOW + 1)], ids=["size", "time"])
def test_a_replaced_file_is_a_changed_material(folder: Folder, content: bytes, at: float) -> None:
    path = folder.path / "a.pdf"
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF})
    settled(path)
    folder.pull()
    (before,) = folder.state.materials
    path.write_bytes(content)
    settled(path, at)
    folder.pull()
    (after,) = folder.state.materials
    assert folder.file().hash == hash_of(content) != before.files[0].hash
    assert after.id == before.id
    assert digest_of((after.files,)) != digest_of((before.files,))


def test_a_touched_file_keeps_its_hash(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    before = folder.file()
    settled(folder.path / "a.pdf", NOW + 9)
    folder.pull()
    assert folder.file() == replace(before, modified=datetime.fromtimestamp(NOW + 9, UTC))


def test_a_deleted_file_is_only_a_name_again(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    known = folder.file()
    pulled = folder.remove("a.pdf").pull()
    assert folder.file() == File("a.pdf")
    assert not pulled.problems
    with pytest.raises(Gone):
        folder.source().download(known, LIMIT)


def test_a_file_replaced_since_the_pull_waits_for_the_next(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    known = folder.file()
    folder.write({"a.pdf": PDF[::-1]})
    with pytest.raises(Retriable, match="replaced"):
        folder.source().download(known, LIMIT)
    folder.pull()
    assert folder.source().download(folder.file(), LIMIT) == PDF[::-1]


def test_a_folder_that_is_away_says_nothing_of_its_files(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    folder.path.rename(folder.path.with_name("away"))
    with pytest.raises(Retriable):
        folder.source().download(folder.file(), LIMIT)


def test_a_file_that_grew_beyond_the_limit_is_not_read_to_its_end(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    with (folder.path / "a.pdf").open("r+b") as file:
        file.truncate(300 * 2**20)
    tracemalloc.start()
    with pytest.raises(Refused, match="larger than 1 MB"):
        folder.source().download(folder.file(), 2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_large_files_are_hashed_in_parts_and_huge_ones_not_at_all(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "MOST", 32 * 2**20)
    monkeypatch.setattr("connectors.csv.files.MAX_FILE", 2**20)  # lists are read as a whole
    folder.write({"m.csv": naming("large.mp4", "huge.mp4"), "large.mp4": b"", "huge.mp4": b""})
    os.truncate(folder.path / "large.mp4", 32 * 2**20)
    os.truncate(folder.path / "huge.mp4", 32 * 2**20 + 1)
    tracemalloc.start()
    folder.pull()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    large, huge = folder.files()
    assert peak < 8 * 2**20
    assert large.hash == hash_of(bytes(32 * 2**20))
    assert (huge.size, huge.hash) == (32 * 2**20 + 1, "")
    with pytest.raises(Refused, match="at most"):
        folder.source().download(huge, 2**30)


class TestListsAndFiles:
    """A file that a material names and one that is a list are never the same."""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            pytest.param("data.xlsx", zipped({"xl/workbook.xml": "<x/>"}), id="a spreadsheet"),
            pytest.param("7/data.XLS", b"\xd0\xcf\x11\xe0" + bytes(500), id="an old spreadsheet in a folder"),
            pytest.param("notes.txt", b"Read chapter one.\n", id="a text"),
            pytest.param("data.csv", b"day,temperature\n1,20\n", id="a table that is no list"),
            pytest.param("lab.zip", zipped({"a.txt": "x", "b.xlsx": zipped({"x": "y"})}), id="an archive"),
            pytest.param("broken.zip", b"PK\x03\x04broken", id="a broken archive"),
            pytest.param("strange", bytes(range(256)), id="anything"),
        ],
    )
    def test_what_a_material_names_is_no_bad_list(self, folder: Folder, name: str, content: bytes) -> None:
        pulled = folder.write({"m.csv": naming(name), name: content}).pull()
        assert not pulled.problems
        assert folder.file().hash == hash_of(content)
        assert folder.source().download(folder.file(), LIMIT) == content

    def test_a_named_spreadsheet_is_read_for_its_hash_only(self, folder: Folder) -> None:
        sheet = zipped({"xl/workbook.xml": "<x/>"})
        pulled = folder.write({"m.csv": naming("data.xlsx"), "data.xlsx": sheet}).pull()
        assert pulled.bytes == len(naming("data.xlsx").encode()) + len(sheet)

    def test_the_same_unnamed_still_gets_its_advice(self, folder: Folder) -> None:
        sheet = zipped({"xl/workbook.xml": "<x/>"})
        folder.write({"m.csv": naming("data.xlsx"), "data.xlsx": sheet, "7/data.xlsx": sheet}).pull()
        assert folder.codes() == [("7/data.xlsx", 0, "spreadsheet")]

    def test_a_row_that_goes_gives_the_advice_back(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("data.xlsx", "a.pdf"), "data.xlsx": zipped({"x": "y"})}).pull()
        folder.write({"m.csv": naming("a.pdf")}).pull()
        folder.pull()
        assert folder.codes() == [("data.xlsx", 0, "spreadsheet")]

    def test_files_of_materials_stay_quiet_while_their_list_is_broken(self, folder: Folder) -> None:
        folder.write({"p.csv": PEOPLE, "m.csv": naming("data.xlsx"), "data.xlsx": zipped({"x": "y"})}).pull()
        before = folder.file()
        folder.write({"m.csv": b""}).pull()
        assert folder.codes() == [("m.csv", 0, "empty-file")]
        assert folder.file() == before

    def test_a_list_that_a_material_names_is_read_and_not_handed_out(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("people.csv", "PEOPLE.CSV", "m.csv", "e.zip"), "people.csv": PEOPLE})
        folder.write({"e.zip": zipped({"more.csv": PEOPLE.replace("a@", "b@")})}).pull()
        assert len(folder.state.people) == 2
        assert {file.hash for file in folder.files()} == {""}

    def test_a_list_that_broke_is_not_handed_out_either(self, folder: Folder) -> None:
        folder.write({"people.csv": PEOPLE, "m.csv": naming("people.csv")}).pull()
        folder.write({"people.csv": PEOPLE.encode() + b"\x00\x01"}).pull()
        assert folder.file() == File("people.csv")
        assert folder.names() == {"Айгүл"}
        assert [code for *_, code in folder.codes()] == ["damaged"]

    def test_a_file_that_becomes_a_list_is_read_as_one(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("data.csv"), "data.csv": "day,temperature\n1,20\n"}).pull()
        assert folder.file().hash
        folder.write({"data.csv": PEOPLE}).pull()
        assert folder.file() == File("data.csv")
        assert folder.names() == {"Айгүл"}

    @pytest.mark.parametrize("name", ["a.pdf", "7/a.png", "7/8/a.docx", "a.mp4"])
    def test_documents_that_nobody_names_are_passed_over(self, folder: Folder, name: str) -> None:
        pulled = folder.write({"people.csv": PEOPLE, name: bytes(range(256)) * 10}).pull()
        assert not pulled.problems
        assert pulled.bytes == len(PEOPLE.encode())
        inner = folder.write({"e.zip": zipped({name: bytes(range(256))})}).pull()
        assert not inner.problems

    def test_any_number_of_documents_crowds_out_no_list(self, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.csv.files.MAX_FILES", 2)
        folder.write({f"a{number}.pdf": PDF for number in range(5)} | {"b.csv": PEOPLE}).pull()
        assert folder.names() == {"Айгүл"}

    def test_files_of_materials_have_no_receipts(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("a.pdf", "data.xlsx"), "a.pdf": PDF, "data.xlsx": zipped({"x": "y"})})
        source = folder.source()
        pulled = source.pull(Snapshot)
        source.acknowledge(pulled, stored(pulled))
        assert {path.name for path in folder.path.glob("*.txt")} == {"m.csv.receipt.txt"}


class TestFilesBeingWritten:
    """The rule of lists: a file that changed less than two seconds ago is looked at once more."""

    ticks = count()

    def pull(self, folder: Folder, meanwhile: Callable[[], object] = lambda: None) -> Pulled:
        at = max(path.stat().st_ctime for path in folder.path.iterdir())
        settled(folder.path / "m.csv", at - 10)
        return folder.pull(clock=lambda: at + 0.5, sleep=lambda _: meanwhile())

    @pytest.fixture
    def written(self, folder: Folder) -> Folder:
        folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
        return folder.write({"a.pdf": PDF * 2})

    def grow(self, folder: Folder) -> None:
        with (folder.path / "a.pdf").open("ab") as file:
            file.write(PDF)

    def rewrite(self, folder: Folder) -> None:
        with (folder.path / "a.pdf").open("r+b") as file:
            file.write(PDF[::-1])
        settled(folder.path / "a.pdf", NOW + next(self.ticks))

    def test_one_that_rests_is_taken(self, written: Folder) -> None:
        assert not self.pull(written).problems
        assert written.file().hash == hash_of(PDF * 2)

    def test_one_that_comes_while_the_lists_are_waited_for_is_found(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("b.pdf"), "a.pdf": PDF}).pull()
        self.pull(
            folder, lambda: (folder.path / "a.pdf").exists() and (folder.path / "a.pdf").rename(folder.path / "b.pdf")
        )
        assert folder.file().hash == hash_of(PDF)

    @pytest.mark.parametrize("how", ["grow", "rewrite"])
    def test_one_that_changes_keeps_what_it_was_and_is_looked_at_again(self, written: Folder, how: str) -> None:
        pulled = self.pull(written, lambda: getattr(self, how)(written))
        assert [(p.file, p.code) for p in pulled.problems] == [("a.pdf", "still-changing")]
        assert (written.file().size, written.file().hash) == (len(PDF), hash_of(PDF))
        written.pull()
        assert written.file().hash == hash_of((written.path / "a.pdf").read_bytes()) != hash_of(PDF)

    def test_a_new_one_that_grows_is_only_a_name_until_it_rests(self, folder: Folder) -> None:
        folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF})
        self.pull(folder, lambda: self.grow(folder))
        assert folder.file() == File("a.pdf")

    @pytest.mark.parametrize("how", ["grow", "rewrite"])
    def test_one_that_changes_while_it_is_hashed_keeps_what_it_was(
        self, written: Folder, how: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def changes(**_: bool) -> object:
            getattr(self, how)(written)
            return sha1(usedforsecurity=False)

        monkeypatch.setattr("connectors.csv.identities.sha1", changes)
        pulled = written.pull()
        assert written.file().hash == hash_of(PDF)
        assert [p.code for p in pulled.problems] == ["still-changing"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom a file can be denied to")
def test_a_file_that_may_not_be_read_keeps_what_it_was(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    before = folder.file()
    folder.write({"a.pdf": PDF * 2})
    (folder.path / "a.pdf").chmod(0)
    folder.pull()
    assert folder.file() == before


def test_a_download_needs_no_pull(folder: Folder) -> None:
    folder.write({"m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    fresh: CsvSource = folder.source()
    assert fresh.download(folder.file(), LIMIT) == PDF

"""Whatever lies in the folder of the lists: a pull ends, takes in no more than its limits, and removes nobody."""

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.csv import files
from connectors.csv.origins import Origins
from connectors.csv.problems import BadFile
from tests.csv_folder import Folder, zipped

GOOD = "name,email,course\nАйгүл,a@x.kz,Алгебра\nНұрлан,n@x.kz,Физика\n"
OTHER = "name,email,course\nМарат,m@x.kz,Химия\n"
EVERYBODY = {"Айгүл", "Нұрлан", "Марат"}
UNIX = pytest.mark.skipif(os.name == "nt", reason="makes links and pipes as Unix does")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "inbox").write({"a.csv": GOOD, "b.csv": OTHER})
    made.pull()
    return made


def pipe(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def lists_of_itself(path: Path) -> None:
    path.symlink_to(path.parent, target_is_directory=True)


@UNIX
@pytest.mark.parametrize("make", [pipe, directory, loop, dangling, device, lists_of_itself])
def test_what_is_no_file_is_passed_over(folder: Folder, make: Callable[[Path], None]) -> None:
    make(folder.path / "c.csv")
    folder.pull()
    assert folder.names() == EVERYBODY
    folder.source().acknowledge(folder.last, None)


@UNIX
@pytest.mark.parametrize("name", ["c.csv", "c.zip"])
def test_a_pipe_that_takes_a_files_place_is_not_waited_for(folder: Folder, name: str) -> None:
    path = folder.path / name
    path.write_bytes(b"x")
    listing = files.find(folder.path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadFile):
        [one.read() for one in files.inputs(name, listing.files[name])]


@UNIX
def test_a_pipe_in_the_place_of_a_receipt_is_not_waited_for(folder: Folder) -> None:
    os.mkfifo(folder.path / "a.csv.receipt.txt")
    folder.source().acknowledge(folder.last, None)


@pytest.mark.parametrize("packed", [False, True], ids=["a file", "a ZIP"])
def test_a_file_that_vanishes_between_listing_and_reading_is_named(folder: Folder, packed: bool) -> None:
    name = "c.zip" if packed else "c.csv"
    folder.write({name: zipped({"c.csv": GOOD}) if packed else GOOD})
    listing = files.find(folder.path)
    folder.remove(name)
    with pytest.raises(BadFile, match="zip-damaged" if packed else "unreadable"):
        [one.read() for one in files.inputs(name, listing.files[name])]


@UNIX
def test_folders_deeper_than_the_system_opens_are_named_and_the_rest_is_read(folder: Folder) -> None:
    at = os.open(folder.path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=at)
        inside = os.open("d" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inside
    os.close(at)
    folder.pull()
    assert folder.names() == EVERYBODY
    assert [(p.file[-1], p.code) for p in folder.last.problems] == [("/", "unreadable")]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom a folder can be denied to")
def test_a_folder_that_is_closed_to_us_keeps_its_people(folder: Folder) -> None:
    folder.write({"7/c.csv": "name,email,course\nӘсем,as@x.kz,Химия\n"}).pull()
    (folder.path / "7").chmod(0)
    folder.pull()
    (folder.path / "7").chmod(0o700)
    assert folder.names() == EVERYBODY | {"Әсем"}
    assert [(p.file, p.code) for p in folder.last.problems] == [("7/", "unreadable")]
    assert folder.last.snapshot is not None
    assert not folder.last.snapshot.missing


@pytest.mark.parametrize(
    ("broken", "file", "held"),
    [
        ("7/", "7/a.csv", True),
        ("7/", "7/b/c.zip!d.csv", True),
        ("7/", "70/a.csv", False),
        ("7.zip", "7.zip!a/b.csv", True),
        ("7.zip", "7.zip.csv", False),
        ("7/a.csv", "7/a.csv", True),
    ],
)
def test_what_lies_in_a_broken_folder_or_zip_is_broken(broken: str, file: str, held: bool) -> None:
    assert Origins(frozenset(), frozenset(), frozenset({broken})).is_broken(file) is held


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_SEEN"])
def test_a_folder_without_end_is_refused_as_a_whole(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(files, limit, 5)
    folder.write({f"c{number}.csv": GOOD for number in range(5)}).pull()
    assert folder.last.snapshot is None
    assert [(p.file, p.code) for p in folder.last.problems] == [("inbox", "too-many-files")]
    assert folder.names() == EVERYBODY


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_a_zip_that_unpacks_without_bounds_is_refused(folder: Folder, method: int) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr("a.csv", GOOD)
    folder.write({"c.zip": data.getvalue()}).pull()
    assert folder.codes() == [("c.zip!a.csv", 0, "zip-method")]
    assert folder.names() == EVERYBODY


def lying(size: int) -> bytes:
    """Return a ZIP whose directory tells a small size of a member that unpacks to much more."""
    packed = bytearray(zipped({"big.csv": b"a" * size}))
    at = packed.rfind(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(packed)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(zipped({"big.csv": b"a" * 2**24}), "zip-bomb", id="a bomb"),
        pytest.param(lying(2**24), "zip-damaged", id="a bomb that tells a small size"),
        pytest.param(zipped({"inner.zip": zipped({"a.csv": GOOD})}), "spreadsheet", id="a ZIP in a ZIP"),
    ],
)
def test_zips_unpack_to_no_more_than_they_may(folder: Folder, content: bytes, code: str) -> None:
    folder.write({"c.zip": content})
    tracemalloc.start()
    try:
        folder.pull()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [problem for _, _, problem in folder.codes()] == [code]
    assert folder.names() == EVERYBODY
    assert peak < 2**23


@pytest.mark.parametrize("name", ["../c.csv", "/etc/c.csv", "..\\..\\c.csv", "C:\\c.csv", "a/../../c.csv"])
def test_names_in_a_zip_lead_nowhere(folder: Folder, name: str) -> None:
    before = set(folder.path.parent.rglob("*"))
    folder.write({"c.zip": zipped({name: "name,email,course\nӘсем,as@x.kz,Химия\n"})}).pull()
    folder.source().acknowledge(folder.last, None)
    new = {path.relative_to(folder.path).as_posix() for path in set(folder.path.parent.rglob("*")) - before}
    assert new <= {"c.zip", "c.zip.receipt.txt", "a.csv.receipt.txt", "b.csv.receipt.txt"}
    assert folder.names() >= EVERYBODY


def test_memory_and_bytes_read_are_bounded_by_the_limit_of_a_file(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 2**17
    monkeypatch.setattr(files, "MAX_FILE", limit)
    row = "Айгүл,a{0}@x.kz,Алгебра\n"
    whole = GOOD + "".join(row.format(n) for n in range(limit // 40))
    folder.write({"c.csv": whole[: limit // 2], "d.csv": whole * 20})
    tracemalloc.start()
    try:
        folder.pull()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [problem for problem in folder.codes() if problem[0] == "d.csv"] == [("d.csv", 0, "too-large")]
    assert folder.last.bytes < 2 * limit
    assert peak < 60 * limit

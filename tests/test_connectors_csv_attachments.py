"""Which files materials may name: those in the source's folder or ZIP, however their names are spelt, and no others."""

import os
import tracemalloc
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.csv.attachments import finder
from sync.errors import Gone, Refused, Retriable
from sync.records import File
from tests.csv_folder import PDF, Folder, hash_of, naming, zipped

PEOPLE = "name,email,course\nАйгүл,a@x.kz,Алгебра\n"
LIMIT = 10 * 2**20


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


@pytest.mark.parametrize(
    ("written", "on_disk"),
    [
        pytest.param("7\\a.pdf", "7/a.pdf", id="backslash"),
        pytest.param("./a.pdf", "a.pdf", id="dot"),
        pytest.param("Йод.pdf", unicodedata.normalize("NFD", "Йод.pdf"), id="decomposed"),
        pytest.param("КЕСТЕ/йод.PDF", "Кесте/" + unicodedata.normalize("NFD", "Йод.pdf"), id="all at once"),
    ],
)
def test_names_are_read_as_people_write_them(folder: Folder, written: str, on_disk: str) -> None:
    folder.write({"m.csv": naming(written), on_disk: PDF}).pull()
    assert (folder.file().name, folder.file().hash) == (written, hash_of(PDF))
    assert folder.source().download(folder.file(), LIMIT) == PDF


def test_an_exact_name_comes_first_and_a_doubtful_one_stays_a_name(folder: Folder) -> None:
    folder.write({"m.csv": naming("A.pdf", "a.PDF"), "A.pdf": PDF, "a.pdf": PDF + b"2"})
    if len([path for path in folder.path.iterdir() if path.suffix == ".pdf"]) < 2:
        pytest.skip("this disk does not tell capitals apart")
    folder.pull()
    assert [file.hash for file in folder.files()] == [hash_of(PDF), ""]


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.pdf", "7/../../secret.pdf", "..\\secret.pdf", "{out}", "C:\\secret.pdf", "\\\\host\\secret.pdf"),
        *("settings.ini", ".hidden.pdf", ".git/config.pdf", "a.pdf.part", "m.csv.receipt.txt", "~$a.docx"),
        *("7", "7/", "", "missing.pdf", "a.pdf/b.pdf", "x" * 300, "file:///etc/passwd", "https://x.kz/a.pdf"),
    ],
)
def test_what_is_not_a_file_for_others_in_the_folder_is_only_a_name(folder: Folder, name: str) -> None:
    secret = {"../secret.pdf": b"s", "settings.ini": b"token", ".hidden.pdf": b"h", ".git/config.pdf": b"g", "7/x": b""}
    more = {"a.pdf": PDF, "a.pdf.part": PDF, "m.csv.receipt.txt": b"r", "~$a.docx": b"l"}
    name = name.format(out=folder.path.parent / "secret.pdf") if "{" in name else name
    folder.write({**secret, **more, "m.csv": naming(name)})
    pulled = folder.pull()
    assert [(p.file, p.code) for p in pulled.problems if p.file != "7/x"] == []
    assert folder.files() == ([File(name)] if name else [])
    for known in (File(name, 1, "", hash_of(b"s")), File(name)):
        with pytest.raises(Refused):
            folder.source().download(known, LIMIT)


@pytest.mark.skipif(os.name == "nt", reason="makes links as Unix does")
@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("inside.pdf", True, id="inside"),
        pytest.param("../secret.pdf", False, id="out"),
        pytest.param("/dev/zero", False, id="a device"),
        pytest.param("pipe", False, id="a pipe"),
        pytest.param("link.pdf", False, id="itself"),
        pytest.param(".env", False, id="a hidden file"),
        pytest.param("settings.ini", False, id="the settings"),
        pytest.param("people.csv", False, id="a list"),
    ],
)
def test_links_are_followed_within_the_folder_only(folder: Folder, target: str, found: bool) -> None:
    folder.write({"../secret.pdf": PDF, ".env": PDF, "settings.ini": PDF, "inside.pdf": PDF})
    folder.write({"people.csv": PEOPLE, "m.csv": naming("link.pdf")})
    os.mkfifo(folder.path / "pipe")
    (folder.path / "link.pdf").symlink_to(target)
    folder.pull()
    assert bool(folder.file().hash) == found
    if not found:
        with pytest.raises((Refused, Retriable)):
            folder.source().download(File("link.pdf", len(PDF), "", hash_of(PDF)), LIMIT)


@pytest.mark.skipif(os.name == "nt", reason="makes links as Unix does")
def test_a_linked_folder_that_leads_out_is_not_entered(folder: Folder) -> None:
    folder.write({"../outside/a.pdf": PDF, "m.csv": naming("out/a.pdf")})
    (folder.path / "out").symlink_to(folder.path.parent / "outside")
    folder.pull()
    assert folder.file() == File("out/a.pdf")


@pytest.mark.skipif(os.name == "nt", reason="makes links as Unix does")
def test_a_file_that_became_a_link_leading_out_is_not_handed_out(folder: Folder) -> None:
    folder.write({"../secret.pdf": PDF, "m.csv": naming("a.pdf"), "a.pdf": PDF}).pull()
    (folder.path / "a.pdf").unlink()
    (folder.path / "a.pdf").symlink_to("../secret.pdf")
    with pytest.raises(Gone):
        folder.source().download(folder.file(), LIMIT)


@pytest.mark.skipif(os.name == "nt", reason="makes links as Unix does")
@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "nothing"])
def test_what_takes_a_found_file_s_place_is_not_opened(folder: Folder, kind: str) -> None:
    folder.write({"../secret.pdf": PDF, "a.pdf": PDF})
    found = finder(folder.path)("a.pdf")
    assert found
    path = folder.path / "a.pdf"
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to("../secret.pdf")
        case "folder":
            path.mkdir()
    with pytest.raises(OSError), found.open():  # noqa: PT011  which one differs between systems
        pass


def test_files_are_found_from_the_folder_and_not_from_the_list(folder: Folder) -> None:
    folder.write({"7/m.csv": naming("a.pdf", "7/a.pdf"), "7/a.pdf": PDF}).pull()
    assert [bool(file.hash) for file in folder.files()] == [False, True]


class TestInAZip:
    """A source that is itself a ZIP."""

    @pytest.fixture
    def archive(self, folder: Folder) -> Folder:
        names = "7\\кесте.pdf", "../e.zip", "gone.pdf", "settings.ini", ".git/a.pdf"
        files = {"7/Кесте.pdf": PDF, "settings.ini": PDF, ".git/a.pdf": PDF}
        folder.write({"e.zip": zipped({"m.csv": naming(*names), **files})})
        folder.path /= "e.zip"
        folder.pull()
        return folder

    def test_its_files_are_found_and_handed_out(self, archive: Folder) -> None:
        assert not archive.last.problems
        file, *others = archive.files()
        assert (file.size, file.type, file.hash) == (len(PDF), "application/pdf", hash_of(PDF))
        assert others == [File(name) for name in ("../e.zip", "gone.pdf", "settings.ini", ".git/a.pdf")]
        assert archive.source().download(file, len(PDF)) == PDF
        with pytest.raises(Refused, match="larger"):
            archive.source().download(file, len(PDF) - 1)

    def test_a_second_pull_does_not_unpack_it(self, archive: Folder) -> None:
        before = archive.last.bytes
        archive.pull()
        assert archive.last.bytes == before - len(PDF)

    def test_one_that_is_being_replaced_is_tried_later(self, archive: Folder) -> None:
        file = archive.files()[0]
        archive.path.write_bytes(archive.path.read_bytes()[:-40])
        with pytest.raises(Retriable):
            archive.source().download(file, LIMIT)

    def test_a_list_in_it_is_not_handed_out(self, folder: Folder) -> None:
        folder.write({"e.zip": zipped({"m.csv": naming("people.csv"), "people.csv": PEOPLE})})
        folder.path /= "e.zip"
        folder.pull()
        assert folder.file() == File("people.csv")

    def test_a_member_under_a_password_is_only_a_name(self, folder: Folder) -> None:
        data = bytearray(zipped({"m.csv": naming("a.pdf"), "a.pdf": PDF}))
        place = data.rindex(b"PK\x01\x02")
        data[place + 8] |= 1
        folder.write({"e.zip": bytes(data)})
        folder.path /= "e.zip"
        pulled = folder.pull()
        assert folder.file() == File("a.pdf")
        assert not pulled.problems

    def test_a_bomb_in_it_is_not_unpacked_to_its_end(self, folder: Folder) -> None:
        folder.path.mkdir()
        with zipfile.ZipFile(folder.path / "e.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("m.csv", naming("a.pdf"))
            archive.writestr("pad.bin.pdf", os.urandom(2**20))
            archive.writestr("a.pdf", bytes(60 * 2**20))
        folder.path /= "e.zip"
        tracemalloc.start()
        folder.pull()
        with pytest.raises(Refused, match="larger"):
            folder.source().download(replace(folder.file(), size=1), 2**20)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert folder.file().size == 60 * 2**20
        assert peak < 16 * 2**20

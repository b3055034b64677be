"""A file's name alone: what may be a list, which type it has, what leads out of the folder, what is spelt alike."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.csv.filenames import Names, is_spreadsheet, may_be_list, steps_of, type_of

NFD = unicodedata.normalize("NFD", "Йод.pdf")
NFC = unicodedata.normalize("NFC", NFD)


@pytest.mark.parametrize(
    "name",
    [
        "roster.csv",
        "ROSTER.TXT",
        "roster",
        "a.tsv",
        "a.zip",
        "a.xlsx",
        "a.XLS",
        "a.ods",
        "a.numbers",
        "7.а",
        "7.a",
        "7.c",
    ],
)
def test_what_is_no_document_by_its_ending_may_be_a_list(name: str) -> None:
    assert may_be_list(name)


@pytest.mark.parametrize(
    "name",
    [
        *("a.pdf", "a.PNG", "a.jpg", "a.docx", "a.doc", "a.pptx", "a.odt", "a.mp4", "a.mkv", "a.mp3", "a.html"),
        *("a.py", "a.json", "README.md", "a.tar.gz", "a.rar", "a.epub", "a.djvu", "a.heic"),
    ],
)
def test_pictures_and_documents_are_no_lists(name: str) -> None:
    assert not may_be_list(name)
    assert not is_spreadsheet(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.PDF", "application/pdf"),
        ("Лекция 1: кіріспе.pdf", "application/pdf"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.tar.gz", "application/gzip"),
        ("a.webp", "image/webp"),
        ("a", ""),
        ("a.қаз", ""),
        ("pdf", ""),
    ],
)
def test_types_are_those_of_the_ending(name: str, expected: str) -> None:
    assert type_of(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", ("a.pdf",)),
        ("7/a.pdf", ("7", "a.pdf")),
        ("7\\1\\a.pdf", ("7", "1", "a.pdf")),
        ("./7//a.pdf", ("7", "a.pdf")),
        ("a..b/...pdf", ("a..b", "...pdf")),
        ("Ә: a.pdf", ("Ә: a.pdf",)),
        ("../a.pdf", ()),
        ("7/../../a.pdf", ()),
        ("7\\..\\a.pdf", ()),
        ("/etc/passwd", ()),
        ("\\\\server\\share\\a.pdf", ()),
        ("C:\\a.pdf", ()),
        ("c:a.pdf", ()),
        ("", ()),
        (".", ()),
    ],
)
def test_only_names_below_the_folder_have_steps(name: str, expected: tuple[str, ...]) -> None:
    assert steps_of(name) == expected


@given(st.text(alphabet="./\\:aC", max_size=12))
def test_no_name_leads_out(name: str) -> None:
    steps = steps_of(name)
    assert not {"", ".", ".."} & set(steps)
    assert not any("/" in step or "\\" in step for step in steps)
    assert not steps or not name.startswith(("/", "\\", "C:"))


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        pytest.param(["a.pdf", "A.pdf"], "A.pdf", "A.pdf", id="exact"),
        pytest.param([NFD], NFC, NFD, id="decomposed on disk"),
        pytest.param([NFC], NFD, NFC, id="decomposed in the list"),
        pytest.param([NFC, NFD], NFC, NFC, id="both on disk, exact"),
        pytest.param([NFD, "йод.pdf"], NFC, NFD, id="a normal form comes before capitals"),
        pytest.param(["Кесте.PDF"], "кесте.pdf", "Кесте.PDF", id="capitals"),
        pytest.param(
            [unicodedata.normalize("NFD", "ЙОД.pdf")], "йод.pdf", unicodedata.normalize("NFD", "ЙОД.pdf"), id="2"
        ),
        pytest.param(["Кесте.pdf", "КЕСТЕ.pdf"], "кесте.pdf", "", id="doubtful capitals"),
        pytest.param(["a.pdf"], "b.pdf", "", id="missing"),
        pytest.param([], "a", "", id="empty"),
        pytest.param(["", "a"], "", "", id="no name"),
    ],
)
def test_names_are_found_as_people_and_disks_write_them(names: list[str], wanted: str, expected: str) -> None:
    assert Names(names).find(wanted) == expected


@given(st.sets(st.text(min_size=1, max_size=6)))
def test_what_is_there_is_always_found_by_its_own_name(names: set[str]) -> None:
    assert all(Names(names).find(name) == name for name in names)

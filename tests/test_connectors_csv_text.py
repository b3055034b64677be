"""Encodings, separators and physical lines, as spreadsheets in Kazakhstan write them."""

from pathlib import Path

import pytest

from connectors.csv.cells import lost_letters
from connectors.csv.problems import BadFile
from connectors.csv.text import encoding_of
from connectors.text import clean
from tests.csv_folder import Folder, plain

ROWS = [
    ["Аты-жөні", "Пошта", "Пән", "Топ"],
    ["Әлия Нұрғалиева", "l@x.kz", "Қазақ тілі", "7Ә"],
    ["Ёлкина; Елена, мл.", "e@x.kz", 'Курс "Үміт"', "7|А"],
    ["Һафиз Қожа-Ахмет", "h@x.kz", "Қазақ тілі", "7Ә"],
]
RUSSIAN = [
    ["ФИО", "Почта", "Курс", "Группа"],
    ["Ёлкина Елена Сергеевна", "e@x.kz", "Информатика и программирование", "7А"],
    ["Шевченко Ольга", "o@x.kz", "Физика", "7Б"],
    ["Іңкәр".replace("ң", "н").replace("ә", "а"), "i@x.kz", "Физика", "7Б"],
]


def table(rows: list[list[str]], separator: str, end: str = "\r\n") -> str:
    def cell(text: str) -> str:
        quoted = text.replace('"', '""')
        return f'"{quoted}"' if any(mark in text for mark in (separator, '"')) else text

    return "".join(separator.join(map(cell, row)) + end for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_unicode_encoding_and_separator_reads_the_same(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    expected = Folder(tmp_path / "plain").write({"r.csv": table(ROWS, ",", "\n")}).pull()
    pulled = Folder(tmp_path / "odd").write({"r.csv": table(ROWS, separator, end).encode(encoding)}).pull()
    assert not pulled.problems
    assert plain(pulled.snapshot) == plain(expected.snapshot)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
def test_russian_code_pages_are_told_apart(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = RUSSIAN if encoding == "cp1251" else RUSSIAN[:3]
    expected = Folder(tmp_path / "plain").write({"r.csv": table(rows, ",")}).pull()
    pulled = Folder(tmp_path / "odd").write({"r.csv": table(rows, separator).encode(encoding)}).pull()
    assert not pulled.problems
    assert plain(pulled.snapshot) == plain(expected.snapshot)


def test_one_short_windows_1251_row_is_enough(folder: Folder) -> None:
    folder.write({"r.csv": "name;email;course\nИван;i@x.kz;Физика\n".encode("cp1251")}).pull()
    assert folder.names() == {"Иван"}
    assert folder.titles() == {"Физика"}


def test_windows_1251_with_lost_letters_is_refused_by_cell(folder: Folder) -> None:
    text = table(ROWS, ";").encode("cp1251", "replace")
    folder.write({"r.csv": text}).pull()
    assert folder.last.snapshot is None
    assert {problem.code for problem in folder.last.problems} == {"lost-letters"}


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_sep_line_names_the_separator(folder: Folder, first: str) -> None:
    folder.write({"r.csv": f"{first}\r\n" + table(ROWS, ";")}).pull()
    assert folder.counts()["people"] == 3
    assert not folder.last.problems


@pytest.mark.parametrize(("cell", "line"), [("Айгүл\nС", 4), ("Айгүл\r\nС", 4), ("Айгүл\n\n\nС", 6), ("Айгүл", 3)])
def test_line_breaks_in_quotes_count_as_physical_lines(folder: Folder, cell: str, line: int) -> None:
    folder.write({"r.csv": f'name,email,course\n"{cell}",a@x.kz,Алгебра\n?лия,l@x.kz,Алгебра\n'.encode()}).pull()
    assert [(p.line, p.code) for p in folder.last.problems] == [(line, "lost-letters")]
    assert len(folder.names()) == 1


def test_a_row_within_a_multi_line_record_is_named_by_its_first_line(folder: Folder) -> None:
    folder.write({"r.csv": 'name,email,course\n"?лия\nН",l@x.kz,Алгебра\nАйгүл,a@x.kz,Алгебра\n'}).pull()
    assert [p.line for p in folder.last.problems] == [2]


def test_a_stray_quote_within_a_cell_is_text(folder: Folder) -> None:
    folder.write({"r.csv": 'name,email,course\nАйгүл "Гүл" С,a@x.kz,Алгебра\n'}).pull()
    assert folder.names() == {'Айгүл "Гүл" С'}


def test_a_last_row_without_line_end_is_whole_when_it_has_its_cells(folder: Folder) -> None:
    folder.write({"r.csv": "name,email,course\nАйгүл,a@x.kz,Алгебра\nӘлия,l@x.kz,Алгебра"}).pull()
    assert folder.counts()["people"] == 2


def test_hand_typed_rows_may_leave_out_trailing_cells(folder: Folder) -> None:
    folder.write({"r.csv": "name,email,course,role,group\nАйгүл,a@x.kz,Алгебра\nӘлия,l@x.kz,Алгебра"}).pull()
    assert folder.counts()["people"] == 2
    assert not folder.last.problems


def test_a_separator_within_quotes_of_the_header_is_no_separator(folder: Folder) -> None:
    folder.write({"r.csv": '"name";"email";"course";"a,b,c,d,e"\nАйгүл;a@x.kz;Алгебра;1\n'}).pull()
    assert folder.counts()["people"] == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"\xff\xfe", "empty-file"),
        (b"PK\x03\x04xl/", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0", "spreadsheet"),
        (b"name\x00,email", "damaged"),
        (b"\xff\xfea\x00\x00\xd8", "truncated"),
    ],
    ids=["empty", "only a mark", "xlsx", "xls", "NUL", "half a pair"],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadFile) as caught:
        encoding_of(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("?лия", True),
        ("Айг?л", True),
        ("?аза? тілі", True),
        ('топ "?"', True),
        ("\ufffdлия", True),
        ("Кто? Что?", False),
        ("Что такое Python?", False),
        ("What?!", False),
        ("Қазақ тілі", False),
    ],
)
def test_lost_letters_are_told_from_questions(text: str, lost: bool) -> None:
    assert lost_letters(text) is lost


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Айгүл  Сейтқали ", "Айгүл Сейтқали"),
        ("\u00a0Айгүл\u2003С", "Айгүл С"),
        ("Ай\u00adгүл\u200b", "Айгүл"),
        ("\ufeffАйгүл", "Айгүл"),
        ("И\u0306ван", "Йван"),
        ("a  b", "a b"),
        ("a\tb", "a b"),
    ],
)
def test_cells_are_cleaned(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned

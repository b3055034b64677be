"""Whatever bytes lie in the folder: nothing raises and nobody is removed; how a table is written does not matter."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.csv.dialects import KINDS
from connectors.csv.kinds import FileKind
from tests.csv_folder import Folder, plain, zipped
from tests.fuzzing import examples

HEADER = ["name", "email", "course", "role", "group", "discord", "start", "end"]
GOOD = "name,email,course\nАйгүл,a@x.kz,Алгебра\nНұрлан,n@x.kz,Физика\n"
OTHER = "name,email,course\nМарат,m@x.kz,Химия\n"
SETTINGS = examples(60)
WORDS = st.text("абвгдАБВГәғқңөұүһіӘҒҚҢӨҰҮҺІabcXYZ-' ", min_size=1, max_size=12).map(str.strip).filter(str.isalpha)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MARKS = st.sampled_from(
    [",", ";", "\t", "|", '"', "\n", "\r", "\r\n", "=", "?", "\x00", "0", "name", "course", "email"]
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    people = draw(st.lists(WORDS, min_size=1, max_size=6, unique_by=str.casefold))
    courses = st.sampled_from(["Алгебра", "Қазақ тілі", "Химия; негіздері", 'Курс "А, Б"'])
    rows = []
    for number, name in enumerate(people):
        for course in draw(st.lists(courses, min_size=1, max_size=3, unique=True)):
            role = draw(st.sampled_from(["student", "мұғалім", "учитель", ""]))
            group = draw(st.sampled_from(["7А", "7Ә", ""]))
            rows.append([name, f"p{number}@x.kz", course, role, group, f"user{number}", "2026-09-01", "25.05.2027"])
    return rows


def written(rows: list[list[str]], order: list[int], separator: str, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows([row[column] for column in order] for row in [HEADER, *rows])
    return text.getvalue()


def pulled_plain(files: dict[str, str | bytes]) -> dict[str, set[object]]:
    with tempfile.TemporaryDirectory() as place:
        pulled = Folder(Path(place)).write(files).pull()
        assert not pulled.problems
        return plain(pulled.snapshot)


@SETTINGS
@given(
    table=tables(),
    shuffled=st.randoms(use_true_random=False),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    end=st.sampled_from(["\n", "\r\n"]),
    packed=st.booleans(),
)
def test_the_order_of_rows_and_columns_encoding_and_separator_do_not_matter(
    table: list[list[str]], shuffled: object, separator: str, encoding: str, end: str, packed: bool
) -> None:
    columns = list(range(len(HEADER)))
    expected = pulled_plain({"r.csv": written(table, columns, ",", "\n")})
    rows = list(table)
    shuffled.shuffle(rows)  # type: ignore[attr-defined]
    shuffled.shuffle(columns)  # type: ignore[attr-defined]
    data = written(rows, columns, separator, end).encode(encoding)
    assert pulled_plain({"x.zip": zipped({"r.csv": data})} if packed else {"r.csv": data}) == expected


@SETTINGS
@given(
    data=st.one_of(st.binary(max_size=400), st.lists(st.one_of(MARKS, TEXT), max_size=60).map("".join).map(str.encode))
)
def test_any_bytes_as_a_file_never_raise_and_never_remove_anybody(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place)).write({"a.csv": GOOD, "b.csv": OTHER})
        folder.pull()
        before = folder.names()
        folder.write({"a.csv": data, "c.csv": data}).pull()
        assert before <= folder.names() or "a.csv" in folder.last.dialects
        folder.source().acknowledge(folder.last, None)


@SETTINGS
@given(
    place=st.integers(0, len(GOOD.encode())),
    data=st.one_of(st.binary(max_size=8), MARKS.map(str.encode)),
    cut=st.integers(0, 12),
)
def test_a_damaged_roster_removes_at_most_whom_it_plainly_drops(place: int, data: bytes, cut: int) -> None:
    good = GOOD.encode()
    with tempfile.TemporaryDirectory() as directory:
        folder = Folder(Path(directory)).write({"a.csv": good, "b.csv": OTHER})
        folder.pull()
        folder.write({"a.csv": good[:place] + data + good[place + cut :]}).pull()
        assert "Марат" in folder.names()
        assert folder.last.snapshot is not None


CELLS = st.one_of(
    TEXT,
    st.sampled_from(
        ["", "1", "01100", "a@x.kz", "student", "teacher", "active", "deleted", "tobedeleted", "true", "Айгүл"]
    ),
    st.sampled_from(
        ["2026-09-01", "03/04/2026", "?лия", "=1+1", "9" * 30, "99999", "-", "file.users", "delta", "bulk"]
    ),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.dialect} {kind.part} {len(kind.columns)}")
@examples(12)
@given(data=st.data())
def test_any_cells_under_a_known_header_never_raise(kind: FileKind, data: st.DataObject) -> None:
    header = [min(keys) for keys in kind.columns.values()] + ["course1", "role1", "group1", "enrolperiod1", "cohort1"]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), max_size=5))
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    name = f"{kind.stems[0] if kind.stems else 'x'}.csv"
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place)).write({"good.csv": OTHER, name: text.getvalue().encode("utf-8", "replace")})
        folder.pull()
        folder.pull()
        assert "Марат" in folder.names()
        folder.source().acknowledge(folder.last, None)


@SETTINGS
@given(data=st.binary(max_size=300), flips=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6))
def test_any_bytes_as_a_zip_never_raise(data: bytes, flips: list[tuple[int, int]]) -> None:
    packed = bytearray(zipped({"roster.csv": GOOD}))
    for place, value in flips:
        packed[place % len(packed)] = value
    with tempfile.TemporaryDirectory() as place_:
        folder = Folder(Path(place_)).write({"a.csv": GOOD, "junk.zip": data, "flipped.zip": bytes(packed)})
        folder.pull()
        assert {"Айгүл", "Нұрлан"} <= folder.names()

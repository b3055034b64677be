"""Whatever becomes of the bytes of a list: a pull never fails, names the file, and removes only what is not there."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pulls import PullReport, pull
from sync.records import Kind, Snapshot
from sync.store import Store
from sync.texts import texts
from tests.csv_folder import Folder, identity
from tests.fuzzing import examples

ROSTERS = Path(__file__).parent / "rosters"
INBOX = Path(__file__).parent.parent / "examples" / "school" / "inbox"
SAMPLES = sorted({path.parent for path in ROSTERS.rglob("*.csv")} | {path.parent for path in INBOX.rglob("*.csv")})
FILES = [path for folder in SAMPLES for path in sorted(folder.iterdir()) if path.suffix in {".csv", ".txt"}]
NUMBERS = itertools.count()
REMEDIES = texts("en")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@dataclass
class Lists:
    """A folder of lists of a school of its own, pulled into a store as the service does."""

    store: Store
    place: Path
    school: str = field(default_factory=lambda: f"school{next(NUMBERS)}")

    def pull(self) -> PullReport:
        return pull(self.store, self.school, Folder(self.place).source())

    def kept(self) -> set[tuple[object, ...]]:
        """Name the people, courses and enrolments that are stored."""
        found: Snapshot = self.store.load_snapshot(self.school, "rosters")
        kinds = (Kind.PEOPLE, Kind.COURSES, Kind.ENROLMENTS)
        return {(kind, *identity(record)) for kind in kinds for record in getattr(found, kind.value)}


def told(report: PullReport, file: str) -> bool:
    """Tell whether a report names a file and what to do about it."""
    found = [problem for problem in report.pulled.problems if problem.file.split("!")[0] == file]
    return bool(found) and all(REMEDIES.problem(problem) for problem in found)


def pulled_before_and_after(store: Store, sample: Path, damage: Callable[[Path], object]) -> tuple[Lists, set[object]]:
    """Pull a sample, damage the copy, pull again."""
    with tempfile.TemporaryDirectory() as place:
        lists = Lists(store, Path(shutil.copytree(sample.parent, place, dirs_exist_ok=True)))
        lists.pull()
        before: set[object] = set(lists.kept())
        damage(lists.place / sample.name)
        report = lists.pull()
        accepted = sample.name in report.pulled.dialects
        assert accepted or told(report, sample.name)
        if not accepted:
            assert before <= lists.kept()
        return lists, before


BYTES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            *(b"\x00", b"\x00" * 50, b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\x1a", b"\x0c", b"\x85"),
            *(
                b'"',
                b'""',
                b'","',
                b",",
                b";",
                b"\t",
                b"," * 5000,
                b"x" * 200_000,
                b"\n",
                b"\r",
                b"\r\n\r\n",
                b"\n\x00\n",
            ),
            *("\u2028".encode(), "\u202e".encode(), "ж".encode("cp1251") * 9, b"=cmd()", b"{0}", b"%s", b"9" * 400),
        ]
    ),
)


@examples(20)
@given(st.sampled_from(FILES), st.integers(0, 10**6), BYTES, st.integers(0, 40))
def test_bytes_put_anywhere_never_fail_and_are_told(store: Store, sample: Path, at: int, data: bytes, cut: int) -> None:
    good = sample.read_bytes()
    place = at % (len(good) + 1)
    pulled_before_and_after(store, sample, lambda path: path.write_bytes(good[:place] + data + good[place + cut :]))


@dataclass(frozen=True)
class Cut:
    """Some bytes of one line, and what comes in their place; `rest` says whether all that follows goes as well."""

    line: int
    at: int
    length: int
    data: bytes
    rest: bool = False

    def of(self, lines: list[bytes]) -> tuple[bytes, bytes]:
        """Return a file with this damage, and the same file with only the lines that it leaves alone."""
        number = 1 + self.line % (len(lines) - 1)
        line = lines[number]
        at = self.at % len(line)
        after = lines[number + 1 :]
        if self.rest:
            return b"".join(lines[:number]) + line[:at], b"".join(lines[:number])
        changed = line[:at] + self.data + line[at + self.length :]
        return b"".join([*lines[:number], changed, *after]), b"".join([*lines[:number], *after])


ROWS = [path for path in FILES if len(path.read_bytes().splitlines()) > 2 and path.name != "manifest.csv"]
CUTS = st.builds(Cut, st.integers(0, 99), st.integers(0, 300), st.integers(0, 9), BYTES, st.booleans())


@examples(20)
@given(st.sampled_from(ROWS), CUTS)
def test_whoever_stands_in_lines_that_were_not_damaged_stays(store: Store, sample: Path, cut: Cut) -> None:
    damaged, rest = cut.of(sample.read_bytes().splitlines(keepends=True))
    lists, before = pulled_before_and_after(store, sample, lambda path: path.write_bytes(damaged))
    with tempfile.TemporaryDirectory() as place:
        alone = Lists(store, Path(shutil.copytree(sample.parent, place, dirs_exist_ok=True)))
        (alone.place / sample.name).write_bytes(rest)
        alone.pull()
        assert before & alone.kept() <= lists.kept()

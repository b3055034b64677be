"""A small school that has one of everything, before and after a change of everything; the crash tests bring it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.files import SourceFiles
from sync.ports import Progress, unwatched
from sync.records import CourseRole, File, Pulled, Snapshot, StoredPull
from tests.builders import course, enrolled, group, material, module, person

DUE = datetime(2030, 1, 15, 18, tzinfo=UTC)
TEACHER, STAFF = CourseRole.TEACHER, CourseRole.STAFF
SOURCE = "rosters"
MEMBERS = ("aiman", "asem", "oleg", "dana", "stranger")


def pdf(name: str, version: str) -> File:
    return File(name, 9, "application/pdf", f"{version} {name}")


BOOK = material("book", "1", "alg", "Book", type="link", url="https://example.org/book")
TASK = material("task", "1", "alg", "Task", type="assignment", due=DUE, text="Solve **all**.")
SHEET = material("sheet", "1", "alg", "Old sheet", type="page", text="Soon out of use.")
SLIDES = material("slides", "1", "alg", "Slides", type="file", files=(pdf("slides.pdf", "1"), pdf("notes.pdf", "1")))
QUIZ = material("quiz", "2", "alg", "Quiz", type="quiz", url="https://example.org/quiz")
SECRET = material("secret", "2", "alg", "For 7A", type="file", files=(pdf("7a.pdf", "1"),), groups=("a",))
VIDEO = material("video", "1", "bio", "Video", type="video", url="https://example.org/video")

FIRST = Snapshot(
    courses=(course("alg", "Algebra"), course("bio", "Biology", position=1)),
    modules=(
        module("1", "alg", "Powers"),
        module("2", "alg", "Functions", position=1),
        module("3", "alg", "Old unit", position=2),
        module("1", "bio", "Cell"),
    ),
    materials=(BOOK, TASK, SHEET, SLIDES, QUIZ, SECRET, VIDEO),
    people=(
        person("t1", "Aiman Zhunisova", "aiman"),
        person("s1", "Asem Kairat", "asem"),
        person("s2", "Oleg Petrov", "oleg"),
        person("s3", "Dana Kim", "dana"),
    ),
    enrolments=(
        enrolled("t1", "alg", TEACHER),
        enrolled("t1", "", STAFF),
        enrolled("s1", "alg", CourseRole.STUDENT, "a"),
        enrolled("s2", "alg", CourseRole.STUDENT, "b"),
        enrolled("s3", "bio"),
    ),
    groups=(group("a", "alg", "7A"), group("b", "alg", "7B"), group("club", "", "Chess club")),
)

# One material more, of which the pupils are told.
MIDDLE = replace(FIRST, materials=(*FIRST.materials, material("link", "1", "alg", "Link", url="https://example.org/l")))

# A course, a module and a group go, others come, a course and a module get new names; of the materials some are edited,
# one has a file replaced, one moves, some are new, some go; people change the group, the course and the name.
CHANGED = replace(
    FIRST,
    courses=(course("alg", "Algebra 8"), course("geo", "Geometry", position=1)),
    modules=(
        module("1", "alg", "Powers and roots"),
        module("2", "alg", "Functions", position=1),
        module("4", "alg", "Series", position=2),
        module("1", "geo", "Lines"),
    ),
    materials=(
        replace(BOOK, url="https://example.org/second-edition"),
        replace(TASK, due=None, text="Solve a few."),
        replace(SLIDES, files=(pdf("slides.pdf", "2"), pdf("notes.pdf", "1"))),
        replace(QUIZ, module="4"),
        replace(SECRET, title="For 7A only"),
        *MIDDLE.materials[-1:],
        material("test", "2", "alg", "Test", type="quiz", files=(pdf("test.pdf", "1"),)),
        material("lines", "1", "geo", "Lines", type="page", text="Two points."),
    ),
    people=(*FIRST.people[:3], person("s3", "Dana Kim-Li", "dana")),
    enrolments=(
        *FIRST.enrolments[:3],
        enrolled("s2", "alg", CourseRole.STUDENT, "a"),
        enrolled("s3", "geo"),
    ),
    groups=(FIRST.groups[0], FIRST.groups[2]),
)


@dataclass(frozen=True, slots=True)
class Lists:
    """A source in memory that always sees the same."""

    seen: Snapshot
    name: str = SOURCE
    type: str = "csv"

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        return Pulled(self.seen)

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        return

    def tell_waiting(self, lines: Sequence[str]) -> None:
        return

    def download(self, file: File, limit: int) -> bytes:
        return file.hash.encode()[: file.size].ljust(file.size, b".")

    def files(self) -> SourceFiles:
        return SourceFiles([self], 2**20)

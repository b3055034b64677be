"""The Moodle connector keeps the promises of every Source, over answers of a real site."""

from collections.abc import Callable
from pathlib import Path

from sync.ports import Progress, Source, unwatched
from sync.records import Pulled, Snapshot, StoredPull
from tests.moodle_stage import NOW, recorded, source
from tests.source_conformance import SourceContract


class Replayed:
    """A source whose every pull replays one recording."""

    name, type = "moodle", "moodle"

    def __init__(self, change: str, **options: str) -> None:
        self._change = change
        self._source = source("moodle", NOW, **options)

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        with recorded(self._change):
            return self._source.pull(previous, progress)

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        self._source.acknowledge(pulled, stored)


class TestMoodle(SourceContract):
    """The suite over the recorded school: all of it, nothing usable, and a name that Moodle refuses."""

    def full(self, place: Path) -> Source:
        return Replayed("base")

    def broken(self, place: Path) -> Source:
        return Replayed("base", courses="999")

    def partly(self, place: Path) -> Source:
        return Replayed("bad-name")


def test_progress_is_told_from_the_first_course_to_the_last_file() -> None:
    heard: list[tuple[int, int]] = []
    Replayed("base").pull(Snapshot, lambda done, total: heard.append((done, total)))
    assert heard[0] == (0, 4)
    assert heard[-1][0] == heard[-1][1] > 4
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)

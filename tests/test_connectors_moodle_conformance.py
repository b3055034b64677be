"""The Moodle connector keeps the promises of every Source, over answers of a real site."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path

from connectors.moodle.source import MoodleSource
from sync.ports import Progress, Source, unwatched
from sync.records import File, Pulled, Snapshot, StoredPull
from tests.moodle_server import Answer, scripted
from tests.moodle_stage import NOW, config, recorded, source
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

    def download(self, file: File, limit: int) -> bytes:
        return self._source.download(file, limit)

    def tell_waiting(self, lines: Sequence[str]) -> None:
        pass

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        self._source.acknowledge(pulled, stored)


CONTENT = b"%PDF-1.4\n%%EOF\n"
HASH = sha1(CONTENT, usedforsecurity=False).hexdigest()


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[Source, File]]:
    """Serve one file over HTTP: the recordings have none."""
    with scripted(answer) as site:
        url = f"{site.url}/webservice/pluginfile.php/86/mod_resource/content/0/a.pdf"
        file = File("a.pdf", len(CONTENT), "application/pdf", HASH, NOW, url)
        yield MoodleSource(name="moodle", config=config(url=site.url), language="kk"), file


class TestMoodle(SourceContract):
    """The suite over the recorded school: all of it, nothing usable, and a name that Moodle refuses."""

    def full(self, place: Path) -> Source:
        return Replayed("base")

    def broken(self, place: Path) -> Source:
        return Replayed("base", courses="999")

    def partly(self, place: Path) -> Source:
        return Replayed("bad-name")

    @contextmanager
    def offering(self, place: Path) -> Iterator[tuple[Source, File, bytes]]:
        with serving(Answer(200, CONTENT, {"Content-Type": "application/pdf", "ETag": f'"{HASH}"'})) as (found, file):
            yield found, file, CONTENT

    @contextmanager
    def without(self, place: Path) -> Iterator[tuple[Source, File]]:
        with serving(Answer(404, b'{"error": "x", "errorcode": "filenotfound"}')) as (found, file):
            yield found, file


def test_progress_is_told_from_the_first_course_to_the_last_file() -> None:
    heard: list[tuple[int, int]] = []
    Replayed("base").pull(Snapshot, lambda done, total: heard.append((done, total)))
    assert heard[0] == (0, 4)
    assert heard[-1][0] == heard[-1][1] > 4
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)

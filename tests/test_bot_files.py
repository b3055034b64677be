"""Files are fetched from their sources few at once, none of them twice, and kept within bounds."""

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.files import AT_ONCE, SourceFiles
from sync.errors import KopirError, Refused, Retriable
from sync.records import File
from sync.resources import Attachment

LIMIT = 100


@dataclass
class Shelf:
    """A source with files; it counts downloads and how many of them went on at once."""

    name: str = "moodle"
    fail: KopirError | None = None
    slow: float = 0.0
    asked: list[tuple[str, int]] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def download(self, file: File, limit: int) -> bytes:
        with self._lock:
            self.asked.append((file.name, limit))
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self.slow)
        with self._lock:
            self._now -= 1
        if self.fail:
            raise self.fail
        return b"x" * file.size

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def files(*shelves: Any, kept: int = 1000) -> SourceFiles:
    return SourceFiles(shelves, LIMIT, kept)


def wanted(name: str, size: int = 10, hash_: str | None = None, source: str = "moodle") -> Attachment:
    return Attachment(source, File(name, size, hash=name if hash_ is None else hash_), "")


async def test_a_file_comes_from_the_source_that_has_it_with_the_schools_limit() -> None:
    moodle, other = Shelf(), Shelf("other")
    both = files(moodle, other)
    assert await both.read(wanted("a", 3)) == b"xxx"
    assert await both.read(wanted("a", 2, source="other")) == b"xx"
    assert (moodle.asked, other.asked) == ([("a", LIMIT)], [("a", LIMIT)])


async def test_the_same_content_is_fetched_once_whatever_it_is_called() -> None:
    shelf = Shelf()
    kept = files(shelf)
    for name in ("a", "a", "copy of a"):
        assert await kept.read(wanted(name, hash_="1")) == b"x" * 10
    assert shelf.names == ["a"]


async def test_posts_that_want_a_file_at_the_same_time_wait_for_one_download() -> None:
    shelf = Shelf(slow=0.02)
    kept = files(shelf)
    assert set(await asyncio.gather(*(kept.read(wanted("a")) for _ in range(10)))) == {b"x" * 10}
    assert shelf.names == ["a"]


async def test_a_file_without_a_hash_may_have_changed_and_is_fetched_each_time() -> None:
    shelf = Shelf()
    kept = files(shelf)
    await kept.read(wanted("a", hash_=""))
    await kept.read(wanted("a", hash_=""))
    assert shelf.names == ["a", "a"]


async def test_a_source_is_asked_for_few_files_at_once() -> None:
    shelf = Shelf(slow=0.02)
    kept = files(shelf)
    await asyncio.gather(*(kept.read(wanted(str(n))) for n in range(8)))
    assert len(shelf.asked) == 8
    assert shelf.most == AT_ONCE


@pytest.mark.parametrize(
    ("read", "again", "fetched"),
    [
        pytest.param("ab", "ab", "ab", id="there is room for both"),
        pytest.param("abc", "cb", "abc", id="the oldest made room"),
        pytest.param("abc", "a", "abca", id="and is fetched again"),
        pytest.param("abac", "a", "abc", id="what was used last stays"),
    ],
)
async def test_memory_is_bounded(read: str, again: str, fetched: str) -> None:
    shelf = Shelf()
    kept = files(shelf, kept=20)
    for name in read + again:
        await kept.read(wanted(name, 10))
    assert "".join(shelf.names) == fetched


async def test_a_file_larger_than_the_room_is_kept_until_the_next() -> None:
    shelf = Shelf()
    kept = files(shelf, kept=20)
    for name in ("large", "large", "b", "large"):
        await kept.read(wanted(name, 50 if name == "large" else 5))
    assert shelf.names == ["large", "b", "large"]


@pytest.mark.parametrize("error", [Refused("deleted"), Retriable("away")])
async def test_what_the_source_says_goes_up_and_is_not_remembered(error: KopirError) -> None:
    shelf = Shelf(fail=error)
    kept = files(shelf)
    with pytest.raises(type(error)):
        await kept.read(wanted("a"))
    shelf.fail = None
    assert await kept.read(wanted("a")) == b"x" * 10


async def test_a_source_that_is_no_longer_in_the_settings_has_no_files() -> None:
    with pytest.raises(Refused, match="'old'"):
        await files(Shelf()).read(wanted("a", source="old"))

"""Dropped and changed files are noticed soon; receipts, temporary files and a folder that comes and goes do no harm."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.serving.filesystems import has_events, type_of
from bot.serving.watch import Watch
from connectors import Place
from tests.service_stage import until

PATIENCE = 5.0


@asynccontextmanager
async def watching(path: Path, *, poll: bool = False, wait: bool = True) -> AsyncIterator[asyncio.Queue[str]]:
    """Watch until the block ends; what is asked for at the first look is taken out of the queue."""
    asked: asyncio.Queue[str] = asyncio.Queue()
    watch = Watch("one/rosters", Place(path), asked.put_nowait, poll=poll, look=100)
    task = asyncio.create_task(watch.work())
    try:
        if wait:
            await asyncio.wait_for(watch.watching.wait(), PATIENCE)
            assert await asked.get() == "folder looked at"
        yield asked
    finally:
        task.cancel()
        await asyncio.wait({task})


async def heard(asked: asyncio.Queue[str], wanted: str = "file changed") -> float:
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while await asked.get() != wanted:
            pass
    return time.monotonic() - began


@pytest.mark.parametrize("poll", [False, True], ids=["events", "polling"])
async def test_a_dropped_and_a_changed_file_are_noticed_at_once(tmp_path: Path, poll: bool) -> None:
    async with watching(tmp_path, poll=poll) as asked:
        (tmp_path / "people.csv").write_text("id\n1\n")
        await heard(asked)
        with (tmp_path / "people.csv").open("a") as file:
            file.write("2\n")
        os.utime(tmp_path / "people.csv", (time.time() + 2, time.time() + 2))  # polling counts whole seconds
        await heard(asked)


async def test_a_file_moved_in_from_elsewhere_and_one_in_a_subfolder_are_noticed(tmp_path: Path) -> None:
    inbox, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere.csv"
    inbox.mkdir()
    elsewhere.write_text("id\n")
    async with watching(inbox) as asked:
        elsewhere.rename(inbox / "people.csv")
        await heard(asked)
        (inbox / "7a").mkdir()
        await heard(asked)
        (inbox / "7a" / "roster.csv").write_text("name\n")
        await heard(asked)


async def test_a_file_that_a_material_may_name_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    async with watching(tmp_path) as asked:
        for name in ("a.pdf", "7/data.xlsx"):
            (tmp_path / name).write_bytes(b"%PDF")
            await heard(asked)


async def test_a_file_that_is_written_for_long_is_asked_for_meanwhile(tmp_path: Path) -> None:
    async with watching(tmp_path) as asked:
        began = time.monotonic()
        with (tmp_path / "people.csv").open("w") as file:
            while asked.empty() and time.monotonic() - began < PATIENCE:
                file.write("1\n")
                file.flush()
                await asyncio.sleep(0.05)
        assert not asked.empty()


async def test_receipts_databases_and_temporary_files_are_passed_over(tmp_path: Path) -> None:
    async with watching(tmp_path) as asked:
        for name in (
            "people.csv.receipt.txt",
            ".people.csv.123.tmp",
            "~$people.csv",
            "copy.part",
            "kopir.db.open.lock",
        ):
            (tmp_path / name).write_text("x")
        (tmp_path / ".hidden").mkdir()
        await asyncio.sleep(0.6)
        assert asked.empty()


async def test_a_folder_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    async with watching(inbox, wait=False) as asked:
        await heard(asked, "folder missed")
        await asyncio.sleep(0.2)
        assert asked.empty()
        inbox.mkdir()
        await heard(asked, "folder looked at")
        (inbox / "people.csv").write_text("id\n")
        await heard(asked)


async def test_a_folder_that_vanishes_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    async with watching(inbox) as asked:
        inbox.rename(tmp_path / "away")
        await asyncio.sleep(0.5)
        inbox.mkdir()
        await heard(asked, "folder looked at")
        (inbox / "people.csv").write_text("id\n")
        await heard(asked)


@pytest.mark.skipif(os.name == "nt", reason="makes links as Unix does")
async def test_a_share_that_cannot_be_read_for_a_while_is_told_of_once_and_watched_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(tmp_path, poll=True) as asked:
        (tmp_path / "loop").symlink_to(tmp_path / "loop")

        async def told() -> bool:
            return "cannot be watched" in caplog.text

        await until(told, PATIENCE)
        await asyncio.sleep(0.5)
        (tmp_path / "loop").unlink()
        await heard(asked, "folder looked at")
        (tmp_path / "people.csv").write_text("id\n")
        await heard(asked)
    assert caplog.text.count("cannot be watched") == 1


async def test_of_a_zip_only_itself_is_watched(tmp_path: Path) -> None:
    async with watching(tmp_path / "rosters.zip") as asked:
        (tmp_path / "other.csv").write_text("x")
        await asyncio.sleep(0.6)
        assert asked.empty()
        (tmp_path / "rosters.zip").write_bytes(b"x")
        await heard(asked)


async def test_a_folder_with_a_dot_in_its_name_is_a_folder(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox.2027"
    inbox.mkdir()
    async with watching(inbox) as asked:
        (inbox / "people.csv").write_text("id\n")
        await heard(asked)


MOUNTINFO = [
    "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
    "40 22 0:35 / /mnt/school rw - cifs //server/school rw",
    "41 22 0:36 / /mnt/my\\040cloud rw - fuse.sshfs host: rw",
    "broken line",
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/kopir/inbox", "ext4"),
        ("/mnt/school/inbox", "cifs"),
        ("/mnt/schools", "ext4"),
        ("/mnt/my cloud/x", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder_is_found(path: str, expected: str) -> None:
    assert type_of(path, MOUNTINFO) == expected


@pytest.mark.skipif(os.name == "nt", reason="asks Windows instead")
def test_a_local_folder_has_events(tmp_path: Path) -> None:
    assert has_events(tmp_path)

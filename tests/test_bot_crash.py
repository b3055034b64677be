"""Kill a run at any request and start again: the server ends as if nothing had happened, nothing doubled or lost."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import runs
from bot.writer import DiscordWriter
from sync.diff import Change
from sync.ledger import Binding
from sync.ports import Sent
from tests.rehearsal import COURSES, ENROLMENTS, MATERIALS, SCHOOL, Rehearsal, rehearsal

FIRST = {
    **SCHOOL,
    "materials.csv": MATERIALS.replace("https://example.org/slides,,", "https://example.org/slides,slides.pdf,"),
    "slides.pdf": "first",
}
CHANGED = {
    "courses.csv": COURSES.replace("Биология", "Ботаника"),
    "enrolments.csv": ENROLMENTS.replace("s2,alg,student,7Ә", "s2,alg,student,7А"),
    "materials.csv": FIRST["materials.csv"].replace("example.org/book", "example.org/new")
    + "bio,Ткани,Тест,https://example.org/t,test.pdf,,,\n",
    "slides.pdf": "second, and longer",
    "test.pdf": "a test",
}


_ID = re.compile(r"\d{15,}")


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


class MortalWriter(DiscordWriter):
    """Dies at one write: before its effect, or after it but before anybody hears of it; so does all under way."""

    left = 0
    after = False

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        if type(self).left <= 0:
            raise Killed
        type(self).left -= 1
        if type(self).left == 0 and not self.after:
            raise Killed
        sent = await super().write(change, bindings)
        if type(self).left <= 0:
            raise Killed
        return sent


def content(server: dict[str, Any]) -> dict[str, Any]:
    """Keep what a person sees: no ids, no times, no order of pins that a repeated pin may change."""
    channels = [
        {
            "name": channel["name"],
            "parent": channel.get("parent_id"),
            "overwrites": channel.get("permission_overwrites"),
            "messages": sorted(
                _ID.sub("#", f"{m['content']} {m['embeds']} {m['pinned']} {m['attachments']}")
                for m in channel["messages"]
            ),
        }
        for channel in server["channels"]
    ]
    roles = [(role["name"], role["permissions"], role["color"]) for role in server["roles"]]
    return {"channels": channels, "roles": roles, "members": server["members"]}


async def undisturbed(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the server after a first sync and after a changing one."""
    async with rehearsal(folder, FIRST) as stage:
        await stage.sync()
        first = content(await stage.server())
        await stage.sync(CHANGED)
        return first, content(await stage.server())


async def killed_at(stage: Rehearsal, point: int, *, after: bool, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Apply until the point; tell whether it was reached."""
    MortalWriter.left, MortalWriter.after = point, after
    with monkeypatch.context() as patched:
        patched.setattr(runs, "DiscordWriter", MortalWriter)
        try:
            await stage.apply()
        except Killed:
            under_way = [task for task in asyncio.all_tasks() if "_Applying" in repr(task.get_coro())]
            await asyncio.gather(*under_way, return_exceptions=True)
            return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize("point", [1, 5, 9, 13, 20, 27, 30, 34, 38, 41, 44])
async def test_a_first_sync_killed_anywhere_ends_in_the_same_server(
    tmp_path: Path, point: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    wanted, _ = await undisturbed(tmp_path / "a")
    async with rehearsal(tmp_path / "b", FIRST) as stage:
        stage.pull()
        assert await killed_at(stage, point, after=after, monkeypatch=monkeypatch)
        await stage.sync()
        assert content(await stage.server()) == wanted


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize("point", [1, 3, 5, 7, 9, 11, 13, 14, 15, 16])
async def test_a_changing_sync_killed_anywhere_ends_in_the_same_server(
    tmp_path: Path, point: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, wanted = await undisturbed(tmp_path / "a")
    async with rehearsal(tmp_path / "b", FIRST) as stage:
        await stage.sync()
        stage.write(CHANGED)
        stage.pull()
        assert await killed_at(stage, point, after=after, monkeypatch=monkeypatch)
        await stage.sync()
        assert content(await stage.server()) == wanted

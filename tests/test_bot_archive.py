"""A term ends on the sandbox: its course goes to the archive, comes back, and is purged when somebody says so."""

import asyncio
import io
import json
import sys
from pathlib import Path

import pytest

from bot.purging import Wish, delete, look, purge
from bot.runs import guild_of
from bot.wire import Wire
from sync import keys
from sync.errors import Refused
from sync.permissions import Permission
from sync.purge import purge_plan
from tests.rehearsal import COURSES, ENROLMENTS, MATERIALS, SCHOOL, Rehearsal, rehearsal, writes

MODULE = keys.module("rosters:alg", "дәрежелер")
FORUM = keys.course("rosters:alg", "forum")
SEE, WRITE = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES
READ = SEE | Permission.READ_MESSAGE_HISTORY
ANY_WRITING = WRITE | Permission.SEND_MESSAGES_IN_THREADS | Permission.CREATE_PUBLIC_THREADS | Permission.ADD_REACTIONS
WITHOUT = {
    "courses.csv": "".join(line for line in COURSES.splitlines(keepends=True) if "alg" not in line),
    "enrolments.csv": "".join(line for line in ENROLMENTS.splitlines(keepends=True) if ",alg," not in line),
    "materials.csv": "".join(line for line in MATERIALS.splitlines(keepends=True) if not line.startswith("alg")),
}
ENDED = {"courses.csv": "id,title,end\nalg,Алгебра,2020-01-31\nbio,Биология,\n"}
LAYOUTS = [pytest.param("channels", MODULE, id="channels"), pytest.param("forum", FORUM, id="forum")]


async def written(stage: Rehearsal, place: str) -> list[object]:
    """List what stands in a channel, by id, content and pin."""
    path = f"/channels/{stage.id_of(place)}/messages"
    return [(m["id"], m["content"], m["embeds"], m["pinned"]) for m in await stage.by_hand("GET", path)]


async def there(stage: Rehearsal) -> set[str]:
    """List the ids of the channels on the server."""
    return {channel["id"] for channel in await stage.by_hand("GET", f"{stage.guild}/channels")}


def place_of_posts(layout: str) -> str:
    return MODULE if layout == "channels" else keys.thread("rosters:alg", "дәрежелер")


@pytest.mark.parametrize("over", [pytest.param(WITHOUT, id="dropped"), pytest.param(ENDED, id="ended")])
@pytest.mark.parametrize(("layout", "place"), LAYOUTS)
async def test_a_term_ends_and_goes_on(tmp_path: Path, layout: str, place: str, over: dict[str, str]) -> None:
    async with rehearsal(
        tmp_path, options=f"layout = {layout}\nvoice = no\ndiscussion = on\nremoval_limit = 100"
    ) as stage:
        await stage.sync()
        posts = place_of_posts(layout)
        talk = f"/channels/{stage.id_of(posts)}/messages"
        await stage.by_hand("POST", talk, {"content": "сұрақ"}, stage.users["asem"])
        before, channel = await written(stage, posts), stage.id_of(place)
        stage.sent()
        await stage.sync(over)
        sent = writes(stage.sent())
        moved = 4 if layout == "channels" else 3  # modules or the forum, and the channels of two groups
        assert sent == {
            "POST /guilds/{guild_id}/channels": 1,
            "PATCH /channels/{channel_id}": moved,
            "DELETE /channels/{channel_id}": 1,
            "PATCH /guilds/{guild_id}/roles": 1,
        }
        assert await written(stage, posts) == before
        for who in ("asem", "aiman"):
            allowed = await stage.permissions(who, place)
            assert (allowed & READ, allowed & ANY_WRITING) == (READ, 0)
        assert not await stage.permissions("dana", place) & SEE
        assert not (await stage.plan()).changes
        stage.sent()
        await stage.sync(SCHOOL)
        assert stage.id_of(place) == channel
        assert await written(stage, posts) == before
        assert await stage.permissions("asem", place) & Permission.SEND_MESSAGES_IN_THREADS
        assert not (await stage.plan()).changes
        assert "Archive" not in {one["name"] for one in (await stage.server())["channels"]}


async def test_a_purge_deletes_for_good_what_is_in_the_archive_and_only_that(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        channel, other = stage.id_of(MODULE), keys.module("rosters:bio", "клетка")
        with pytest.raises(Refused, match="is not in the archive"):
            await purged(stage, Wish("rosters:alg"))
        await stage.sync(WITHOUT)
        with pytest.raises(Refused, match="is not in the archive"):
            await purged(stage, Wish("Биология"))
        with pytest.raises(Refused, match="another plan"):
            await delete(stage.school, stage.app.store, stage.http, Wish("Алгебра"), "0" * 32, stage.files)
        await purged(stage, Wish("Алгебра"))
        server = await stage.server()
        assert channel not in await there(stage)
        assert {"Archive", "дәрежелер"}.isdisjoint(one["name"] for one in server["channels"])
        assert not [role["name"] for role in server["roles"] if "Алгебра" in role["name"]]
        assert await stage.permissions("dana", other) & SEE
        assert not (await stage.plan()).changes
        assert not [key for key in stage.app.store.bindings(stage.school.id) if "rosters:alg" in key]
        assert stage.app.store.runs(stage.school.id)[0].command == "purge"


class Typed(io.StringIO):
    """A terminal on which somebody typed something."""

    def isatty(self) -> bool:
        return True


async def test_the_command_shows_what_would_go_and_asks_for_the_name_or_the_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        await stage.sync(WITHOUT)
        channel = stage.id_of(MODULE)

        async def command(wish: Wish, yes: str = "", typed: io.StringIO | None = None, as_json: bool = False) -> int:
            monkeypatch.setattr(sys, "stdin", typed or io.StringIO("Алгебра\n"))
            capsys.readouterr()
            return await asyncio.to_thread(purge, stage.app, wish, yes=yes, as_json=as_json)

        assert await command(Wish("алгебра")) == 2
        said = capsys.readouterr()
        digest = said.err.partition("--yes ")[2].partition("`")[0]
        assert "channel дәрежелер, messages: 4" in said.out
        assert "role Алгебра · 7А" in said.out
        assert "channels: 5, roles: 4." in said.out
        assert await command(Wish(everything=True), as_json=True) == 2
        assert json.loads(capsys.readouterr().out)["digest"] == digest
        assert await command(Wish("Алгебра"), typed=Typed("Биология\n")) == 2
        assert await command(Wish(older_than="1d")) == 0
        assert capsys.readouterr().out == "There is nothing to delete.\n"
        assert stage.id_of(MODULE) == channel
        for wrong in (Wish(), Wish("Алгебра", everything=True), Wish(older_than="soon")):
            with pytest.raises(Refused):
                await command(wrong)
        with pytest.raises(Refused, match="another plan"):
            await command(Wish("Алгебра"), yes="0" * 32)
        assert channel in await there(stage)
        assert await command(Wish("Алгебра"), typed=Typed("алгебра\n")) == 0
        assert channel not in await there(stage)


async def test_a_digest_is_enough_where_nobody_can_be_asked(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        await stage.sync(WITHOUT)
        found = await look(stage.school, stage.app.store, Wire(stage.http, guild_of(stage.school)))
        digest = purge_plan(stage.school.id, found.archived, found.guild, found.bindings).digest
        wish = Wish(everything=True)
        assert await asyncio.to_thread(purge, stage.app, wish, yes=digest, as_json=True) == 0
        assert not (await stage.plan()).changes


async def test_a_purge_agrees_to_nothing_else_that_waits(tmp_path: Path) -> None:
    """A file that stopped coming is held until somebody approves of that, not of something else."""
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        await stage.sync(WITHOUT)
        (stage.inbox / "enrolments.csv").unlink()
        await asyncio.to_thread(stage.pull)
        await purged(stage, Wish("Алгебра"))
        assert (await stage.plan()).held


async def purged(stage: Rehearsal, wish: Wish) -> None:
    found = await look(stage.school, stage.app.store, Wire(stage.http, guild_of(stage.school)))
    plan = purge_plan(
        stage.school.id, wish.chosen(found.archived, stage.sandbox.world.now()), found.guild, found.bindings
    )
    result = await delete(stage.school, stage.app.store, stage.http, wish, plan.digest, stage.files)
    assert [o.message for o in result.report.outcomes if o.message] == []

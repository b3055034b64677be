"""The desk gives newcomers their roles at once, lets nothing loop, and brings back what people changed."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.serving.desk import Desk
from bot.serving.echoes import Echoes
from bot.serving.requests import Request
from bot.transport.ratelimits import Priority
from sandbox.server import Settings
from sync.observe import granted
from sync.scope import Scope
from sync.store import Store
from tests.rehearsal import SCHOOL, Rehearsal, rehearsal, writes
from tests.service_stage import at_work, people, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")


async def has_roles(stage: Rehearsal, username: str, *names: str) -> bool:
    return username in stage.users and set(names) <= await stage.roles(username)


async def test_who_joins_and_is_known_has_roles_and_nickname_within_two_seconds(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, members=("aiman",)) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            stage.sent()
            await stage.join("asem")
            await until(lambda: has_roles(stage, "asem", "School member", "Алгебра", "Алгебра · 7А"))
            await serving.desk.quiet()
            assert await stage.nick("asem") == "Әсем Қайратқызы"
            sent = stage.sent()
            assert writes(sent) == {"PATCH /guilds/{guild_id}/members/{user_id}": 1}
            assert "GET /guilds/{guild_id}/channels" not in sent


async def test_a_stranger_who_joins_gets_nothing(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, members=()) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            before = len(serving.history())
            await stage.join("stranger")

            async def looked() -> bool:
                return len(serving.history()) > before

            await until(looked)
            await serving.desk.quiet()
            assert await stage.roles("stranger") == set()


async def test_people_who_join_together_during_a_long_run_do_not_wait_for_it(tmp_path: Path) -> None:
    files, limits = people(33), Settings(hurry=5)
    async with rehearsal(tmp_path, files, [f"p{n}" for n in range(30)], settings=limits) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            serving.desk.ask(Request())
            await until(lambda: has_roles(stage, "p0", "Algebra"))
            await stage.join("p30", "p31", "p32")
            for name in ("p30", "p31", "p32"):
                await until(lambda name=name: has_roles(stage, name, "School member", "Algebra"), 2)  # type: ignore[misc]
            assert serving.runs.empty(), "the long run was to be still under way"
            await asyncio.wait_for(serving.runs.get(), 30)
            stage.sent()
            await serving.run()
            assert not writes(stage.sent())


async def test_a_member_who_is_served_twice_at_once_ends_as_if_served_once(tmp_path: Path) -> None:
    """The long run planned this member's change before the short run made it."""
    files, limits = people(30), Settings(hurry=10)
    names = [f"p{n}" for n in range(30)]
    async with rehearsal(tmp_path, files, names, settings=limits) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage, connected=False) as serving:
            serving.desk.ask(Request())
            await until(lambda: has_roles(stage, "p0", "Algebra"))
            for name in names[-5:]:
                serving.desk.ask(Request(Scope(members=frozenset({stage.users[name]})), Priority.INTERACTIVE))
            await asyncio.wait_for(serving.runs.get(), 30)
            await serving.desk.quiet()
            bindings = stage.app.store.bindings(stage.school.id)
            given = {granted(bindings[f"member/{stage.users[name]}"]) for name in names}
            assert len(given) == 1
            patched = stage.sent()["PATCH /guilds/{guild_id}/members/{user_id}"]
            assert patched == len(names)
            await serving.run()
            assert not writes(stage.sent())


async def has_only(stage: Rehearsal, username: str, *names: str) -> bool:
    return await stage.roles(username) == set(names)


async def test_who_is_served_from_an_older_roster_is_served_again_from_the_newer_one(tmp_path: Path) -> None:
    """Reading the newer roster is the next long run's work; nobody is to ask for it."""
    limits, names = Settings(hurry=10), [f"p{n}" for n in range(25)]
    files = people(26)
    moved = files["enrolments.csv"].replace("s25,alg,student", "s25,bio,student")
    async with rehearsal(tmp_path, files, names, settings=limits) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            serving.desk.ask(Request())
            await until(lambda: has_roles(stage, "p0", "Algebra"))
            stage.write({"enrolments.csv": moved})
            await asyncio.to_thread(stage.pull)
            await stage.join("p25")
            await until(lambda: has_roles(stage, "p25", "Algebra"), 2)

            async def moved_over() -> bool:
                return await stage.roles("p25") == {"School member", "Biology"}

            await until(moved_over, 30)


async def test_a_sync_causes_no_further_run(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            stage.write({"people.csv": SCHOOL["people.csv"].replace("Олег", "Олжас")})
            await asyncio.to_thread(stage.pull)
            await serving.run()
            await asyncio.sleep(0.6)
            await serving.desk.quiet()
            assert len(serving.history()) == 2


async def test_a_channel_renamed_by_hand_is_named_back(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            await asyncio.sleep(0.5)
            serving.desk.echoes = Echoes()  # as if all that was long ago
            channel = stage.id_of("course/rosters:alg")
            await stage.by_hand("PATCH", f"/channels/{channel}", {"name": "Mine"})
            await asyncio.wait_for(serving.runs.get(), 5)
            assert (await stage.channel("Алгебра"))["name"] == "Алгебра"
            await asyncio.sleep(0.5)
            assert len(serving.history()) == 2, "the repair was taken for somebody's change"


async def test_a_post_deleted_by_hand_is_posted_and_pinned_again(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            bindings = stage.app.store.bindings(stage.school.id).values()
            post = next(b for b in bindings if b.kind == "post")
            before = (await stage.server())["channels"]
            await stage.by_hand("DELETE", f"/channels/{post.parent_id}/messages/{post.discord_id}")
            await asyncio.wait_for(serving.runs.get(), 5)
            assert _posts((await stage.server())["channels"]) == _posts(before)
            assert stage.id_of(post.key) != post.discord_id


def _posts(channels: list[dict[str, object]]) -> list[tuple[object, int, int]]:
    return [(c["name"], len(c.get("messages", [])), len(c.get("pins", []))) for c in channels]  # type: ignore[arg-type]


async def test_what_people_write_and_delete_themselves_causes_no_run(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage) as serving:
            await serving.run()
            await asyncio.sleep(0.3)
            general = next(c.id for c in stage.sandbox.guild.channels.values() if c.name == "general")
            said = await stage.by_hand("POST", f"/channels/{general}/messages", {"content": "hello"})
            await stage.by_hand("DELETE", f"/channels/{general}/messages/{said['id']}")
            await asyncio.sleep(0.6)
            assert len(serving.history()) == 1


async def test_two_runs_of_one_desk_never_take_each_other_for_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hold = Store.hold

    @contextmanager
    def slowly(store: Store, school: str) -> Iterator[None]:
        with hold(store, school):
            time.sleep(0.2)
            yield

    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        monkeypatch.setattr(Store, "hold", slowly)
        async with at_work(stage, connected=False) as serving:
            serving.desk.ask(Request(Scope(members=frozenset({stage.users["asem"]})), Priority.INTERACTIVE))
            await serving.run()
    assert "Another Kopir process" not in caplog.text


async def test_a_desk_that_is_leaving_sends_no_further_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, left = Desk.before, asyncio.Event()

    def leave(desk: Desk, *write: Any) -> None:
        desk.leave()
        left.set()
        before(desk, *write)

    async with rehearsal(tmp_path, members=()) as stage, at_work(stage, connected=False) as serving:
        await asyncio.to_thread(stage.pull)
        monkeypatch.setattr(Desk, "before", leave)
        serving.desk.ask(Request())
        await asyncio.wait_for(left.wait(), 10)
        await serving.desk.quiet()
        assert not writes(stage.sent())

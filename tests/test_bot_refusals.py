"""What Discord refuses costs one request for each cause: it is remembered over runs, and tried again for a reason."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import commands, runs
from bot.serving.requests import Request
from sandbox.bits import Permission
from sandbox.faults import Fault, Kind
from sandbox.rest import members
from sync import keys
from sync.reconcile import Outcome
from sync.render import plan_lines, say
from sync.texts import texts
from tests.rehearsal import MATERIALS, Rehearsal, rehearsal, writes
from tests.service_stage import Serving, at_work, people, until
from tests.test_bot_sync_faults import demote, take, throw_out
from tests.trouble import (
    CHANNELS,
    MESSAGE,
    MESSAGES,
    PIN,
    ROLES,
    THREADS,
    by_hand,
    content,
    counts,
    refused,
    undisturbed,
    when,
)

QUIET = "notices = off\ndiscussion = off"
MODULE = keys.module("rosters:alg", "дәрежелер")
PUPILS = [f"p{n}" for n in range(500)]


async def close(stage: Rehearsal) -> None:
    """Hide the module's channel from the bot, as people do by hand."""
    for target, kind in ((stage.sandbox.application.id, 1), (stage.sandbox.guild_id, 0)):
        body = {"type": kind, "allow": "0", "deny": str(int(Permission.VIEW_CHANNEL))}
        await stage.by_hand("PUT", f"/channels/{stage.id_of(MODULE)}/permissions/{target}", body)


async def reopen(stage: Rehearsal) -> None:
    for target in (stage.sandbox.application.id, stage.sandbox.guild_id):
        await stage.by_hand("DELETE", f"/channels/{stage.id_of(MODULE)}/permissions/{target}")


def change_links(stage: Rehearsal, address: str) -> None:
    stage.write({"materials.csv": MATERIALS.replace("https://example.org", address)})
    stage.pull()


async def refused_in_a_run(stage: Rehearsal) -> int:
    """Run once; return how many requests Discord refused, for whatever reason."""
    stage.sent()
    await stage.apply()
    return sum(400 <= record.status < 500 for record in stage.sandbox.counts.records)


async def left_out(stage: Rehearsal) -> list[str]:
    """Return what a plan says of changes that are left out."""
    plan = await stage.plan()
    return [texts("en").say(n.values["why"]) for n in plan.notices if n.code == "refused-before"]


async def test_what_is_refused_in_a_channel_is_not_repeated_until_the_channel_changes(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await stage.sync()
        await close(stage)
        change_links(stage, "https://example.kz")
        assert await refused_in_a_run(stage) == 1
        assert [await refused_in_a_run(stage) for _ in range(3)] == [0, 0, 0]
        assert not writes(stage.sent()), "and nothing else is sent either"
        plan = await stage.plan()
        assert not plan.changes
        assert not any("Nothing to do" in line for line in plan_lines(plan, texts("en")))
        assert "Missing Access" in " ".join(await left_out(stage))
        named = [say(n, texts("ru")) for n in (await stage.plan()).notices if n.code == "channel-permissions"]
        assert len(named) == 1
        assert "дәрежелер" in named[0]
        assert "Просматривать каналы" in named[0]
        await reopen(stage)
        await stage.sync()
        assert not await left_out(stage)
        assert not (await stage.plan()).changes


async def four_edits_refused(stage: Rehearsal) -> None:
    """Let Discord find fault with the edits of all four materials, and run often."""
    await stage.sync()
    change_links(stage, "https://example.kz")
    stage.sandbox.faults.arm(Fault(Kind.ERROR, "PATCH", MESSAGE, count=None, status=400))
    assert await refused_in_a_run(stage) == 4
    assert [await refused_in_a_run(stage) for _ in range(3)] == [0, 0, 0]
    stage.sandbox.faults.clear()
    assert await refused_in_a_run(stage) == 0
    assert len(await left_out(stage)) == 1, "one cause, one notice"


async def test_what_discord_finds_fault_with_is_sent_again_once_it_is_another(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await four_edits_refused(stage)
        change_links(stage, "https://example.com")
        assert counts((await stage.apply()).report)["applied"] == 4
        assert not await left_out(stage)
        assert not stage.app.store.refusals("one")


async def test_what_was_refused_is_sent_again_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await four_edits_refused(stage)
        later = runs.now() + timedelta(days=1)
        monkeypatch.setattr(runs, "now", lambda: later)
        assert counts((await stage.apply()).report)["applied"] == 4


async def test_what_was_refused_is_sent_again_when_a_person_asks(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await four_edits_refused(stage)
        assert await asyncio.to_thread(retry, stage) == commands.DONE
        assert not await left_out(stage)
        assert not (await stage.plan()).changes


NEW = [
    pytest.param("POST", MESSAGES, "", id="a material"),
    pytest.param("POST", THREADS, "layout = forum", id="a forum post"),
    pytest.param("PUT", PIN, "", id="a pin"),
    pytest.param("POST", f"{MESSAGE}/threads", "", id="a discussion"),
    pytest.param("POST", ROLES, "", id="a role"),
    pytest.param("POST", CHANNELS, "", id="a category"),
]


@pytest.mark.parametrize(("method", "route", "options"), NEW)
async def test_a_server_is_left_in_peace_while_something_of_it_is_refused_and_whole_once_it_is_not(
    tmp_path: Path, method: str, route: str, options: str
) -> None:
    wanted = await undisturbed(tmp_path, options, changing=False)
    async with rehearsal(tmp_path, options=options) as stage:
        stage.pull()
        stage.sandbox.faults.arm(Fault(Kind.ERROR, method, route, status=400))
        assert await refused_in_a_run(stage) == 1
        await stage.apply()  # puts in order what there is
        stage.sent()
        for _ in range(3):
            await stage.apply()
        assert not writes(stage.sent())
        assert await asyncio.to_thread(retry, stage) == commands.DONE
        assert content(await stage.server()) == wanted
        assert not (await stage.plan()).changes


def retry(stage: Rehearsal) -> int:
    """Do what `kopir sync --retry` does."""
    return commands.apply(stage.app, as_json=False, verdict=commands.Verdict(retry=True), pull_first=False)


async def test_a_run_that_is_cut_remembers_what_was_refused_so_far(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await stage.sync()
        change_links(stage, "https://example.kz")
        stage.sandbox.faults.arm(Fault(Kind.ERROR, "PATCH", MESSAGE, count=3, status=400))
        stage.sandbox.faults.arm(Fault(Kind.SLOW, "PATCH", MESSAGE, delay=30))
        heard: asyncio.Queue[Outcome] = asyncio.Queue()
        parts = (stage.school, stage.app.store, stage.http, "sync", stage.files)
        run = asyncio.create_task(runs.apply_school(*parts, heard=heard.put_nowait))
        for _ in range(3):
            await asyncio.wait_for(heard.get(), 10)
        run.cancel()
        await asyncio.wait({run})
        assert len(stage.app.store.refusals("one")) == 3


async def test_what_is_refused_only_for_now_is_tried_by_every_run(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=QUIET) as stage:
        await stage.sync()
        change_links(stage, "https://example.kz")
        stage.sandbox.faults.arm(Fault(Kind.ERROR, "PATCH", MESSAGE, count=None, status=503))
        assert counts((await stage.apply()).report)["failed"] == 4
        stage.sandbox.faults.clear()
        await stage.sync()


@contextmanager
def refusals_of(stage: Rehearsal) -> Iterator[dict[str, int]]:
    """Count what is answered with 401, 403 or 404 within a block, by method."""
    stage.sent()
    found: dict[str, int] = {"GET": 0, "write": 0}
    yield found
    for route, count in refused(stage).items():
        found["GET" if route.startswith("GET ") else "write"] += count


LOSSES = [
    pytest.param(throw_out, "not on the server", 1, id="removed from the server"),
    pytest.param(demote, "role is below", 0, id="its role dragged down"),
    pytest.param(lambda stage: take(stage, Permission.MANAGE_ROLES), "Manage Roles", 0, id="a permission taken"),
]


@pytest.mark.parametrize(("act", "sentence", "each_run"), LOSSES)
async def test_a_bot_that_loses_its_standing_during_a_run_is_refused_only_what_was_on_its_way(
    tmp_path: Path, act: Callable[[Rehearsal], None], sentence: str, each_run: int
) -> None:
    async with rehearsal(tmp_path, people(500), PUPILS) as stage:
        stage.pull()
        when(stage, "GUILD_MEMBER_UPDATE", lambda: act(stage), nth=20)
        with refusals_of(stage) as found:
            result = await stage.apply()
        assert sentence in result.report.stopped
        assert 1 <= found["write"] <= 3, "as many members as are changed at once"
        assert found["GET"] == each_run
        assert counts(result.report)["failed"] == found["write"], "the others were not tried"
        for _ in range(3):
            with refusals_of(stage) as found, pytest.raises(Exception, match=sentence):
                await stage.apply()
            assert found == {"GET": each_run, "write": 0}


async def test_five_hundred_members_who_leave_during_a_run_are_not_asked_for_one_by_one(tmp_path: Path) -> None:
    def leave() -> None:
        for name in PUPILS:
            by_hand(stage, members.kick, user_id=stage.users[name])

    async with rehearsal(tmp_path, people(500), PUPILS) as stage:
        stage.pull()
        when(stage, "CHANNEL_CREATE", leave)
        with refusals_of(stage) as found:
            result = await stage.apply()
        assert not counts(result.report)["failed"], "who left is nobody's failure"
        assert found["write"] == 0
        assert found["GET"] <= 6, "three in a row, and those asked for beside them"
        asked = [record.path for record in stage.sandbox.counts.records if record.status == 404]
        assert len(asked) == len(set(asked)), "nobody twice"
        assert [await refused_in_a_run(stage) for _ in range(3)] == [0, 0, 0]


async def test_a_member_who_comes_back_is_served_although_they_were_not_found_before(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="return_kicked = restore") as stage:
        stage.pull()
        when(stage, "CHANNEL_CREATE", lambda: by_hand(stage, members.kick, user_id=stage.users["asem"]))
        await stage.apply()
        assert list(stage.app.store.refusals("one")) == [keys.member(stage.users["asem"])]
        body = {"users": [{"username": "asem", "id": stage.users["asem"]}]}
        await stage.ask("POST", f"/_sandbox{stage.guild}/members", body)
        await stage.sync()
        assert "Алгебра" in await stage.roles("asem")
        assert not stage.app.store.refusals("one")


class SkippingLoop(asyncio.SelectorEventLoop):
    """Talks over real sockets; `ahead` are the seconds by which its clock was put forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


async def hours(serving: Serving, count: int, every: int) -> None:
    """Let hours pass, minute by minute, with a run on schedule `every` so many minutes; none begins another."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    for minute in range(count * 60):
        if minute % every == 0:
            before = len(serving.history())
            serving.desk.ask(Request(reasons=frozenset({"on schedule"})))

            async def begun(before: int = before) -> bool:
                return len(serving.history()) > before

            await until(begun)
            await serving.desk.quiet()
        loop.ahead += 60
        await asyncio.sleep(0)
    await serving.desk.quiet()


def skipping(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(main)


def test_the_service_of_a_bot_that_was_removed_asks_once_per_schedule_and_at_once_when_it_is_back(
    tmp_path: Path,
) -> None:
    async def serve_for_an_hour() -> None:
        async with rehearsal(tmp_path) as stage:
            await asyncio.to_thread(stage.pull)
            stage.sandbox.faults.arm(Fault(Kind.ERROR, "GET", "/guilds/{guild_id}", count=None, status=403))
            async with at_work(stage, connected=False) as serving:
                with refusals_of(stage) as found:
                    await hours(serving, 1, every=5)
                assert found == {"GET": 12, "write": 0}
                stage.sandbox.faults.clear()
                serving.news.hear("GUILD_CREATE", {})
                await asyncio.wait_for(serving.runs.get(), 10)
            assert "Алгебра" in await stage.roles("asem")

    skipping(serve_for_an_hour())


def test_the_service_does_not_repeat_for_hours_what_was_refused(tmp_path: Path) -> None:
    async def serve_for_hours() -> None:
        async with rehearsal(tmp_path, options=QUIET) as stage:
            await asyncio.to_thread(stage.pull)
            async with at_work(stage, connected=False) as serving:
                await serving.run()
                await close(stage)
                await asyncio.to_thread(change_links, stage, "https://example.kz")
                with refusals_of(stage) as found:
                    await hours(serving, 3, every=15)
                assert sum(found.values()) == 1
                assert len(serving.history()) <= 15, "one that failed is tried again after a minute; then all is quiet"

    skipping(serve_for_hours())

"""The desk and the pullers wait outages out, say so once, and let nothing of one school or source touch another."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.files import SourceFiles
from bot.http import DiscordHTTP
from bot.serving.desk import Desk
from bot.serving.news import News
from bot.serving.pulling import Puller
from bot.serving.requests import Request
from sandbox.faults import Fault, Kind
from sandbox.server import Settings
from sync.errors import KopirError, Refused, Retriable
from sync.ledger import Binding
from sync.ports import Progress, unwatched
from sync.records import File, Person, Problem, Pulled, Snapshot, StoredPull
from sync.store import Store
from tests.builders import school
from tests.rehearsal import rehearsal, writes
from tests.service_stage import SOON, at_work, people, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")


def lines(caplog: pytest.LogCaptureFixture, *words: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if any(word in record.getMessage() for word in words)]


async def test_an_outage_of_discord_is_waited_out_and_told_of_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.serving.desk")
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        stage.sandbox.faults.arm(Fault(Kind.ERROR, count=None, seconds=0.6, status=503))
        async with at_work(stage, connected=False) as serving:
            await serving.run()
        told = lines(caplog, "has to wait", "works again")
        assert [line.split(",")[0].split(" after")[0] for line in told] == [
            "School one has to wait",
            "School one works again",
        ]
        assert await stage.roles("asem")


async def test_a_revoked_token_stops_the_school_with_one_message_and_no_further_requests(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.serving.desk")
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage, connected=False) as serving:
            await serving.run()
            await stage.ask("POST", "/_sandbox/token", {"revoke": True})
            stage.sent()
            for _ in range(3):
                serving.desk.ask(Request())
                await asyncio.sleep(0.15)
            told = lines(caplog, "stops here")
            assert len(told) == 1
            assert "current token" in told[0]
            assert sum(stage.sent().values()) <= 8


async def test_a_server_without_the_bot_stops_only_its_own_school(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.serving.desk")
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        elsewhere = replace(stage.school, id="two", guild="999")
        lost = Desk(elsewhere, stage.app.store, stage.http, stage.files, pauses=SOON)
        lost.open()
        for _ in range(3):
            lost.ask(Request())
        working = asyncio.create_task(lost.work())
        async with at_work(stage, connected=False) as serving:
            await serving.run()

            async def told() -> bool:
                return bool(lines(caplog, "not on the server 999"))

            await until(told)
            await serving.run()
        working.cancel()
        await asyncio.wait({working})
        assert len(lines(caplog, "School two stops here")) == 1
        assert not lines(caplog, "School one stops here")


async def test_another_process_at_work_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.serving.desk")
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        with Store.open(stage.app.settings.database) as other:
            async with at_work(stage, connected=False) as serving:
                with other.hold("one"):
                    serving.desk.ask(Request())
                    await asyncio.sleep(0.2)
                    assert serving.runs.empty()
                await asyncio.wait_for(serving.runs.get(), 10)
        assert len(lines(caplog, "Another Kopir process")) == 1


async def test_what_failed_in_a_run_is_tried_again_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.serving.desk.AFTER_FAILURES", SOON)
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        stage.sandbox.faults.arm(Fault(Kind.ERROR, method="PATCH", count=6, status=500))
        async with at_work(stage, connected=False) as serving:
            await serving.run()
            await asyncio.wait_for(serving.runs.get(), 10)
            await serving.desk.quiet()
        assert all([await stage.roles(name) for name in ("aiman", "asem", "oleg", "dana")])


async def test_leaving_cuts_a_long_run_and_the_next_one_goes_on_from_there(tmp_path: Path) -> None:
    files, limits = people(20), Settings(hurry=2)
    async with rehearsal(tmp_path, files, [f"p{n}" for n in range(20)], settings=limits) as stage:
        await asyncio.to_thread(stage.pull)
        async with at_work(stage, connected=False) as serving:
            serving.desk.ask(Request())

            async def begun() -> bool:
                return bool(await stage.roles("p0"))

            await until(begun)
            serving.desk.leave()
            patched = stage.sandbox.counts.routes["PATCH /guilds/{guild_id}/members/{user_id}"]
            await asyncio.sleep(0.1)
        assert patched < 20
        stage.sandbox.limits.hurry = 0
        result = await stage.apply()
        assert not result.report.stopped
        roles = [role["name"] for role in (await stage.server())["roles"]]
        assert len(roles) == len(set(roles))
        stage.sent()
        await stage.apply()
        assert not writes(stage.sent())


class Scripted:
    """A source whose pulls end as told; the last one repeats."""

    name, type = "scripted", "csv"

    def __init__(self, *script: KopirError | Pulled | Callable[[], Pulled]) -> None:
        self.script = list(script)
        self.pulls = 0

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        self.pulls += 1
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, KopirError):
            raise step
        return step if isinstance(step, Pulled) else step()

    def download(self, file: File, limit: int) -> bytes:
        raise NotImplementedError

    def tell_waiting(self, lines: Sequence[str]) -> None:
        pass

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        return


GOOD = Pulled(Snapshot(people=(Person("1", "A"),)))


async def pulled(tmp_path: Path, source: Scripted, count: int, *, ask: int = 1) -> int:
    """Let a source be pulled until `count` good pulls; return how often it was tried."""
    done: asyncio.Queue[None] = asyncio.Queue()
    with Store.open(f"sqlite:///{tmp_path}/kopir.db") as store:
        puller = Puller(store, "one", source, lambda _report, _reasons: done.put_nowait(None), SOON)
        task = asyncio.create_task(puller.work())
        for _ in range(ask):
            puller.ask("test")
        for _ in range(count):
            await asyncio.wait_for(done.get(), 5)
        await asyncio.wait_for(puller.tried.wait(), 5)
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task})
    return source.pulls


async def test_a_source_that_fails_is_tried_again_until_it_works_and_told_of_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.serving.pulling")
    source = Scripted(Retriable("no answer"), Retriable("no answer"), Pulled(None, (_problem("folder-missing"),)), GOOD)
    assert await pulled(tmp_path, source, 1) == 4
    told = lines(caplog, "has to wait", "works again")
    assert [line.partition(",")[0].partition(" after")[0] for line in told] == [
        "Source one/scripted has to wait",
        "Source one/scripted works again",
    ]


async def test_a_source_that_somebody_must_mend_is_not_tried_again_unasked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.serving.pulling")
    assert await pulled(tmp_path, Scripted(Refused("Put in the new token.")), 0) == 1
    assert lines(caplog, "Put in the new token.") == [
        "Source one/scripted stops here until this is mended: Put in the new token."
    ]


async def test_many_wishes_during_one_pull_are_one_further_pull(tmp_path: Path) -> None:
    assert await pulled(tmp_path, Scripted(GOOD), 1, ask=5) == 1


async def test_a_mistake_in_a_connector_does_not_end_the_source(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Pulled:
        raise ValueError("Aigul aigul@school.kz")

    assert await pulled(tmp_path, Scripted(broken, GOOD), 1) == 2
    assert "ValueError" in caplog.text
    assert "aigul" not in caplog.text.lower()


async def test_a_file_that_is_still_being_copied_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.serving.pulling.LOOK_AGAIN", 0.01)
    growing = _problem("still-changing")
    source = Scripted(Pulled(None, (growing,)), Pulled(GOOD.snapshot, (growing,)), GOOD)
    assert await pulled(tmp_path, source, 2) == 3


class LockedStore(Store):
    """A store whose bindings another program keeps locked."""

    def bindings(self, school: str) -> Mapping[str, Binding]:
        raise Retriable("locked")


class AskedDesk(Desk):
    """A desk that only notes what it is asked for."""

    asked: asyncio.Queue[Request]

    def ask(self, request: Request) -> None:
        self.asked.put_nowait(request)


async def test_a_message_deleted_while_the_tables_are_locked_is_not_forgotten() -> None:
    with LockedStore.open("sqlite://") as store:
        desk = AskedDesk(school(), store, DiscordHTTP(), SourceFiles((), 0))
        desk.asked = asyncio.Queue()
        news = News(desk, calm=0.0)
        news.hear("MESSAGE_DELETE", {"id": "5"})
        working = asyncio.create_task(news.work())
        asked = await asyncio.wait_for(desk.asked.get(), 5)
        assert asked.gone == {"5"}
        assert not working.done()
        working.cancel()


async def test_the_loop_does_not_stall_during_a_large_pull(tmp_path: Path) -> None:
    """Ten thousand people are stored while the loop keeps its beat."""

    def many() -> Pulled:
        return Pulled(Snapshot(people=tuple(Person(str(n), f"Name {n}") for n in range(10_000))))

    lags: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            lags.append(loop.time() - before - 0.005)

    beating = asyncio.create_task(beat())
    await pulled(tmp_path, Scripted(many), 1)
    beating.cancel()
    assert len(lags) > 10
    assert sorted(lags)[len(lags) // 2] < 0.25


def _problem(code: str) -> Problem:
    return Problem("people.csv", 0, "", code, "{found}", {"found": datetime.now(UTC).isoformat()})

"""`kopir run` as a user has it: started, fed with people and files, stopped; once in this loop and once for real."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import TokenRefused
from bot.serving.service import serve
from sandbox.server import Settings
from tests.rehearsal import ENROLMENTS, Rehearsal, rehearsal
from tests.service_stage import people, settle, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")
ROOT = Path(__file__).parent.parent
MOVED = ENROLMENTS.replace("s3,bio,student", "s3,alg,student")


async def has_role(stage: Rehearsal, username: str, role: str) -> bool:
    return username in stage.users and role in await stage.roles(username)


@asynccontextmanager
async def served(stage: Rehearsal) -> AsyncIterator[asyncio.Event]:
    """Serve in this loop; leaving must be quick."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(stage.app, stop))
    try:
        yield stop
    finally:
        began = time.monotonic()
        stop.set()
        await asyncio.wait_for(task, 6)
        assert time.monotonic() - began < 5


async def test_a_date_that_is_reached_causes_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [datetime.now(UTC) + timedelta(seconds=1)]
    monkeypatch.setattr(
        "bot.serving.branch.next_moment", lambda _roster, _school, _now: moments.pop() if moments else None
    )
    async with rehearsal(tmp_path, people(1), members=()) as stage:
        settle(stage.inbox)
        reasons: list[str] = []
        monkeypatch.setattr(
            "bot.serving.desk.Desk._report", lambda _desk, request, _result: reasons.extend(request.reasons)
        )
        async with served(stage):

            async def reached() -> bool:
                return "a date was reached" in reasons

            await until(reached, 20)


async def test_a_token_that_never_worked_ends_the_service_with_what_to_do(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.ask("POST", "/_sandbox/token", {"token": "another"})
        with pytest.raises(TokenRefused, match="put the current token"):
            await asyncio.wait_for(serve(stage.app, asyncio.Event()), 10)


async def test_intents_that_are_off_are_told_of_and_the_rest_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with rehearsal(tmp_path) as stage:
        settle(stage.inbox)
        await stage.ask("POST", "/_sandbox/token", {"intents": 0, "token": stage.sandbox.token})
        async with served(stage):

            async def told() -> bool:
                return "Server Members Intent" in caplog.text

            await until(told, 10)


@pytest.mark.parametrize(
    ("part", "line"),
    [
        pytest.param("news.News.hear", "an event was not understood (GUILD_CREATE): ValueError.", id="an event"),
        pytest.param("desk.Desk._lane", "School one is no longer served until", id="a school"),
        pytest.param("service.Gateway.run", "only seen by scheduled runs until", id="the gateway"),
    ],
)
async def test_a_mistake_in_a_part_of_the_service_is_told_of_without_personal_data(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, part: str, line: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Aigul aigul@school.kz")

    monkeypatch.setattr(f"bot.serving.{part}", fail)
    async with rehearsal(tmp_path) as stage:
        settle(stage.inbox)
        async with served(stage):

            async def told() -> bool:
                return line in caplog.text

            await until(told, 10)
    assert "ValueError" in caplog.text
    assert "Group" not in caplog.text
    assert "aigul" not in caplog.text


async def start(stage: Rehearsal, log: Path) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "bot", "run", "--settings", str(stage.inbox.parent / "settings.ini"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as stderr:
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=stderr, stderr=stderr)


async def ends(process: asyncio.subprocess.Process) -> tuple[int, float]:
    """Wait for the end; return the exit code and the seconds that took."""
    began = time.monotonic()
    code = await asyncio.wait_for(process.wait(), 10)
    return code, time.monotonic() - began


@pytest.mark.skipif(os.name == "nt", reason="sends signals as Unix does")
async def test_the_real_process_serves_and_leaves_when_told_to(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    async with rehearsal(tmp_path, members=("aiman", "dana")) as stage:
        settle(stage.inbox)
        process = await start(stage, log)
        try:
            await until(lambda: has_role(stage, "dana", "Биология"), 30)
            await stage.join("asem")
            await until(lambda: has_role(stage, "asem", "Алгебра"))
            assert await stage.nick("asem") == "Әсем Қайратқызы"
            part = stage.inbox / "enrolments.csv.part"
            part.write_text(MOVED, "utf-8")
            shutil.move(part, stage.inbox / "enrolments.csv")
            await until(lambda: has_role(stage, "dana", "Алгебра"))
            assert (stage.inbox / "enrolments.csv.receipt.txt").exists()
            process.send_signal(signal.SIGTERM)
            code, took = await ends(process)
            assert (code, took < 5) == (0, True), (took, log.read_text("utf-8"))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    said = log.read_text("utf-8")
    assert "School one: server" in said
    assert "rosters: file changed" in said
    assert not any(secret in said for secret in ("Әсем", "asem", "@school.kz", stage.sandbox.token)), said


@pytest.mark.skipif(os.name == "nt", reason="sends signals as Unix does")
async def test_a_signal_during_a_long_run_ends_the_process_within_five_seconds(tmp_path: Path) -> None:
    files, limits = people(150), Settings(hurry=10)
    async with rehearsal(tmp_path, files, [f"p{n}" for n in range(150)], settings=limits) as stage:
        settle(stage.inbox)
        process = await start(stage, tmp_path / "run.log")
        try:
            await until(lambda: has_role(stage, "p0", "Algebra"), 30)
            process.send_signal(signal.SIGINT)
            code, took = await ends(process)
            assert (code, took < 5) == (0, True), (took, (tmp_path / "run.log").read_text("utf-8"))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert not await has_role(stage, "p149", "Algebra")

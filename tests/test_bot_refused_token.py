"""A token that Discord refuses stops everything with one message, however many schools there are."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import commands
from bot.app import App, open_app
from bot.serving.desk import Desk
from bot.serving.requests import Request
from bot.serving.service import serve
from sandbox.faults import Fault, Kind
from sync.errors import KopirError
from tests.rehearsal import Rehearsal, rehearsal
from tests.service_stage import settle, until
from tests.trouble import when

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")
SENTENCE = "put the current token of the Developer Portal into the settings"


@contextmanager
def three_schools(stage: Rehearsal, folder: Path, *, apart: bool = False) -> Iterator[App]:
    """Open the settings anew with two further schools, on the same server, or `apart` on servers of their own."""
    path, guild = folder / "settings.ini", stage.sandbox.guild_id
    more = "".join(f"[school:no{n}]\nname = No {n}\nguild = {guild + n * apart}\n" for n in (2, 3))
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    settle(stage.inbox)
    with open_app(path) as app:
        yield app


def noted_in(desks: list[Desk]) -> Callable[..., None]:
    """Give what makes a Desk, and keeps it in a list."""
    made = Desk.__init__

    def make(desk: Desk, *parts: Any, **named: Any) -> None:
        made(desk, *parts, **named)
        desks.append(desk)

    return make


def revoke(stage: Rehearsal) -> None:
    stage.sandbox.application.revoked = True


def refused(stage: Rehearsal) -> int:
    return sum(record.status == 401 for record in stage.sandbox.counts.records)


async def test_a_service_whose_token_is_refused_at_the_start_sends_one_request_and_says_one_thing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with rehearsal(tmp_path) as stage:
        revoke(stage)
        stage.sandbox.faults.arm(Fault(Kind.SLOW, "GET", "/users/@me", delay=0.7))
        stage.sent()
        with three_schools(stage, tmp_path, apart=True) as app, pytest.raises(KopirError, match=SENTENCE):
            await asyncio.wait_for(serve(app, asyncio.Event()), 10)
        assert refused(stage) == sum(stage.sandbox.counts.routes.values()) == 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("noticed_by", ["a run", "the gateway"])
async def test_a_service_whose_token_is_refused_later_ends_and_says_one_thing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, noticed_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "bot")
    desks: list[Desk] = []
    monkeypatch.setattr(Desk, "__init__", noted_in(desks))
    async with rehearsal(tmp_path) as stage:
        with three_schools(stage, tmp_path) as app:
            serving = asyncio.create_task(serve(app, asyncio.Event()))

            async def at_rest() -> bool:
                return len(desks) == 3 and caplog.text.count(": run ") >= 3

            await until(at_rest)
            revoke(stage)
            stage.sent()
            if noticed_by == "the gateway":
                await stage.ask("POST", "/_sandbox/gateway/close", {"code": 4004})
            for desk in desks if noticed_by == "a run" else ():
                desk.ask(Request())
            with pytest.raises(KopirError, match="current token of the Developer Portal"):
                await asyncio.wait_for(serving, 10)
        assert refused(stage) <= 3, "what was on its way together"
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_plan_for_three_schools_asks_once_and_says_so_once(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        revoke(stage)
        stage.sent()
        with three_schools(stage, tmp_path) as app, pytest.raises(KopirError, match=SENTENCE) as caught:
            await asyncio.to_thread(commands.plan, app, as_json=False, pull_first=False, everything=False)
        assert str(caught.value).count(SENTENCE) == 1
        assert refused(stage) == 1


async def test_a_check_of_three_schools_asks_once_and_says_so_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rehearsal(tmp_path) as stage:
        revoke(stage)
        stage.sent()
        with three_schools(stage, tmp_path) as app:
            assert await asyncio.to_thread(commands.check, app, as_json=False) == commands.ERROR
        assert capsys.readouterr().out.count(SENTENCE) == 1
        assert refused(stage) == 1


async def test_a_sync_whose_token_is_revoked_on_the_way_stops_for_all_schools_and_says_so_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rehearsal(tmp_path) as stage:
        await asyncio.to_thread(stage.pull)
        when(stage, "CHANNEL_CREATE", lambda: revoke(stage), nth=3)
        stage.sent()
        with three_schools(stage, tmp_path) as app:
            verdict = commands.Verdict()
            code = await asyncio.to_thread(commands.apply, app, as_json=False, verdict=verdict, pull_first=False)
        assert code == commands.ERROR
        printed = capsys.readouterr()
        assert (printed.out + printed.err).count(SENTENCE) == 1
        assert 1 <= refused(stage) <= 64, "what was on its way"

"""Gateway events that come twice and in any order change nothing, and cause no more runs than they are worth."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from bot.serving.echoes import Echoes
from sandbox.events import Event
from tests.rehearsal import Rehearsal, rehearsal, writes
from tests.service_stage import Serving, at_work, until
from tests.trouble import CHANGED

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")


async def made(stage: Rehearsal, serving: Serving) -> list[Event]:
    """Build the server and change it; return the events of it all, each twice."""
    heard: list[Event] = []
    stage.sandbox.bus.subscribe(heard.append)
    for files in ({}, CHANGED):
        stage.write(files)
        await asyncio.to_thread(stage.pull)
        await serving.run()
    await stage.join("newcomer")
    return heard * 2


@pytest.mark.parametrize("late", [False, True], ids=["at once", "when nobody knows that they were ours"])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_events_twice_and_in_any_order_end_in_the_same_server(tmp_path: Path, seed: int, late: bool) -> None:
    async with rehearsal(tmp_path) as stage, at_work(stage, connected=False, calm=0.1) as serving:
        events = await made(stage, serving)
        assert {"GUILD_ROLE_CREATE", "CHANNEL_UPDATE", "GUILD_MEMBER_ADD"} <= {event.name for event in events}
        server, before = await stage.server(), len(serving.history())
        if late:
            serving.desk.echoes = Echoes()
        stage.sent()
        Random(seed).shuffle(events)  # noqa: S311 - repeatable, no secret
        for event in events:
            serving.news.hear(event.name, event.data)

        async def looked() -> bool:
            return len(serving.history()) > before

        await until(looked)  # whoever joined is looked at in any case
        if late:
            await asyncio.wait_for(serving.runs.get(), 10)
        await asyncio.sleep(0.5)
        await serving.desk.quiet()
        assert await stage.server() == server
        assert not writes(stage.sent())
        assert len(serving.history()) - before <= (4 if late else 2), "events of nothing new cause run after run"

"""The gateway stays connected through outages, says what only a person can fix, and leaves within seconds."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import interactions
import pytest
from interactions import Intents

from bot.errors import TokenRefused
from bot.gateway import Gateway, GatewayRefused
from bot.http import Retries, discord_http
from sandbox.server import Sandbox, Settings, running
from sync.errors import Refused

PATIENCE = 5.0
NEEDED = Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.GUILD_MESSAGES
QUIET = logging.getLogger("tests.quiet")
QUIET.setLevel(logging.CRITICAL + 1)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")


@dataclass
class Heard:
    events: asyncio.Queue[tuple[str, int, Any]] = field(default_factory=asyncio.Queue)

    def __call__(self, name: str, guild_id: int, data: Any) -> None:
        self.events.put_nowait((name, guild_id, data))

    async def next(self, wanted: str) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                name, guild_id, data = await self.events.get()
                if name == wanted:
                    return guild_id, data


def client(intents: Intents = NEEDED) -> interactions.Client:
    return interactions.Client(intents=intents, sync_interactions=False, logger=QUIET)


@asynccontextmanager
async def supervised(
    sandbox: Sandbox, make_client: Callable[[], interactions.Client] = client
) -> AsyncIterator[tuple[Heard, asyncio.Task[None]]]:
    heard = Heard()
    async with discord_http(sandbox.token, sandbox.api_url, retries=Retries(first=0.01, longest=0.05)) as http:
        gateway = Gateway(http, make_client, heard, pauses=Retries(first=0.05, longest=0.2))
        task = asyncio.create_task(gateway.run())
        try:
            yield heard, task
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=PATIENCE)


async def test_raw_events_reach_the_callback_and_leaving_takes_no_time() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        async with supervised(sandbox) as (heard, task):
            assert (await heard.next("GUILD_CREATE"))[0] == sandbox.guild_id
            await join(sandbox, "aigul")
            guild_id, data = await heard.next("GUILD_MEMBER_ADD")
            assert (guild_id, data["user"]["username"]) == (sandbox.guild_id, "aigul")
            began = time.monotonic()
        assert task.cancelled()
        assert time.monotonic() - began < 3


async def test_an_outage_is_waited_out_with_one_line_when_it_begins_and_one_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot.gateway")
    async with running(Settings(hurry=0)) as sandbox, supervised(sandbox) as (heard, _):
        await heard.next("GUILD_CREATE")
        sandbox.gateway.refuse(0.5)
        sandbox.gateway.close_all(4000)
        await heard.next("GUILD_CREATE")
        await join(sandbox, "daniyar")
        await heard.next("GUILD_MEMBER_ADD")
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.gateway"]
    assert [line.split(" (")[0].split(" after")[0] for line in lines] == [
        "Discord's gateway is lost",
        "Discord's gateway is back",
    ]


async def test_intents_that_are_switched_off_are_named_and_not_tried_again() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        sandbox.application.intents = 0
        async with supervised(sandbox, lambda: client(Intents.ALL)) as (_, task):
            with pytest.raises(GatewayRefused, match="Server Members Intent"):
                await asyncio.wait_for(task, PATIENCE)


async def test_a_refused_token_is_not_tried_again() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        good = sandbox.application.token
        async with supervised(sandbox) as (heard, task):
            await heard.next("GUILD_CREATE")
            sandbox.application.token = "revoked"
            sandbox.gateway.close_all(4004)
            with pytest.raises(Refused, match="token") as caught:
                await asyncio.wait_for(task, PATIENCE)
        assert isinstance(caught.value, GatewayRefused | TokenRefused)
        assert good not in str(caught.value)


async def test_leaving_during_an_outage_takes_no_time() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        sandbox.gateway.refuse(60)
        async with supervised(sandbox) as (_, task):
            await asyncio.sleep(0.3)
            began = time.monotonic()
        assert task.cancelled()
        assert time.monotonic() - began < 3


async def join(sandbox: Sandbox, name: str) -> None:
    import aiohttp

    url = f"{sandbox.url}/_sandbox/guilds/{sandbox.guild_id}/members"
    async with aiohttp.ClientSession() as session, session.post(url, json={"users": [{"username": name}]}) as answer:
        assert answer.status == 201

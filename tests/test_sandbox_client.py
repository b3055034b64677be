"""The real interactions.py client, unmodified, lives on the sandbox: connects, sees people join, answers them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import interactions as ipy
import pytest
from interactions.api.http.route import Route

from sandbox.bits import ChannelType
from sandbox.server import Sandbox, Settings, running

PATIENCE = 5.0
# The library itself uses what aiohttp and Python have deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiohttp", "ignore::DeprecationWarning:interactions")


@dataclass
class Bot:
    """A small bot written as the library's manual says."""

    client: ipy.Client
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    joined: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    resumed: asyncio.Event = field(default_factory=asyncio.Event)


def write_bot(guild_id: int) -> Bot:
    client = ipy.Client(intents=ipy.Intents.ALL, sync_interactions=True, fetch_members=True)
    bot = Bot(client)

    @ipy.listen(ipy.events.Ready)
    async def on_ready(_event: ipy.events.Ready) -> None:
        bot.ready.set()

    @ipy.listen(ipy.events.Resume)
    async def on_resume(_event: ipy.events.Resume) -> None:
        bot.resumed.set()

    @ipy.listen(ipy.events.MemberAdd)
    async def on_join(event: ipy.events.MemberAdd) -> None:
        bot.joined.put_nowait(event.member.username)

    @ipy.slash_command("where", description="Where is my class?", scopes=[guild_id])
    @ipy.slash_option("course", "Which course", opt_type=ipy.OptionType.STRING, required=True)
    async def where(ctx: ipy.SlashContext, course: str) -> None:
        button = ipy.Button(style=ipy.ButtonStyle.PRIMARY, label="Show", custom_id="show")
        await ctx.send(f"{course} is here", components=[button], ephemeral=True)

    @ipy.component_callback("show")
    async def show(ctx: ipy.ComponentContext) -> None:
        await ctx.defer(ephemeral=True)
        await ctx.send("shown")

    for listener in (on_ready, on_resume, on_join):
        client.add_listener(listener)
    client.add_interaction(where)
    client.add_component_callback(show)
    return bot


@asynccontextmanager
async def living(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """Run the bot against the sandbox, and close it as Kopir does: the gateway, never `Client.stop`."""
    bot = write_bot(sandbox.guild_id)
    await bot.client.login(sandbox.token)
    gateway = asyncio.create_task(bot.client.start_gateway())
    try:
        await asyncio.wait_for(bot.ready.wait(), PATIENCE)
        yield bot
    finally:
        connection: Any = bot.client._connection_state
        connection.gateway.close()
        await asyncio.wait_for(gateway, PATIENCE)
        await bot.client.http.close()


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with running(Settings(hurry=50)) as running_sandbox:
        monkeypatch.setattr(Route, "BASE", running_sandbox.api_url)
        yield running_sandbox


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=sandbox.url) as session:
        yield session


def general(sandbox: Sandbox) -> str:
    return next(str(c.id) for c in sandbox.guild.channels.values() if c.type is ChannelType.TEXT)


async def join(http: aiohttp.ClientSession, sandbox: Sandbox, name: str) -> str:
    url = f"/_sandbox/guilds/{sandbox.guild_id}/members"
    ids = (await (await http.post(url, json={"username": name})).json())["ids"]
    return str(ids[0])


async def act(http: aiohttp.ClientSession, what: str, **body: Any) -> dict[str, Any]:
    answer = await http.post(f"/_sandbox/interactions/{what}", json=body)
    assert answer.status == 200, await answer.text()
    report: dict[str, Any] = await answer.json()
    return report


async def test_the_library_connects_and_knows_the_guild_and_its_people(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await join(http, sandbox, "already-here")
    async with living(sandbox) as bot:
        guild = bot.client.guilds[0]
        assert guild.id == sandbox.guild_id
        assert {channel.name for channel in guild.channels} >= {"general", "Text Channels"}
        assert {member.username for member in guild.members} == {"Kopir", "owner", "already-here"}


async def test_the_library_answers_a_person_who_joins_runs_a_command_and_presses_a_button(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with living(sandbox) as bot:
        person, channel = await join(http, sandbox, "aigul"), general(sandbox)
        assert await asyncio.wait_for(bot.joined.get(), PATIENCE) == "aigul"
        asked = await act(http, "commands", user=person, channel=channel, name="where", options={"course": "Algebra"})
        [answer] = asked["messages"]
        assert (answer["content"], answer["ephemeral"]) == ("Algebra is here", True)
        pressed = await act(http, "components", user=person, channel=channel, message=answer["id"], custom_id="show")
        assert [m["content"] for m in pressed["messages"]] == ["shown"]
        assert pressed["state"] == "answered"


@pytest.mark.parametrize("trouble", ["reconnect", "close", "cut"])
async def test_the_library_resumes_after_an_outage(sandbox: Sandbox, http: aiohttp.ClientSession, trouble: str) -> None:
    async with living(sandbox) as bot:
        await http.post(f"/_sandbox/gateway/{trouble}", json={})
        await asyncio.wait_for(bot.resumed.wait(), PATIENCE)
        await join(http, sandbox, "late")
        assert await asyncio.wait_for(bot.joined.get(), PATIENCE) == "late"


async def test_the_library_identifies_anew_when_its_session_is_invalid(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with living(sandbox) as bot:
        bot.ready.clear()
        await http.post("/_sandbox/gateway/invalidate", json={})
        await asyncio.wait_for(bot.ready.wait(), PATIENCE)
        await join(http, sandbox, "late")
        assert await asyncio.wait_for(bot.joined.get(), PATIENCE) == "late"


async def test_the_library_is_turned_away_with_a_wrong_token(sandbox: Sandbox) -> None:
    bot = write_bot(sandbox.guild_id)
    with pytest.raises(ipy.errors.LoginError):
        await bot.client.login("wrong")
    await bot.client.http.close()

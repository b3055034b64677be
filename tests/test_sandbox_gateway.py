"""The sandbox's gateway over a real WebSocket, with a client that says exactly what a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from sandbox.bits import ChannelType, Intent, Permission
from sandbox.server import Sandbox, Settings, running
from sandbox.world import Overwrite
from tests.gateway_clients import connected, identified

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, MESSAGE_CONTENT = 1, 2, 512, 32768


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Settings(hurry=0)) as running_sandbox:
        yield running_sandbox


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=sandbox.url) as session:
        yield session


def general(sandbox: Sandbox) -> int:
    return next(c.id for c in sandbox.guild.channels.values() if c.type is ChannelType.TEXT)


async def join(http: aiohttp.ClientSession, sandbox: Sandbox, *names: str) -> list[str]:
    people = {"users": [{"username": name} for name in names]}
    answer = await http.post(f"/_sandbox/guilds/{sandbox.guild_id}/members", json=people)
    ids: list[str] = (await answer.json())["ids"]
    return ids


async def say(http: aiohttp.ClientSession, channel: int, text: str, actor: str = "owner") -> None:
    answer = await http.post(f"/_sandbox/as/{actor}/channels/{channel}/messages", json={"content": text})
    assert answer.status == 200, await answer.text()


async def test_a_bot_is_greeted_then_ready_then_told_its_guild(sandbox: Sandbox) -> None:
    async with connected(sandbox) as client:
        hello = await client.hear()
        assert (hello["op"], hello["d"]["heartbeat_interval"]) == (10, 41250)
        await client.identify()
        ready = await client.hear()
        guild = await client.hear()
    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert ready["d"]["user"]["id"] == str(sandbox.application.id)
    assert ready["d"]["guilds"] == [{"id": str(sandbox.guild_id), "unavailable": True}]
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert guild["d"]["member_count"] == 2
    assert {channel["name"] for channel in guild["d"]["channels"]} >= {"general", "Text Channels"}


async def test_without_the_presences_intent_a_guild_holds_only_the_bot_itself(sandbox: Sandbox) -> None:
    async with connected(sandbox) as client:
        await client.identify(GUILDS | GUILD_MEMBERS)
        guild = await client.hear_event("GUILD_CREATE")
    assert [member["user"]["id"] for member in guild["members"]] == [str(sandbox.application.id)]


async def test_compressed_payloads_are_one_stream(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with connected(sandbox, "v=10&encoding=json&compress=zlib-stream") as client:
        await client.identify()
        await client.hear_event("GUILD_CREATE")
        await say(http, general(sandbox), "сәлем")
        assert (await client.hear_event("MESSAGE_CREATE"))["content"] == "сәлем"


async def test_a_heartbeat_is_acknowledged(sandbox: Sandbox) -> None:
    async with identified(sandbox) as client:
        assert await client.is_quiet()


async def test_a_client_without_heartbeats_is_cut_off(sandbox: Sandbox) -> None:
    sandbox.hub.heartbeat_seconds = 0.02
    async with connected(sandbox) as client:
        await client.identify()
        assert await client.hear_close() == 4009


BAD_PAYLOADS = {
    "not JSON": ("}{", 4002),
    "not an object": ("[]", 4002),
    "no opcode": ('{"d": 1}', 4002),
    "an opcode that does not exist": ('{"op": 77, "d": 1}', 4001),
    "larger than 4096 bytes": ('{"op": 1, "d": "' + "x" * 5000 + '"}', 4002),
    "before identifying": ('{"op": 8, "d": {}}', 4003),
    "an identify without a token": ('{"op": 2, "d": {}}', 4002),
}


@pytest.mark.parametrize(("text", "code"), BAD_PAYLOADS.values(), ids=BAD_PAYLOADS.keys())
async def test_a_bad_payload_closes_with_its_code(sandbox: Sandbox, text: str, code: int) -> None:
    async with connected(sandbox) as client:
        await client.socket.send_str(text)
        assert await client.hear_close() == code


async def test_a_wrong_token_is_4004(sandbox: Sandbox) -> None:
    async with connected(sandbox) as client:
        client.token = "not-the-token"
        await client.identify()
        assert await client.hear_close() == 4004


async def test_a_privileged_intent_that_is_off_in_the_portal_is_4014(sandbox: Sandbox) -> None:
    sandbox.application.intents = Intent.MESSAGE_CONTENT
    async with connected(sandbox) as client:
        await client.identify(GUILDS | GUILD_MEMBERS)
        assert await client.hear_close() == 4014


@pytest.mark.parametrize(
    ("intents", "others", "code"), [(1 << 40, {}, 4013), ("all", {}, 4013), (1, {"shard": [1, 2]}, 4010)]
)
async def test_an_impossible_identify_says_why(
    sandbox: Sandbox, intents: Any, others: dict[str, Any], code: int
) -> None:
    async with connected(sandbox) as client:
        await client.identify(intents, **others)
        assert await client.hear_close() == code


async def test_identifying_twice_is_4005(sandbox: Sandbox) -> None:
    async with identified(sandbox) as client:
        await client.identify()
        assert await client.hear_close() == 4005


async def test_more_than_120_payloads_a_minute_are_4008() -> None:
    async with running(Settings(hurry=1)) as sandbox, identified(sandbox) as client:
        for _ in range(121):
            await client.say(3, {"status": "online", "activities": [], "since": None, "afk": False})
        assert await client.hear_close() == 4008


async def test_identifying_again_at_once_is_an_invalid_session() -> None:
    async with running(Settings(hurry=1)) as sandbox, identified(sandbox), connected(sandbox) as second:
        await second.hear()
        await second.identify()
        assert await second.hear() == {"op": 9, "d": False, "s": None, "t": None}


async def test_people_who_join_and_leave_are_told_to_a_bot_with_the_members_intent(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with identified(sandbox) as client:
        [person] = await join(http, sandbox, "aigul")
        joined = await client.hear_event("GUILD_MEMBER_ADD")
        await http.delete(f"/_sandbox/guilds/{sandbox.guild_id}/members/{person}")
        left = await client.hear_event("GUILD_MEMBER_REMOVE")
    assert (joined["user"]["id"], joined["guild_id"]) == (person, str(sandbox.guild_id))
    assert left["user"]["id"] == person


async def test_a_bot_without_the_members_intent_hears_of_nobody(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with identified(sandbox, GUILDS | GUILD_MESSAGES) as client:
        await join(http, sandbox, "aigul")
        assert await client.is_quiet()


async def test_a_hidden_channels_messages_do_not_reach_the_bot(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    channel = sandbox.guild.channels[general(sandbox)]
    nothing, view = Permission(0), Permission.VIEW_CHANNEL
    channel.overwrites[sandbox.guild_id] = Overwrite(sandbox.guild_id, 0, nothing, view)
    async with identified(sandbox) as client:
        await say(http, channel.id, "secret")
        assert await client.is_quiet()


async def test_without_the_content_intent_other_peoples_words_are_empty(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    bot = sandbox.application.id
    async with identified(sandbox, GUILDS | GUILD_MESSAGES) as client:
        await say(http, general(sandbox), "only for people")
        await say(http, general(sandbox), f"<@{bot}> look")
        heard = [(await client.hear_event("MESSAGE_CREATE"))["content"] for _ in range(2)]
    assert heard == ["", f"<@{bot}> look"]


async def test_two_sessions_each_get_every_event(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with identified(sandbox) as one, identified(sandbox) as two:
        await say(http, general(sandbox), "both")
        heard = [(await client.hear_event("MESSAGE_CREATE"))["content"] for client in (one, two)]
    assert heard == ["both", "both"]


async def test_a_bot_brought_into_a_second_guild_learns_all_of_it(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with identified(sandbox) as client:
        made = await (await http.post("/_sandbox/guilds", json={"name": "Second"})).json()
        guild = await client.hear_event("GUILD_CREATE")
    assert guild["id"] == made["guild_id"]
    assert guild["channels"]
    assert guild["member_count"] == 2


async def test_a_bot_that_is_removed_hears_that_the_guild_is_gone(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with identified(sandbox) as client:
        bot = sandbox.application.id
        await http.delete(f"/_sandbox/guilds/{sandbox.guild_id}/members/{bot}")
        assert (await client.hear_event("GUILD_DELETE"))["id"] == str(sandbox.guild_id)


async def test_a_sandbox_that_leaves_says_goodbye() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        stack = AsyncExitStack()
        client = await stack.enter_async_context(identified(sandbox))
        leaving = asyncio.create_task(client.hear_close())
    async with stack:
        assert await leaving == 1001

"""Gateway sessions of the sandbox when things go wrong: resume, outages made by a tester, and the member lists."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.bits import ChannelType
from sandbox.server import Sandbox, Settings, running
from sandbox.sessions import Session
from tests.gateway_clients import ALL_INTENTS, Client, connected, identified

GUILDS = 1


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


async def make_trouble(http: aiohttp.ClientSession, action: str, **body: Any) -> None:
    assert (await http.post(f"/_sandbox/gateway/{action}", json=body)).status == 200


async def resumed(sandbox: Sandbox, client: Client, session_id: str, sequence: int) -> None:
    await client.hear()
    await client.say(6, {"token": sandbox.token, "session_id": session_id, "seq": sequence})


async def test_what_was_missed_is_replayed_on_resume(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with identified(sandbox) as client:
        session_id, sequence = client.seen[1]["d"]["session_id"], client.seen[-1]["s"]
        await make_trouble(http, "cut")
        assert (await client.hear())["close"] != 1000
    await say(http, general(sandbox), "missed")
    async with connected(sandbox) as client:
        await resumed(sandbox, client, session_id, sequence)
        assert (await client.hear_event("MESSAGE_CREATE"))["content"] == "missed"
        await client.hear_event("RESUMED")
        await say(http, general(sandbox), "live")
        assert (await client.hear_event("MESSAGE_CREATE"))["content"] == "live"


async def test_a_session_that_the_client_closed_normally_cannot_be_resumed(sandbox: Sandbox) -> None:
    async with identified(sandbox) as client:
        session_id = client.seen[1]["d"]["session_id"]
        await client.socket.close(code=1000)
    async with connected(sandbox) as client:
        await resumed(sandbox, client, session_id, 1)
        assert await client.hear() == {"op": 9, "d": False, "s": None, "t": None}
        await client.identify()
        await client.hear_event("READY")


def test_a_client_too_far_behind_must_identify_anew(sandbox: Sandbox) -> None:
    session = Session("s", sandbox.application, ALL_INTENTS)
    for number in range(6000):
        session.dispatch("TYPING_START", {"n": number})
    assert session.missed_since(900) is None
    assert session.missed_since(6001) is None
    assert len(session.missed_since(5998) or ()) == 2


async def test_members_are_listed_in_chunks_of_a_thousand(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await join(http, sandbox, *(f"pupil{number}" for number in range(1500)))
    async with identified(sandbox) as client:
        request = {"guild_id": str(sandbox.guild_id), "query": "", "limit": 0, "nonce": "n"}
        await client.say(8, request)
        chunks = [await client.hear_event("GUILD_MEMBERS_CHUNK") for _ in range(2)]
    assert [(c["chunk_index"], c["chunk_count"], len(c["members"])) for c in chunks] == [
        (0, 2, 1000),
        (1, 2, 502),
    ]
    assert chunks[0]["nonce"] == "n"


async def test_members_are_found_by_id_and_by_prefix(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    ids = await join(http, sandbox, "aigul", "aidar", "bota")
    async with identified(sandbox) as client:
        guild = {"guild_id": str(sandbox.guild_id)}
        await client.say(8, guild | {"user_ids": [ids[2], "77"], "limit": 0})
        by_id = await client.hear_event("GUILD_MEMBERS_CHUNK")
        await client.say(8, guild | {"query": "ai", "limit": 1})
        by_prefix = await client.hear_event("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["username"] for member in by_id["members"]] == ["bota"]
    assert by_id["not_found"] == ["77"]
    assert [member["user"]["username"] for member in by_prefix["members"]] == ["aigul"]


async def test_the_whole_list_a_second_time_within_thirty_seconds_is_rate_limited() -> None:
    async with running(Settings(hurry=1)) as sandbox, identified(sandbox) as client:
        request = {"guild_id": str(sandbox.guild_id), "query": "", "limit": 0, "nonce": "again"}
        await client.say(8, request)
        await client.hear_event("GUILD_MEMBERS_CHUNK")
        await client.say(8, request)
        refused = await client.hear_event("RATE_LIMITED")
    assert refused["opcode"] == 8
    assert 29 < refused["retry_after"] <= 30
    assert refused["meta"] == {"guild_id": str(sandbox.guild_id), "nonce": "again"}


async def test_the_whole_list_needs_the_members_intent(sandbox: Sandbox) -> None:
    async with identified(sandbox, GUILDS) as client:
        await client.say(8, {"guild_id": str(sandbox.guild_id), "query": "", "limit": 0})
        assert await client.hear_close() == 4014


@pytest.mark.parametrize(("action", "op"), [("reconnect", 7), ("invalidate", 9)])
async def test_a_tester_can_send_a_client_away(
    sandbox: Sandbox, http: aiohttp.ClientSession, action: str, op: int
) -> None:
    async with identified(sandbox) as client:
        await make_trouble(http, action)
        assert (await client.hear())["op"] == op


async def test_a_tester_can_close_with_any_code_and_refuse_for_a_while(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with identified(sandbox) as client:
        await make_trouble(http, "refuse", seconds=60)
        await make_trouble(http, "close", code=4000)
        assert await client.hear_close() == 4000
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(sandbox.hub.url)
    await make_trouble(http, "refuse", seconds=0)
    async with identified(sandbox):
        shown = await (await http.get("/_sandbox/gateway")).json()
    assert shown["connections"] == 1
    assert sorted(session["connected"] for session in shown["sessions"]) == [False, True]


async def test_an_unknown_kind_of_trouble_is_refused(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    assert (await http.post("/_sandbox/gateway/explode", json={})).status == 404
    assert (await http.post("/_sandbox/gateway/refuse", json={})).status == 400


async def test_a_bot_whose_token_is_revoked_is_put_out(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with identified(sandbox) as client:
        assert (await http.post("/_sandbox/token", json={"revoke": True})).status < 300
        await say(http, general(sandbox), "who is still here?")
        assert await client.hear_close() == 4004
    async with connected(sandbox) as client:
        await client.identify()
        assert await client.hear_close() == 4004

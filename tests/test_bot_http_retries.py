"""What is repeated, what must not be, and what is said when it does not help."""

from typing import Any

import pytest
from interactions.api.http.route import Route

from bot import errors
from bot.http import Retries, discord_http
from sync.errors import Retriable
from tests.discord_talks import MESSAGE, NEW_ROLE, QUICK, ROLES, SAFE_MESSAGE, TOKEN, talking
from tests.scripted_discord import Reply

TRANSIENT = [
    pytest.param(Reply(500), id="500"),
    pytest.param(Reply(502, body=b"<html>", content_type="text/html"), id="502 page"),
    pytest.param(Reply(503), id="503"),
    pytest.param(Reply(504), id="504"),
    pytest.param(Reply(520), id="520 of the edge"),
    pytest.param(Reply(drop=True), id="dropped"),
    pytest.param(Reply(json={"id": "1234567890"}, cut=True), id="cut in the body"),
    pytest.param(Reply(429, json={"message": "x", "retry_after": 0.001, "global": False}), id="429"),
    pytest.param(Reply(429, json={"message": "x", "retry_after": 0.001, "global": True}), id="429 global"),
    pytest.param(Reply(429, body=b"<html>", content_type="text/html", headers={"Retry-After": "0"}), id="429 page"),
    pytest.param(Reply(429, body=b"", content_type="text/html"), id="429 without anything"),
]


@pytest.mark.parametrize("reply", TRANSIENT)
@pytest.mark.parametrize(
    ("route", "payload"), [(ROLES, None), (MESSAGE, SAFE_MESSAGE)], ids=["read", "message with a nonce"]
)
async def test_what_passes_is_waited_out(route: Route, payload: Any, reply: Reply) -> None:
    async with talking(reply, reply, Reply(json={"id": "3"})) as (http, server):
        assert await http.request(route, payload=payload) == {"id": "3"}
    assert len(server.seen) == 3
    assert http.traffic().sent == {route.method: 3}
    assert http.traffic().retries == 2


@pytest.mark.parametrize("reply", TRANSIENT)
async def test_what_does_not_pass_is_a_retriable_error_and_never_none(reply: Reply) -> None:
    async with talking(*[reply] * 30) as (http, server):
        with pytest.raises(Retriable, match=r"/guilds/\{guild_id\}/roles"):
            await http.request(ROLES)
    assert len(server.seen) == (7 if reply.status == 429 else 4)


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(502), Reply(504), Reply(drop=True), Reply(200, body=b"{"), Reply(json=[1, 2], cut=True)]
)
async def test_a_lost_answer_to_a_creation_is_not_repeated(reply: Reply) -> None:
    async with talking(reply) as (http, server):
        with pytest.raises(errors.LostAnswer, match=r"POST /guilds/\{guild_id\}/roles .*look before repeating"):
            await http.request(NEW_ROLE, payload={"name": "x"})
    assert len(server.seen) == 1


@pytest.mark.parametrize("reply", [Reply(503), Reply(429, json={"message": "x", "retry_after": 0.001})])
async def test_a_creation_that_certainly_did_not_happen_is_repeated(reply: Reply) -> None:
    async with talking(reply, Reply(json={"id": "4"})) as (http, _):
        assert await http.request(NEW_ROLE, payload={"name": "x"}) == {"id": "4"}


async def test_a_creation_is_repeated_when_no_connection_could_be_opened(unused_tcp_port: int) -> None:
    async with discord_http(TOKEN, f"http://127.0.0.1:{unused_tcp_port}", retries=QUICK) as http:
        with pytest.raises(errors.DiscordUnreachable):
            await http.request(NEW_ROLE, payload={"name": "x"})
        assert http.traffic().retries == 3
        assert http.traffic().sent == {}


async def test_a_message_without_enforced_nonce_is_not_repeated() -> None:
    async with talking(Reply(drop=True)) as (http, server):
        with pytest.raises(errors.LostAnswer):
            await http.request(MESSAGE, payload={"content": "x", "nonce": "n1"})
    assert len(server.seen) == 1


async def test_a_message_that_may_exist_is_reported_as_lost_when_discord_stays_away() -> None:
    async with talking(Reply(drop=True), *[Reply(503)] * 9) as (http, _):
        with pytest.raises(errors.LostAnswer):
            await http.request(MESSAGE, payload=SAFE_MESSAGE)


async def test_a_message_is_not_repeated_once_its_nonce_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.transport.sending.NONCE_LASTS", 0.02)
    limited = Reply(429, json={"message": "x", "retry_after": 0.05, "global": False})
    async with talking(Reply(drop=True), limited) as (http, server):
        with pytest.raises(errors.LostAnswer, match="nonce"):
            await http.request(MESSAGE, payload=SAFE_MESSAGE)
    assert len(server.seen) == 2


async def test_pauses_grow_and_respect_retry_after() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    announced: list[tuple[float, str]] = []
    replies = (Reply(500), Reply(502), Reply(drop=True), Reply(503, headers={"Retry-After": "40"}), Reply(json={}))
    heard = {"on_wait": lambda seconds, route: announced.append((seconds, route)), "retries": Retries()}
    async with talking(*replies, **heard) as (http, _):
        http._sender.sleep = sleep
        http._sender.draw = lambda: 1.0
        await http.request(ROLES)
    assert pauses == [0.5, 1.0, 2.0, 40.0]
    assert announced == [(40.0, "GET /guilds/{guild_id}/roles")]

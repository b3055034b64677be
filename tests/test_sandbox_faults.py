"""Faults on demand and the request counts: what strikes is pure, what it does is seen over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from sandbox.bits import ChannelType
from sandbox.buckets import Limit
from sandbox.faults import Fault, Faults, Headers, Kind, Scope, parse
from sandbox.server import Sandbox, Settings, running
from tests.gateway_clients import identified

MESSAGES = "/channels/{channel_id}/messages"


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def strikes(faults: Faults, times: int, method: str = "POST", route: str = MESSAGES) -> list[bool]:
    return [faults.strike(method, route) is not None for _ in range(times)]


def armed(*faults: Fault, clock: Clock | None = None) -> Faults:
    result = Faults(clock=clock or Clock())
    for fault in faults:
        result.arm(fault)
    return result


def test_a_fault_strikes_once_unless_told_otherwise() -> None:
    assert strikes(armed(Fault(Kind.ERROR)), 3) == [True, False, False]


def test_a_fault_can_wait_for_its_turn() -> None:
    assert strikes(armed(Fault(Kind.ERROR, after=2, count=2)), 6) == [False, False, True, True, False, False]


def test_a_fault_strikes_only_its_method_and_route() -> None:
    faults = armed(Fault(Kind.ERROR, method="POST", route=MESSAGES, count=None))
    assert strikes(faults, 1, "GET") == [False]
    assert strikes(faults, 1, "POST", "/guilds/{guild_id}/roles") == [False]
    assert strikes(faults, 2) == [True, True]


def test_a_fault_ends_after_its_seconds() -> None:
    clock = Clock()
    faults = armed(Fault(Kind.ERROR, count=None, seconds=5), clock=clock)
    assert strikes(faults, 2) == [True, True]
    clock.now += 5
    assert strikes(faults, 1) == [False]


def test_the_next_fault_takes_over_when_the_first_is_used_up() -> None:
    faults = armed(Fault(Kind.ERROR, status=500), Fault(Kind.ERROR, status=503))
    struck = [faults.strike("GET", "/x") for _ in range(3)]
    assert [fault and fault.status for fault in struck] == [500, 503, None]


def test_chances_repeat_with_the_same_seed() -> None:
    runs = []
    for _ in range(2):
        faults = armed(Fault(Kind.ERROR, count=None, probability=0.5))
        faults.seed(7)
        runs.append(strikes(faults, 200))
    assert runs[0] == runs[1]
    assert 60 < sum(runs[0]) < 140


def test_a_storm_announces_the_time_it_still_lasts() -> None:
    clock = Clock()
    faults = armed(Fault(Kind.RATE_LIMIT, count=None, seconds=8), clock=clock)
    clock.now += 5.5
    struck = faults.strike("GET", "/x")
    assert struck is not None
    assert struck.retry_after == 2.5
    clock.now += struck.retry_after
    assert faults.strike("GET", "/x") is None


def test_requests_and_events_do_not_use_up_each_others_faults() -> None:
    faults = armed(Fault(Kind.DUPLICATE_EVENT, event="MESSAGE_CREATE"), Fault(Kind.SLOW))
    assert faults.strike_event("CHANNEL_CREATE") is None
    assert strikes(faults, 2) == [True, False]
    assert faults.strike_event("MESSAGE_CREATE") is not None


@pytest.mark.parametrize(
    "body", [{}, {"kind": "earthquake"}, {"kind": "drop", "colour": 1}, {"kind": "slow", "delay": "1"}], ids=str
)
def test_a_fault_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|setting|Kind"):
        parse(body)


def test_a_fault_is_described_by_json() -> None:
    body = {"kind": "rate_limit", "scope": "shared", "headers": "lying", "count": None}
    assert parse(body) == Fault(Kind.RATE_LIMIT, scope=Scope.SHARED, headers=Headers.LYING, count=None)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Settings(hurry=0)) as running_sandbox:
        yield running_sandbox


@dataclass
class Bot:
    http: aiohttp.ClientSession
    sandbox: Sandbox

    @property
    def messages(self) -> str:
        channels = self.sandbox.guild.channels.values()
        channel = next(c.id for c in channels if c.type is ChannelType.TEXT)
        return f"{self.sandbox.api_url}/channels/{channel}/messages"

    async def arm(self, **fault: Any) -> None:
        answer = await self.http.post(f"{self.sandbox.url}/_sandbox/faults", json=fault)
        assert answer.status == 200, await answer.text()

    async def say(self, text: str = "hi") -> aiohttp.ClientResponse:
        return await self.http.post(self.messages, json={"content": text})

    async def said(self) -> list[str]:
        listed = await (await self.http.get(self.messages)).json()
        return [message["content"] for message in listed]


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    headers = {"Authorization": f"Bot {sandbox.token}"}
    # Without kept connections the client cannot repeat a request behind the test's back.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as http:
        yield Bot(http, sandbox)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_injected_error_has_no_effect(bot: Bot, status: int) -> None:
    await bot.arm(kind="error", status=status)
    assert (await bot.say()).status == status
    assert (await bot.say("second")).status == 200
    assert await bot.said() == ["second"]


async def test_a_dropped_connection_has_no_effect(bot: Bot) -> None:
    await bot.arm(kind="drop", method="POST")
    with pytest.raises(aiohttp.ClientConnectionError):
        await bot.say()
    assert await bot.said() == []


async def test_a_lost_answer_comes_after_the_effect(bot: Bot) -> None:
    await bot.arm(kind="lose", method="POST")
    with pytest.raises(aiohttp.ClientConnectionError):
        await bot.say("it arrived")
    assert await bot.said() == ["it arrived"]
    assert bot.sandbox.counts.statuses[0] == 1


async def test_a_slow_answer_is_slow_but_right(bot: Bot) -> None:
    await bot.arm(kind="slow", delay=0.05)
    begun = asyncio.get_running_loop().time()
    assert (await bot.say()).status == 200
    assert asyncio.get_running_loop().time() - begun >= 0.05


async def test_an_injected_429_can_tell_the_truth(bot: Bot) -> None:
    await bot.arm(kind="rate_limit", retry_after=2.5)
    answer = await bot.say()
    body = await answer.json()
    assert answer.status == 429
    assert body == {"message": "You are being rate limited.", "retry_after": 2.5, "global": False}
    assert answer.headers["Retry-After"] == "3"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.headers["X-RateLimit-Reset-After"] == "2.500"


async def test_an_injected_429_can_lie_in_its_headers(bot: Bot) -> None:
    await bot.arm(kind="rate_limit", headers="lying", retry_after=2)
    answer = await bot.say()
    assert answer.headers["X-RateLimit-Remaining"] == "4"
    assert (await answer.json())["retry_after"] == 2


async def test_an_injected_429_can_be_a_page_without_json(bot: Bot) -> None:
    await bot.arm(kind="rate_limit", html=True, headers="none")
    answer = await bot.say()
    assert (answer.status, answer.content_type) == (429, "text/html")
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("scope", "is_global", "message"),
    [
        ("global", True, "You are being rate limited."),
        ("shared", False, "The resource is being rate limited."),
    ],
)
async def test_an_injected_429_names_its_scope(bot: Bot, scope: str, is_global: bool, message: str) -> None:
    await bot.arm(kind="rate_limit", scope=scope)
    answer = await bot.say()
    body = await answer.json()
    assert answer.headers["X-RateLimit-Scope"] == scope
    assert (body["global"], body["message"]) == (is_global, message)


async def test_what_is_armed_can_be_seen_and_cleared(bot: Bot) -> None:
    url = f"{bot.sandbox.url}/_sandbox/faults"
    faults = [{"kind": "error", "count": None}, {"kind": "drop"}]
    ids = (await (await bot.http.post(url, json={"faults": faults, "seed": 3})).json())["ids"]
    await bot.say()
    shown = await (await bot.http.get(url)).json()
    assert [(fault["kind"], fault["struck"]) for fault in shown] == [("error", 1), ("drop", 0)]
    await bot.http.delete(url, params={"id": ids[0]})
    assert [fault["kind"] for fault in await (await bot.http.get(url)).json()] == ["drop"]
    await bot.http.delete(url)
    assert (await bot.say()).status == 200


async def test_a_wrong_fault_is_refused_over_http_too(bot: Bot) -> None:
    url = f"{bot.sandbox.url}/_sandbox/faults"
    answers = [await bot.http.post(url, data=data) for data in ('{"kind": "earthquake"}', "}{", "7")]
    assert [answer.status for answer in answers] == [400] * 3


async def test_an_event_can_come_twice(bot: Bot) -> None:
    async with identified(bot.sandbox) as client:
        await bot.arm(kind="duplicate_event", event="MESSAGE_CREATE")
        await bot.say("twice")
        heard = [(await client.hear_event("MESSAGE_CREATE"))["content"] for _ in range(2)]
        assert heard == ["twice", "twice"]
        assert await client.is_quiet()


async def test_an_event_can_get_lost(bot: Bot) -> None:
    async with identified(bot.sandbox) as client:
        await bot.arm(kind="swallow_event", event="MESSAGE_CREATE")
        await bot.say("never heard of")
        assert await client.is_quiet()


async def test_an_event_can_come_late_and_out_of_order(bot: Bot) -> None:
    async with identified(bot.sandbox) as client:
        await bot.arm(kind="delay_event", event="MESSAGE_CREATE", delay=0.03)
        await bot.say("first")
        await bot.say("second")
        heard = [(await client.hear_event("MESSAGE_CREATE"))["content"] for _ in range(2)]
    assert heard == ["second", "first"]


async def test_requests_are_counted_by_route_and_remembered_with_their_reason(bot: Bot) -> None:
    headers = {"X-Audit-Log-Reason": "%D1%81%D3%99%D0%BB%D0%B5%D0%BC"}
    await bot.http.post(bot.messages, json={"content": "hi"}, headers=headers)
    await bot.said()
    url = f"{bot.sandbox.url}/_sandbox/requests"
    shown = await (await bot.http.get(url, params={"last": "2"})).json()
    assert shown["routes"] == {f"GET {MESSAGES}": 1, f"POST {MESSAGES}": 1}
    assert shown["statuses"] == {"200": 2}
    first = shown["records"][0]
    assert (first["method"], first["reason"], first["body"]) == ("POST", "сәлем", {"content": "hi"})
    assert bot.sandbox.counts.writes() == 1


async def test_the_json_part_of_an_upload_is_remembered(bot: Bot) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "see file"}', content_type="application/json")
    form.add_field("files[0]", b"bytes", filename="a.txt")
    answer = await bot.http.post(bot.messages, data=form)
    assert answer.status == 200, await answer.text()
    assert bot.sandbox.counts.records[-1].body == {"content": "see file"}


async def test_counts_can_be_reset_and_leave_out_what_testers_do(bot: Bot) -> None:
    await bot.say()
    url = f"{bot.sandbox.url}/_sandbox/requests"
    assert (await bot.http.delete(url)).status == 204
    assert (await (await bot.http.get(url)).json())["total"] == 0


async def test_what_the_sandbox_refuses_is_counted_under_its_path(bot: Bot) -> None:
    answer = await bot.http.get(f"{bot.sandbox.api_url}/stage-instances/1")
    assert answer.status == 501
    assert bot.sandbox.counts.routes["GET /stage-instances/1"] == 1


async def test_a_storm_of_injected_429s_can_get_an_address_banned(bot: Bot) -> None:
    limits = bot.sandbox.limits
    limits.hurry, limits.invalid = 1, Limit("invalid", 2, 600.0)
    await bot.arm(kind="rate_limit", count=3)
    answers = [await bot.say() for _ in range(3)]
    assert [answer.content_type for answer in answers] == ["application/json"] * 2 + ["text/html"]
    assert bot.sandbox.faults.to_json()[0]["struck"] == 2

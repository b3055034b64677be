"""The sandbox's rate limits: the engine with a clock of ours, then the headers and bodies over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from sandbox import ratelimits
from sandbox.buckets import Limit, Windows
from sandbox.limits import ROUTES, limit_of
from sandbox.ratelimits import Call, RateLimits, Verdict

MESSAGES = "/channels/{channel_id}/messages"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def post_message(channel: int = 1, caller: str = "Bot one") -> Call:
    return Call(caller, "POST", MESSAGES, f"/channels/{channel}/messages")


def rename(channel: int = 1, *keys: str) -> Call:
    return Call("Bot one", "PATCH", "/channels/{channel_id}", f"/channels/{channel}", frozenset(keys))


def limits(clock: Clock, **settings: Any) -> RateLimits:
    return RateLimits(clock=clock, wall=clock, **settings)


def is_served(verdict: Verdict) -> bool:
    return verdict.refusal is None


def spend(engine: RateLimits, call: Call, times: int) -> list[Verdict]:
    return [engine.decide(call) for _ in range(times)]


def test_the_sixth_message_within_five_seconds_is_refused_with_the_time_that_is_left() -> None:
    clock = Clock()
    engine = limits(clock)
    served = spend(engine, post_message(), 5)
    clock.now += 1.5
    refused = engine.decide(post_message())
    assert all(map(is_served, served))
    assert refused.refusal is not None
    assert refused.refusal.retry_after == 3.5
    assert refused.headers["Retry-After"] == "4"
    assert refused.headers["X-RateLimit-Scope"] == "user"


def test_headers_announce_the_bucket_as_it_is_enforced() -> None:
    clock = Clock()
    verdicts = spend(limits(clock), post_message(), 5)
    assert [v.headers["X-RateLimit-Remaining"] for v in verdicts] == ["4", "3", "2", "1", "0"]
    assert {v.headers["X-RateLimit-Limit"] for v in verdicts} == {"5"}
    assert verdicts[0].headers["X-RateLimit-Reset-After"] == "5.000"
    assert verdicts[0].headers["X-RateLimit-Reset"] == "1005.000"


def test_one_channels_limit_does_not_block_another_channel() -> None:
    engine = limits(Clock())
    spend(engine, post_message(1), 6)
    assert is_served(engine.decide(post_message(2)))


def test_channels_share_the_announced_hash_which_excludes_the_major_parameter() -> None:
    engine = limits(Clock())
    one, two = engine.decide(post_message(1)), engine.decide(post_message(2))
    assert one.headers["X-RateLimit-Bucket"] == two.headers["X-RateLimit-Bucket"]


def test_two_bots_do_not_share_a_bucket() -> None:
    engine = limits(Clock())
    spend(engine, post_message(), 6)
    assert is_served(engine.decide(post_message(caller="Bot two")))


def test_pinning_and_unpinning_share_one_bucket() -> None:
    engine = limits(Clock())
    path = "/channels/1/messages/pins/2"
    template = MESSAGES + "/pins/{message_id}"
    pin, unpin = (Call("Bot one", method, template, path) for method in ("PUT", "DELETE"))
    spend(engine, pin, 5)
    assert not is_served(engine.decide(unpin))


def test_the_third_rename_in_ten_minutes_is_refused_although_the_bucket_has_room() -> None:
    clock = Clock()
    engine = limits(clock)
    assert all(map(is_served, spend(engine, rename(1, "name"), 2)))
    refused = engine.decide(rename(1, "topic"))
    assert refused.refusal is not None
    assert refused.refusal.retry_after == 600
    assert refused.headers["X-RateLimit-Remaining"] == "7"
    assert is_served(engine.decide(rename(1, "permission_overwrites")))
    clock.now += 600
    assert is_served(engine.decide(rename(1, "name")))


def test_fifty_requests_a_second_is_all_a_bot_gets_over_all_channels() -> None:
    engine = limits(Clock())
    verdicts = [engine.decide(post_message(channel)) for channel in range(51)]
    assert all(map(is_served, verdicts[:50]))
    assert verdicts[50].headers["X-RateLimit-Global"] == "true"
    assert verdicts[50].refusal is not None
    assert verdicts[50].refusal.scope == "global"
    assert "X-RateLimit-Bucket" not in verdicts[50].headers


def test_answers_to_interactions_stand_outside_of_the_global_limit() -> None:
    engine = limits(Clock())
    for channel in range(60):
        engine.decide(post_message(channel))
    route = "/interactions/{interaction_id}/{interaction_token}/callback"
    callback = Call("127.0.0.1", "POST", route, "/interactions/1/t/callback")
    assert engine.decide(callback) == Verdict()


def test_people_who_interact_at_once_have_a_bucket_each() -> None:
    engine = limits(Clock())
    route = "/webhooks/{webhook_id}/{webhook_token}"
    calls = [Call("127.0.0.1", "POST", route, f"/webhooks/9/{token}") for token in ("a", "b")]
    spend(engine, calls[0], 6)
    assert not is_served(engine.decide(calls[0]))
    assert is_served(engine.decide(calls[1]))


def test_hurry_divides_every_window() -> None:
    clock = Clock()
    engine = limits(clock, hurry=20)
    refused = spend(engine, post_message(), 6)[-1]
    assert refused.headers["Retry-After"] == "0.25"
    clock.now += 0.25
    assert is_served(engine.decide(post_message()))


def test_limits_that_are_off_announce_nothing() -> None:
    verdicts = spend(limits(Clock(), hurry=0), post_message(), 100)
    assert set(map(is_served, verdicts)) == {True}
    assert not verdicts[-1].headers


def test_role_creation_lasts_for_two_days() -> None:
    engine = limits(Clock())
    headers = engine.decide(Call("b", "POST", "/guilds/{guild_id}/roles", "/guilds/1/roles")).headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Reset-After"]) == ("250", "172800.000")


def test_too_many_invalid_requests_ban_the_address_until_the_window_ends() -> None:
    clock = Clock()
    engine = limits(clock, invalid=Limit("invalid", 3, 600.0))
    for status, scope in ((401, None), (403, None), (429, "shared"), (404, None), (429, "user")):
        assert not engine.banned_for("10.0.0.1")
        engine.note_answer("10.0.0.1", status, scope)
    assert engine.banned_for("10.0.0.1") == 600
    assert not engine.banned_for("10.0.0.2")
    clock.now += 600
    assert not engine.banned_for("10.0.0.1")


def test_routes_that_name_one_bucket_agree_on_its_numbers() -> None:
    by_bucket: dict[str, set[Limit]] = {}
    for limit in ROUTES.values():
        by_bucket.setdefault(limit.bucket, set()).add(limit)
    assert {bucket: len(found) for bucket, found in by_bucket.items() if len(found) > 1} == {}


def test_a_route_without_a_known_limit_still_has_a_bucket_of_its_own() -> None:
    first, second = limit_of("POST", "/a"), limit_of("POST", "/b")
    assert first is not None
    assert second is not None
    assert first.hash != second.hash


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60))
def test_whoever_waits_as_announced_is_never_refused(pauses: list[float]) -> None:
    clock = Clock()
    engine = limits(clock)
    for pause in pauses:
        clock.now += pause
        verdict = engine.decide(post_message())
        assert is_served(verdict)
        if verdict.headers["X-RateLimit-Remaining"] == "0":
            clock.now += float(verdict.headers["X-RateLimit-Reset-After"])


@given(st.lists(st.floats(min_value=0, max_value=10), min_size=2, max_size=80))
def test_two_neighbouring_windows_are_the_most_that_any_stretch_sees(pauses: list[float]) -> None:
    windows, now, passed = Windows(), 0.0, []
    for pause in pauses:
        now += pause
        if windows.take("key", 3, 5.0, now).allowed:
            passed.append(now)
    assert all(sum(start <= one < start + 5 for one in passed) <= 6 for start in passed)


def test_ended_windows_do_not_pile_up() -> None:
    windows = Windows()
    for step in range(5000):
        windows.take(step, 1, 0.5, float(step))
    assert len(windows._open) <= 1000


@dataclass
class Api:
    url: str
    clock: Clock


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    clock = Clock()
    engine = limits(clock, invalid=Limit("invalid", 8, 600.0))

    async def handle(request: web.Request) -> web.Response:
        return web.json_response({}, status=int(request.query.get("status", "200")))

    app = web.Application(middlewares=[ratelimits.edge(engine), ratelimits.middleware(engine)])
    app.router.add_post("/api/v10" + MESSAGES, handle)
    app.router.add_patch("/api/v10/channels/{channel_id}", handle)
    app.router.add_get("/_sandbox/anything", handle)
    async with TestServer(app) as server:
        yield Api(str(server.make_url("")).rstrip("/"), clock)


async def test_a_refused_request_gets_discords_body(api: Api) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bot t"}) as http:
        answers = [await http.post(f"{api.url}/api/v10/channels/1/messages") for _ in range(6)]
        body = await answers[-1].json()
    assert [a.status for a in answers] == [200] * 5 + [429]
    assert body["message"] == "You are being rate limited."
    assert body["global"] is False
    assert body["retry_after"] == 5
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"


async def test_waiting_as_the_answer_says_is_enough(api: Api) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bot t"}) as http:
        for _ in range(3):
            answers = [await http.post(f"{api.url}/api/v10/channels/1/messages") for _ in range(5)]
            assert {a.status for a in answers} == {200}
            api.clock.now += float(answers[-1].headers["X-RateLimit-Reset-After"])


async def test_the_name_in_the_body_is_what_counts_as_a_rename(api: Api) -> None:
    url = f"{api.url}/api/v10/channels/1"
    async with aiohttp.ClientSession(headers={"Authorization": "Bot t"}) as http:
        others = [(await http.patch(url, json={"position": 1})).status for _ in range(3)]
        renames = [(await http.patch(url, json={"name": str(i)})).status for i in range(3)]
        broken = await http.patch(url, data=b"{", headers={"Content-Type": "application/json"})
    assert others == [200, 200, 200]
    assert renames == [200, 200, 429]
    assert broken.status == 200


async def test_a_banned_address_gets_a_page_and_not_json(api: Api) -> None:
    async with aiohttp.ClientSession() as http:
        statuses = []
        for channel in range(10):
            answer = await http.post(f"{api.url}/api/v10/channels/{channel}/messages?status=401")
            statuses.append(answer.status)
        assert statuses == [401] * 8 + [429] * 2
        assert answer.content_type == "text/html"
        assert "You are being rate limited" in await answer.text()
        assert (await http.get(f"{api.url}/_sandbox/anything")).status == 200


async def test_what_testers_do_is_not_limited(api: Api) -> None:
    async with aiohttp.ClientSession() as http:
        answers = [await http.get(f"{api.url}/_sandbox/anything") for _ in range(60)]
    assert {a.status for a in answers} == {200}
    assert not [name for name in answers[-1].headers if name.startswith("X-RateLimit")]

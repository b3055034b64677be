"""Many requests at once against a server that limits them: never a 429, nothing lost, no time wasted."""

import asyncio
import json
import time
from itertools import count

from interactions.api.http.route import Route

from bot.http import KEPT_FOR_PEOPLE, Priority, discord_http
from tests.scripted_discord import Limited, Reply, Seen, scripted

TOKEN = "t"


def message(channel: int) -> Route:
    return Route("POST", "/channels/{channel_id}/messages", channel_id=channel)


async def test_channels_are_filled_in_parallel_without_a_single_429() -> None:
    limited = Limited(limit=5, seconds=0.3)
    async with scripted(otherwise=limited) as server, discord_http(TOKEN, server.api_url, per_second=1e5) as http:
        began = time.monotonic()
        jobs = [http.request(message(c), {"content": f"{c}/{n}"}) for c in range(10) for n in range(12)]
        answers = await asyncio.gather(*jobs)
        took = time.monotonic() - began
    assert limited.statuses == {200: 120}
    assert len(limited.order) == len(answers) == 120
    assert None not in answers
    # Twelve messages need three windows: two must pass. One channel after the other would take ten times as long.
    assert 0.6 <= took < 3
    assert http.traffic().sent == {"POST": 120}
    assert http.traffic().retries == 0


async def test_a_busy_channel_does_not_delay_another() -> None:
    limited = Limited(limit=1, seconds=30)
    async with scripted(otherwise=limited) as server, discord_http(TOKEN, server.api_url) as http:
        await http.request(message(1), {})
        waiting = asyncio.create_task(http.request(message(1), {}))
        await asyncio.wait_for(http.request(message(2), {}), 5)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert len(server.seen) == 2


async def test_routes_that_share_a_bucket_share_its_limit() -> None:
    limited = Limited(limit=4, seconds=0.2, bucket=lambda _: "shared")
    edit = Route("PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=1, message_id=2)
    async with scripted(otherwise=limited) as server, discord_http(TOKEN, server.api_url, per_second=1e5) as http:
        await http.request(message(1), {})
        await http.request(edit, {})
        await asyncio.gather(*(http.request(route, {}) for _ in range(5) for route in (message(1), edit)))
    assert limited.statuses == {200: 12}


async def test_people_overtake_a_run_in_its_own_bucket() -> None:
    limited = Limited(limit=1, seconds=0.05)
    async with scripted(otherwise=limited) as server, discord_http(TOKEN, server.api_url) as http:
        run = [
            asyncio.create_task(http.request(message(1), {"who": f"bulk{n}"}, priority=Priority.BULK)) for n in range(5)
        ]
        await asyncio.sleep(0.01)
        await http.request(message(1), {"who": "person"})
        await asyncio.gather(*run)
    assert [json.loads(body)["who"] for body in limited.order] == [
        "bulk0",
        "person",
        "bulk1",
        "bulk2",
        "bulk3",
        "bulk4",
    ]


async def test_a_429_that_nobody_announced_is_obeyed_for_its_own_bucket_only() -> None:
    refused_at: list[float] = []
    answered_at: list[float] = []

    def answer(seen: Seen) -> Reply:
        if "/channels/1/" in seen.path:
            if not refused_at:
                refused_at.append(time.monotonic())
                return Reply(429, json={"message": "x", "retry_after": 0.3, "global": False})
            answered_at.append(time.monotonic())
        return Reply(json={})

    async with scripted(otherwise=answer) as server, discord_http(TOKEN, server.api_url) as http:
        first, second = (asyncio.create_task(http.request(message(1), {})) for _ in range(2))
        await http.request(message(2), {})
        assert not first.done()
        await asyncio.gather(first, second)
    assert min(answered_at) - refused_at[0] >= 0.3
    assert 0.3 <= http.traffic().waited < 3


async def test_cancelling_requests_frees_their_place() -> None:
    hold, arrived, calls = asyncio.Event(), asyncio.Event(), count()

    async def answer(_: Seen) -> Reply:
        if next(calls) == 0:
            arrived.set()
            await hold.wait()
        return Reply(json={})

    async with scripted(otherwise=answer) as server, discord_http(TOKEN, server.api_url) as http:
        stuck = asyncio.create_task(http.request(message(1), {}))
        queued = [asyncio.create_task(http.request(message(1), {})) for _ in range(3)]
        await arrived.wait()
        for task in (stuck, queued[0]):
            task.cancel()
        await asyncio.gather(*queued[1:])
        hold.set()
    assert stuck.cancelled()
    assert queued[0].cancelled()
    assert len(server.seen) == 3


async def test_a_429_of_the_edge_stops_everything_and_a_global_one_all_but_interactions() -> None:
    callback = Route(
        "POST", "/interactions/{interaction_id}/{webhook_token}/callback", interaction_id=1, webhook_token="t"
    )
    page = Reply(429, body=b"<html>", content_type="text/html", headers={"Retry-After": "0.3"})
    bot_wide = Reply(
        429, json={"message": "x", "retry_after": 0.3, "global": True}, headers={"X-RateLimit-Global": "true"}
    )
    for reply, callback_waits in ((page, True), (bot_wide, False)):
        async with scripted(reply) as server, discord_http(TOKEN, server.api_url) as http:
            first = asyncio.create_task(http.request(message(1), {}))
            await asyncio.sleep(0.03)
            assert http.traffic().retries == 1
            began = time.monotonic()
            await http.request(callback, {})
            assert (time.monotonic() - began >= 0.2) is callback_waits
            await http.request(message(2), {})
            assert time.monotonic() - began >= 0.2
            await first


async def test_somebody_who_joins_is_served_at_once_while_a_run_edits_members() -> None:
    def edit(user: int) -> Route:
        return Route("PATCH", "/guilds/{guild_id}/members/{user_id}", guild_id=1, user_id=user)

    limited = Limited(limit=10, seconds=10)
    async with scripted(otherwise=limited) as server, discord_http(TOKEN, server.api_url, per_second=1e5) as http:
        run = [asyncio.create_task(http.request(edit(n), {}, priority=Priority.BULK)) for n in range(30)]
        async with asyncio.timeout(5):
            while sum(task.done() for task in run) < 10 - KEPT_FOR_PEOPLE:
                await asyncio.wait([task for task in run if not task.done()], return_when=asyncio.FIRST_COMPLETED)
        for newcomer in range(KEPT_FOR_PEOPLE):
            await asyncio.wait_for(http.request(edit(100 + newcomer), {}), 1)
        for task in run:
            task.cancel()
        await asyncio.gather(*run, return_exceptions=True)
    assert limited.statuses == {200: 10}

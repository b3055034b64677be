"""Kopir's client against the sandbox's real limits and faults: each message exists exactly once, and soon."""

import asyncio
import time

import pytest
from interactions.api.http.route import Route

from bot.errors import LostAnswer
from bot.http import DiscordHTTP, Retries, discord_http
from sandbox.faults import Fault, Headers, Kind, Scope
from sandbox.server import Sandbox, Settings, running

HURRY = 5
# Sandbox and client share one processor here, so their second is more jittery than Discord's: 30 of its 50.
PACE = 30.0 * HURRY


async def channels(http: DiscordHTTP, sandbox: Sandbox, number: int) -> list[int]:
    route = Route("POST", "/guilds/{guild_id}/channels", guild_id=sandbox.guild_id)
    made = await asyncio.gather(*(http.request(route, {"name": f"c{n}", "type": 0}) for n in range(number)))
    return [int(channel["id"]) for channel in made]


async def post(http: DiscordHTTP, channel: int, number: int) -> object:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    nonce = f"{channel % 10**12}-{number}"
    return await http.request(route, {"content": f"m{number}", "nonce": nonce, "enforce_nonce": True})


def contents(sandbox: Sandbox, channel: int) -> list[str]:
    return sorted(message.content for message in sandbox.guild.channels[channel].messages.values())


async def test_three_hundred_messages_meet_no_429_and_take_little_more_than_their_windows() -> None:
    async with (
        running(Settings(hurry=HURRY)) as sandbox,
        discord_http(sandbox.token, sandbox.api_url, per_second=PACE) as http,
    ):
        targets = await channels(http, sandbox, 20)
        began = time.monotonic()
        answers = await asyncio.gather(*(post(http, channel, n) for n in range(15) for channel in targets))
        took = time.monotonic() - began
    assert None not in answers
    assert all(contents(sandbox, channel) == sorted(f"m{n}" for n in range(15)) for channel in targets)
    assert 429 not in sandbox.counts.statuses
    assert http.traffic().sent == {"POST": 320}
    # Two whole windows, if channels work side by side; one that waited for all others would take far longer.
    assert took < 15 * 5.0 / HURRY


FAULTS = [
    Fault(Kind.RATE_LIMIT, count=15, probability=0.3, retry_after=0.05),
    Fault(Kind.RATE_LIMIT, count=5, probability=0.2, retry_after=0.05, headers=Headers.LYING),
    Fault(Kind.RATE_LIMIT, count=2, probability=0.1, retry_after=0.05, scope=Scope.GLOBAL),
    Fault(Kind.RATE_LIMIT, count=2, probability=0.1, retry_after=1, html=True),
    Fault(Kind.ERROR, count=6, probability=0.2, status=502),
    Fault(Kind.ERROR, count=6, probability=0.2, status=503),
    Fault(Kind.DROP, count=6, probability=0.2),
    Fault(Kind.LOSE, count=12, probability=0.3),
    Fault(Kind.SLOW, count=5, probability=0.2, delay=0.1),
]


async def test_every_message_exists_exactly_once_whatever_goes_wrong() -> None:
    retries = Retries(failures=12, rate_limits=30, first=0.02, longest=0.1)
    async with (
        running(Settings(hurry=HURRY * 4)) as sandbox,
        discord_http(sandbox.token, sandbox.api_url, per_second=PACE * 4, retries=retries) as http,
    ):
        targets = await channels(http, sandbox, 6)
        for fault in FAULTS:
            sandbox.faults.arm(fault)
        answers = await asyncio.gather(*(post(http, channel, n) for n in range(12) for channel in targets))
    assert None not in answers
    assert all(contents(sandbox, channel) == sorted(f"m{n}" for n in range(12)) for channel in targets)
    assert http.traffic().retries > 30


async def test_a_channel_whose_creation_was_not_answered_is_made_once_and_reported() -> None:
    async with (
        running(Settings(hurry=0)) as sandbox,
        discord_http(sandbox.token, sandbox.api_url) as http,
    ):
        before = len(sandbox.guild.channels)
        sandbox.faults.arm(Fault(Kind.LOSE))
        with pytest.raises(LostAnswer):
            await channels(http, sandbox, 1)
        assert len(sandbox.guild.channels) == before + 1

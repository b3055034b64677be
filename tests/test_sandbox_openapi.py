"""Request bodies that the sandbox accepts are bodies that Discord's own description allows."""

from typing import Any

import aiohttp
import pytest

from sandbox.bits import ChannelType
from sandbox.counts import Record
from sandbox.server import Settings, running
from tests import openapi_bodies

described = pytest.mark.skipif(not openapi_bodies.is_described(), reason="no API description beside the repository")


def record(method: str, route: str, body: Any, status: int = 200) -> Record:
    return Record(0.0, method, route, route, {}, status, None, body)


GOOD = {
    "a role with its permissions as a string": (
        "POST",
        "/guilds/{guild_id}/roles",
        {"name": "Algebra", "permissions": "0"},
    ),
    "several positions at once": ("PATCH", "/guilds/{guild_id}/roles", [{"id": "1" * 18, "position": 2}]),
    "a channel with overwrites": (
        "POST",
        "/guilds/{guild_id}/channels",
        {"name": "x", "type": 0, "permission_overwrites": [{"id": "1" * 18, "type": 0, "deny": "1024"}]},
    ),
    "a pin without a body": ("PUT", "/channels/{channel_id}/messages/pins/{message_id}", None),
    "a position with flags, which only the documentation has": (
        "PATCH",
        "/guilds/{guild_id}/channels",
        [{"id": "1" * 18, "position": 1, "flags": 0}],
    ),
}
BAD = {
    "a key that does not exist": ("POST", "/guilds/{guild_id}/roles", {"nmae": "Algebra"}, "unknown key nmae"),
    "a key that does not exist, deeper": (
        "POST",
        "/guilds/{guild_id}/channels",
        {"name": "x", "permission_overwrites": [{"id": "1" * 18, "type": 0, "forbid": "1024"}]},
        "unknown key forbid",
    ),
    "an id as a number": ("PATCH", "/guilds/{guild_id}/roles", [{"id": 5}], "5 is not"),
    "a name that is too long": ("POST", "/guilds/{guild_id}/roles", {"name": "x" * 101}, "too long"),
    "a body where there is none": ("DELETE", "/channels/{channel_id}", {"a": 1}, "takes no JSON body"),
}


@described
@pytest.mark.parametrize(("method", "route", "body"), GOOD.values(), ids=GOOD.keys())
def test_a_good_body_has_no_problems(method: str, route: str, body: Any) -> None:
    assert openapi_bodies.problems([record(method, route, body)]) == []


@described
@pytest.mark.parametrize(("method", "route", "body", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_body_is_named_with_its_route(method: str, route: str, body: Any, said: str) -> None:
    [problem] = openapi_bodies.problems([record(method, route, body)])
    assert said in problem
    assert problem.startswith(method)


def test_what_the_sandbox_refused_is_not_held_against_anybody() -> None:
    refused = record("POST", "/guilds/{guild_id}/roles", {"name": 1}, status=400)
    assert openapi_bodies.problems([refused]) == []


async def test_a_session_with_the_sandbox_can_be_checked_afterwards() -> None:
    async with running(Settings(hurry=0)) as sandbox:
        channel = next(c.id for c in sandbox.guild.channels.values() if c.type is ChannelType.TEXT)
        headers = {"Authorization": f"Bot {sandbox.token}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            message = {"content": "hi", "nonce": "1", "enforce_nonce": True, "allowed_mentions": {"parse": []}}
            await http.post(f"{sandbox.api_url}/channels/{channel}/messages", json=message)
            role = {"name": "Algebra", "permissions": "0", "hoist": True}
            await http.post(f"{sandbox.api_url}/guilds/{sandbox.guild_id}/roles", json=role)
        assert [one.status for one in sandbox.counts.records] == [200, 200]
        assert openapi_bodies.problems(sandbox.counts.records) == []

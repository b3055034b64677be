"""No body that a broken client may send makes the sandbox stumble: it answers or refuses, never 500."""

import random
from itertools import product
from typing import Any

import pytest

from tests.sandbox_bot import Bot, rehearsal

_VALUES: list[Any] = [
    *(None, True, -1, 0, 7, 2**70, 1.5, "", "x", "7", "x" * 5000, "\x00", {}, {"x": 1}, {"id": None}),
    *([], [None], [[]], [{}], ["x"], [{"id": "1"}], [{"id": "1", "type": 0}], {"message_id": "5"}, {"content": 3}),
    *([{"title": None, "footer": 3}], [{"fields": [{"name": "x"}]}], {"parse": ["users"], "users": "x"}),
    *([{"type": "1"}], [{"type": 1, "components": 3}], [{"type": 1, "components": [7]}]),
    *([{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": 5}]}], {"primary_color": None}),
    *([{"type": 1, "components": [{"type": 3, "custom_id": "x", "options": 5}]}], [{"type": 9, "accessory": 5}]),
]
_KEYS = (
    *("name", "type", "permissions", "color", "colors", "hoist", "position", "parent_id", "permission_overwrites"),
    *("topic", "available_tags", "nick", "roles", "flags", "communication_disabled_until", "content", "embeds"),
    *("components", "allowed_mentions", "nonce", "message_reference", "attachments", "message", "applied_tags"),
    *("archived", "locked", "max_age", "role_ids", "description", "options", "features", "system_channel_id"),
)
_SAMPLE = 150


async def write(bot: Bot) -> list[tuple[str, str, dict[str, Any]]]:
    """Return routes that write, each with a body that is good so far."""
    text, forum, guild = await bot.channel("text"), await bot.channel("forum", type=15), bot.guild
    thread = (await bot.ask("POST", f"/channels/{text}/threads", {"name": "x", "type": 11}, expect=201))["id"]
    message, role, (person,) = await bot.say(text), await bot.role(), await bot.join("aru")
    post = {"name": "x", "message": {"content": "x"}}
    command = {"name": "x", "description": "x"}
    return [
        ("POST", f"/channels/{text}/messages", {"content": "x"}),
        ("POST", f"/channels/{text}/messages", {"flags": 1 << 15}),
        ("PATCH", f"/channels/{text}/messages/{message}", {}),
        ("POST", f"{guild}/roles", {}),
        ("PATCH", f"{guild}/roles/{role}", {}),
        ("POST", f"{guild}/channels", {"name": "x"}),
        ("PATCH", f"/channels/{text}", {}),
        ("PATCH", f"/channels/{forum}", {}),
        ("PATCH", f"/channels/{thread}", {}),
        ("PATCH", f"{guild}/members/{person}", {}),
        ("POST", f"/channels/{forum}/threads", post),
        ("POST", f"/channels/{text}/invites", {}),
        ("POST", f"/applications/{bot.id}/commands", command),
        ("PATCH", guild, {}),
    ]


@pytest.mark.parametrize("number", range(14))
async def test_every_route_answers_or_refuses_whatever_is_sent(number: int) -> None:
    dice = random.Random(number)  # noqa: S311 - repeatable
    stumbled = []
    async with rehearsal() as bot:
        method, path, good = (await write(bot))[number]
        for key, value in dice.sample(list(product(_KEYS, _VALUES)), _SAMPLE):
            sent = {**good, key: value}
            async with bot.session.request(method, bot.sandbox.api_url + path, json=sent) as answer:
                if answer.status == 500:
                    stumbled.append((method, path, sent))
    assert stumbled == []


@pytest.mark.parametrize("value", _VALUES, ids=lambda value: str(value)[:30])
async def test_whole_bodies_are_refused_or_taken_too(value: Any) -> None:
    async with rehearsal() as bot:
        for path in (f"{bot.guild}/roles", f"{bot.guild}/channels", f"/channels/{await bot.channel()}"):
            async with bot.session.patch(bot.sandbox.api_url + path, json=value) as answer:
                assert answer.status != 500

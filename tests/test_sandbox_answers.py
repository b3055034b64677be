"""The sandbox's answers have the shape that Discord publishes, where its description is at hand."""

import json
from functools import cache
from typing import Any

import jsonschema
import pytest

from tests.openapi_bodies import DESCRIPTION, is_described
from tests.sandbox_bot import Bot, rehearsal

pytestmark = pytest.mark.skipif(not is_described(), reason="Discord's description is not at hand")


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


def problems(method: str, route: str, status: int, body: Any) -> list[str]:
    answers = description()["paths"][route][method.lower()]["responses"]
    schema = answers[str(status)].get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if body == "" else [f"{method} {route}: a body where none belongs"]
    validator = jsonschema.Draft202012Validator({**schema, "components": description()["components"]})
    return [f"{method} {route} {e.json_path}: {e.message[:300]}" for e in validator.iter_errors(body)]


class Checked(Bot):
    """Checks every answer to a bot's request."""

    async def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200, **more: Any) -> Any:
        shown = await super().ask(method, path, body, expect=expect, **more)
        if not path.startswith("/_sandbox"):
            route = self.sandbox.counts.records[-1].route
            assert problems(method, route, expect, shown) == []
        return shown


async def build(bot: Bot) -> dict[str, str]:
    """Make one of each thing and return their ids."""
    button = {"type": 2, "style": 5, "url": "https://example.kz/1", "label": "Ашу"}
    rows = [{"type": 1, "components": [button]}]
    role = await bot.role("7Ә", colors={"primary_color": 3})
    text = await bot.channel("1-бөлім", topic="x", permission_overwrites=bot.hidden())
    parent = await bot.channel("Алгебра", type=4)
    voice = await bot.channel("Дауыс", type=2, parent_id=parent)
    forum = await bot.channel("Сұрақ", type=15, available_tags=[{"name": "есеп"}])
    message = await bot.say(text, "материал", embeds=[{"title": "x"}], components=rows)
    (person,) = await bot.join("aru")
    return {
        "role": role, "text": text, "category": parent, "voice": voice,
        "forum": forum, "message": message, "person": person,
    }  # fmt: skip


async def test_every_answer_fits_discords_own_description() -> None:
    async with rehearsal() as plain:
        bot = Checked(plain.sandbox, plain.session)
        made = await build(bot)
        guild, text, message = bot.guild, f"/channels/{made['text']}", f"/channels/{made['text']}/messages"
        thread = {"name": "x", "message": {"content": "x"}}
        command = {"name": "сабақ", "description": "x", "options": [{"type": 3, "name": "a", "description": "b"}]}
        commands = f"/applications/{bot.id}{guild}/commands"
        await bot.ask("PATCH", f"{guild}/roles/{made['role']}", {"name": "7Б"})
        await bot.ask("PATCH", f"{guild}/roles", [{"id": made["role"], "position": 1}])
        await bot.ask("PATCH", f"{guild}/members/{made['person']}", {"nick": "Ару", "roles": [made["role"]]})
        await bot.ask("PATCH", text, {"name": "2-бөлім"})
        await bot.ask("PATCH", f"{message}/{made['message']}", {"content": "жаңа"})
        await bot.ask("PUT", f"{message}/pins/{made['message']}", expect=204)
        await bot.ask("POST", message, {"content": "x", "message_reference": {"message_id": made["message"]}})
        await bot.ask("POST", f"/channels/{made['forum']}/threads", thread, expect=201)
        await bot.ask("POST", f"{message}/{made['message']}/threads", {"name": "x"}, expect=201)
        await bot.ask("POST", f"{text}/invites", {"role_ids": [made["role"]]})
        await bot.ask("PUT", commands, [command])
        await bot.ask("POST", commands, {"name": "z", "description": "y"}, expect=201)
        await bot.ask("PATCH", guild, {"name": "Ақжол"})
        for path in (
            "", "/roles", "/roles/member-counts", "/channels", "/members?limit=9", "/members/search?query=a",
            f"/members/{made['person']}", "/threads/active", "/invites", "/audit-logs", "/bans",
        ):  # fmt: skip
            await bot.ask("GET", guild + path)
        for path in (
            text, message, f"{message}/{made['message']}", f"{message}/pins", f"{text}/pins", f"{text}/invites",
            *(f"/channels/{made[kind]}" for kind in ("category", "voice", "forum", "message")), commands,
            "/users/@me", "/users/@me/guilds", "/applications/@me", "/oauth2/applications/@me",
            "/gateway", "/gateway/bot",
        ):  # fmt: skip
            await bot.ask("GET", path)
        await bot.ask("DELETE", text)

"""A stage for the sandbox's interaction tests: a tester acts as a person, a bare gateway client answers as the bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.bits import ChannelType, MessageFlag
from sandbox.server import Sandbox, Settings, running
from tests.gateway_clients import Client, identified

EPHEMERAL = int(MessageFlag.EPHEMERAL)
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
PING = {"name": "ping"}
COMMANDS = [
    {"name": "ping", "description": "Answers", "type": 1},
    {"name": "staff", "description": "For staff", "type": 1, "default_member_permissions": str(1 << 28)},
    {
        "name": "course",
        "description": "Courses",
        "type": 1,
        "options": [{"name": "title", "description": "Title", "type": 3, "autocomplete": True, "required": True}],
    },
]


@dataclass
class Stage:
    """A person, a bot and the channel both are in."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    bot: Client
    person: str
    channel: str

    async def act(self, what: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Act as the person and return what the tester is told."""
        known = {} if what == "modals" else {"user": self.person, "channel": self.channel}
        answer = await self.http.post(f"/_sandbox/interactions/{what}", json=known | body)
        return answer.status, await answer.json()

    def begin(self, what: str, **body: Any) -> asyncio.Task[tuple[int, dict[str, Any]]]:
        return asyncio.create_task(self.act(what, **body))

    async def told(self) -> dict[str, Any]:
        """Return what the bot is told of the interaction."""
        data: dict[str, Any] = await self.bot.hear_event("INTERACTION_CREATE")
        return data

    async def reply(self, told: dict[str, Any], kind: int, **data: Any) -> tuple[int, Any]:
        return await self.call("POST", f"interactions/{told['id']}/{told['token']}/callback", type=kind, data=data)

    async def hook(self, told: dict[str, Any], method: str, path: str = "", **body: Any) -> tuple[int, Any]:
        return await self.call(method, f"webhooks/{told['application_id']}/{told['token']}{path}", **body)

    async def call(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = await self.http.request(method, f"/api/v10/{path}", json=body or None)
        return answer.status, await answer.json() if answer.status != 204 else None

    async def answered(self, what: str, kind: int, asked: dict[str, Any], **data: Any) -> dict[str, Any]:
        """Act, answer with one reply, and return what the tester is told."""
        acting = self.begin(what, **asked)
        status, body = await self.reply(await self.told(), kind, **data)
        assert status == 204, body
        status, report = await acting
        assert status == 200, report
        return report

    async def listed(self) -> list[dict[str, Any]]:
        url = f"/_sandbox/as/owner/channels/{self.channel}/messages"
        messages: list[dict[str, Any]] = await (await self.http.get(url)).json()
        return messages


@asynccontextmanager
async def on_stage() -> AsyncIterator[Stage]:
    """Serve a sandbox in which a person and a bot with commands are."""
    async with (
        running(Settings(hurry=0)) as sandbox,
        aiohttp.ClientSession(base_url=sandbox.url) as http,
        identified(sandbox) as bot,
    ):
        url = f"/_sandbox/guilds/{sandbox.guild_id}/members"
        [person] = (await (await http.post(url, json={"username": "aigul"})).json())["ids"]
        channels = sandbox.guild.channels.values()
        channel = next(str(c.id) for c in channels if c.type is ChannelType.TEXT)
        commands = f"/api/v10/applications/{sandbox.application.id}/guilds/{sandbox.guild_id}/commands"
        answer = await http.put(commands, json=COMMANDS, headers={"Authorization": f"Bot {sandbox.token}"})
        assert answer.status == 200, await answer.text()
        yield Stage(sandbox, http, bot, person, channel)

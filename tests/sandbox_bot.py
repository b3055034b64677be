"""A bot with plain HTTP against a sandbox in the test's own loop, and the persons and events around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, FormData

from sandbox.bits import Permission
from sandbox.events import Event
from sandbox.server import Sandbox, Settings, running
from sandbox.world import World


@dataclass
class Bot:
    """Asks the sandbox; `expect` names the status, a refusal comes back as its code."""

    sandbox: Sandbox
    session: ClientSession
    events: list[Event] = field(default_factory=list)
    actor: str | None = None

    @property
    def guild(self) -> str:
        return f"/guilds/{self.sandbox.guild_id}"

    @property
    def id(self) -> str:
        return str(self.sandbox.application.id)

    def by_hand(self, person: str = "owner") -> "Bot":
        """Return a caller that acts as a person in the client would."""
        return Bot(self.sandbox, self.session, self.events, person)

    async def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200, **more: Any) -> Any:
        base = self.sandbox.api_url if self.actor is None else f"{self.sandbox.url}/_sandbox/as/{self.actor}"
        url = self.sandbox.url + path if path.startswith("/_sandbox") else base + path
        payload = {"data": body} if isinstance(body, FormData) else {"json": body} if body is not None else {}
        async with self.session.request(method, url, **payload, **more) as answer:
            assert answer.status == expect, (answer.status, await answer.text())
            return await answer.json() if answer.content_type == "application/json" else await answer.text()

    async def code(self, method: str, path: str, body: Any = None, *, status: int, **more: Any) -> int:
        """Ask for something that is refused and return Discord's error code."""
        return int((await self.ask(method, path, body, expect=status, **more))["code"])

    def heard(self, name: str) -> list[dict[str, Any]]:
        """Return the data of the events of one name, and forget all events."""
        found = [dict(event.data) for event in self.events if event.name == name]
        self.events.clear()
        return found

    async def join(self, *names: str) -> list[str]:
        people = {"users": [{"username": name} for name in names]}
        answer = await self.ask("POST", f"/_sandbox{self.guild}/members", people, expect=201)
        return [str(user_id) for user_id in answer["ids"]]

    async def role(self, name: str = "role", **fields: Any) -> str:
        fields = {"permissions": "0", **fields}
        return str((await self.ask("POST", f"{self.guild}/roles", {"name": name, **fields}))["id"])

    async def channel(self, name: str = "channel", **fields: Any) -> str:
        body = {"name": name, **fields}
        return str((await self.ask("POST", f"{self.guild}/channels", body, expect=201))["id"])

    async def say(self, channel: str, content: str = "hello", **fields: Any) -> str:
        return str((await self.ask("POST", f"/channels/{channel}/messages", {"content": content, **fields}))["id"])

    def overwrite(self, target: str | int, allow: int = 0, deny: int = 0) -> dict[str, Any]:
        """Return an overwrite; @everyone and roles are type 0, a user is type 1."""
        kind = 0 if int(target) in self.sandbox.guild.roles else 1
        return {"id": str(target), "type": kind, "allow": str(int(allow)), "deny": str(int(deny))}

    def hidden(self) -> list[dict[str, Any]]:
        """Return overwrites that hide a channel from everyone but the bot."""
        everyone = self.overwrite(self.sandbox.guild_id, deny=Permission.VIEW_CHANNEL)
        return [everyone, self.overwrite(self.id, allow=Permission.VIEW_CHANNEL)]


@asynccontextmanager
async def rehearsal(world: World | None = None, **settings: Any) -> AsyncIterator[Bot]:
    """Run a sandbox without rate limits and give a bot in it."""
    async with (
        running(Settings(**{"hurry": 0, **settings}), world) as sandbox,
        ClientSession(headers={"Authorization": f"Bot {sandbox.token}"}) as session,
    ):
        bot = Bot(sandbox, session)
        sandbox.bus.subscribe(bot.events.append)
        yield bot

"""Turns the gateway's events of one server into requests for runs; nothing else is done about them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.serving.desk import Desk
from bot.serving.echoes import Thing
from bot.serving.requests import Request
from bot.transport.ratelimits import Priority
from sync.errors import KopirError
from sync.scope import Scope

CALM = 2.0  # seconds without a further event before a run is asked for
PATIENCE = 20.0  # seconds after which it is asked for even on a busy server
MESSAGES = {"post", "index", "local", "question"}


@dataclass(slots=True, eq=False)
class News:
    """One server's news. `hear` is quick; `work` until cancelled asks for what other people's changes call for."""

    desk: Desk
    calm: float = CALM
    _things: dict[Thing, float] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        """Take in one event. Somebody who joined is not made to wait."""
        if name == "GUILD_MEMBER_ADD":
            scope = Scope(members=frozenset(id_ for _, id_ in things(name, data)))
            self.desk.ask(Request(scope, Priority.INTERACTIVE, frozenset({"joined"})))
        elif name == "GUILD_CREATE":
            self.desk.nudge()
            self.desk.ask(Request(reasons=frozenset({"connected"})))
        else:
            now = asyncio.get_running_loop().time()
            self._gone |= set(deleted(name, data))
            self._things |= dict.fromkeys(things(name, data), now)
            if self._gone or self._things:
                self._heard.set()

    async def work(self) -> None:
        """Judge what was heard whenever it is calm and no run is under way, until cancelled."""
        while True:
            await self._heard.wait()
            await self._be_calm()
            await self._judge()

    async def _be_calm(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._heard.is_set():
                    self._heard.clear()
                    await asyncio.sleep(self.calm)
        self._heard.clear()
        # Judged after a run, when the ids of all that it created are known.
        await self.desk.quiet()

    async def _judge(self) -> None:
        things, self._things = self._things, {}
        gone, self._gone = self._gone, set()
        others = [thing for thing, heard in things.items() if not self.desk.echoes.ours(thing, heard)]
        lost = await asyncio.to_thread(self._posts_among, gone) if gone else frozenset()
        if lost:
            self.desk.ask(Request(reasons=frozenset({"a post was deleted"}), gone=lost))
        if others:
            self.desk.ask(Request(reasons=frozenset(f"a {kind} was changed" for kind, _ in others)))

    def _posts_among(self, messages: set[str]) -> frozenset[str]:
        try:
            bindings = self.desk.store.bindings(self.desk.school.id).values()
        except KopirError:
            return frozenset(messages)  # the run finds out which are ours, and waits until it can
        return frozenset(b.discord_id for b in bindings if b.kind in MESSAGES and b.discord_id in messages)


def things(name: str, data: Mapping[str, Any]) -> Iterator[Thing]:
    """Say which role, channel, thread or member an event is about."""
    named: Mapping[str, tuple[str, Callable[[], Any]]] = {
        "GUILD_ROLE_DELETE": ("role", lambda: data["role_id"]),
        "GUILD_ROLE_CREATE": ("role", lambda: _id(data["role"])),
        "GUILD_ROLE_UPDATE": ("role", lambda: _id(data["role"])),
        "GUILD_MEMBER_ADD": ("member", lambda: _id(data["user"])),
        "GUILD_MEMBER_UPDATE": ("member", lambda: _id(data["user"])),
    }
    if name in named:
        kind, read = named[name]
        yield kind, str(read())
    elif name in {f"{place}_{change}" for place in ("CHANNEL", "THREAD") for change in ("CREATE", "UPDATE", "DELETE")}:
        yield "channel", str(data["id"])


def deleted(name: str, data: Mapping[str, Any]) -> list[str]:
    """Say which messages an event tells the end of."""
    if name == "MESSAGE_DELETE":
        return [str(data["id"])]
    return [str(id_) for id_ in data["ids"]] if name == "MESSAGE_DELETE_BULK" else []


def _id(thing: Any) -> Any:
    """Read an id; the library may have put its own object in the place of Discord's."""
    return thing["id"] if isinstance(thing, Mapping) else thing.id

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
from sync.verify import MESSAGES

CALM = 2.0  # seconds without a further event before a run is asked for
PATIENCE = 20.0  # seconds after which it is asked for even on a busy server


@dataclass(slots=True, eq=False)
class News:
    """One server's news. `hear` is quick; `work` until cancelled asks for what other people's changes call for."""

    desk: Desk
    calm: float = CALM
    _things: dict[Thing, float] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _doubted: dict[str, tuple[str, float]] = field(default_factory=dict)
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
            self._doubted |= {message: (channel, now) for message, channel in doubted(name, data)}
            if self._gone or self._things or self._doubted:
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
        doubted, self._doubted = self._doubted, {}
        others = [thing for thing, heard in things.items() if not self.desk.echoes.ours(thing, heard)]
        strange = {m: c for m, (c, heard) in doubted.items() if not self.desk.echoes.ours(("channel", c), heard)}
        ours = await asyncio.to_thread(self._ours_among, {*gone, *strange}) if gone or strange else frozenset()
        if lost := ours & gone:
            self.desk.ask(Request(reasons=frozenset({"a post was deleted"}), gone=lost))
        if doubt := frozenset(channel for message, channel in strange.items() if message in ours):
            self.desk.ask(Request(reasons=frozenset({"a post was changed"}), doubt=doubt))
        if others:
            self.desk.ask(Request(reasons=frozenset(f"a {kind} was changed" for kind, _ in others)))

    def _ours_among(self, ids: set[str]) -> frozenset[str]:
        """Return those that are our messages or threads, or places in which such are."""
        try:
            bindings = self.desk.store.bindings(self.desk.school.id).values()
        except KopirError:
            return frozenset(ids)  # the run finds out which are ours, and waits until it can
        ours = [binding for binding in bindings if binding.kind in {*MESSAGES, "thread", "discussion"}]
        return frozenset(ids & {id_ for b in ours for id_ in (b.discord_id, b.parent_id) if id_})


def things(name: str, data: Mapping[str, Any]) -> Iterator[Thing]:
    """Say which role, channel, thread or member an event is about."""
    named: Mapping[str, tuple[str, Callable[[], Any]]] = {
        "GUILD_ROLE_DELETE": ("role", lambda: data["role_id"]),
        "GUILD_ROLE_CREATE": ("role", lambda: _id(data["role"])),
        "GUILD_ROLE_UPDATE": ("role", lambda: _id(data["role"])),
        "GUILD_MEMBER_ADD": ("member", lambda: _id(data["user"])),
        "GUILD_MEMBER_UPDATE": ("member", lambda: _id(data["user"])),
        "GUILD_MEMBER_REMOVE": ("membership", lambda: _id(data["user"])),
    }
    if name in named:
        kind, read = named[name]
        yield kind, str(read())
    elif name in {f"{place}_{change}" for place in ("CHANNEL", "THREAD") for change in ("CREATE", "UPDATE", "DELETE")}:
        yield "channel", str(data["id"])


def doubted(name: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which message, and in which channel, somebody may have altered; pins are told of by channel only."""
    channel = str(data.get("channel_id") or "")
    if name == "CHANNEL_PINS_UPDATE":
        yield channel, channel
    elif name == "MESSAGE_UPDATE":
        yield str(data["id"]), channel


def deleted(name: str, data: Mapping[str, Any]) -> list[str]:
    """Say which messages and threads an event tells the end of."""
    if name in {"MESSAGE_DELETE", "THREAD_DELETE"}:
        return [str(data["id"])]
    return [str(id_) for id_ in data["ids"]] if name == "MESSAGE_DELETE_BULK" else []


def _id(thing: Any) -> Any:
    """Read an id; the library may have put its own object in the place of Discord's."""
    return thing["id"] if isinstance(thing, Mapping) else thing.id

"""Write changes to one Discord server: sends each to the handler of its kind; implements `sync.ports.GuildWriter`."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

from bot.errors import RequestFailed
from bot.guild import DiscordReader
from bot.http import Priority
from bot.kinds import channel, discussion, member, notice, post, question, role
from bot.presence import Presence
from bot.standing import Standing
from bot.turns import Turns
from bot.wire import Wire
from sync.diff import Change
from sync.guild import Guild
from sync.keys import ROLE_ORDER
from sync.ledger import Binding
from sync.ports import Files, Sent
from sync.texts import Texts

WITH_FILES_AT_ONCE = 4  # posts whose files are in memory while they wait for Discord's limits: 24 MB each at most


class DiscordWriter:
    """Apply a plan's changes to the server that `guild` was read from."""

    def __init__(
        self,
        wire: Wire,
        guild: Guild,
        channel_order: Sequence[str],
        texts: Texts,
        files: Files,
        turns: Turns | None = None,
    ) -> None:
        """Prepare a writer; new channels go behind what exists, in `channel_order` (Keys).

        Runs that go on side by side share their `turns`.
        """
        self._standing = Standing(DiscordReader(replace(wire, priority=Priority.INTERACTIVE)))  # the run waits for it
        self._wire = replace(wire, experience=self._standing)
        self._guild = guild
        self._texts = texts
        self._files = files
        self._heavy = asyncio.Semaphore(WITH_FILES_AT_ONCE)
        self._turns = turns or Turns()
        self._presence = Presence(DiscordReader(self._wire))
        behind = max((c.position + 1 for c in guild.channels), default=0)
        self._positions = {key: behind + place for place, key in enumerate(channel_order)}

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        """Apply one change. Raise Stopped when the bot has lost what it needs for all of them."""
        try:
            return await self._write(change, bindings)
        except RequestFailed as error:
            await self._standing.doubt(error, bindings)
            raise

    async def _write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        match change.kind:
            case "role":
                return await role.write(self._wire, change, bindings)
            case "category" | "channel":
                return await channel.write(self._wire, change, bindings, self._guild, self._positions)
            case "thread":
                return await channel.write_thread(self._wire, change, bindings, self._guild)
            case "member":
                async with self._turns.member(change.key, self._wire.priority):
                    return await member.write(self._wire, change, bindings, self._guild, self._presence)
            case "order" if change.key == ROLE_ORDER:
                return await role.order(self._wire, change, bindings, self._guild)
            case "order":
                return await channel.order(self._wire, change, bindings)
        return await self._write_message(change, bindings)

    async def _write_message(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        match change.kind:
            case "discussion":
                return await discussion.write(self._wire, change, bindings)
            case "notice":
                return await notice.write(self._wire, change, bindings, self._texts)
            case "question":
                return await question.write(self._wire, change, bindings, self._texts)
            case "pin":
                return await post.write_pin(self._wire, change, bindings)
        async with self._heavy if getattr(change.desired, "files", ()) else nullcontext():
            return await post.write(self._wire, change, bindings, self._texts, self._files)

    async def tidy(self, channel_id: str) -> None:
        """Clear the notices that pinning left in a channel."""
        try:
            await post.tidy(self._wire, channel_id, self._guild.bot_id)
        except RequestFailed as error:
            await self._standing.doubt(error, {})
            raise

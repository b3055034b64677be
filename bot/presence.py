"""Tells who is still on the server: when members in a row turn out to have left, the list is read anew."""

import asyncio

from bot.guild import DiscordReader
from sync.guild import GuildMember

IN_A_ROW = 3  # members found gone one after the other, before the list is read instead of asking on


class Presence:
    """The members of one run."""

    def __init__(self, reader: DiscordReader) -> None:
        self._reader = reader
        self._lock = asyncio.Lock()
        self._missed = 0
        self._there: frozenset[str] | None = None

    async def member(self, user_id: str) -> GuildMember | None:
        """Read one member afresh, or None when they left; one who is known to have left is not asked for."""
        await self._look_round()
        if self._there is not None and user_id not in self._there:
            return None
        member = await self._reader.member(user_id)
        self._missed = 0 if member is not None else self._missed + 1
        return member

    async def _look_round(self) -> None:
        async with self._lock:
            if self._missed >= IN_A_ROW:
                self._missed = 0
                self._there = frozenset(member.user_id for member in await self._reader.members())

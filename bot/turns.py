"""Lets one change of a member happen at a time, from its fresh read to its write, among all runs of a school.

Writing a member waits for Discord's limit, so a read far ahead of its write would be old by then and undo what happened
meanwhile; few members are under way at once for the same reason. Discord takes about one a second anyway.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.transport.ratelimits import Priority

AT_ONCE = 3


@dataclass(slots=True)
class Turns:
    """The members being changed on one server; who is urgent waits for nobody but themselves."""

    _few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def member(self, user_id: str, priority: Priority) -> AsyncIterator[None]:
        """Hold a member for the length of a block."""
        lock = self._locks.setdefault(user_id, asyncio.Lock())
        if priority is Priority.INTERACTIVE:
            async with lock:
                yield
        else:
            async with self._few, lock:
                yield

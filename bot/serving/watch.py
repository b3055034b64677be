"""Notices dropped and changed files of a source within two seconds, also in a folder that comes and goes.

Timing: changes are gathered until none comes for STEP, at most for DEBOUNCE; then a pull is asked for, so it starts
0.3 to 1.5 s after the change. The CSV connector itself reads no file that was changed less than two seconds ago: the
pull waits for the rest of these two seconds, and looks again later at a file that grew meanwhile. That also covers
polling, which compares times by the second and so misses a second change within one.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import Change, awatch

from bot.serving.filesystems import has_events
from bot.serving.logs import unexpected
from connectors import Place

STEP = 300  # ms
DEBOUNCE = 1500  # ms
LOOK = 1000  # ms between looks whether the folder is still the same, and between polls

_log = logging.getLogger(__name__)

Identity = tuple[int, int]


@dataclass(slots=True, eq=False)
class Watch:
    """Watches one source's place and asks for pulls; `watching` is set while changes are noticed."""

    name: str
    place: Place
    ask: Callable[[str], None]
    poll: bool | None = None
    look: int = LOOK
    watching: asyncio.Event = field(default_factory=asyncio.Event)
    _failing: bool = False

    async def work(self) -> None:
        """Watch until cancelled."""
        polling = await asyncio.to_thread(self._must_poll)
        if await asyncio.to_thread(self._identity) is None:
            self.ask("folder missed")
        while True:
            if (folder := await asyncio.to_thread(self._identity)) is not None:
                polling = await self._watch(folder, polling=polling)
            self.watching.clear()
            await asyncio.sleep(self.look / 1000)

    async def _watch(self, known: Identity, *, polling: bool) -> bool:
        """Watch a folder until it is gone, replaced or unreadable; return whether to poll from now on."""
        try:
            await self._follow(known, polling=polling)
        except OSError:
            if not polling and await asyncio.to_thread(self._identity) == known:
                _log.warning("Source %s: its folder gives no events; looking at it every second instead.", self.name)
                return True
        except Exception as error:
            # Polling a share, the watcher gives up at what it cannot read, such as a link to itself.
            if not self._failing:
                unexpected(_log, f"Source {self.name}: its folder cannot be watched; trying again every second", error)
            self._failing = True
        return polling

    async def _follow(self, known: Identity, *, polling: bool) -> None:
        async for changes in awatch(
            self._folder,
            watch_filter=self._concerns,
            step=STEP,
            debounce=DEBOUNCE,
            rust_timeout=self.look,
            yield_on_timeout=True,
            force_polling=polling,
            poll_delay_ms=self.look,
            recursive=not self._is_file,
            ignore_permission_denied=True,
        ):
            if not self.watching.is_set():
                self.watching.set()
                self._failing = False
                self.ask("folder looked at")
            if changes:
                self.ask("file changed")
            if await asyncio.to_thread(self._identity) != known:
                return

    @property
    def _folder(self) -> Path:
        return self.place.path.parent if self._is_file else self.place.path

    @property
    def _is_file(self) -> bool:
        return self.place.path.suffix.casefold() == ".zip"

    def _concerns(self, _change: Change, path: str) -> bool:
        return self.place.concerns(Path(path))

    def _must_poll(self) -> bool:
        return not has_events(self._folder) if self.poll is None else self.poll

    def _identity(self) -> Identity | None:
        try:
            found = self._folder.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

"""Fetch the files of materials from a school's sources, few at once, and none of them twice."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from weakref import WeakValueDictionary

from sync.errors import Refused
from sync.phrases import Phrase
from sync.ports import Source
from sync.records import File
from sync.resources import Attachment
from sync.texts import N_

AT_ONCE = 2
KEPT = 64 * 2**20  # bytes of files kept in memory: the same file often goes into several groups' channels
NO_SOURCE = N_("There is no source '{source}' any more to fetch a file from.")


class SourceFiles:
    """The files of one school; implements `sync.ports.Files`."""

    def __init__(self, sources: Iterable[Source], limit: int, kept: int = KEPT, at_once: int = AT_ONCE) -> None:
        """Prepare to fetch files of up to `limit` bytes, and to keep up to `kept` bytes of what was fetched last."""
        self._sources = {source.name: source for source in sources}
        self._limit = limit
        self._room = kept
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._gate = asyncio.Semaphore(at_once)
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def read(self, file: Attachment) -> bytes:
        """Read a file. Raise Refused when it cannot be had, Retriable when it may be had later."""
        source = self._sources.get(file.source)
        if source is None:
            raise Refused(Phrase(NO_SOURCE, source=file.source))
        if not file.file.hash:
            return await self._fetch(source, file.file)
        known = file.source, file.file.hash
        async with self._turns.setdefault(known, asyncio.Lock()):
            if known not in self._kept:
                self._keep(known, await self._fetch(source, file.file))
            self._kept.move_to_end(known)
            return self._kept[known]

    async def _fetch(self, source: Source, file: File) -> bytes:
        async with self._gate:
            return await asyncio.to_thread(source.download, file, self._limit)

    def _keep(self, known: tuple[str, str], content: bytes) -> None:
        self._kept[known] = content
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._room:
            self._kept.popitem(last=False)

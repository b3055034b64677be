"""Decide which files of a post are sent, and which stay as they hang on the message; fetches what is new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from bot import shapes
from bot.errors import Malformed
from bot.wire import NamedBytes
from sync.errors import Refused
from sync.ports import Files
from sync.resources import Attachment


@dataclass(frozen=True, slots=True)
class Uploads:
    """One message's files. `kept` maps identities to attachment ids; None where nothing about the files changes.

    `sent` are the identities of the `new` ones, `missing` those that cannot be had: asked for at the next edit.
    """

    kept: Mapping[str, str] | None = None
    sent: tuple[str, ...] = ()
    new: tuple[NamedBytes, ...] = ()
    missing: tuple[Attachment, ...] = ()

    @classmethod
    async def of(cls, wanted: Iterable[Attachment], there: Mapping[str, str] | None, files: Files) -> Self:
        """Compare what is wanted with what hangs there, and fetch what is new. Raise Retriable if a source is away.

        `there` is None for a new message, and for one of which nobody knows what hangs on it: that is replaced.
        """
        wanted = tuple(wanted)
        if there is not None and {file.identity for file in wanted} == set(there):
            return cls()
        there = there or {}
        kept = {file.identity: there[file.identity] for file in wanted if file.identity in there}
        sent, new, absent = [], [], []
        for file in wanted:
            if file.identity not in there:
                try:
                    new.append((file.name, await files.read(file)))
                    sent.append(file.identity)
                except Refused:
                    absent.append(file)
        return cls(kept, tuple(sent), tuple(new), tuple(absent))

    def listed(self) -> dict[str, Any]:
        """Word which attachments stay; nothing when none change."""
        return {} if self.kept is None else {"attachments": [{"id": id_} for id_ in self.kept.values()]}

    def memo(self, answer: shapes.Sent) -> Mapping[str, str] | None:
        """Remember which attachment each file became, from Discord's answer."""
        if self.kept is None:
            return None
        made = [item.id for item in answer.attachments if item.id not in self.kept.values()]
        if len(made) != len(self.sent):
            raise Malformed(shapes.MESSAGES, "attachments")
        return {**self.kept, **dict(zip(self.sent, made, strict=True))}

    def without_new(self, wanted: Iterable[Attachment]) -> Self:
        """Give up what Discord finds too large: it is named instead."""
        refused = tuple(file for file in wanted if file.identity in self.sent)
        return replace(self, sent=(), new=(), missing=(*self.missing, *refused))


NO_UPLOADS = Uploads()

"""Lets teachers make any message of their course a material of its module, and take that back."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from interactions import CommandType, ContextMenu, ContextMenuContext, Message

from bot.serving.logs import unexpected
from sync.errors import KopirError
from sync.local import Asked, adopt, release
from sync.naming import escape
from sync.phrases import Phrase
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, texts

PIN = N_("Pin as material")
UNPIN = N_("Remove from materials")
PINNED = N_("“{title}” is now one of the materials. The list is ready in a moment.")
UNPINNED = N_("“{title}” is no longer one of the materials. The message stays.")
BROKEN = N_("That did not work. Tell the person who looks after Kopir.")

_log = logging.getLogger(__name__)
Decide = Callable[[Asked], Phrase]


@dataclass(frozen=True, slots=True)
class MaterialMenu:
    """The two commands in the menu of every message of one school's server. `changed` asks for a run."""

    school: SchoolSettings
    store: Store
    changed: Callable[[], None]

    def commands(self) -> list[ContextMenu]:
        """Give the commands, named in the school's language; they hold ids of one connection, so they are made anew."""
        return [self._command(PIN, self._pin), self._command(UNPIN, self._unpin)]

    def _command(self, name: str, decide: Decide) -> ContextMenu:
        async def chosen(ctx: ContextMenuContext) -> None:
            await ctx.defer(ephemeral=True)
            await ctx.send(texts(self.school.language).say(await self._answer(ctx, decide)), ephemeral=True)

        said = texts(self.school.language).text(name)
        return ContextMenu(
            name=said, type=CommandType.MESSAGE, scopes=[int(self.school.guild)], dm_permission=False, callback=chosen
        )

    async def _answer(self, ctx: ContextMenuContext, decide: Decide) -> str:
        try:
            said = await asyncio.to_thread(decide, _asked(ctx))
        except KopirError as error:
            return error.said
        except Exception as error:
            unexpected(_log, f"School {self.school.id}: a command failed", error)
            return Phrase(BROKEN)
        self.changed()
        return said

    def _pin(self, asked: Asked) -> Phrase:
        made = adopt(asked, self.store.bindings(self.school.id), datetime.now(UTC))
        self.store.save_bindings(self.school.id, [made])
        return Phrase(PINNED, title=escape(made.title))

    def _unpin(self, asked: Asked) -> Phrase:
        gone = release(asked, self.store.bindings(self.school.id))
        self.store.remove_bindings(self.school.id, [gone.key])
        return Phrase(UNPINNED, title=escape(gone.title))


def _asked(ctx: ContextMenuContext) -> Asked:
    """Read from a command what it is about; roles come with it, so that nothing need be asked."""
    message = ctx.target
    if not isinstance(message, Message):
        raise TypeError(type(message).__name__)
    roles = frozenset(str(role.id) for role in getattr(ctx.author, "roles", ()))
    files = tuple(attachment.filename for attachment in message.attachments)
    return Asked(str(ctx.channel_id), str(message.id), roles, message.content or "", files, int(message.type))

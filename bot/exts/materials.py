"""Lets teachers make any message of their course a material of its module, and take that back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from interactions import CommandType, ContextMenu, ContextMenuContext, Message

from bot.exts.answers import attempt
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
            said = await attempt(self.school.id, self._answer(ctx, decide))
            await ctx.send(texts(self.school.language).say(said), ephemeral=True)

        shown = texts(self.school.language).text(name)
        return ContextMenu(
            name=shown, type=CommandType.MESSAGE, scopes=[int(self.school.guild)], dm_permission=False, callback=chosen
        )

    async def _answer(self, ctx: ContextMenuContext, decide: Decide) -> str:
        said = await asyncio.to_thread(decide, _asked(ctx))
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

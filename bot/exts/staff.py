"""Lets the staff decide about held removals by the buttons of the question in their channel."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from interactions import ComponentCommand, ComponentContext, File

from bot.decisions import decide, held_plan
from bot.exts.answers import attempt
from bot.http import DiscordHTTP
from bot.kinds.question import APPROVE, DISCARD, SHOW, custom_id
from sync.audience import STAFF_ROLE
from sync.errors import Refused
from sync.ledger import APPROVED, DISCARDED
from sync.naming import escape
from sync.phrases import Phrase
from sync.questions import held_lines
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, texts

BUTTON = re.compile(custom_id(f"({APPROVE}|{DISCARD}|{SHOW})", "([0-9a-f]{32})$"))
VERDICTS = {APPROVE: APPROVED, DISCARD: DISCARDED}
NOT_STAFF = N_("Only people with the school's staff role decide about this.")
CARRIED_OUT = N_("Approved. The removals begin now; this takes a moment.")
LEFT = N_("Discarded. Everything stays as it is.")
MESSAGE_LIMIT = 2000  # https://discord.com/developers/docs/resources/message#create-message


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """The buttons of one school's questions. `changed` asks for a run."""

    school: SchoolSettings
    store: Store
    http: DiscordHTTP
    changed: Callable[[], None]

    async def pressed(self, ctx: ComponentContext) -> None:
        """Answer one press; only the person who pressed sees it."""
        if (button := BUTTON.fullmatch(ctx.custom_id)) is None:
            return
        await ctx.defer(ephemeral=True)
        said = await attempt(self.school.id, self._answer(ctx, *button.groups()))
        text = texts(self.school.language).say(said)
        if len(text) <= MESSAGE_LIMIT:
            await ctx.send(text, ephemeral=True)
        else:
            await ctx.send(file=File(BytesIO(text.encode()), "removals.txt"), ephemeral=True)

    async def _answer(self, ctx: ComponentContext, verb: str, digest: str) -> str:
        staff = self.store.bindings(self.school.id).get(STAFF_ROLE)
        if staff is None or staff.discord_id not in {str(role.id) for role in getattr(ctx.author, "roles", ())}:
            raise Refused(Phrase(NOT_STAFF))
        if verb == SHOW:
            return await self._everything(digest)
        try:
            await decide(self.school, self.store, self.http, digest, VERDICTS[verb], str(ctx.author.id))
        finally:
            self.changed()
        return Phrase(CARRIED_OUT if verb == APPROVE else LEFT)

    async def _everything(self, digest: str) -> str:
        plan = await held_plan(self.school, self.store, self.http, digest)
        words = texts(self.school.language)
        return "\n".join(held_lines(plan.held, plan.losses, words, None, escape))


def buttons(desks: Mapping[int, StaffDesk]) -> ComponentCommand:
    """Hand each press of one of our buttons to the desk of the server on which it stands."""

    async def pressed(ctx: ComponentContext) -> None:
        if (desk := desks.get(int(ctx.guild_id or 0))) is not None:
            await desk.pressed(ctx)

    return ComponentCommand(name="staff", listeners=[BUTTON], callback=pressed)

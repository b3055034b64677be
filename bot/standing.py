"""What the bot must be allowed to do on a server: asked before a run, and again once Discord refuses something."""

import asyncio
from collections.abc import Mapping

from bot.errors import PermissionMissing, RequestFailed
from bot.guild import DiscordReader
from sync.errors import KopirError, Refused, Stopped
from sync.guild import Guild
from sync.ledger import Binding
from sync.observe import places
from sync.permissions import bits, names
from sync.phrases import joined
from sync.plan import Notice
from sync.render import refusal
from sync.settings import SchoolSettings
from sync.texts import N_
from sync.words import PERMISSIONS

NEEDED = bits(
    (
        "manage_roles",
        "manage_channels",
        "manage_nicknames",
        "view_channel",
        "send_messages",
        "embed_links",
        "read_message_history",
        "pin_messages",
        "manage_messages",
    )
)
MISSING_PERMISSIONS = N_("The bot lacks permissions: {missing}. Give them to its role in Server Settings, Roles.")
WANTED_PERMISSIONS = N_(
    "The bot lacks permissions for what the settings ask for: {missing}. Without them files are only linked, "
    "discussions are not opened, and notices call nobody."
)
LOW_ROLE = N_("The bot's role is below roles that Kopir made. Drag it to the top in Server Settings, Roles.")

UNKNOWN_SERVER = 10004  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
LOOK_EVERY = 20  # refusals; what was fine at the first may have been taken away by the twentieth


def refusals(guild: Guild, bindings: Mapping[str, Binding]) -> tuple[Notice, ...]:
    """Say why nothing may be applied: permissions that are missing, a role of ours that is not below the bot's."""
    ours = places(bindings)
    missing = names(NEEDED & ~guild.bot_permissions)
    above = any(role.position >= guild.bot_top for role in guild.roles if role.id in ours)
    said = joined(", ", (PERMISSIONS.get(name, name) for name in missing))
    found = [Notice("permissions", MISSING_PERMISSIONS, {"missing": said})] if missing else []
    return (*found, *([Notice("role-too-low", LOW_ROLE, {})] if above else []))


def shortfalls(guild: Guild, school: SchoolSettings) -> list[Notice]:
    """Say what the settings ask for and the bot may not do: files, threads, calling a role."""
    said = joined(", ", (PERMISSIONS.get(name, name) for name in names(school.posts.wanted() & ~guild.bot_permissions)))
    return [Notice("permissions-wanted", WANTED_PERMISSIONS, {"missing": said})] if said else []


class Standing:
    """The bot's standing during one run: tells one refused request from a server that refuses everything."""

    def __init__(self, reader: DiscordReader) -> None:
        self._reader = reader
        self._lock = asyncio.Lock()
        self._refused = 0
        self._lost = ""

    async def doubt(self, error: RequestFailed, bindings: Mapping[str, Binding]) -> None:
        """Look at the server anew after a refusal; raise Stopped when the bot was demoted or removed meanwhile."""
        if not isinstance(error, PermissionMissing) and error.code != UNKNOWN_SERVER:
            return
        async with self._lock:
            if not self._lost and self._refused % LOOK_EVERY == 0:
                self._lost = await self._look(bindings)
            self._refused += 1
        if self._lost:
            raise Stopped(self._lost) from error

    async def _look(self, bindings: Mapping[str, Binding]) -> str:
        try:
            guild = await self._reader.read_members(())
        except Refused as error:
            return error.said
        except KopirError:
            return ""
        found = refusals(guild, bindings)
        return refusal(found) if found else ""

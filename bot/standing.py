"""What the bot must be allowed to do on a server: asked before a run, and again once Discord refuses something."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from bot.errors import Barred, PermissionMissing, RequestFailed
from bot.guild import DiscordReader
from sync.errors import KopirError, Refused, Stopped, Unsent
from sync.guild import Guild
from sync.ledger import Binding
from sync.observe import places
from sync.permissions import bits, names
from sync.phrases import Phrase, joined
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
IN_CHANNELS = NEEDED & ~bits(("manage_roles", "manage_nicknames", "manage_channels"))
IN_FORUMS = bits(("manage_threads", "send_messages_in_threads"))
MISSING_PERMISSIONS = N_("The bot lacks permissions: {missing}. Give them to its role in Server Settings, Roles.")
WANTED_PERMISSIONS = N_(
    "The bot lacks permissions for what the settings ask for: {missing}. Without them files are only linked, "
    "discussions are not opened, forum posts are neither filled nor sorted, and notices call nobody."
)
CLOSED = N_(
    "The bot lacks permissions in these channels: {channels} ({missing}). "
    "Give them back to it in the channel's settings, under Permissions."
)
SECOND_FACTOR = Phrase(
    "The server demands two-factor authentication of its moderators. "
    "Switch it on for the Discord account that owns the bot, in its settings under My Account."
)
LOW_ROLE = N_("The bot's role is below roles that Kopir made. Drag it to the top in Server Settings, Roles.")

# https://discord.com/developers/docs/topics/opcodes-and-status-codes
UNKNOWN_SERVER, NO_ACCESS, NO_PERMISSION, NO_SECOND_FACTOR = 10004, 50001, 50013, 60003
NAMED = 5  # channels of one notice
LOOK_EVERY = 5  # refusals; what was fine at the first may have been taken away by the fifth


def refusals(guild: Guild, bindings: Mapping[str, Binding]) -> tuple[Notice, ...]:
    """Say why nothing may be applied: permissions that are missing, a role of ours that is not below the bot's."""
    ours = places(bindings)
    missing = names(NEEDED & ~guild.bot_permissions)
    above = any(role.position >= guild.bot_top for role in guild.roles if role.id in ours)
    said = joined(", ", (PERMISSIONS.get(name, name) for name in missing))
    found = [Notice("permissions", MISSING_PERMISSIONS, {"missing": said})] if missing else []
    return (*found, *([Notice("role-too-low", LOW_ROLE, {})] if above else []))


def shortfalls(guild: Guild, school: SchoolSettings) -> list[Notice]:
    """Say what the settings ask for and the bot may not do: files, threads, forums, calling a role."""
    forums = school.layout == "forum" or (school.layout == "auto" and any(c.type == "forum" for c in guild.channels))
    missing = (school.posts.wanted() | (IN_FORUMS if forums else 0)) & ~guild.bot_permissions
    said = joined(", ", (PERMISSIONS.get(name, name) for name in names(missing)))
    return [Notice("permissions-wanted", WANTED_PERMISSIONS, {"missing": said})] if said else []


def closed(guild: Guild, bindings: Mapping[str, Binding]) -> Iterator[Notice]:
    """Say in which channels of ours people took from the bot what it may do elsewhere."""
    ours, lacking = places(bindings), defaultdict[int, list[str]](list)
    for channel in guild.channels:
        if channel.id in ours and (missing := IN_CHANNELS & guild.bot_permissions & ~guild.bot_may(channel)):
            lacking[missing].append(channel.name)
    for missing, channels in lacking.items():
        shown = ", ".join([*channels[:NAMED], *(["…"] if len(channels) > NAMED else [])])
        said = joined(", ", (PERMISSIONS.get(name, name) for name in names(missing)))
        yield Notice("channel-permissions", CLOSED, {"channels": shown, "missing": said})


class Standing:
    """The bot's standing during one run: tells one refused request from a server that refuses everything.

    While it is looked at nothing else is sent, and nothing more once it is lost. What was refused in one channel is
    not tried there again. Implements `bot.wire.Experience`.
    """

    def __init__(self, reader: DiscordReader) -> None:
        self._reader = reader
        self._sure = asyncio.Event()
        self._sure.set()
        self._refused = 0
        self._lost = ""
        self._barred: dict[tuple[str, str], PermissionMissing] = {}

    @property
    def doubtful(self) -> bool:
        """Say whether nothing should be sent at this moment."""
        return bool(self._lost) or not self._sure.is_set()

    async def firm(self) -> None:
        """Wait while the standing is looked at. Raise Unsent when it is lost."""
        await self._sure.wait()
        if self._lost:
            raise Unsent(self._lost)

    def recall(self, method: str, path: str, ids: Mapping[str, str]) -> None:
        """Raise Barred for what was refused in the same channel before."""
        channel = ids.get("channel_id", "")
        if known := self._barred.get((channel, "")) or self._barred.get((channel, f"{method} {path}")):
            raise Barred(known.method, known.template, HTTPStatus.FORBIDDEN, known.code, known.message)

    def learn(self, method: str, path: str, ids: Mapping[str, str], error: PermissionMissing) -> None:
        """Remember what is refused in a channel: all of it where the bot cannot see it, else requests of this kind."""
        if error.code in {NO_ACCESS, NO_PERMISSION} and (channel := ids.get("channel_id")):
            self._barred[channel, "" if error.code == NO_ACCESS else f"{method} {path}"] = error

    async def doubt(self, error: RequestFailed, bindings: Mapping[str, Binding]) -> None:
        """Look at the server anew after a refusal; raise Stopped when the bot was demoted or removed meanwhile."""
        if isinstance(error, Barred) or not (isinstance(error, PermissionMissing) or error.code == UNKNOWN_SERVER):
            return
        self._refused += 1
        if self._sure.is_set() and not self._lost and self._refused % LOOK_EVERY == 1:
            self._sure.clear()
            try:
                self._lost = SECOND_FACTOR if error.code == NO_SECOND_FACTOR else await self._look(bindings)
            finally:
                self._sure.set()
        await self._sure.wait()
        if self._lost:
            raise Stopped(self._lost) from error

    async def _look(self, bindings: Mapping[str, Binding]) -> str:
        try:
            await self._reader.server()  # the others would be refused too where the bot was removed
            guild = await self._reader.read_members(())
        except Refused as error:
            return error.said
        except KopirError:
            return ""
        found = refusals(guild, bindings)
        return refusal(found) if found else ""

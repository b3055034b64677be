"""Read a Discord server into values. A list that failed is an error, never an empty list."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import PermissionMissing, ResourceGone
from bot.kinds.wording import look_of
from bot.wire import Wire
from sync.errors import Refused
from sync.guild import Guild, GuildChannel, GuildMember, GuildOverwrite, GuildRole, GuildThread
from sync.phrases import Phrase
from sync.ports import OwnMessage
from sync.texts import N_

MEMBERS_PER_PAGE = 1000
MESSAGES_PER_PAGE = 100
NOBODY = frozenset({10007, 10013})  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
NOT_ON_SERVER = N_(
    "The bot is not on the server {server}. "
    "Add it with its invite link (docs/quickstart.md), or correct `guild` in the settings."
)
NO_MEMBERS = N_(
    "Discord does not show the members of the server {server}. "
    "Switch on the Server Members Intent on the bot's page of the Discord Developer Portal."
)
PINNED = 1 << 1  # a forum post that stands above the others
CHANNEL_TYPES = {0: "text", 2: "voice", 4: "category", 5: "announcement", 13: "stage", 15: "forum"}


class DiscordReader:
    """Read one server over HTTP; implements `sync.ports.GuildReader`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self) -> Guild:
        """Read everything a plan needs: the server, the bot, roles, channels, active threads and all members."""
        server = await self.server()
        me, roles, channels, threads, members = await asyncio.gather(
            self._wire.get("/users/@me"),
            self._wire.get("/guilds/{guild_id}/roles"),
            self._wire.get("/guilds/{guild_id}/channels"),
            self._wire.get("/guilds/{guild_id}/threads/active"),
            self.members(),
        )
        return Guild(
            self._wire.guild_id,
            server["owner_id"],
            me["id"],
            tuple(map(parse_role, roles)),
            tuple(map(parse_channel, channels)),
            members,
            tuple(map(parse_thread, threads["threads"])),
        )

    async def read_members(self, users: Iterable[str]) -> Guild:
        """Read what giving some members their roles needs: the bot, the roles and these members; no channels."""
        me, server, roles, *members = await asyncio.gather(
            self._wire.get("/users/@me"),
            self.server(),
            self._wire.get("/guilds/{guild_id}/roles"),
            *(self.member(user) for user in sorted(users)),
        )
        bot = await self.member(me["id"])
        present = tuple(member for member in (bot, *members) if member is not None)
        return Guild(self._wire.guild_id, server["owner_id"], me["id"], tuple(map(parse_role, roles)), (), present)

    async def member(self, user_id: str) -> GuildMember | None:
        """Read one member afresh, or None when they left."""
        try:
            return parse_member(await self._wire.get("/guilds/{guild_id}/members/{user_id}", user_id=user_id))
        except ResourceGone as error:
            if error.code not in NOBODY:
                raise
            return None

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        """List the bot's messages newer than a snowflake, oldest first, system notices left out."""
        me = (await self._wire.get("/users/@me"))["id"]
        found: list[OwnMessage] = []
        while True:
            query = {"after": after, "limit": MESSAGES_PER_PAGE}
            page = await self._wire.get("/channels/{channel_id}/messages", query, channel_id=channel_id)
            page.sort(key=lambda message: int(message["id"]))
            found += [
                OwnMessage(m["id"], m["content"], look_of(m), bool(m.get("components")))
                for m in page
                if m["author"]["id"] == me and m["type"] == 0
            ]
            if len(page) < MESSAGES_PER_PAGE:
                return tuple(found)
            after = page[-1]["id"]

    async def server(self) -> Mapping[str, Any]:
        """Read the server itself. Raise Refused, with what to do, when the bot is not on it."""
        try:
            server: Mapping[str, Any] = await self._wire.get("/guilds/{guild_id}")
        except (ResourceGone, PermissionMissing) as error:
            raise Refused(Phrase(NOT_ON_SERVER, server=self._wire.guild_id)) from error
        return server

    async def members(self) -> tuple[GuildMember, ...]:
        """List all members."""
        found: list[GuildMember] = []
        after = "0"
        while True:
            page = await self._members_page(after)
            found += map(parse_member, page)
            if len(page) < MEMBERS_PER_PAGE:
                return tuple(found)
            after = max((member.user_id for member in found), key=int)

    async def _members_page(self, after: str) -> list[Mapping[str, Any]]:
        query = {"limit": MEMBERS_PER_PAGE, "after": after}
        try:
            page: list[Mapping[str, Any]] = await self._wire.get("/guilds/{guild_id}/members", query)
        except PermissionMissing as error:
            raise Refused(Phrase(NO_MEMBERS, server=self._wire.guild_id)) from error
        return page


def parse_role(data: Mapping[str, Any]) -> GuildRole:
    """Read a role object."""
    colour = data.get("colors", {}).get("primary_color", data.get("color", 0))
    return GuildRole(
        data["id"],
        data["name"],
        colour,
        data["hoist"],
        int(data["permissions"]),
        data["position"],
        data.get("managed", False),
    )


def parse_channel(data: Mapping[str, Any]) -> GuildChannel:
    """Read a channel object."""
    return GuildChannel(
        data["id"],
        data["name"],
        CHANNEL_TYPES.get(data["type"], "other"),
        data.get("position", 0),
        data.get("parent_id"),
        data.get("topic") or "",
        tuple(GuildOverwrite(o["id"], int(o["allow"]), int(o["deny"])) for o in data.get("permission_overwrites", ())),
        tuple((tag["id"], tag["name"]) for tag in data.get("available_tags") or ()),
    )


def parse_thread(data: Mapping[str, Any]) -> GuildThread:
    """Read a thread object."""
    pinned = bool(data.get("flags", 0) & PINNED)
    return GuildThread(data["id"], data["name"], data["parent_id"], tuple(data.get("applied_tags") or ()), pinned)


def parse_member(data: Mapping[str, Any]) -> GuildMember:
    """Read a member object."""
    user = data["user"]
    return GuildMember(
        user["id"],
        user["username"],
        data.get("nick") or "",
        frozenset(data["roles"]),
        user.get("bot", False),
        data.get("joined_at") or "",
    )

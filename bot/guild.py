"""Read a Discord server into values. A list that failed is an error, never an empty list."""

import asyncio
from collections.abc import Iterable

from bot import shapes
from bot.errors import Malformed, PermissionMissing, ResourceGone
from bot.kinds.wording import look_of
from bot.wire import Wire
from sync.departures import Expulsion
from sync.errors import Refused
from sync.guild import Guild, GuildChannel, GuildMember, GuildOverwrite, GuildRole, GuildThread
from sync.ledger import Cause
from sync.phrases import Phrase
from sync.ports import OwnMessage
from sync.recover import moment
from sync.texts import N_

MEMBERS_PER_PAGE = 1000
MESSAGES_PER_PAGE = 100
PINS_PER_PAGE = 50
ENTRIES_PER_PAGE = 100
MOST_PAGES = 1000
# https://discord.com/developers/docs/resources/audit-log#audit-log-entry-object-audit-log-events
EXPULSIONS = {20: Cause.KICKED, 22: Cause.BANNED}
NOBODY = frozenset({10007, 10013})  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
NOT_ON_SERVER = N_(
    "The bot is not on the server {server}. "
    "Add it with its invite link (docs/quickstart.md), or correct `guild` in the settings."
)
NO_MEMBERS = N_(
    "Discord does not show the members of the server {server}. "
    "Switch on the Server Members Intent on the bot's page of the Discord Developer Portal."
)
SUPPRESS_EMBEDS = 1 << 2
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
            self._me(), self.roles(), self.channels(), self._threads(), self.members()
        )
        return _consistent(Guild(self._wire.guild_id, server.owner_id, me, roles, channels, members, threads))

    async def read_members(self, users: Iterable[str]) -> Guild:
        """Read what giving some members their roles needs: the bot, the roles and these members; no channels."""
        me, server, roles, members = await asyncio.gather(
            self._me(), self.server(), self.roles(), asyncio.gather(*(self.member(user) for user in sorted(users)))
        )
        bot = await self.member(me)
        present = tuple(member for member in (bot, *members) if member is not None)
        return _consistent(Guild(self._wire.guild_id, server.owner_id, me, roles, (), present))

    async def roles(self) -> tuple[GuildRole, ...]:
        """Read the roles."""
        return tuple(map(_role, shapes.ROLE_LIST.read(await self._wire.get("/guilds/{guild_id}/roles"))))

    async def channels(self) -> tuple[GuildChannel, ...]:
        """Read the channels and categories."""
        return tuple(map(_channel, shapes.CHANNEL_LIST.read(await self._wire.get("/guilds/{guild_id}/channels"))))

    async def member(self, user_id: str) -> GuildMember | None:
        """Read one member afresh, or None when they left."""
        try:
            answer = await self._wire.get("/guilds/{guild_id}/members/{user_id}", user_id=user_id)
        except ResourceGone as error:
            if error.code not in NOBODY:
                raise
            return None
        return _member(shapes.MEMBER.read(answer, user_id))

    async def still_has(self, kind: str, discord_id: str) -> bool:
        """Tell whether Discord has a role or channel when it is asked for this very one."""
        try:
            if kind == "role":
                path = "/guilds/{guild_id}/roles/{role_id}"
                shapes.ROLE.read(await self._wire.get(path, role_id=discord_id), discord_id)
            else:
                path = "/channels/{channel_id}"
                shapes.CHANNEL.read(await self._wire.get(path, channel_id=discord_id), discord_id)
        except (ResourceGone, PermissionMissing):
            return False
        return True

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        """List the bot's messages newer than a snowflake, oldest first, system notices left out."""
        me = await self._me()
        found: list[OwnMessage] = []
        for _ in range(MOST_PAGES):
            query = {"after": after, "limit": MESSAGES_PER_PAGE}
            answer = await self._wire.get("/channels/{channel_id}/messages", query, channel_id=channel_id)
            page = sorted(shapes.MESSAGE_LIST.read(answer), key=lambda message: int(message.id))
            found += [_own(message) for message in page if message.author.id == me and message.type == 0]
            if len(page) < MESSAGES_PER_PAGE:
                return tuple(found)
            after = _further(after, page[-1].id, shapes.MESSAGES)
        raise Malformed(shapes.MESSAGES, str(MOST_PAGES))

    async def pinned(self, channel_id: str) -> tuple[OwnMessage, ...]:
        """List a channel's pinned messages."""
        found: list[OwnMessage] = []
        before: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            query = {"limit": PINS_PER_PAGE, **before}
            page = shapes.PINS.read(
                await self._wire.get("/channels/{channel_id}/messages/pins", query, channel_id=channel_id)
            )
            found += [_own(item.message) for item in page.items]
            if not page.has_more or not page.items:
                return tuple(found)
            before = {"before": page.items[-1].pinned_at}
        raise Malformed(shapes.MESSAGES, str(MOST_PAGES))

    async def message(self, channel_id: str, message_id: str) -> OwnMessage | None:
        """Read one message, or None when it is gone."""
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            answer = await self._wire.get(path, channel_id=channel_id, message_id=message_id)
        except ResourceGone:
            return None
        return _own(shapes.MESSAGE.read(answer, message_id))

    async def expulsions(self) -> tuple[Expulsion, ...]:
        """List the last members who were kicked or banned, as the audit log has them."""
        found = await asyncio.gather(*(self._log(action) for action in EXPULSIONS))
        return tuple(one for entries in found for one in entries)

    async def _log(self, action: int) -> list[Expulsion]:
        query = {"action_type": action, "limit": ENTRIES_PER_PAGE}
        page = shapes.LOG.read(await self._wire.get("/guilds/{guild_id}/audit-logs", query))
        cause = EXPULSIONS[action]
        return [
            Expulsion(e.target_id, cause, e.user_id or "", moment(e.id)) for e in page.audit_log_entries if e.target_id
        ]

    async def _me(self) -> str:
        return shapes.BOT_FORM.read(await self._wire.get("/users/@me")).id

    async def _threads(self) -> tuple[GuildThread, ...]:
        answer = await self._wire.get("/guilds/{guild_id}/threads/active")
        return tuple(map(_thread, shapes.THREAD_LIST.read(answer).threads))

    async def server(self) -> shapes.Server:
        """Read the server itself. Raise Refused, with what to do, when the bot is not on it."""
        try:
            answer = await self._wire.get("/guilds/{guild_id}")
        except (ResourceGone, PermissionMissing) as error:
            raise Refused(Phrase(NOT_ON_SERVER, server=self._wire.guild_id)) from error
        return shapes.SERVER_FORM.read(answer, self._wire.guild_id)

    async def members(self) -> tuple[GuildMember, ...]:
        """List all members."""
        found: list[GuildMember] = []
        after = "0"
        for _ in range(MOST_PAGES):
            page = await self._members_page(after)
            found += map(_member, page)
            if len(page) < MEMBERS_PER_PAGE:
                return tuple(found)
            after = _further(after, max((member.user.id for member in page), key=int), shapes.MEMBERS)
        raise Malformed(shapes.MEMBERS, str(MOST_PAGES))

    async def _members_page(self, after: str) -> tuple[shapes.Member, ...]:
        query = {"limit": MEMBERS_PER_PAGE, "after": after}
        try:
            answer = await self._wire.get("/guilds/{guild_id}/members", query)
        except PermissionMissing as error:
            raise Refused(Phrase(NO_MEMBERS, server=self._wire.guild_id)) from error
        return shapes.MEMBER_LIST.read(answer)


def _further(after: str, last: str, what: str) -> str:
    """Return where the next page begins. Raise Malformed when this one led nowhere: it would come for ever."""
    if int(last) <= int(after):
        raise Malformed(what, "id")
    return last


def _consistent(guild: Guild) -> Guild:
    """Return a reading that can be true: @everyone is among the roles, and the bot, with its roles, is there."""
    roles = {role.id for role in guild.roles}
    bot = guild.member(guild.bot_id)
    if guild.id not in roles or (bot is not None and not bot.roles <= roles):
        raise Malformed(shapes.ROLES, guild.id)
    if bot is None:
        raise Malformed(shapes.MEMBERS, guild.bot_id)
    return guild


def _role(found: shapes.Role) -> GuildRole:
    colour = found.colors.primary_color if found.colors else found.color
    return GuildRole(found.id, found.name, colour, found.hoist, found.permissions, found.position, found.managed)


def _channel(found: shapes.Channel) -> GuildChannel:
    return GuildChannel(
        found.id,
        found.name,
        CHANNEL_TYPES.get(found.type, "other"),
        found.position,
        found.parent_id,
        found.topic or "",
        tuple(GuildOverwrite(o.id, o.allow, o.deny) for o in found.permission_overwrites),
        tuple((tag.id, tag.name) for tag in found.available_tags or ()),
    )


def _thread(found: shapes.Thread) -> GuildThread:
    return GuildThread(found.id, found.name, found.parent_id, found.applied_tags or (), bool(found.flags & PINNED))


def _own(found: shapes.Message) -> OwnMessage:
    hidden = bool(found.flags & SUPPRESS_EMBEDS)
    return OwnMessage(found.id, found.content, look_of(found), bool(found.components), found.thread is not None, hidden)


def _member(found: shapes.Member) -> GuildMember:
    user, nick = found.user, found.nick or ""
    return GuildMember(user.id, user.username, nick, found.roles, user.bot, found.joined_at or "")

"""A Discord server as it was read, by Discord's ids; `observe` turns it into a State by Key."""

from dataclasses import dataclass
from functools import cached_property

from sync.permissions import base, effective


@dataclass(frozen=True, slots=True)
class GuildRole:
    """A role as Discord has it."""

    id: str
    name: str
    colour: int
    hoist: bool
    permissions: int
    position: int
    managed: bool = False


@dataclass(frozen=True, slots=True)
class GuildOverwrite:
    """A permission overwrite; `id` is a role's or a user's."""

    id: str
    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class GuildChannel:
    """A channel or category; `type` is Discord's word for it: text, voice, category, forum, announcement or other.

    `tags` are a forum's, as pairs of id and name.
    """

    id: str
    name: str
    type: str
    position: int
    parent_id: str | None = None
    topic: str = ""
    overwrites: tuple[GuildOverwrite, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GuildThread:
    """An active thread or forum post; `tags` are the ids of the forum's tags on it."""

    id: str
    name: str
    parent_id: str | None
    tags: tuple[str, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class GuildMember:
    """A member; `username` is the unique account name, `joined` tells one stay on the server from the next."""

    user_id: str
    username: str
    nick: str = ""
    roles: frozenset[str] = frozenset()
    bot: bool = False
    joined: str = ""


@dataclass(frozen=True)
class Guild:
    """One reading of a server: complete lists or an error, never a part. `threads` are the active ones."""

    id: str
    owner_id: str
    bot_id: str
    roles: tuple[GuildRole, ...] = ()
    channels: tuple[GuildChannel, ...] = ()
    members: tuple[GuildMember, ...] = ()
    threads: tuple[GuildThread, ...] = ()

    @cached_property
    def bot_permissions(self) -> int:
        """Return the bot's guild-wide permission bits."""
        bot = self.member(self.bot_id)
        held = (bot.roles if bot else frozenset()) | {self.id}
        return base([role.permissions for role in self.roles if role.id in held], owner=self.bot_id == self.owner_id)

    @cached_property
    def bot_top(self) -> int:
        """Return the position of the bot's highest role."""
        bot = self.member(self.bot_id)
        return max((role.position for role in self.roles if bot and role.id in bot.roles), default=0)

    def bot_may(self, channel: GuildChannel) -> int:
        """Return the bot's permission bits in a channel."""
        bot, overwrites = self.member(self.bot_id), {overwrite.id: overwrite for overwrite in channel.overwrites}
        return effective(self.bot_permissions, self.id, bot.roles if bot else (), self.bot_id, overwrites)

    @cached_property
    def newest(self) -> int:
        """Return the highest id among roles, channels and threads: what is made later has a higher one."""
        ids = [role.id for role in self.roles] + [channel.id for channel in self.channels]
        ids += [thread.id for thread in self.threads]
        return max(map(int, ids), default=0)

    @cached_property
    def _by_user(self) -> dict[str, GuildMember]:
        return {member.user_id: member for member in self.members}

    @cached_property
    def _by_channel(self) -> dict[str, GuildChannel]:
        return {channel.id: channel for channel in self.channels}

    @cached_property
    def _by_thread(self) -> dict[str, GuildThread]:
        return {thread.id: thread for thread in self.threads}

    def channel(self, channel_id: str) -> GuildChannel | None:
        """Find a channel or category by id."""
        return self._by_channel.get(channel_id)

    def thread(self, thread_id: str) -> GuildThread | None:
        """Find an active thread by id."""
        return self._by_thread.get(thread_id)

    def member(self, user_id: str) -> GuildMember | None:
        """Find a member by user id."""
        return self._by_user.get(user_id)

    def outranks_bot(self, member: GuildMember) -> bool:
        """Tell whether the bot may not rename this member: the owner, or somebody at or above its own role."""
        top = max((role.position for role in self.roles if role.id in member.roles), default=0)
        return member.user_id == self.owner_id or (top >= self.bot_top and member.user_id != self.bot_id)

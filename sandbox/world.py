"""Everything the sandbox remembers, as plain mutable values. `views` shows them as JSON, `rest` changes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.bits import BOT_DEFAULT, THREADS, ChannelType, Intent, MessageType, Permission
from sandbox.snowflakes import Snowflakes, time_of

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A Discord account, of a person or of a bot."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False


@dataclass(slots=True)
class Application:
    """A bot as the developer portal knows it; its id is also its bot user's id."""

    id: int
    name: str
    user: User
    token: str
    revoked: bool = False
    intents: int = sum(Intent)
    permissions: Permission = BOT_DEFAULT
    commands: dict[int | None, dict[int, Json]] = field(default_factory=dict)


@dataclass(slots=True)
class Role:
    """A role of a guild; @everyone has the guild's id and position 0."""

    id: int
    name: str
    permissions: Permission
    position: int = 0
    colors: tuple[int, int | None, int | None] = (0, None, None)
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None

    @property
    def managed(self) -> bool:
        """Say whether the role belongs to a bot and is read-only."""
        return self.bot_id is not None


@dataclass(slots=True)
class Overwrite:
    """What a role (type 0) or a member (type 1) may do differently in one channel."""

    id: int
    type: int
    allow: Permission
    deny: Permission


@dataclass(slots=True)
class Attachment:
    """A file of a message, with its bytes."""

    id: int
    filename: str
    content_type: str
    data: bytes
    description: str | None = None


@dataclass(slots=True)
class Message:
    """One message; the interaction fields are set on answers to interactions only."""

    id: int
    channel_id: int
    author: User
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    tts: bool = False
    edited_at: datetime | None = None
    nonce: str | int | None = None
    reference: Json | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    application_id: int | None = None
    interaction: Json | None = None

    @property
    def written(self) -> bool:
        """Say whether somebody wrote it; the rest are Discord's own notices."""
        return self.type in (MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND)


@dataclass(slots=True)
class ThreadState:
    """What a thread has beyond a channel."""

    owner_id: int
    archived_at: datetime
    auto_archive_minutes: int = 4320
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    members: dict[int, datetime] = field(default_factory=dict)
    applied_tags: list[int] = field(default_factory=list)
    message_count: int = 0
    total_sent: int = 0


@dataclass(slots=True)
class Tag:
    """A tag that posts of a forum can carry."""

    id: int
    name: str
    moderated: bool = False
    emoji_id: int | None = None
    emoji_name: str | None = None


@dataclass(slots=True)
class Channel:
    """Any channel: text, voice, category, forum, thread or direct messages."""

    id: int
    type: ChannelType
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    settings: Json = field(default_factory=dict)
    flags: int = 0
    tags: list[Tag] = field(default_factory=list)
    thread: ThreadState | None = None
    recipients: list[User] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    pins: dict[int, datetime] = field(default_factory=dict)
    last_pin_at: datetime | None = None
    last_message_id: int | None = None


@dataclass(slots=True)
class Member:
    """A user's membership of one guild."""

    user: User
    joined_at: datetime
    nick: str | None = None
    roles: set[int] = field(default_factory=set)
    flags: int = 0
    timed_out_until: datetime | None = None


@dataclass(slots=True)
class Invite:
    """An invite link."""

    code: str
    guild_id: int
    channel_id: int
    inviter: User
    created_at: datetime
    max_age: int
    max_uses: int
    temporary: bool
    uses: int = 0
    role_ids: list[int] = field(default_factory=list)

    @property
    def expires_at(self) -> datetime | None:
        """Return when the invite ends; None for one that never does."""
        return self.created_at + timedelta(seconds=self.max_age) if self.max_age else None


@dataclass(slots=True)
class Ban:
    """A banned user and why."""

    user: User
    reason: str | None


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    bans: dict[int, Ban] = field(default_factory=dict)
    invites: dict[str, Invite] = field(default_factory=dict)
    audit: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    features: set[str] = field(default_factory=set)

    @property
    def everyone(self) -> Role:
        """Return the role that every member has."""
        return self.roles[self.id]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class World:
    """All of the sandbox's state; one per running server."""

    clock: Callable[[], datetime] = _utc_now
    guilds: dict[int, Guild] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    applications: dict[int, Application] = field(default_factory=dict)
    nonces: dict[tuple[int, str], Message] = field(default_factory=dict)
    base_url: str = ""
    snowflakes: Snowflakes = field(init=False)

    def __post_init__(self) -> None:
        self.snowflakes = Snowflakes(self.clock)

    def now(self) -> datetime:
        """Return the time in UTC."""
        return self.clock()

    def next_id(self) -> int:
        """Return a new snowflake."""
        return self.snowflakes.next()

    def application_by_token(self, token: str) -> Application | None:
        """Return the application a valid token belongs to."""
        return next((a for a in self.applications.values() if a.token == token and not a.revoked), None)

    def add_channel(self, channel: Channel) -> None:
        """Put a channel or thread into its guild and into the index."""
        self.channels[channel.id] = channel
        if channel.guild_id is not None:
            guild = self.guilds[channel.guild_id]
            shelf = guild.threads if channel.type in THREADS else guild.channels
            shelf[channel.id] = channel

    def drop_channel(self, channel: Channel) -> None:
        """Take a channel or thread out of its guild and out of the index."""
        del self.channels[channel.id]
        if channel.guild_id is not None:
            guild = self.guilds[channel.guild_id]
            shelf = guild.threads if channel.type in THREADS else guild.channels
            del shelf[channel.id]


def created_at(thing: User | Role | Message | Channel | Guild) -> datetime:
    """Return when something with an id was made."""
    return time_of(thing.id)

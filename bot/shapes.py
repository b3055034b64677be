"""The parts of Discord's answers that Kopir reads, checked by pydantic; one of another shape is Malformed.

Unknown keys are left out; a key that Discord always sends must be there, as its absence would look like an empty list.
Source: https://discord.com/developers/docs/resources
"""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from bot.errors import Malformed
from sync.texts import N_

T = TypeVar("T")
Snowflake = Annotated[str, StringConstraints(pattern="^[0-9]{1,20}$")]
Text = Annotated[str, StringConstraints(pattern="")]  # any, but no half letters, which no table can hold
Bits = Annotated[int, Field(ge=0, lt=2**64)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
WITH_TAGS = frozenset({15, 16})  # forum and media channels

SERVER = N_("the server")
ROLES = N_("roles")
CHANNELS = N_("channels")
THREADS = N_("threads")
MEMBERS = N_("members")
MESSAGES = N_("messages")


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Named(Shape):
    """Anything of which only the id matters."""

    id: Snowflake


class Server(Named):
    """A guild."""

    owner_id: Snowflake


class Colours(Shape):
    """A role's colours."""

    primary_color: Number = 0


class Role(Named):
    """A role; `color` is what `colors` replaced."""

    name: Text
    colors: Colours | None = None
    color: Number = 0
    hoist: bool
    permissions: Bits
    position: Number
    managed: bool = False


class Overwrite(Named):
    """A permission overwrite of a channel."""

    allow: Bits
    deny: Bits


class Tag(Named):
    """A forum's tag."""

    name: Text


class Channel(Named):
    """A channel of a server."""

    name: Text
    type: Number
    position: Number = 0
    parent_id: Snowflake | None = None
    topic: Text | None = None
    permission_overwrites: tuple[Overwrite, ...]
    available_tags: tuple[Tag, ...] | None = None

    @model_validator(mode="after")
    def _tells_tags(self) -> Self:
        if self.type in WITH_TAGS and self.available_tags is None:
            raise ValueError("available_tags")
        return self


class Thread(Named):
    """A thread or forum post."""

    name: Text
    parent_id: Snowflake | None = None
    applied_tags: tuple[Snowflake, ...] | None = None
    flags: Number = 0


class Threads(Shape):
    """The active threads of a server."""

    threads: tuple[Thread, ...]


class User(Named):
    """An account."""

    username: Text
    bot: bool = False


class Member(Shape):
    """A member of a server."""

    user: User
    nick: Text | None = None
    roles: frozenset[Snowflake]
    joined_at: Text | None = None


class LogEntry(Named):
    """An entry of the audit log: who did something, and to whom."""

    target_id: Snowflake | None = None
    user_id: Snowflake | None = None


class Log(Shape):
    """A page of the audit log."""

    audit_log_entries: tuple[LogEntry, ...]


class Head(Shape):
    """The line above an embed's title."""

    name: Text | None = None
    url: Text | None = None


class Embed(Shape):
    """An embed as it comes back."""

    author: Head | None = None
    title: Text | None = None
    description: Text | None = None
    url: Text | None = None
    color: Number | None = None


class Message(Named):
    """A message of a channel."""

    content: Text
    type: Number
    author: Named
    embeds: tuple[Embed, ...]
    components: tuple[dict[str, Any], ...] = ()
    thread: Named | None = None
    flags: Number = 0


class PinnedMessage(Shape):
    """One entry of a channel's pins."""

    pinned_at: Text
    message: Message


class Pins(Shape):
    """A page of a channel's pins, the newest first."""

    items: tuple[PinnedMessage, ...]
    has_more: bool


class Sent(Named):
    """A message as Discord answers when it was sent or edited."""

    attachments: tuple[Named, ...]


class Made(Named):
    """A role, channel or thread as Discord answers when it was made or edited."""

    name: Text
    available_tags: tuple[Tag, ...] | None = None


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """What an answer must look like; `what` says what it is about."""

    adapter: TypeAdapter[T]
    what: str

    def read(self, answer: object, of: str = "") -> T:
        """Return the answer in its shape. Raise Malformed for another one, about another object, or with one twice."""
        try:
            found = self.adapter.validate_python(answer)
        except ValidationError as error:
            raise Malformed(self.what, _place(error)) from None
        listed = [identity(one) for one in found] if isinstance(found, tuple) else []
        if (of and identity(found) != of) or len(set(listed)) < len(listed):
            raise Malformed(self.what, "id")
        return found


def identity(found: Any) -> str:
    """Return the id of what an answer is about; a member's is the account's."""
    return found.user.id if isinstance(found, Member) else str(found.id)


def _place(error: ValidationError) -> str:
    """Say where an answer is wrong, not what stands there: it may be personal."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    return ".".join(map(str, first["loc"])) or "."


SERVER_FORM = Form(TypeAdapter(Server), SERVER)
BOT_FORM = Form(TypeAdapter(Named), MEMBERS)
ROLE_LIST = Form(TypeAdapter(tuple[Role, ...]), ROLES)
CHANNEL_LIST = Form(TypeAdapter(tuple[Channel, ...]), CHANNELS)
THREAD_LIST = Form(TypeAdapter(Threads), THREADS)
MEMBER_LIST = Form(TypeAdapter(tuple[Member, ...]), MEMBERS)
LOG = Form(TypeAdapter(Log), MEMBERS)
MEMBER = Form(TypeAdapter(Member), MEMBERS)
ROLE = Form(TypeAdapter(Role), ROLES)
CHANNEL = Form(TypeAdapter(Channel), CHANNELS)
MESSAGE_LIST = Form(TypeAdapter(tuple[Message, ...]), MESSAGES)
MESSAGE = Form(TypeAdapter(Message), MESSAGES)
PINS = Form(TypeAdapter(Pins), MESSAGES)
SENT = Form(TypeAdapter(Sent), MESSAGES)
MADE_ROLE = Form(TypeAdapter(Made), ROLES)
MADE_CHANNEL = Form(TypeAdapter(Made), CHANNELS)

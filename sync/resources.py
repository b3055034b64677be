"""Discord resources as values by Key: what a server should hold (desired) and what it holds (existing).

A Key is a stable name built from source ids (`course/rosters:alg7/module/2`). A field of a desired resource that is
None is not managed. What cannot be read back cheaply (messages, pins) is compared by a digest kept in its Binding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from sync.records import File

EVERYONE = "@everyone"
BOT = "@bot"


@dataclass(frozen=True, slots=True, order=True)
class Overwrite:
    """What a channel allows and denies to one target: a role's Key, EVERYONE or BOT."""

    target: str
    allow: int
    deny: int = 0


Overwrites = tuple[Overwrite, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `colour` is 0xRRGGBB, `permissions` are guild-wide bits."""

    key: str
    name: str
    colour: int = 0
    hoist: bool = False
    permissions: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """A category of channels. `told` is what people need not be told of, as it stands there from the beginning."""

    key: str
    name: str
    overwrites: Overwrites = ()
    told: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in a category; `type` is text, voice, forum or announcement. `tags` are names for a forum's posts."""

    key: str
    name: str | None
    type: str | None
    parent: str | None = None
    topic: str | None = None
    overwrites: Overwrites | None = ()
    tags: tuple[str, ...] | None = None
    told: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Thread:
    """A post of a forum that stands for a module or a course's overview; its first message is the list.

    Locked when archived. `tags` are the names of the forum's tags on it; a pinned one stands above the others.
    """

    key: str
    name: str | None
    parent: str | None
    locked: bool = False
    tags: tuple[str, ...] | None = None
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How a message looks: a line above the title, the title that leads to `url`, Markdown text, a colour 0xRRGGBB."""

    head: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    colour: int = 0


EMPTY_LOOK = Look()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be attached to a post: which source has it, and the line that stands for it if it cannot be had."""

    source: str
    file: File
    line: str

    @property
    def name(self) -> str:
        """Return the file's name without the folders that it lies in."""
        return self.file.name.replace("\\", "/").rpartition("/")[2] or "file"

    @property
    def identity(self) -> str:
        """Name this very content of the file."""
        changed = self.file.modified.isoformat() if self.file.modified else ""
        return f"{self.file.name}\n{self.file.hash or f'{self.file.size} {changed}'}"


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours. `digest` stands for its content; `farewell` is what it becomes where it moves away from."""

    key: str
    channel: str | None
    digest: str | None
    retired: bool | None = False
    title: str = field(default="", compare=False)
    look: Look = field(default=EMPTY_LOOK, compare=False)
    files: tuple[Attachment, ...] = field(default=(), compare=False)
    farewell: Look = field(default=EMPTY_LOOK, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: Markdown before a link, the link's text, Markdown behind it. `target` is a Key."""

    target: str
    text: str
    before: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """A message that lists what there is: a module's materials, or a course's modules, in the source's order."""

    key: str
    channel: str
    digest: str
    title: str = field(default="", compare=False)
    look: Look = field(default=EMPTY_LOOK, compare=False)
    entries: tuple[Entry, ...] = field(default=(), compare=False)
    farewell: Look = field(default=EMPTY_LOOK, compare=False)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned message. A list that sank below newer pins is `lifted`: pinned anew, as the newest stands on top."""

    key: str
    post: str
    channel: str | None
    title: str = field(default="", compare=False)
    lifted: bool | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    """The thread on a post; one that moves to another channel gets a new one.

    It is opened again (`awake`) when its material changes; None leaves it as it is.
    """

    key: str
    post: str
    name: str | None
    awake: bool | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that tells a role what is new. `told` maps each Key to the digest that people then know."""

    key: str
    channel: str
    role: str
    digest: str
    title: str = field(default="", compare=False)
    look: Look = field(default=EMPTY_LOOK, compare=False)
    entries: tuple[Entry, ...] = field(default=(), compare=False)
    told: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A message that asks the staff about held removals; closed with a `verdict`, it has no buttons any more."""

    key: str
    channel: str | None
    digest: str | None
    open: bool = True
    title: str = field(default="", compare=False)
    look: Look = field(default=EMPTY_LOOK, compare=False)
    verdict: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A linked member: nickname (None: not ours to set) and the managed roles, by Key.

    `taken` are roles that somebody took away, which is respected; `joined` tells this stay on the server from others.
    """

    key: str
    nick: str | None
    roles: frozenset[str]
    user_id: str = field(default="", compare=False)
    taken: frozenset[str] = field(default=frozenset(), compare=False)
    joined: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Order:
    """The relative order of our roles (highest first) or channels."""

    key: str
    keys: tuple[str, ...]


Resource = Role | Category | Channel | Thread | Post | Index | Pin | Discussion | Notice | Question | Member | Order
State = Mapping[str, Resource]
EMPTY_STATE: State = MappingProxyType({})
KINDS: Mapping[type, str] = MappingProxyType(
    {
        Role: "role",
        Category: "category",
        Channel: "channel",
        Thread: "thread",
        Post: "post",
        Index: "index",
        Pin: "pin",
        Discussion: "discussion",
        Notice: "notice",
        Question: "question",
        Member: "member",
        Order: "order",
    }
)


_COMPARED: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {one: tuple(f.name for f in fields(one) if f.compare and f.name != "key") for one in KINDS}
)


def kind(resource: Resource) -> str:
    """Return the word for a resource's kind, as in plans and bindings."""
    return KINDS[type(resource)]


def compared(resource: Resource) -> dict[str, object]:
    """Return the fields that decide whether two resources are equal, without the Key."""
    return {name: getattr(resource, name) for name in _COMPARED[type(resource)]}


def title(resource: Resource) -> str:
    """Return what to call a resource in a printed plan."""
    for name in ("name", "title", "nick"):
        if value := getattr(resource, name, None):
            return str(value)
    return resource.key

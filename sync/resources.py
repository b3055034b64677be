"""Discord resources as values by Key: what a server should hold (desired) and what it holds (existing).

A Key is a stable name built from source ids (`course/rosters:alg7/module/2`). A field of a desired resource that is
None is not managed. What cannot be read back cheaply (messages, pins) is compared by a digest kept in its Binding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

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
    """A category of channels."""

    key: str
    name: str
    overwrites: Overwrites = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in a category; `type` is text, voice, forum or announcement."""

    key: str
    name: str | None
    type: str | None
    parent: str | None = None
    topic: str | None = None
    overwrites: Overwrites | None = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A post of a forum that stands for a module; its first message is the module's index. Locked when archived."""

    key: str
    name: str | None
    parent: str | None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours. `digest` stands for its content, `body` is what to send; retired, it keeps only its title."""

    key: str
    channel: str | None
    digest: str | None
    retired: bool | None = False
    body: str = field(default="", compare=False)
    title: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of a module's index: a title that leads to a post."""

    title: str
    post: str


@dataclass(frozen=True, slots=True)
class Index:
    """The message that lists a module's materials in the source's order."""

    key: str
    channel: str
    digest: str
    title: str = field(default="", compare=False)
    entries: tuple[IndexEntry, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned post or index."""

    key: str
    post: str
    channel: str | None
    title: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A linked member: nickname (None: not ours to set) and the managed roles, by Key."""

    key: str
    nick: str | None
    roles: frozenset[str]
    user_id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Order:
    """The relative order of our roles (highest first) or channels."""

    key: str
    keys: tuple[str, ...]


Resource = Role | Category | Channel | Thread | Post | Index | Pin | Member | Order
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

"""The small protocols that the core needs from the outside; connectors, the bot and the store implement them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.departures import Expulsion
from sync.diff import Change
from sync.errors import Denied
from sync.guild import Guild
from sync.ledger import Binding
from sync.records import File, Pulled, Snapshot, StoredPull
from sync.resources import EMPTY_LOOK, Attachment, Look, Resource

Progress = Callable[[int, int], None]  # hears how many steps are done, of how many known so far


def unwatched(_done: int, _total: int) -> None:
    """Hear of progress, and tell nobody."""


class Source(Protocol):
    """One configured connector of a school. Calls block: run them in a thread."""

    @property
    def name(self) -> str:
        """Return the part of the section name behind the slash."""
        ...

    @property
    def type(self) -> str:
        """Return the connector's type, such as `csv`."""
        ...

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        """Read the source once. `previous` loads this source's stored records, for what could not be read now.

        Raise Retriable when the source could not be reached, Refused when an operator must act first.
        """
        ...

    def download(self, file: File, limit: int) -> bytes:
        """Read a file's content, at most `limit` bytes; nothing is fetched but what belongs to the source.

        Raise Retriable when it may work later, Refused when it cannot be had (too large, not the source's own,
        forbidden), Gone when it is not there any more.
        """
        ...

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        """Tell the people behind the source what became of their input; `stored` is None when nothing was."""
        ...

    def tell_waiting(self, lines: Sequence[str]) -> None:
        """Tell the people behind the source which removals wait for a decision; no lines when none do."""
        ...


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message of the bot in a channel; `look` is empty where it has none. `thread` tells of a discussion on it,
    `hidden` that somebody took its look out of sight."""

    id: str
    content: str = ""
    look: Look = EMPTY_LOOK
    buttons: bool = False
    thread: bool = False
    hidden: bool = False


class GuildReader(Protocol):
    """Read a Discord server. Every list is complete or an error."""

    async def read(self) -> Guild:
        """Read roles, channels and members."""
        ...

    async def still_has(self, kind: str, discord_id: str) -> bool:
        """Tell whether there is a role, or a channel, when it is asked for by itself."""
        ...

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        """List the bot's messages in a channel that are newer than a snowflake, oldest first."""
        ...


class AuditReader(Protocol):
    """Look into a Discord server's audit log."""

    async def expulsions(self) -> tuple[Expulsion, ...]:
        """List the last members who were kicked or banned. Raise Refused where the bot may not see that."""
        ...


class MessageReader(Protocol):
    """Look at single messages of a Discord server. Raise Gone where a channel does not exist any more."""

    async def pinned(self, channel_id: str) -> tuple[OwnMessage, ...]:
        """List a channel's pinned messages."""
        ...

    async def message(self, channel_id: str, message_id: str) -> OwnMessage | None:
        """Read one message, or None when it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What a change left on Discord, for its Binding; a `memo` of None leaves what was remembered.

    `denied` says why something that is nobody's failure need not be tried again.
    """

    discord_id: str
    parent_id: str | None = None
    digest: str = ""
    memo: Mapping[str, str] | None = None
    denied: Denied | None = None


class GuildWriter(Protocol):
    """Apply changes to a Discord server; raises KopirErrors only."""

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        """Apply one change; what it needs is bound."""
        ...

    async def tidy(self, channel_id: str) -> None:
        """Clear the notices that pinning left in a channel."""
        ...


class Files(Protocol):
    """Fetch the contents of files from the sources that have them."""

    async def read(self, file: Attachment) -> bytes:
        """Read a file. Raise Refused when it cannot be had, Retriable when it may be had later."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A change that a run carried out: what there was before, and after; None for nothing."""

    run: str
    key: str
    existing: Resource | None
    desired: Resource | None


class Ledger(Protocol):
    """Keep bindings, and in the same transaction what was `done`. Calls block."""

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        """Save bindings in one transaction."""
        ...

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        """Forget bindings."""
        ...

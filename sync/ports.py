"""The small protocols that the core needs from the outside; connectors and the bot implement them."""

from collections.abc import Callable
from typing import Protocol

from sync.records import Pulled, Snapshot, StoredPull


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

    def pull(self, previous: Callable[[], Snapshot]) -> Pulled:
        """Read the source once. `previous` loads this source's stored records, for what could not be read now.

        Raise Retriable when the source could not be reached, Refused when an operator must act first.
        """
        ...

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        """Tell the people behind the source what became of their input; `stored` is None when nothing was."""
        ...

"""Tells the gateway's events of our own writes from those of other people, so that a run never causes the next one.

An event carries no author. So every write notes what it concerns, and an event about that is ours for a few seconds.
Somebody's change of the very same thing within them is not noticed here but by the next scheduled run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GRACE = 10.0  # seconds; the gateway's events may be late

Thing = tuple[str, str]  # a kind (role, channel, member) and a Discord id, or ALL of the kind
ALL = "*"


@dataclass(slots=True)
class Echoes:
    """What we wrote lately, with the time of the last write. Times are seconds of any steady clock."""

    grace: float = GRACE
    _written: dict[Thing, float] = field(default_factory=dict)

    def wrote(self, things: Iterator[Thing] | list[Thing], now: float) -> None:
        """Note a write; those long past are forgotten now and then."""
        self._written.update((thing, now) for thing in things)
        if len(self._written) > 10_000:
            self._written = {thing: at for thing, at in self._written.items() if now - at <= self.grace}

    def ours(self, thing: Thing, heard: float) -> bool:
        """Tell whether an event about a thing, heard at a time, is the echo of our own write."""
        written = [self._written[key] for key in (thing, (thing[0], ALL)) if key in self._written]
        return any(heard <= at + self.grace for at in written)


def concerned(method: str, path: str, ids: Mapping[str, str], body: Any = None, answer: Any = None) -> Iterator[Thing]:
    """Say which things a write changes, among them those that Discord moves, frees or tells about by itself."""
    made = str(answer.get("id", "")) if isinstance(answer, Mapping) else ""
    if "user_id" in ids:
        yield "member", ids["user_id"]
    elif path.startswith("/guilds/{guild_id}/roles"):
        whole = "role_id" not in ids or method == "DELETE"
        yield "role", ALL if whole else ids["role_id"]
        if method == "DELETE":
            yield from (("member", ALL), ("channel", ALL))
    elif path.startswith("/guilds/{guild_id}/channels"):
        yield "channel", made if method == "POST" else ALL
    elif "channel_id" in ids:
        yield "channel", ids["channel_id"]
        if path.endswith("/threads") and made:
            yield "channel", made
        if path == "/channels/{channel_id}" and (method == "DELETE" or "permission_overwrites" in (body or {})):
            yield "channel", ALL

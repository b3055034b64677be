"""What Kopir remembers beside the rosters: links, bindings, refusals and runs, as values the store keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Link:
    """A proven tie between a person (qualified id `source:id`) and a Discord user."""

    person: str
    user_id: str
    proof: str  # roster | command | (later) code, moodle, approval
    at: datetime


@dataclass(frozen=True, slots=True)
class Binding:
    """A Key's Discord id. Without an id it is an intent: the create was about to be sent at `at`.

    `parent_id` is the channel of a message, `digest` tells what was last sent, for what is not read back, and `title`
    what it is called in lists. `memo` is what its kind must remember: a post maps the identity of each file to its
    attachment, a place and a notice map Keys to the digest that people were told of. `sent` stamps the values of fields
    as sent last.
    """

    key: str
    kind: str
    discord_id: str | None
    parent_id: str | None
    digest: str
    at: datetime
    title: str = ""
    memo: Mapping[str, str] = field(default_factory=dict, hash=False)
    sent: Mapping[str, str] = field(default_factory=dict, hash=False)


APPROVED, DISCARDED = "approved", "discarded"


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about the `removals` (how many) that the plan with a digest held.

    `by` is `command` or a Discord user id. An approval that is `used` was carried out.
    """

    digest: str
    verdict: str
    by: str
    at: datetime
    removals: int = 0
    used: bool = False


class Cause(StrEnum):
    """How somebody went from the server, or lost the tie to their person."""

    LEFT = "left"
    KICKED = "kicked"
    BANNED = "banned"
    UNLINKED = "unlinked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who went: a Discord user, the person they were then (`source:id`), and who did it, if somebody else did.

    `by` is `command` or a Discord user id. `stay` is the stay on the server that ended, empty where it is not known.
    """

    user_id: str
    cause: Cause
    at: datetime
    person: str = ""
    by: str = ""
    stay: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One planned or applied run of a school; `report` is its JSON. `finished` is None while it works or was cut."""

    id: str
    school: str
    command: str
    started: datetime
    finished: datetime | None
    digest: str
    outcomes: Mapping[str, int]
    report: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that Discord refused for good: `digest` stands for it, `template` and `values` say why.

    `standing` stands for what the bot was allowed to do where it was refused; empty where that does not matter.
    """

    key: str
    digest: str
    standing: str
    template: str
    values: Mapping[str, str] = field(hash=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class PullRecord:
    """One pull of a source as history: whether it could be used, its counts and its problems' number."""

    school: str
    source: str
    at: datetime
    ok: bool
    counts: Mapping[str, int]
    problems: int
    seconds: float

"""Compare what we remember of messages with what stands on the server, which a plan does not read. Pure.

What is found only changes what we remember; the plan after it repairs: it posts, pins and edits what is missing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sync import keys
from sync.ledger import Binding
from sync.observe import RETIRED
from sync.ports import OwnMessage
from sync.resources import EMPTY_LOOK

EVERYWHERE = frozenset({"*"})  # instead of the ids of channels that are in doubt
MESSAGES = frozenset({"post", "index", "local", "question"})
ALTERED = "altered"  # a digest that no content has

_RESPECTED = {"posts": ("post", "index", "question", "thread", "discussion"), "pins": ("pin",)}

Seen = Mapping[str, OwnMessage | None]  # the messages of a channel that were looked at; None for one that is gone


@dataclass(frozen=True, slots=True)
class Findings:
    """What we remember wrongly: Keys to forget, and bindings of messages that look different now."""

    gone: tuple[str, ...] = ()
    altered: tuple[Binding, ...] = ()

    def respecting(self, respected: Collection[str], bindings: Mapping[str, Binding]) -> "Findings":
        """Leave out what people may change by hand: `respected` holds `posts` and `pins` or not."""
        kinds = {kind for what in respected for kind in _RESPECTED.get(what, ())}
        left = {key for key in self.gone if bindings[key].kind in kinds}
        left |= {keys.pin(key) for key in left}
        return Findings(tuple(key for key in self.gone if key not in left), () if "post" in kinds else self.altered)


def in_doubt(bindings: Mapping[str, Binding], channels: frozenset[str]) -> dict[str, tuple[Binding, ...]]:
    """Give by channel id the messages that should stand there, as far as those channels are in doubt.

    What was struck out is history: whoever deletes it need not see it again.
    """
    found: defaultdict[str, list[Binding]] = defaultdict(list)
    for binding in bindings.values():
        if binding.kind in MESSAGES and binding.discord_id and binding.parent_id and binding.digest != RETIRED:
            found[binding.parent_id].append(binding)
    return {place: tuple(there) for place, there in found.items() if channels == EVERYWHERE or place in channels}


def not_pinned(expected: Iterable[Binding], pinned: Collection[str]) -> list[str]:
    """Name the messages that must be looked at one by one, as they are not among the pins."""
    return [binding.discord_id for binding in expected if binding.discord_id and binding.discord_id not in pinned]


def findings(
    bindings: Mapping[str, Binding], expected: Iterable[Binding], seen: Seen, pinned: Collection[str]
) -> Findings:
    """Judge one channel; `seen` holds the messages by id, pinned or not."""
    gone: list[str] = []
    altered: list[Binding] = []
    for binding in expected:
        message = seen.get(binding.discord_id or "")
        pin = bindings.get(keys.pin(binding.key))
        if message is None:
            gone += [binding.key, keys.pin(binding.key), keys.discussion(binding.key)]
        elif (message.hidden or message.look == EMPTY_LOOK) and binding.kind != "local":
            altered.append(replace(binding, digest=ALTERED))
        if message is not None and pin is not None and binding.discord_id not in pinned:
            gone.append(pin.key)
        if message is not None and not message.thread:
            gone.append(keys.discussion(binding.key))
    return Findings(tuple(key for key in gone if key in bindings), tuple(altered))


def lost_messages(bindings: Mapping[str, Binding], deleted: Collection[str]) -> tuple[str, ...]:
    """Name what goes with deleted messages and threads; a forum post cannot get a new first message."""
    messages = [
        key
        for binding in bindings.values()
        if binding.kind in MESSAGES and binding.discord_id in deleted and binding.parent_id != binding.discord_id
        for key in (binding.key, keys.pin(binding.key))
    ]
    return *(key for key in messages if key in bindings), *lost_threads(bindings, deleted)


def lost_threads(bindings: Mapping[str, Binding], deleted: Collection[str]) -> tuple[str, ...]:
    """Name what goes with deleted threads: forum posts with all that was in them, discussions."""
    gone = {b.discord_id for b in bindings.values() if b.kind == "thread" and b.discord_id in deleted}
    return tuple(
        binding.key
        for binding in bindings.values()
        if (binding.kind in {"thread", "discussion"} and binding.discord_id in deleted) or binding.parent_id in gone
    )

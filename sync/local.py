"""Decide whether a message may become a material of its module, or stop being one; pure. The bot asks for teachers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sync import keys
from sync.audience import STAFF_ROLE
from sync.errors import Refused
from sync.ledger import Binding
from sync.naming import cut, plain
from sync.observe import places
from sync.phrases import Phrase
from sync.texts import N_

TITLE_LIMIT = 100
PER_MODULE = 50
ELSEWHERE = N_("Only messages in the channel or forum post of a module can become its materials.")
NOT_TEACHING = N_("Only those who teach this course can choose its materials.")
ALREADY = N_("This message is a material already.")
NOT_ONE = N_("This message is not among the materials that teachers added.")
TOO_MANY = N_("Materials that teachers added to this module: {count}, and no more can be added. Remove one first.")
NO_PERSON = N_("Only messages that somebody wrote can become materials.")
_MARKS = re.compile(r"[*_~`|]")
WRITTEN = frozenset({0, 19})  # https://discord.com/developers/docs/resources/message#message-object-message-types


@dataclass(frozen=True, slots=True)
class Asked:
    """A teacher's wish about one message: where it stands, who asks (role ids), what it says."""

    channel_id: str
    message_id: str
    roles: frozenset[str]
    text: str = ""
    files: tuple[str, ...] = ()
    type: int = 0


def adopt(asked: Asked, bindings: Mapping[str, Binding], now: datetime) -> Binding:
    """Make a message a material. Raise Refused with a sentence for the one who asked."""
    module = _module(asked, bindings)
    key = keys.local(module, asked.message_id)
    beside = [b for b in bindings.values() if b.kind == "local" and b.key.startswith(keys.local(module, ""))]
    if asked.type not in WRITTEN:
        raise Refused(Phrase(NO_PERSON))
    if any(b.discord_id == asked.message_id and b.kind in {"post", "index", "notice"} for b in bindings.values()):
        raise Refused(Phrase(ALREADY))
    if len(beside) >= PER_MODULE and key not in bindings:
        raise Refused(Phrase(TOO_MANY, count=len(beside)))
    at = bindings[key].at if key in bindings else now
    return Binding(key, "local", asked.message_id, asked.channel_id, "", at, _title(asked))


def release(asked: Asked, bindings: Mapping[str, Binding]) -> Binding:
    """Find the material that a message is no longer to be. Raise Refused with a sentence for the one who asked."""
    found = bindings.get(keys.local(_module(asked, bindings), asked.message_id))
    if found is None:
        raise Refused(Phrase(NOT_ONE))
    return found


def _module(asked: Asked, bindings: Mapping[str, Binding]) -> str:
    place = places(bindings).get(asked.channel_id, "")
    module = keys.module_of(place)
    if not module:
        raise Refused(Phrase(ELSEWHERE))
    allowed = (STAFF_ROLE, f"course/{keys.course_of(place)}/teachers")
    if not any(role in bindings and bindings[role].discord_id in asked.roles for role in allowed):
        raise Refused(Phrase(NOT_TEACHING))
    return module


def _title(asked: Asked) -> str:
    """Name a message by its first line with words, or by its first file."""
    lines = (plain(_MARKS.sub("", line)).strip("#>- ") for line in asked.text.splitlines())
    return cut(next((line for line in (*lines, *asked.files) if line), asked.message_id), TITLE_LIMIT)

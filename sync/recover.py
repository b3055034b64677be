"""Find again what a killed run had created but not yet bound, so that the next run makes nothing twice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.guild import Guild
from sync.ledger import Binding
from sync.looks import title
from sync.naming import channel_name, plain
from sync.observe import places
from sync.ports import GuildReader, OwnMessage
from sync.posts import look_digest

DISCORD_EPOCH = 1_420_070_400_000  # ms; https://discord.com/developers/docs/reference#snowflakes
CLOCK_SKEW = timedelta(minutes=5)  # how far this machine's clock may be ahead of Discord's
PLACES = {"role", "category", "channel", "thread"}
MESSAGES = {"post", "index", "notice"}


@dataclass(frozen=True, slots=True)
class Recovered:
    """Intents that turned out to be done (now bound), and the Keys of those that were never carried out."""

    found: tuple[Binding, ...]
    void: tuple[str, ...]


async def recover(bindings: Mapping[str, Binding], guild: Guild, reader: GuildReader) -> Recovered:
    """Look for every intent's object; reads nothing when no run was cut."""
    intents = [binding for binding in bindings.values() if binding.discord_id is None]
    found = found_places(intents, bindings, guild)
    found += await _found_messages(intents, bindings, reader)
    keys = {binding.key for binding in found}
    return Recovered(tuple(found), tuple(intent.key for intent in intents if intent.key not in keys))


def found_places(intents: Iterable[Binding], bindings: Mapping[str, Binding], guild: Guild) -> list[Binding]:
    """Match intents of roles, channels and threads: not ours yet, in the same place, named alike, made since."""
    taken = set(places(bindings))
    found = []
    for intent in sorted(intents, key=lambda i: i.key):
        newest, _, sent = intent.digest.partition("\n")
        alike = [
            int(id_)
            for kind, id_, parent, name in _objects(guild)
            if (kind, parent) == (intent.kind, intent.parent_id)
            and id_ not in taken
            and int(id_) > int(newest or 0)
            and _same_name(name, sent)
        ]
        if alike:
            taken.add(str(min(alike)))
            found.append(replace(intent, discord_id=str(min(alike)), digest=""))
    return found


def _objects(guild: Guild) -> Iterator[tuple[str, str, str | None, str]]:
    """List what an intent may have become: kind, id, parent and name."""
    yield from (("role", role.id, None, role.name) for role in guild.roles if not role.managed)
    for channel in guild.channels:
        yield "category" if channel.type == "category" else "channel", channel.id, channel.parent_id, channel.name
    yield from (("thread", thread.id, thread.parent_id, thread.name) for thread in guild.threads)


async def _found_messages(
    intents: Iterable[Binding], bindings: Mapping[str, Binding], reader: GuildReader
) -> list[Binding]:
    messages = [intent for intent in intents if intent.kind in MESSAGES]
    bound = {binding.discord_id for binding in bindings.values() if binding.kind not in PLACES}
    found: list[Binding] = []
    for channel in dict.fromkeys(intent.parent_id for intent in messages if intent.parent_id):
        waiting = [intent for intent in messages if intent.parent_id == channel]
        since = snowflake(min(intent.at for intent in waiting) - CLOCK_SKEW)
        posted = [m for m in await reader.own_messages(channel, str(since)) if m.id not in bound and m.id != channel]
        found += match_messages(waiting, posted)
    return found


def match_messages(waiting: Iterable[Binding], posted: Iterable[OwnMessage]) -> list[Binding]:
    """Match intents of messages by what was sent, then by title; a single stranger of a kind is the first intent's.

    Without a digest the next plan edits what was found: nobody knows which files hang on it.
    """
    waiting, found = list(waiting), []
    for message in posted:
        alike = [intent for intent in waiting if intent.kind == _kind(message)]
        same = [intent for intent in alike if _sent_digest(intent) == look_digest(message.look)]
        named = [intent for intent in alike if title(intent.title) == message.look.title]
        if intent := next(iter(same or named or alike), None):
            waiting.remove(intent)
            found.append(replace(intent, discord_id=message.id, digest=_sent_digest(intent) if same else ""))
    return found


def _kind(message: OwnMessage) -> str:
    """Tell what a message is: only notices call somebody, and only posts name a kind of material."""
    if message.content:
        return "notice"
    return "post" if message.look.head else "index"


def _sent_digest(intent: Binding) -> str:
    return intent.digest.partition("\n")[2]


def snowflake(moment: datetime) -> int:
    """Return the lowest id Discord could give at a moment."""
    return max(0, int(moment.timestamp() * 1000) - DISCORD_EPOCH) << 22


def _same_name(name: str, sent: str) -> bool:
    return plain(name) == plain(sent) or channel_name(name) == channel_name(sent)

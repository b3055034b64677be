"""Find again what a killed run had done but not yet noted, so that the next run makes nothing twice."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sync.errors import Gone, Refused, Stopped
from sync.guild import Guild
from sync.ledger import Binding
from sync.looks import title
from sync.naming import channel_name, plain
from sync.news import folded
from sync.observe import places
from sync.ports import GuildReader, OwnMessage
from sync.posts import look_digest

DISCORD_EPOCH = 1_420_070_400_000  # ms; https://discord.com/developers/docs/reference#snowflakes
CLOCK_SKEW = timedelta(minutes=5)  # how far this machine's clock may be ahead of Discord's
PLACES = {"role", "category", "channel", "thread"}
MESSAGES = {"post", "index", "notice", "question"}
_TARGET = re.compile(r"/(\d+)\)")  # what a line of a list leads to


@dataclass(frozen=True, slots=True)
class Recovered:
    """What turned out to be done (now bound), and the Keys of what was never carried out or is not needed any more."""

    found: tuple[Binding, ...]
    void: tuple[str, ...]


async def recover(bindings: Mapping[str, Binding], guild: Guild, reader: GuildReader) -> Recovered:
    """Look for every intent's object; reads nothing when no run was cut."""
    intents = [binding for binding in bindings.values() if binding.discord_id is None]
    found = found_places(intents, bindings, guild)
    messages, unread = await _found_messages(intents, bindings, reader)
    settled = {binding.key for binding in (*found, *messages)}
    void = [i.key for i in intents if i.key not in settled and not (i.kind in MESSAGES and i.parent_id in unread)]
    for notice in [message for message in messages if message.kind == "notice"]:
        told, before = folded(bindings, notice.key, notice.memo)
        messages[messages.index(notice)] = replace(notice, memo=told)
        void += before
    return Recovered((*found, *messages), (*void, *_superseded(bindings)))


def _superseded(bindings: Mapping[str, Binding]) -> list[str]:
    """Name the notices whose memory a later one of their place holds: a run was cut before it forgot them."""
    notices = sorted((b for b in bindings.values() if b.kind == "notice" and b.discord_id), key=lambda b: b.at)
    last = {notice.key.rpartition("/notice/")[0]: notice for notice in notices}
    later = [(notice, last[notice.key.rpartition("/notice/")[0]]) for notice in notices]
    return [old.key for old, new in later if old is not new and old.memo.keys() <= new.memo.keys()]


def deleted(bindings: Mapping[str, Binding], guild: Guild, planned: Container[str]) -> tuple[str, ...]:
    """Name the roles and categories that are gone, as after a run that was cut while deleting them.

    Those that are to be made again (`planned`) are told apart: what their place was told must be remembered till then.
    """
    there = {role.id for role in guild.roles} | {channel.id for channel in guild.channels}
    gone = [b.key for b in bindings.values() if b.kind in {"role", "category"} and b.discord_id not in there]
    return tuple(key for key in gone if key not in planned)


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
            parent = intent.parent_id if intent.kind == "thread" else None
            found.append(replace(intent, discord_id=str(min(alike)), parent_id=parent, digest=""))
    return found


def _objects(guild: Guild) -> Iterator[tuple[str, str, str | None, str]]:
    """List what an intent may have become: kind, id, parent and name."""
    yield from (("role", role.id, None, role.name) for role in guild.roles if not role.managed)
    for channel in guild.channels:
        yield "category" if channel.type == "category" else "channel", channel.id, channel.parent_id, channel.name
    yield from (("thread", thread.id, thread.parent_id, thread.name) for thread in guild.threads)


async def _found_messages(
    intents: Iterable[Binding], bindings: Mapping[str, Binding], reader: GuildReader
) -> tuple[list[Binding], set[str]]:
    """Find messages, and name the channels that are closed to us: their intents wait until we may look again."""
    messages = [intent for intent in intents if intent.kind in MESSAGES]
    bound = {binding.discord_id for binding in bindings.values() if binding.kind not in PLACES}
    found: list[Binding] = []
    unread: set[str] = set()
    for channel in dict.fromkeys(intent.parent_id for intent in messages if intent.parent_id):
        waiting = [intent for intent in messages if intent.parent_id == channel]
        since = snowflake(min(intent.at for intent in waiting) - CLOCK_SKEW)
        try:
            own = await reader.own_messages(channel, str(since))
        except Gone:
            continue  # and what was sent there went with the channel
        except Refused as error:
            if isinstance(error, Stopped):
                raise
            unread.add(channel)
            continue
        posted = [message for message in own if message.id not in bound and message.id != channel]
        found += match_messages(waiting, posted, bindings)
    return found, unread


def match_messages(
    waiting: Iterable[Binding], posted: Iterable[OwnMessage], bindings: Mapping[str, Binding]
) -> list[Binding]:
    """Match intents of messages by what was sent, then by title; a single stranger of a kind is the first intent's.

    Without a digest the next plan edits what was found: nobody knows which files hang on it.
    """
    waiting, found = list(waiting), []
    for message in posted:
        alike = [intent for intent in waiting if intent.kind == _kind(message) and _tells(intent, message, bindings)]
        same = [intent for intent in alike if _sent_digest(intent) == look_digest(message.look)]
        named = [intent for intent in alike if title(intent.title) == message.look.title]
        if intent := next(iter(same or named or alike), None):
            waiting.remove(intent)
            digest = _sent_digest(intent) if same or intent.kind == "notice" else ""
            found.append(replace(intent, discord_id=message.id, digest=digest, memo=_told(intent, bindings)))
    return found


def _told(intent: Binding, bindings: Mapping[str, Binding]) -> Mapping[str, str]:
    """Return what a message told: what could not be posted was in no notice, and is told of by a later one."""
    if intent.kind != "notice":
        return intent.memo
    return {key: digest for key, digest in intent.memo.items() if key in bindings and bindings[key].discord_id}


def _tells(intent: Binding, message: OwnMessage, bindings: Mapping[str, Binding]) -> bool:
    """Tell whether a notice may be the one that was intended: it leads to nothing but what that was to tell of."""
    if intent.kind != "notice":
        return True
    told = {bindings[key].discord_id for key in intent.memo if key in bindings}
    shown = set(_TARGET.findall(message.look.text))
    return bool(shown) and shown <= told


def _kind(message: OwnMessage) -> str:
    """Tell what a message is: only questions have buttons, only notices call somebody, only posts name a kind."""
    if message.buttons:
        return "question"
    if message.content:
        return "notice"
    return "post" if message.look.head else "index"


def _sent_digest(intent: Binding) -> str:
    return intent.digest.partition("\n")[2]


def snowflake(moment: datetime) -> int:
    """Return the lowest id Discord could give at a moment."""
    return max(0, int(moment.timestamp() * 1000) - DISCORD_EPOCH) << 22


def moment(id_: str) -> datetime:
    """Return when Discord gave an id."""
    return datetime.fromtimestamp(((int(id_) >> 22) + DISCORD_EPOCH) / 1000, UTC)


def _same_name(name: str, sent: str) -> bool:
    return plain(name) == plain(sent) or channel_name(name) == channel_name(sent)

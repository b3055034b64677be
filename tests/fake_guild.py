"""An ideal Discord in memory: it reads and writes as the bot does, never fails unless told to, and counts its writes.

It does what `bot.kinds` and Discord do together, in the least code that keeps the core honest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sandbox.bits import ChannelType
from sandbox.naming import channel_name, nickname
from sync import posts
from sync.diff import Action, Change
from sync.errors import KopirError
from sync.guild import Guild, GuildChannel, GuildMember, GuildOverwrite, GuildRole, GuildThread
from sync.keys import ROLE_ORDER, opens_thread
from sync.ledger import Binding
from sync.observe import RETIRED, thread_digest
from sync.permissions import base, effective
from sync.ports import OwnMessage, Sent
from sync.recover import snowflake
from sync.resources import (
    BOT,
    EMPTY_LOOK,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Index,
    Look,
    Member,
    Notice,
    Order,
    Overwrites,
    Pin,
    Post,
    Question,
    Role,
    Thread,
)
from tests.builders import BOT_USER, GUILD, NOW, guild

_KINDS = {"text": ChannelType.TEXT, "forum": ChannelType.FORUM, "announcement": ChannelType.ANNOUNCEMENT}


@dataclass
class FakeThread:
    name: str
    parent: str
    locked: bool = False
    tags: tuple[str, ...] = ()
    pinned: bool = False


@dataclass
class FakeMessage:
    """A message: its channel, whom it calls, its look, the lines of a list with the ids they lead to, its files."""

    channel: str
    content: str = ""
    look: Look = EMPTY_LOOK
    lines: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


class FakeDiscord:
    """A server; `fail` may raise a KopirError for a change instead of applying it."""

    def __init__(self, *members: GuildMember, fail: Callable[[Change], KopirError | None] = lambda _: None) -> None:
        started = guild(*members)
        self.roles = {role.id: role for role in started.roles}
        self.members = {member.user_id: member for member in started.members}
        self.channels: dict[str, GuildChannel] = {}
        self.threads: dict[str, FakeThread] = {}
        self.messages: dict[str, FakeMessage] = {}
        self.pins: dict[str, str] = {}
        self.writes: list[Change] = []
        self.tidied: list[str] = []
        self.channel_order: tuple[str, ...] = ()
        self.fail = fail
        self._last = snowflake(NOW)

    def new_id(self) -> str:
        self._last += 1
        return str(self._last)

    def guild(self) -> Guild:
        active = tuple(
            GuildThread(id_, t.name, t.parent, t.tags, t.pinned) for id_, t in self.threads.items() if not t.locked
        )
        started = guild(roles=(), channels=self.channels.values(), threads=active)
        return replace(started, roles=tuple(self.roles.values()), members=tuple(self.members.values()))

    async def read(self) -> Guild:
        return self.guild()

    async def still_has(self, kind: str, discord_id: str) -> bool:
        return discord_id in (self.roles if kind == "role" else self.channels)

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        here = [(id_, m) for id_, m in self.messages.items() if m.channel == channel_id and int(id_) > int(after)]
        return tuple(OwnMessage(id_, message.content, message.look) for id_, message in here)

    def join(self, *members: GuildMember) -> None:
        self.members |= {member.user_id: member for member in members}

    def give(self, user_id: str, *roles: str) -> None:
        """Give roles as a person does, by hand."""
        member = self.members[user_id]
        self.members[user_id] = replace(member, roles=member.roles | set(roles))

    def can(self, user_id: str, channel_id: str) -> int:
        """Compute what a member may do in a channel."""
        channel, member = self.channels[channel_id], self.members[user_id]
        overwrites = {o.id: o for o in channel.overwrites}
        held = [self.roles[role].permissions for role in (GUILD, *member.roles)]
        return effective(base(held), GUILD, member.roles, user_id, overwrites)

    async def tidy(self, channel_id: str) -> None:
        self.tidied.append(channel_id)

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        if error := self.fail(change):
            raise error
        self.writes.append(change)
        if change.action is Action.DELETE:
            return self._delete(change, bindings[change.key])
        match change.desired:
            case Role() as role:
                return self._role(role, change, bindings)
            case Category() | Channel() as place:
                return self._place(place, change, bindings)
            case Thread() as thread:
                return self._thread(thread, change, bindings)
            case Member() as member:
                return self._member(member, change, bindings)
            case Order() as order:
                return self._order(order, bindings)
        return self._words(change, bindings)

    def _words(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        match change.desired:
            case Post(retired=True) as post:
                return self._retire(post, bindings[change.key])
            case Post() | Index() as message:
                return self._message(message, bindings)
            case Pin(post=post):
                return self._pin(bindings[post])
            case Discussion() as discussion:
                return self._discussion(discussion, bindings[discussion.post])
            case Notice() as notice:
                return self._notice(notice, bindings)
            case Question() as question:
                return self._question(question, bindings)
        raise AssertionError(change)

    def _delete(self, change: Change, old: Binding) -> Sent:
        id_ = old.discord_id or ""
        if change.kind == "role":
            del self.roles[id_]
            self.members = {u: replace(m, roles=m.roles - {id_}) for u, m in self.members.items()}
            self.channels = {
                c: replace(channel, overwrites=tuple(o for o in channel.overwrites if o.id != id_))
                for c, channel in self.channels.items()
            }
        elif change.kind == "category":
            del self.channels[id_]
            orphans = {c: replace(ch, parent_id=None) for c, ch in self.channels.items() if ch.parent_id == id_}
            self.channels |= orphans
        elif change.kind == "channel":
            del self.channels[id_]
            self.threads = {t: thread for t, thread in self.threads.items() if thread.parent != id_}
            self.messages = {
                m: one for m, one in self.messages.items() if one.channel in {*self.channels, *self.threads}
            }
        elif change.kind == "pin":
            self.pins.pop(id_, None)
        else:
            raise AssertionError(f"Kopir never deletes a {change.kind}")
        return Sent(id_)

    def _role(self, role: Role, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        if change.action is Action.CREATE:
            id_ = self.new_id()
            self.roles = {i: replace(r, position=r.position + (r.position > 0)) for i, r in self.roles.items()}
            self.roles[id_] = GuildRole(id_, role.name, role.colour, role.hoist, role.permissions, 1)
        else:
            id_ = bindings[change.key].discord_id or ""
            known = {name: getattr(role, name) for name in change.fields}
            self.roles[id_] = replace(self.roles[id_], **known)
        return Sent(id_, digest=f"{role.name}\n{role.name}")

    def _place(self, place: Category | Channel, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        fields: dict[str, object] = {}
        kind = "category" if isinstance(place, Category) else (place.type or "")
        old = self.channels.get(bindings[change.key].discord_id or "")
        if "name" in change.fields and place.name:
            slugged = _KINDS.get(old.type if old else kind)
            fields["name"] = channel_name(place.name, slugged) if slugged else place.name
        if isinstance(place, Channel) and "topic" in change.fields:
            fields["topic"] = place.topic or ""
        if isinstance(place, Channel) and ("parent" in change.fields or old is None):
            fields["parent_id"] = bindings[place.parent or ""].discord_id
            fields["position"] = self._end()
        if "overwrites" in change.fields:
            fields["overwrites"] = self._overwrites(place.overwrites or (), old, bindings)
        if isinstance(place, Channel) and place.tags is not None:
            there, ours = old.tags if old else (), bindings[place.key].memo
            kept = {ours.get(id_, name): id_ for id_, name in there}
            others = [(id_, name) for id_, name in there if id_ not in ours and name not in place.tags]
            fields["tags"] = (*others, *((kept.get(tag) or self.new_id(), tag) for tag in place.tags))
        if old is None:
            old = GuildChannel(self.new_id(), place.name or "", kind, self._end())
        changed = replace(old, **fields)  # type: ignore[arg-type]
        self.channels[old.id] = changed
        memo = dict(place.told) if change.action is Action.CREATE else None
        if isinstance(place, Channel) and place.tags is not None:
            memo = {id_: name for id_, name in changed.tags if name in place.tags}
        return Sent(old.id, digest=f"{changed.name}\n{place.name or changed.name}", memo=memo)

    def _end(self) -> int:
        return max((channel.position + 1 for channel in self.channels.values()), default=0)

    def _overwrites(
        self, wanted: Overwrites, old: GuildChannel | None, bindings: Mapping[str, Binding]
    ) -> tuple[GuildOverwrite, ...]:
        known = {EVERYONE: GUILD, BOT: BOT_USER}
        made = [
            GuildOverwrite(known.get(o.target) or bindings[o.target].discord_id or "", o.allow, o.deny) for o in wanted
        ]
        ours = {b.discord_id for b in bindings.values() if b.kind == "role"} | set(known.values())
        return (*made, *(o for o in (old.overwrites if old else ()) if o.id not in ours))

    def _thread(self, thread: Thread, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        if change.action is Action.CREATE:
            id_ = self.new_id()
            self.threads[id_] = FakeThread(thread.name or "", bindings[thread.parent or ""].discord_id or "")
            self.messages[id_] = FakeMessage(id_, f"**{thread.name}**")
        else:
            id_ = bindings[change.key].discord_id or ""
        kept = self.threads[id_]
        kept.locked = thread.locked
        kept.name = thread.name or kept.name
        kept.pinned = kept.pinned if thread.pinned is None else thread.pinned
        if thread.tags is not None:
            kept.tags = tuple(tag for tag, name in bindings[thread.parent or ""].memo.items() if name in thread.tags)
        return Sent(id_, kept.parent, thread_digest(thread, kept.name))

    def _message(self, message: Post | Index, bindings: Mapping[str, Binding]) -> Sent:
        place, old = bindings[message.channel or ""], bindings.get(message.key)
        channel = place.discord_id or ""
        new, digest = self._content(channel, message, bindings)
        memo = {file.identity: self.new_id() for file in message.files} if isinstance(message, Post) else None
        if place.kind == "thread" and opens_thread(message.key):
            self.messages[channel] = new
            return Sent(channel, channel, digest)
        if old and old.discord_id and old.parent_id == channel:
            self.messages[old.discord_id] = new
            return Sent(old.discord_id, channel, digest, memo)
        id_ = self.new_id()
        self.messages[id_] = new
        return Sent(id_, channel, digest, memo)

    @staticmethod
    def _content(channel: str, message: Post | Index, bindings: Mapping[str, Binding]) -> tuple[FakeMessage, str]:
        if isinstance(message, Post):
            files = tuple(file.name for file in message.files)
            return FakeMessage(channel, look=message.look, files=files), message.digest or ""
        ids = [posts.target_id(entry.target, bindings) for entry in message.entries]
        lines = tuple((entry.text, id_) for entry, id_ in zip(message.entries, ids, strict=True))
        digest = posts.index_digest(message.look, message.entries, ids)
        return FakeMessage(channel, look=message.look, lines=lines), digest

    def _retire(self, post: Post, old: Binding) -> Sent:
        id_ = old.discord_id or ""
        self.messages[id_] = FakeMessage(self.messages[id_].channel, look=post.look)
        self.pins.pop(id_, None)
        return Sent(id_, old.parent_id, RETIRED, {})

    def _discussion(self, discussion: Discussion, post: Binding) -> Sent:
        id_ = post.discord_id or ""
        kept = self.threads.setdefault(id_, FakeThread("", post.parent_id or ""))
        kept.name, kept.locked = discussion.name or kept.name, False
        return Sent(id_, post.parent_id, kept.name)

    def _notice(self, notice: Notice, bindings: Mapping[str, Binding]) -> Sent:
        id_, channel = self.new_id(), bindings[notice.channel].discord_id or ""
        lines = tuple((f"{e.before}{e.text}", posts.target_id(e.target, bindings)) for e in notice.entries)
        self.messages[id_] = FakeMessage(channel, f"<@&{bindings[notice.role].discord_id}>", notice.look, lines)
        return Sent(id_, channel, notice.digest, notice.told)

    def _question(self, question: Question, bindings: Mapping[str, Binding]) -> Sent:
        old = bindings.get(question.key)
        if old and old.discord_id:
            left = question.look if question.open else self.messages[old.discord_id].look
            self.messages[old.discord_id] = FakeMessage(old.parent_id or "", question.verdict, left)
            return Sent(old.discord_id, old.parent_id, question.digest or "")
        id_, channel = self.new_id(), bindings[question.channel or ""].discord_id or ""
        self.messages[id_] = FakeMessage(channel, look=question.look)
        return Sent(id_, channel, question.digest or "")

    def _pin(self, post: Binding) -> Sent:
        self.pins.pop(post.discord_id or "", None)
        self.pins[post.discord_id or ""] = post.parent_id or ""
        return Sent(post.discord_id or "", post.parent_id)

    def _member(self, desired: Member, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        now = self.members[desired.user_id]
        lost = {bindings[role].discord_id for role in change.lost_roles if role in bindings}
        wanted = {bindings[role].discord_id or "" for role in desired.roles}
        nick = now.nick if desired.nick is None else nickname(desired.nick)
        self.members[now.user_id] = replace(now, roles=(now.roles - lost) | wanted, nick=nick)
        return Sent(now.user_id)

    def _order(self, order: Order, bindings: Mapping[str, Binding]) -> Sent:
        wanted = [bindings[key].discord_id or "" for key in order.keys if key in bindings]
        if order.key == ROLE_ORDER:
            self._sort_roles([role for role in wanted if role in self.roles])
        else:
            first = max((c.position + 1 for c in self.channels.values() if c.id not in wanted), default=0)
            for place, id_ in enumerate(id_ for id_ in wanted if id_ in self.channels):
                self.channels[id_] = replace(self.channels[id_], position=first + place)
        return Sent("")

    def _sort_roles(self, wanted: Iterable[str]) -> None:
        wanted = list(wanted)
        slots = sorted((self.roles[role].position for role in wanted), reverse=True)
        for role, position in zip(wanted, slots, strict=True):
            self.roles[role] = replace(self.roles[role], position=position)

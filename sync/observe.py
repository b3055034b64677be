"""Turn a reading of the server and our bindings into the existing State; what has no binding is not in it: not ours."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync.guild import Guild, GuildChannel, GuildMember, GuildRole
from sync.keys import CHANNEL_ORDER, ROLE_ORDER, is_local
from sync.keys import member as member_key
from sync.ledger import Binding
from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Index,
    Member,
    Order,
    Overwrite,
    Pin,
    Post,
    Question,
    Resource,
    Role,
    State,
    Thread,
)

RETIRED = "retired"
LOCKED, OPEN = "locked", "open"


Bindings = Mapping[str, Binding]
Keys = Mapping[str | None, str]


def observe(guild: Guild, bindings: Bindings) -> State:
    """Give the existing State. A binding whose object is gone is left out, so that it is created again."""
    keys = places(bindings)
    roles = {role.key: role for role in _roles(guild, keys, bindings)}
    channels = {channel.key: channel for channel in _channels(guild, keys, bindings)}
    state: dict[str, Resource] = {**roles, **channels}
    alive = set(channels)
    for binding in sorted(bindings.values(), key=lambda b: b.kind != "thread"):
        if not _is_past(binding, bindings) and (resource := _bound(binding, guild, keys, alive, bindings)) is not None:
            state[binding.key] = resource
            alive |= {binding.key} if isinstance(resource, Thread) else set()
    state.update((member.key, member) for member in _members(guild, keys, bindings))
    state[ROLE_ORDER] = Order(ROLE_ORDER, _role_order(guild, keys))
    state[CHANNEL_ORDER] = Order(CHANNEL_ORDER, _channel_order(guild, keys))
    return state


def places(bindings: Bindings) -> Keys:
    """Map the Discord ids of our roles, channels and threads to their Keys."""
    kinds = {"role", "category", "channel", "thread"}
    return {b.discord_id: b.key for b in bindings.values() if b.discord_id and b.kind in kinds}


def sent_name(binding: Binding, name: str) -> str:
    """Return the name we sent where Discord still shows what it made of it (it changes some, undocumented)."""
    returned, separator, sent = binding.digest.partition("\n")
    return sent if separator and name == returned else name


def _roles(guild: Guild, keys: Keys, bindings: Bindings) -> Iterable[Role]:
    for role in guild.roles:
        if key := keys.get(role.id):
            name = sent_name(bindings[key], role.name)
            yield Role(key, name, role.colour, role.hoist, role.permissions)


def _channels(guild: Guild, keys: Keys, bindings: Bindings) -> Iterable[Category | Channel]:
    for channel in guild.channels:
        if not (key := keys.get(channel.id)):
            continue
        name = sent_name(bindings[key], channel.name)
        overwrites = _overwrites(guild, channel, keys)
        if channel.type == "category":
            yield Category(key, name, overwrites)
        else:
            parent = keys.get(channel.parent_id, f"foreign/{channel.parent_id}" if channel.parent_id else None)
            ours = tuple(sorted(tag for id_, tag in channel.tags if id_ in bindings[key].memo))
            yield Channel(key, name, channel.type, parent, channel.topic, overwrites, ours)


def _overwrites(guild: Guild, channel: GuildChannel, keys: Keys) -> tuple[Overwrite, ...]:
    ours: Keys = {guild.id: EVERYONE, guild.bot_id: BOT, **keys}
    return tuple(sorted(Overwrite(ours[o.id], o.allow, o.deny) for o in channel.overwrites if o.id in ours))


def _is_past(binding: Binding, bindings: Bindings) -> bool:
    """Tell whether something hangs on a message that stands for nothing any more; a teacher's own is still there."""
    if binding.kind not in {"pin", "discussion"}:
        return False
    on = binding.key.removeprefix("pin/").removeprefix("discussion/")
    return bindings[on].discord_id != binding.discord_id if on in bindings else not is_local(on)


def _bound(binding: Binding, guild: Guild, keys: Keys, alive: set[str], bindings: Bindings) -> Resource | None:
    if binding.discord_id is None:
        return None
    channel = keys.get(binding.parent_id, "")
    match binding.kind:
        case "thread" if channel in alive:
            return _thread(binding, guild, channel, bindings)
        case "discussion" if channel in alive:
            open_ = guild.thread(binding.discord_id)
            name = open_.name if open_ else binding.digest
            return Discussion(binding.key, binding.key.removeprefix("discussion/"), name, open_ is not None, channel)
        case "post" | "index" if channel in alive and binding.digest == RETIRED:
            return Post(binding.key, channel, RETIRED, retired=True, title=binding.title)
        case "post" if channel in alive:
            return Post(binding.key, channel, binding.digest, title=binding.title)
        case "index" if channel in alive:
            return Index(binding.key, channel, binding.digest, binding.title)
        case "question" if channel in alive:
            return Question(binding.key, channel, binding.digest, title=binding.title)
        case "pin" if channel in alive:
            return Pin(binding.key, binding.key.removeprefix("pin/"), channel, binding.title, lifted=False)
    return None


def _thread(binding: Binding, guild: Guild, forum: str, bindings: Bindings) -> Thread:
    """Give a forum post as it is, or, when it is folded away and not listed, as it was written last."""
    state, _, rest = binding.digest.partition("\n")
    name, _, tags = rest.partition("\n")
    if open_ := guild.thread(binding.discord_id or ""):
        known = bindings[forum].memo
        shown = tuple(sorted(known[tag] for tag in open_.tags if tag in known))
        return Thread(binding.key, open_.name, forum, state == LOCKED, shown, open_.pinned)
    return Thread(binding.key, name, forum, state == LOCKED, tuple(tags.split("\n")) if tags else (), None)


def thread_digest(thread: Thread, name: str) -> str:
    """Write down a forum post for the time when it is folded away."""
    return "\n".join([LOCKED if thread.locked else OPEN, name, *(thread.tags or ())])


def refreshed(guild: Guild, bindings: Bindings) -> list[Binding]:
    """Write down open threads that read otherwise than remembered, as after a run that was cut while editing them."""
    keys, found = places(bindings), []
    for binding in bindings.values():
        open_, place = guild.thread(binding.discord_id or ""), keys.get(binding.parent_id)
        if open_ and place and binding.kind in {"thread", "discussion"}:
            known = _thread(binding, guild, place, bindings)
            digest = thread_digest(known, open_.name) if binding.kind == "thread" else open_.name
            found += [replace(binding, digest=digest)] if digest != binding.digest else []
    return found


def granted(binding: Binding | None) -> frozenset[str]:
    """Return the Keys of the roles we gave a member; others of ours came from a person's hand and stay."""
    return frozenset(binding.digest.split("\n")) - {""} if binding else frozenset()


def _members(guild: Guild, keys: Keys, bindings: Bindings) -> Iterable[Member]:
    roles = {role.id for role in guild.roles}
    for member in guild.members:
        held = frozenset(keys[role] for role in member.roles if role in roles and role in keys)
        if held or member_key(member.user_id) in bindings:
            yield existing_member(member, held)


def existing_member(member: GuildMember, held: frozenset[str]) -> Member:
    """Give a member's existing resource."""
    return Member(member_key(member.user_id), member.nick, held, member.user_id)


def _role_order(guild: Guild, keys: Keys) -> tuple[str, ...]:
    return tuple(keys[role.id] for role in sorted(guild.roles, key=_rank) if role.id in keys)


def _rank(role: GuildRole) -> tuple[int, int]:
    return -role.position, int(role.id)


def _channel_order(guild: Guild, keys: Keys) -> tuple[str, ...]:
    """List our channels as Discord shows them: categories by position, in each the channels, voice last."""
    by_place = sorted(guild.channels, key=lambda c: (c.type == "voice", c.position, int(c.id)))
    children: dict[str | None, list[GuildChannel]] = {}
    for channel in by_place:
        children.setdefault(channel.parent_id if channel.type != "category" else "categories", []).append(channel)
    shown = [c for category in children.get("categories", []) for c in (category, *children.get(category.id, []))]
    return tuple(keys[channel.id] for channel in [*children.get(None, []), *shown] if channel.id in keys)

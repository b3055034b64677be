"""Turn a reading of the server and our bindings into the existing State; what has no binding is not in it: not ours."""

from collections.abc import Iterable, Mapping

from sync.guild import Guild, GuildChannel, GuildMember, GuildRole
from sync.keys import CHANNEL_ORDER, ROLE_ORDER
from sync.keys import member as member_key
from sync.ledger import Binding
from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Index,
    Member,
    Order,
    Overwrite,
    Pin,
    Post,
    Resource,
    Role,
    State,
    Thread,
)

RETIRED = "retired"
LOCKED = "locked"


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
        stale = binding.kind == "pin" and _message(bindings, binding.key.removeprefix("pin/")) != binding.discord_id
        if not stale and (resource := _bound(binding, guild, keys, alive)) is not None:
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
            yield Channel(key, name, channel.type, parent, channel.topic, overwrites)


def _overwrites(guild: Guild, channel: GuildChannel, keys: Keys) -> tuple[Overwrite, ...]:
    ours: Keys = {guild.id: EVERYONE, guild.bot_id: BOT, **keys}
    return tuple(sorted(Overwrite(ours[o.id], o.allow, o.deny) for o in channel.overwrites if o.id in ours))


def _message(bindings: Bindings, post: str) -> str | None:
    return bindings[post].discord_id if post in bindings else None


def _bound(binding: Binding, guild: Guild, keys: Keys, alive: set[str]) -> Resource | None:
    if binding.discord_id is None:
        return None
    channel = keys.get(binding.parent_id, "")
    match binding.kind:
        case "thread" if channel in alive:
            known = binding.digest.partition("\n")[2]
            name = next((thread.name for thread in guild.threads if thread.id == binding.discord_id), known)
            return Thread(binding.key, name, channel, locked=binding.digest.startswith(LOCKED))
        case "post" | "index" if channel in alive and binding.digest == RETIRED:
            return Post(binding.key, channel, RETIRED, retired=True)
        case "post" if channel in alive:
            return Post(binding.key, channel, binding.digest)
        case "index" if channel in alive:
            return Index(binding.key, channel, binding.digest)
        case "pin" if channel in alive:
            return Pin(binding.key, binding.key.removeprefix("pin/"), channel)
    return None


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

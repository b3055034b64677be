"""Which gateway event reaches which session: intents, and what a bot may see. Pure; `gateway` asks it per session."""

from enum import IntFlag

from sandbox.bits import Permission
from sandbox.events import Event, JsonObject
from sandbox.permissions import effective
from sandbox.world import Application, Channel, Guild, Json, World


class Intents(IntFlag):
    """The groups of events that a session may ask for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
# Clients name undocumented bits too (interactions.py's ALL has bit 17), and Discord lets them.
KNOWN = (1 << 26) - 1

_ALWAYS = ("INTERACTION_CREATE", "USER_UPDATE", "APPLICATION_COMMAND_PERMISSIONS_UPDATE")
_BY_PREFIX = (
    ("GUILD_MEMBER_", Intents.GUILD_MEMBERS),
    ("GUILD_BAN_", Intents.GUILD_MODERATION),
    ("GUILD_AUDIT_LOG_", Intents.GUILD_MODERATION),
    ("GUILD_ROLE_", Intents.GUILDS),
    ("GUILD_", Intents.GUILDS),
    ("CHANNEL_", Intents.GUILDS),
    ("THREAD_", Intents.GUILDS),
    ("INVITE_", Intents.GUILD_INVITES),
    ("MESSAGE_REACTION_", Intents.GUILD_MESSAGE_REACTIONS),
    ("MESSAGE_", Intents.GUILD_MESSAGES),
    ("TYPING_", Intents.GUILD_MESSAGE_TYPING),
    ("PRESENCE_", Intents.GUILD_PRESENCES),
    ("WEBHOOKS_", Intents.GUILD_WEBHOOKS),
)
_DIRECT = {
    Intents.GUILD_MESSAGES: Intents.DIRECT_MESSAGES,
    Intents.GUILD_MESSAGE_REACTIONS: Intents.DIRECT_MESSAGE_REACTIONS,
    Intents.GUILD_MESSAGE_TYPING: Intents.DIRECT_MESSAGE_TYPING,
    Intents.GUILDS: Intents.DIRECT_MESSAGES,
}
_EXTRA_PERMISSION = {
    "GUILD_AUDIT_LOG_ENTRY_CREATE": Permission.VIEW_AUDIT_LOG,
    "INVITE_CREATE": Permission.MANAGE_CHANNELS,
    "INVITE_DELETE": Permission.MANAGE_CHANNELS,
}
_CONTENT = {"content": "", "embeds": [], "attachments": [], "components": []}


def intent_of(name: str, *, direct: bool) -> Intents:
    """Return the intent an event needs, none for those that always come; KeyError if unknown."""
    if name in _ALWAYS:
        return Intents(0)
    for prefix, intent in _BY_PREFIX:
        if name.startswith(prefix):
            return _DIRECT[intent] if direct else intent
    raise KeyError(name)


def is_known(name: str) -> bool:
    """Tell whether an event is one that the gateway can dispatch."""
    return name in _ALWAYS or name.startswith(tuple(prefix for prefix, _ in _BY_PREFIX))


def as_told_to(bot: Application, event: Event) -> Event:
    """Return the event in the bot's own words: its removal is the end of the guild."""
    if event.name == "GUILD_MEMBER_REMOVE" and event.data["user"]["id"] == str(bot.user.id):
        return Event("GUILD_DELETE", event.guild_id, {"id": str(event.guild_id)}, only=bot.user.id)
    return event


def shown_to(world: World, bot: Application, intents: int, event: Event) -> JsonObject | None:
    """Return the event's data as this bot gets it, None if it does not get it."""
    if event.only is not None and event.only != bot.user.id:
        return None
    if not _asked_for(bot, intents, event) or not _may_see(world, bot, event):
        return None
    data = dict(event.data)
    if event.guild_id is not None and not event.name.startswith("GUILD_") and "guild_id" not in data:
        data["guild_id"] = str(event.guild_id)
    return without_content(data, bot) if _is_hidden_content(event, intents) else data


def without_content(data: Json, bot: Application) -> Json:
    """Return a message without what people wrote, unless it is the bot's own or mentions it."""
    own = str(bot.user.id)
    mentioned = any(user["id"] == own for user in data.get("mentions", ()))
    if mentioned or data.get("author", {}).get("id") == own:
        return data
    return data | {key: empty for key, empty in _CONTENT.items() if key in data}


def _asked_for(bot: Application, intents: int, event: Event) -> bool:
    needed = intent_of(event.name, direct=event.guild_id is None)
    if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(bot.user.id):
        needed = Intents.GUILDS
    return needed & intents == needed


def _is_hidden_content(event: Event, intents: int) -> bool:
    is_message = event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
    return is_message and event.guild_id is not None and not intents & Intents.MESSAGE_CONTENT


def _may_see(world: World, bot: Application, event: Event) -> bool:
    channel = _channel_of(world, event)
    if event.only is not None:
        return True
    if event.guild_id is None:
        return channel is not None and any(user.id == bot.user.id for user in channel.recipients)
    guild = world.guilds.get(event.guild_id)
    if guild is None or bot.user.id not in guild.members:
        return False
    return _sees(world, guild, bot, channel, _EXTRA_PERMISSION.get(event.name, Permission(0)))


def _sees(world: World, guild: Guild, bot: Application, channel: Channel | None, extra: Permission) -> bool:
    needed = extra if channel is None else extra | Permission.VIEW_CHANNEL
    bits = effective(guild, guild.members[bot.user.id], channel, now=world.now())
    return needed & bits == needed


def _channel_of(world: World, event: Event) -> Channel | None:
    key = "id" if event.name.startswith(("CHANNEL_", "THREAD_")) and "id" in event.data else "channel_id"
    return world.channels.get(int(event.data.get(key) or 0))

"""What a bot learns when it connects: READY and one GUILD_CREATE per guild, composed from `views`. Pure."""

from sandbox import views
from sandbox.bits import Permission
from sandbox.intents import Intents
from sandbox.permissions import effective
from sandbox.world import Application, Guild, Json, Member, World

GATEWAY_VERSION = 10
DEFAULT_LARGE = 50
"""Members from which on a guild counts as large, unless the client says otherwise."""


def guilds_of(world: World, bot: Application) -> list[Guild]:
    """Return the guilds the bot is a member of."""
    return [guild for guild in world.guilds.values() if bot.user.id in guild.members]


def ready(world: World, bot: Application, session_id: str, resume_url: str, shard: list[int] | None) -> Json:
    """Return READY's data; the guilds follow one by one and are unavailable until then."""
    return {
        "v": GATEWAY_VERSION,
        "user": views.user(bot.user) | {"verified": True, "mfa_enabled": True, "email": None},
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds_of(world, bot)],
        "session_id": session_id,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "shard": shard or [0, 1],
        "application": {"id": str(bot.id), "flags": 0},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "user_settings": {},
        "geo_ordered_rtc_regions": [],
        "_trace": ["sandbox"],
    }


def guild_create(
    world: World, bot: Application, guild: Guild, intents: int, large_threshold: int = DEFAULT_LARGE
) -> Json:
    """Return GUILD_CREATE's data; without the presences intent its members are the bot alone."""
    own = guild.members[bot.user.id]
    large = len(guild.members) > large_threshold
    everyone = bool(intents & Intents.GUILD_PRESENCES) and not large
    members = list(guild.members.values()) if everyone else [own]
    return views.guild(guild) | {
        "joined_at": views.stamp(own.joined_at),
        "large": large,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [views.member(member) for member in members],
        "channels": [views.channel(channel) for channel in guild.channels.values()],
        "threads": _threads(world, guild, own),
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _threads(world: World, guild: Guild, own: Member) -> list[Json]:
    return [
        views.channel(thread)
        for thread in guild.threads.values()
        if thread.thread is not None
        and not thread.thread.archived
        and Permission.VIEW_CHANNEL in effective(guild, own, thread, now=world.now())
    ]

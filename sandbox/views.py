"""The JSON that Discord shows of everything in `world`. Pure; handlers and events both use it."""

from datetime import datetime

from sandbox.bits import FORUM_LIKE, THREADS, VOICE_LIKE, ChannelType
from sandbox.permissions import rank
from sandbox.world import (
    Application,
    Channel,
    Guild,
    Invite,
    Json,
    Member,
    Overwrite,
    Role,
    Tag,
    User,
    World,
    created_at,
)


def stamp(moment: datetime | None) -> str | None:
    """Return a time as Discord writes it."""
    return None if moment is None else moment.isoformat(timespec="microseconds")


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def user(value: User) -> Json:
    """Show a user."""
    shown: Json = {
        "id": str(value.id),
        "username": value.username,
        "discriminator": "0",
        "global_name": value.global_name,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if value.bot:
        shown["bot"] = True
    return shown


def application(value: Application) -> Json:
    """Show an application."""
    return {
        "id": str(value.id),
        "name": value.name,
        "icon": None,
        "description": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "summary": "",
        "type": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "bot": user(value.user),
    }


def role(value: Role) -> Json:
    """Show a role."""
    primary, secondary, tertiary = value.colors
    shown: Json = {
        "id": str(value.id),
        "name": value.name,
        "description": None,
        "permissions": str(int(value.permissions)),
        "position": value.position,
        "color": primary,
        "colors": {"primary_color": primary, "secondary_color": secondary, "tertiary_color": tertiary},
        "hoist": value.hoist,
        "managed": value.managed,
        "mentionable": value.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if value.bot_id is not None:
        shown["tags"] = {"bot_id": str(value.bot_id)}
    return shown


def member(value: Member, *, with_user: bool = True) -> Json:
    """Show a membership."""
    shown: Json = {
        "nick": value.nick,
        "roles": [str(i) for i in sorted(value.roles)],
        "joined_at": stamp(value.joined_at),
        "premium_since": None,
        "communication_disabled_until": stamp(value.timed_out_until),
        "flags": value.flags,
        "pending": False,
        "avatar": None,
        "banner": None,
        "mute": False,
        "deaf": False,
    }
    if with_user:
        shown["user"] = user(value.user)
    return shown


def overwrite(value: Overwrite) -> Json:
    """Show a permission overwrite."""
    return {
        "id": str(value.id),
        "type": value.type,
        "allow": str(int(value.allow)),
        "deny": str(int(value.deny)),
    }


def tag(value: Tag) -> Json:
    """Show a forum tag."""
    return {
        "id": str(value.id),
        "name": value.name,
        "moderated": value.moderated,
        "emoji_id": _id(value.emoji_id),
        "emoji_name": value.emoji_name,
    }


def channel(value: Channel) -> Json:
    """Show a channel of any type."""
    if value.type is ChannelType.DM:
        return _direct(value)
    return _thread(value) if value.type in THREADS else _guild_channel(value)


def _direct(value: Channel) -> Json:
    return {
        "id": str(value.id),
        "type": int(value.type),
        "flags": value.flags,
        "last_message_id": _id(value.last_message_id),
        # A bot sees only the other side, and the other side is never a bot.
        "recipients": [user(u) for u in value.recipients if not u.bot],
    }


def _guild_channel(value: Channel) -> Json:
    shown: Json = {
        "id": str(value.id),
        "type": int(value.type),
        "guild_id": _id(value.guild_id),
        "name": value.name,
        "position": value.position,
        "parent_id": _id(value.parent_id),
        "flags": value.flags,
        "nsfw": False,
        "permission_overwrites": [overwrite(o) for _, o in sorted(value.overwrites.items())],
    }
    if value.type is not ChannelType.CATEGORY:
        shown |= {"topic": None, "rate_limit_per_user": 0, "last_message_id": _id(value.last_message_id)}
    if value.type in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
        shown["last_pin_timestamp"] = stamp(value.last_pin_at)
    if value.type in VOICE_LIKE:
        shown |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
    if value.type in FORUM_LIKE:
        shown |= _forum(value)
    return shown | value.settings


def _forum(value: Channel) -> Json:
    return {
        "available_tags": [tag(t) for t in value.tags],
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
        "default_thread_rate_limit_per_user": 0,
        "template": "",
    }


def _thread(value: Channel) -> Json:
    state = value.thread
    if state is None:
        raise ValueError("a thread has a state")
    shown: Json = {
        "id": str(value.id),
        "type": int(value.type),
        "guild_id": _id(value.guild_id),
        "parent_id": _id(value.parent_id),
        "owner_id": str(state.owner_id),
        "name": value.name,
        "flags": value.flags,
        "rate_limit_per_user": 0,
        "last_message_id": _id(value.last_message_id),
        "last_pin_timestamp": stamp(value.last_pin_at),
        "message_count": state.message_count,
        "total_message_sent": state.total_sent,
        "member_count": len(state.members),
        "thread_metadata": {
            "archived": state.archived,
            "locked": state.locked,
            "auto_archive_duration": state.auto_archive_minutes,
            "archive_timestamp": stamp(state.archived_at),
            "create_timestamp": stamp(created_at(value)),
        },
        "applied_tags": [str(t) for t in state.applied_tags],
    }
    if value.type is ChannelType.PRIVATE_THREAD:
        shown["thread_metadata"]["invitable"] = state.invitable
    return shown | value.settings


def thread_member(thread_id: int, user_id: int, joined: datetime) -> Json:
    """Show who takes part in a thread."""
    return {"id": str(thread_id), "user_id": str(user_id), "join_timestamp": stamp(joined), "flags": 0}


_GUILD_DEFAULTS: Json = {
    "icon": None,
    "splash": None,
    "discovery_splash": None,
    "banner": None,
    "description": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "emojis": [],
    "stickers": [],
    "mfa_level": 0,
    "application_id": None,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "rules_channel_id": None,
    "public_updates_channel_id": None,
    "safety_alerts_channel_id": None,
    "max_members": 250000,
    "max_presences": None,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
    "home_header": None,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "preferred_locale": "en-US",
    "nsfw": False,
    "nsfw_level": 0,
    "incidents_data": None,
}


def guild(value: Guild) -> Json:
    """Show a guild without its channels and members."""
    shown: Json = {
        "id": str(value.id),
        "name": value.name,
        "owner_id": str(value.owner_id),
        "roles": [role(r) for r in sorted(value.roles.values(), key=rank)],
        "features": sorted(value.features),
    }
    return _GUILD_DEFAULTS | shown | value.settings


_INVITE_GUILD = (
    *("id", "name", "splash", "banner", "description", "icon", "features", "verification_level"),
    *("vanity_url_code", "nsfw_level", "nsfw", "premium_subscription_count"),
)
_INVITE_ROLE = ("id", "name", "position", "color", "colors", "icon", "unicode_emoji")


def invite(world: World, value: Invite) -> Json:
    """Show an invite with its counters."""
    inviting = world.guilds[value.guild_id]
    channel = inviting.channels[value.channel_id]
    shown: Json = {
        "type": 0,
        "code": value.code,
        "guild": _part(guild(inviting), _INVITE_GUILD),
        "guild_id": str(inviting.id),
        "channel": {"id": str(channel.id), "name": channel.name, "type": int(channel.type)},
        "inviter": user(value.inviter),
        "uses": value.uses,
        "max_uses": value.max_uses,
        "max_age": value.max_age,
        "temporary": value.temporary,
        "created_at": stamp(value.created_at),
        "expires_at": stamp(value.expires_at),
    }
    if value.role_ids:
        given = [inviting.roles[i] for i in value.role_ids if i in inviting.roles]
        shown["roles"] = [_part(role(r), _INVITE_ROLE) for r in given]
    return shown


def _part(shown: Json, keys: tuple[str, ...]) -> Json:
    return {key: shown[key] for key in keys}

"""The guild itself, its audit log and its invites' list; and who the caller is."""

from typing import Any

from sandbox import views
from sandbox.access import Seat, find_seat
from sandbox.bits import Action, ChannelType, Feature, Permission
from sandbox.calls import Call, Route
from sandbox.errors import invalid_field, missing_permissions, refused, unauthorized, unknown
from sandbox.forms import array, choice, nullable, obj, read, snowflake, text, unsupported
from sandbox.world import Application, Channel, Json, World

_CHANNEL_FIELDS = ("system_channel_id", "rules_channel_id", "public_updates_channel_id", "safety_alerts_channel_id")
_FIELDS = {
    "name": text(2, 100),
    "description": nullable(text(0, 300)),
    "features": array(text(1, 64), 100),
    "verification_level": nullable(choice(0, 1, 2, 3, 4), 0),
    "default_message_notifications": nullable(choice(0, 1), 0),
    "explicit_content_filter": nullable(choice(0, 1, 2), 0),
    "system_channel_flags": nullable(choice(*range(64)), 0),
    "preferred_locale": nullable(text(2, 10), "en-US"),
    "icon": unsupported("guild icons"),
    "banner": unsupported("guild banners"),
    **{name: nullable(snowflake) for name in _CHANNEL_FIELDS},
}
_DM = {"recipient_id": snowflake, "recipients": nullable(array(obj({}), 0), ())}
_IDENTIFIES = 1000


def get_guild(call: Call) -> Json:
    """Return the guild, with counts when asked."""
    guild = call.seat().guild
    shown = views.guild(guild)
    if call.query.get("with_counts", "").lower() in ("true", "1"):
        shown |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return shown


def update_guild(call: Call) -> Json:
    """Change the sent settings; COMMUNITY needs an administrator."""
    seat, values = call.seat(), read(call.body, _FIELDS)
    seat.require(Permission.MANAGE_GUILD)
    guild = seat.guild
    _require_text_channels(guild.channels, values)
    features = set(values.pop("features", guild.features))
    if Feature.COMMUNITY in features ^ guild.features and not seat.is_administrator():
        raise missing_permissions()
    guild.name = values.pop("name", guild.name).strip()
    guild.features = features | ({Feature.NEWS.value} if Feature.COMMUNITY in features else set())
    guild.settings |= {key: _as_json(key, value) for key, value in values.items()}
    call.publish("GUILD_UPDATE", guild.id, views.guild(guild))
    call.audit(guild, Action.GUILD_UPDATE, guild.id)
    return views.guild(guild)


def get_audit_log(call: Call) -> Json:
    """Return audit log entries, newest first."""
    seat = call.seat()
    seat.require(Permission.VIEW_AUDIT_LOG)
    most, before = call.query_int("limit", 1, 100, 50), call.query_id("before")
    entries = [e for e in reversed(seat.guild.audit) if _is_asked(call, e, before)][:most]
    users = {int(e["user_id"]) for e in entries}
    return {
        "audit_log_entries": entries,
        "users": [views.user(call.world.users[i]) for i in sorted(users)],
        "application_commands": [],
        "auto_moderation_rules": [],
        "guild_scheduled_events": [],
        "integrations": [],
        "threads": [],
        "webhooks": [],
    }


def get_self(call: Call) -> Json:
    """Return the caller's own user."""
    return views.user(call.user) | {"verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}


def list_own_guilds(call: Call) -> list[Json]:
    """Return the guilds the caller is in."""
    guilds = [g for _, g in sorted(call.world.guilds.items()) if call.user.id in g.members]
    return [_own_guild(find_seat(call.world, call.user, g.id)) for g in guilds]


def _own_guild(seat: Seat) -> Json:
    shown = views.guild(seat.guild)
    kept: Json = {key: shown[key] for key in ("id", "name", "icon", "banner", "features")}
    return kept | {"owner": seat.owns, "permissions": str(int(seat.bits()))}


def get_user(call: Call) -> Json:
    """Return a user anybody may look up by id."""
    user = call.world.users.get(call.id("user_id"))
    if user is None:
        raise unknown(10013)
    return views.user(user)


def open_direct(call: Call) -> Json:
    """Open the conversation with a user, or return the one there is."""
    values = read(call.body, _DM, required=["recipient_id"])
    recipient = call.world.users.get(values["recipient_id"])
    if recipient is None or recipient is call.user:
        raise refused(50033, "Invalid Recipient(s)")
    return views.channel(direct_channel(call.world, call.user.id, recipient.id))


def direct_channel(world: World, one: int, other: int) -> Channel:
    """Return the conversation of two users, made on first use."""
    pair = {one, other}
    for channel in world.channels.values():
        if channel.type is ChannelType.DM and {u.id for u in channel.recipients} == pair:
            return channel
    people = [world.users[i] for i in sorted(pair)]
    made = Channel(world.next_id(), ChannelType.DM, "", recipients=people)
    world.add_channel(made)
    return made


def get_application(call: Call) -> Json:
    """Return the caller's application; it belongs to the owner of the first server."""
    application = _application(call)
    first = next(iter(call.world.guilds.values()))
    own = [guild for guild in call.world.guilds.values() if application.id in guild.members]
    return views.application(application) | {
        "owner": views.user(call.world.users[first.owner_id]),
        "team": None,
        "approximate_guild_count": len(own),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
    }


def get_gateway(call: Call) -> Json:
    """Return the address of the gateway; asked without a token too."""
    return {"url": gateway_url(call.world)}


def get_gateway_bot(call: Call) -> Json:
    """Return the address of the gateway and the identifies that are left."""
    _application(call)
    left = {"total": _IDENTIFIES, "remaining": _IDENTIFIES, "reset_after": 86400000, "max_concurrency": 1}
    return {"url": gateway_url(call.world), "shards": 1, "session_start_limit": left}


def gateway_url(world: World) -> str:
    """Return the address of the gateway's socket."""
    return world.base_url.replace("http", "ws", 1) + "/gateway"


def _application(call: Call) -> Application:
    if call.application is None:
        raise unauthorized()
    return call.application


def _require_text_channels(channels: dict[int, Channel], values: dict[str, Any]) -> None:
    for name in _CHANNEL_FIELDS:
        target = values.get(name)
        if target is None:
            continue
        if target not in channels:
            raise invalid_field(name, "CHANNEL_UNKNOWN", "Unknown Channel")
        if channels[target].type is not ChannelType.TEXT:
            raise refused(50086, "Community server channels must be text channels")


def _as_json(key: str, value: Any) -> Any:
    return str(value) if key in _CHANNEL_FIELDS and value is not None else value


def _is_asked(call: Call, entry: Json, before: int | None) -> bool:
    wanted_user, wanted_type = call.query.get("user_id"), call.query.get("action_type")
    return (
        (before is None or int(entry["id"]) < before)
        and wanted_user in (None, entry["user_id"])
        and wanted_type in (None, str(entry["action_type"]))
    )


ROUTES = (
    Route("GET", "/guilds/{guild_id}", get_guild),
    Route("PATCH", "/guilds/{guild_id}", update_guild),
    Route("GET", "/guilds/{guild_id}/audit-logs", get_audit_log),
    Route("GET", "/users/@me", get_self),
    Route("GET", "/users/@me/guilds", list_own_guilds),
    Route("POST", "/users/@me/channels", open_direct),
    Route("GET", "/users/{user_id}", get_user),
    Route("GET", "/applications/@me", get_application),
    Route("GET", "/oauth2/applications/@me", get_application),
    Route("GET", "/gateway", get_gateway, needs_token=False),
    Route("GET", "/gateway/bot", get_gateway_bot),
)

"""INTERACTION_CREATE's data, composed from `views`. Pure."""

from collections.abc import Iterable

from sandbox import messageviews, views
from sandbox.bits import ChannelType, Permission
from sandbox.interactions import Interaction
from sandbox.permissions import effective
from sandbox.world import Guild, Json, World

_UPLOAD_LIMIT = 10 * 1024 * 1024
_IN_GUILD, _IN_DIRECT_MESSAGES = 0, 1


def interaction_create(world: World, interaction: Interaction) -> Json:
    """Return what the bot is told."""
    shown: Json = {
        "id": str(interaction.id),
        "application_id": str(interaction.bot.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(interaction.channel.id),
        "channel": views.channel(interaction.channel),
        "locale": interaction.locale,
        "app_permissions": str(int(_bits(world, interaction, interaction.bot.user.id))),
        "entitlements": [],
        "attachment_size_limit": _UPLOAD_LIMIT,
    }
    if interaction.source is not None:
        shown["message"] = messageviews.message(world, interaction.source)
    return shown | _where(world, interaction)


def resolved(world: World, guild: Guild | None, ids: Iterable[int]) -> Json:
    """Return what the ids of users, roles and channels stand for."""
    found: dict[str, Json] = {"users": {}, "members": {}, "roles": {}, "channels": {}}
    for one in ids:
        if one in world.users:
            found["users"][str(one)] = views.user(world.users[one])
        if guild is None:
            continue
        if one in guild.members:
            found["members"][str(one)] = views.member(guild.members[one], with_user=False)
        if one in guild.roles:
            found["roles"][str(one)] = views.role(guild.roles[one])
        if one in guild.channels or one in guild.threads:
            found["channels"][str(one)] = views.channel(world.channels[one])
    return {kind: things for kind, things in found.items() if things}


def _where(world: World, interaction: Interaction) -> Json:
    guild = interaction.guild
    if guild is None:
        owners = {"1": str(interaction.user.id)}
        user = views.user(interaction.user)
        return {"user": user, "context": _IN_DIRECT_MESSAGES, "authorizing_integration_owners": owners}
    permissions = str(int(_bits(world, interaction, interaction.user.id)))
    locale = guild.settings.get("preferred_locale", "en-US")
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": locale, "features": sorted(guild.features)},
        "guild_locale": locale,
        "member": views.member(guild.members[interaction.user.id]) | {"permissions": permissions},
        "context": _IN_GUILD,
        "authorizing_integration_owners": {"0": str(guild.id)},
    }


def _bits(world: World, interaction: Interaction, user_id: int) -> Permission:
    guild, channel = interaction.guild, interaction.channel
    if guild is None or channel.type is ChannelType.DM or user_id not in guild.members:
        return Permission(0)
    return effective(guild, guild.members[user_id], channel, now=world.now())

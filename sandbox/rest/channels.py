"""Guild channels: list, create, edit, sort, delete, and their overwrites. Threads are edited by `threads`."""

from collections import Counter
from typing import Any

from sandbox import overwrites, views
from sandbox.access import Seat
from sandbox.bits import THREADS, VOICE_LIKE, Action, ChannelType, Feature, Permission
from sandbox.calls import Call, Route
from sandbox.channelform import CREATE, EDIT, assign_settings, assign_tags, check, stored_name
from sandbox.errors import invalid_field, limit, missing_access, refused, unknown
from sandbox.forms import read
from sandbox.rest.threads import update_thread
from sandbox.world import Channel, Guild, Json

MAX_CHANNELS = 500
MAX_CHILDREN = 50
MAX_OVERWRITES = 1000
_COMMUNITY_CHANNELS = ("rules_channel_id", "public_updates_channel_id")


def list_channels(call: Call) -> list[Json]:
    """Return every channel, hidden ones too, without threads."""
    return [views.channel(c) for c in call.seat().guild.channels.values()]


def create_channel(call: Call) -> Json:
    """Create a channel; in a category without overwrites of its own it is synced with the category."""
    seat, values = call.seat(), read(call.body, CREATE, required=["name"])
    guild, kind = seat.guild, ChannelType(values.get("type", 0))
    parent = _parent(guild, values.get("parent_id"))
    seat.require(Permission.MANAGE_CHANNELS, parent)
    _require_room(guild, kind, parent)
    check(kind, values)
    channel = Channel(call.world.next_id(), kind, stored_name(values["name"], kind), guild.id)
    channel.parent_id = parent.id if parent else None
    channel.overwrites = _first_overwrites(seat, parent, values)
    channel.position = _position(guild, kind) if values.get("position") is None else values["position"]
    assign_settings(channel, values)
    assign_tags(call.world, channel, list(values.get("available_tags", ())))
    call.world.add_channel(channel)
    call.publish_channel("CHANNEL_CREATE", channel)
    call.audit(guild, Action.CHANNEL_CREATE, channel.id)
    return views.channel(channel)


def get_channel(call: Call) -> Json:
    """Return a visible channel, thread or conversation."""
    return views.channel(call.place().channel)


def update_channel(call: Call) -> Json:
    """Change the sent fields of a channel or thread."""
    seat, channel = call.guild_place()
    if channel.type in THREADS:
        return update_thread(call, seat, channel)
    values = read(call.body, EDIT)
    _require_edit(seat, channel, values)
    before = views.channel(channel)
    _edit(call, seat, channel, values)
    if views.channel(channel) != before:
        call.publish_channel("CHANNEL_UPDATE", channel)
        call.audit(seat.guild, Action.CHANNEL_UPDATE, channel.id)
    return views.channel(channel)


def delete_channel(call: Call) -> Json:
    """Delete a channel with its threads; a category leaves its children without a parent."""
    seat, channel = call.guild_place()
    threaded = channel.type in THREADS
    seat.require(Permission.MANAGE_THREADS if threaded else Permission.MANAGE_CHANNELS, channel)
    guild = seat.guild
    if Feature.COMMUNITY in guild.features and str(channel.id) in map(guild.settings.get, _COMMUNITY_CHANNELS):
        raise refused(50074, "Cannot delete a channel required for Community guilds")
    shown = views.channel(channel)
    _drop(call, guild, channel)
    call.audit(guild, Action.THREAD_DELETE if threaded else Action.CHANNEL_DELETE, channel.id)
    return shown


def set_overwrite(call: Call) -> None:
    """Set one overwrite of a channel."""
    seat, channel = _plain_channel(call)
    target, values = call.id("overwrite_id"), read(call.body, overwrites.BODY, required=["type"])
    after = overwrites.copied(channel.overwrites)
    after[target] = overwrites.from_body(seat.guild, target, values)
    if len(after) > MAX_OVERWRITES:
        raise limit(30060, "channel permission overwrites", MAX_OVERWRITES)
    action = Action.OVERWRITE_UPDATE if target in channel.overwrites else Action.OVERWRITE_CREATE
    _change_overwrites(call, seat, channel, after, action)


def delete_overwrite(call: Call) -> None:
    """Delete one overwrite of a channel, or 10009."""
    seat, channel = _plain_channel(call)
    after = overwrites.copied(channel.overwrites)
    if after.pop(call.id("overwrite_id"), None) is None:
        raise unknown(10009)
    _change_overwrites(call, seat, channel, after, Action.OVERWRITE_DELETE)


def _change_overwrites(call: Call, seat: Seat, channel: Channel, after: overwrites.Overwrites, action: Action) -> None:
    overwrites.require_may_edit(seat, channel, after)
    if after != channel.overwrites:
        overwrites.replace(call, seat.guild, channel, after)
        call.publish_channel("CHANNEL_UPDATE", channel)
        call.audit(seat.guild, action, channel.id, options={"id": call.params["overwrite_id"]})


def _plain_channel(call: Call) -> tuple[Seat, Channel]:
    seat, channel = call.guild_place()
    if channel.type in THREADS:
        raise refused(50024, "Cannot execute action on this channel type")
    return seat, channel


def _parent(guild: Guild, parent_id: int | None) -> Channel | None:
    if parent_id is None:
        return None
    parent = guild.channels.get(parent_id)
    if parent is None or parent.type is not ChannelType.CATEGORY:
        raise invalid_field("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist")
    return parent


def _require_room(guild: Guild, kind: ChannelType, parent: Channel | None) -> None:
    if len(guild.channels) >= MAX_CHANNELS:
        raise limit(30013, "guild channels", MAX_CHANNELS)
    needs_news = kind is ChannelType.ANNOUNCEMENT and Feature.NEWS not in guild.features
    needs_community = kind is ChannelType.STAGE and Feature.COMMUNITY not in guild.features
    if needs_news or needs_community:
        raise invalid_field("type", "BASE_TYPE_CHOICES", f"Guild lacks the feature for channel type {int(kind)}.")
    if parent is not None:
        if kind is ChannelType.CATEGORY:
            raise invalid_field("parent_id", "CHANNEL_PARENT_INVALID_TYPE", "Categories cannot have a parent")
        require_room_in(guild, parent)


def require_room_in(guild: Guild, parent: Channel) -> None:
    """Refuse a category that already has all the children it may have."""
    children = Counter(c.parent_id for c in guild.channels.values())[parent.id]
    if children >= MAX_CHILDREN:
        message = f"Maximum number of channels in category reached ({MAX_CHILDREN})"
        raise invalid_field("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", message)


def _first_overwrites(seat: Seat, parent: Channel | None, values: dict[str, Any]) -> overwrites.Overwrites:
    if "permission_overwrites" not in values:
        return overwrites.copied(parent.overwrites) if parent else {}
    chosen = overwrites.from_list(seat.guild, list(values["permission_overwrites"]))
    overwrites.require_may_create(seat, chosen)
    return chosen


def _sort_group(kind: ChannelType) -> str:
    if kind is ChannelType.CATEGORY:
        return "category"
    return "voice" if kind in VOICE_LIKE else "text"


def _position(guild: Guild, kind: ChannelType) -> int:
    group = [c.position for c in guild.channels.values() if _sort_group(c.type) == _sort_group(kind)]
    return max(group, default=-1) + 1


def _require_edit(seat: Seat, channel: Channel, values: dict[str, Any]) -> None:
    if values.keys() - {"permission_overwrites"} or not values:
        seat.require(Permission.MANAGE_CHANNELS, channel)


def _edit(call: Call, seat: Seat, channel: Channel, values: dict[str, Any]) -> None:
    """Check everything first, then change: a refused request leaves no half of itself behind."""
    check(channel.type, values)
    name = stored_name(values["name"], channel.type) if "name" in values else channel.name
    parent_id = _new_parent(seat, channel, values)
    kind = _new_type(seat.guild, channel, values)
    after = _new_overwrites(seat, channel, values)
    overwrites.replace(call, seat.guild, channel, after)
    channel.name, channel.parent_id, channel.type = name, parent_id, kind
    assign_settings(channel, values)
    if "available_tags" in values:
        assign_tags(call.world, channel, list(values["available_tags"]))
    if values.get("position") is not None:
        channel.position = values["position"]


def _new_overwrites(seat: Seat, channel: Channel, values: dict[str, Any]) -> overwrites.Overwrites:
    if "permission_overwrites" not in values:
        return channel.overwrites
    after = overwrites.from_list(seat.guild, list(values["permission_overwrites"]))
    overwrites.require_may_edit(seat, channel, after)
    return after


def _new_parent(seat: Seat, channel: Channel, values: dict[str, Any]) -> int | None:
    if "parent_id" not in values or values["parent_id"] == channel.parent_id:
        return channel.parent_id
    return checked_parent(seat, channel, values["parent_id"])


def checked_parent(seat: Seat, channel: Channel, parent_id: int | None) -> int | None:
    """Return a new parent's id that the actor may move the channel under; the target must be visible (50001)."""
    parent = _parent(seat.guild, parent_id)
    seat.require(Permission.MANAGE_CHANNELS, channel)
    if parent is None:
        return None
    if channel.type is ChannelType.CATEGORY:
        raise invalid_field("parent_id", "CHANNEL_PARENT_INVALID_TYPE", "Categories cannot have a parent")
    if not seat.sees(parent):
        raise missing_access()
    seat.require(Permission.MANAGE_CHANNELS, parent)
    require_room_in(seat.guild, parent)
    return parent.id


def _new_type(guild: Guild, channel: Channel, values: dict[str, Any]) -> ChannelType:
    convertible = {ChannelType.TEXT, ChannelType.ANNOUNCEMENT}
    kind = ChannelType(values.get("type", channel.type))
    if kind is channel.type:
        return kind
    if channel.type not in convertible or Feature.NEWS not in guild.features:
        raise refused(50024, "Cannot execute action on this channel type")
    return kind


def _drop(call: Call, guild: Guild, channel: Channel) -> None:
    for thread in [t for t in guild.threads.values() if t.parent_id == channel.id]:
        call.world.drop_channel(thread)
    shown = views.channel(channel)
    call.world.drop_channel(channel)
    if channel.type in THREADS:
        keys = ("id", "guild_id", "parent_id", "type")
        call.publish("THREAD_DELETE", guild.id, {key: shown[key] for key in keys})
        return
    call.publish("CHANNEL_DELETE", guild.id, shown)
    guild.settings = {key: None if value == shown["id"] else value for key, value in guild.settings.items()}
    for code in [i.code for i in guild.invites.values() if i.channel_id == channel.id]:
        del guild.invites[code]
    for child in [c for c in guild.channels.values() if c.parent_id == channel.id]:
        child.parent_id = None
        call.publish_channel("CHANNEL_UPDATE", child)


_CHANNEL = "/channels/{channel_id}"
_OVERWRITE = f"{_CHANNEL}/permissions/{{overwrite_id}}"
ROUTES = (
    Route("GET", "/guilds/{guild_id}/channels", list_channels),
    Route("POST", "/guilds/{guild_id}/channels", create_channel, 201),
    Route("GET", _CHANNEL, get_channel),
    Route("PATCH", _CHANNEL, update_channel),
    Route("DELETE", _CHANNEL, delete_channel),
    Route("PUT", _OVERWRITE, set_overwrite),
    Route("DELETE", _OVERWRITE, delete_overwrite),
)

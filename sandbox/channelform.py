"""What may be written into a channel: the fields of each type, and putting them into place. Used by `rest`."""

from collections.abc import Mapping
from typing import Any

from sandbox.bits import FORUM_LIKE, GUILD_TYPES, ChannelFlag, ChannelType
from sandbox.errors import invalid_field, refused
from sandbox.forms import Fields, array, choice, flag, integer, nullable, obj, snowflake, text, unsupported
from sandbox.naming import channel_name
from sandbox.overwrites import LIST
from sandbox.world import Channel, Tag, World

MAX_TAGS = 20
ARCHIVE_MINUTES = choice(60, 1440, 4320, 10080)
SLOWMODE = integer(0, 21600)
_BITRATE = 8000, 96000
_TAG = obj(
    {
        "id": nullable(snowflake),
        "name": text(1, 20),
        "moderated": nullable(flag, default=False),
        "emoji_id": nullable(snowflake),
        "emoji_name": nullable(text(0, 64)),
    },
    required=["name"],
)
_SETTINGS: Fields = {
    "topic": nullable(text(0, 4096)),
    "nsfw": nullable(flag, default=False),
    "rate_limit_per_user": nullable(SLOWMODE, 0),
    "bitrate": nullable(integer(*_BITRATE), 64000),
    "user_limit": nullable(integer(0, 10000), 0),
    "rtc_region": nullable(text(0, 64)),
    "video_quality_mode": nullable(choice(1, 2), 1),
    "default_auto_archive_duration": nullable(ARCHIVE_MINUTES),
    "default_sort_order": nullable(choice(0, 1)),
    "default_forum_layout": nullable(choice(0, 1, 2), 0),
    "default_thread_rate_limit_per_user": nullable(SLOWMODE, 0),
    "default_reaction_emoji": unsupported("default reactions"),
}
_COMMON: Fields = {
    "name": text(1, 100),
    "position": nullable(integer(0, 2**31 - 1)),
    "parent_id": nullable(snowflake),
    "permission_overwrites": nullable(LIST, ()),
    "flags": nullable(integer(0, 2**31 - 1), 0),
    "available_tags": nullable(array(_TAG, MAX_TAGS), ()),
}
CREATE: Fields = {"type": nullable(choice(*map(int, GUILD_TYPES)), 0), **_COMMON, **_SETTINGS}
EDIT: Fields = {"type": choice(ChannelType.TEXT, ChannelType.ANNOUNCEMENT), **_COMMON, **_SETTINGS}

_VOICE = {"nsfw", "rate_limit_per_user", "bitrate", "user_limit", "rtc_region", "video_quality_mode"}
_TEXT = {"topic", "nsfw", "rate_limit_per_user", "default_auto_archive_duration"}
_TEXT |= {"default_thread_rate_limit_per_user"}
_FORUM = _TEXT | {"default_sort_order", "default_forum_layout", "default_reaction_emoji"}
_ALLOWED: Mapping[ChannelType, set[str]] = {
    ChannelType.TEXT: _TEXT,
    ChannelType.ANNOUNCEMENT: _TEXT - {"rate_limit_per_user"},
    ChannelType.VOICE: _VOICE,
    ChannelType.STAGE: _VOICE | {"topic"},
    ChannelType.CATEGORY: set(),
    ChannelType.FORUM: _FORUM,
    ChannelType.MEDIA: _FORUM,
}
_SHORT_TOPIC = 1024
_USER_LIMIT = {ChannelType.VOICE: 99, ChannelType.STAGE: 10000}


def stored_name(name: str, kind: ChannelType) -> str:
    """Return the name as Discord keeps it, or 50035 when nothing of it remains."""
    stored = channel_name(name, kind)
    if not stored:
        raise invalid_field("name", "BASE_TYPE_REQUIRED", "This field is required")
    return stored


def check(kind: ChannelType, values: Mapping[str, Any]) -> None:
    """Refuse values that are right in shape and wrong for this type of channel, before anything is changed."""
    _check_ranges(kind, values)
    names = [tag["name"] for tag in values.get("available_tags", ())]
    if len(set(names)) != len(names):
        raise refused(40061, "Tag names must be unique")


def assign_settings(channel: Channel, values: Mapping[str, Any]) -> None:
    """Put the plain fields that the channel's type has into place; others are ignored, as Discord does."""
    for key in _ALLOWED[channel.type] & values.keys():
        channel.settings[key] = values[key]
    if "flags" in values and channel.type in FORUM_LIKE:
        channel.flags = values["flags"] & ChannelFlag.REQUIRE_TAG


def _check_ranges(kind: ChannelType, values: Mapping[str, Any]) -> None:
    topic = values.get("topic")
    if topic and kind not in FORUM_LIKE and len(topic) > _SHORT_TOPIC:
        raise invalid_field("topic", "BASE_TYPE_MAX_LENGTH", f"Must be {_SHORT_TOPIC} or fewer in length.")
    most = _USER_LIMIT.get(kind)
    if most is not None and values.get("user_limit", 0) > most:
        raise invalid_field("user_limit", "NUMBER_TYPE_RANGE", f"int value should be between 0 and {most}.")


def assign_tags(world: World, channel: Channel, sent: list[dict[str, Any]]) -> None:
    """Replace a forum's tags; a tag keeps its identity by id."""
    if channel.type in FORUM_LIKE:
        known = {tag.id for tag in channel.tags}
        channel.tags = [_tag(world, known, values) for values in sent]


def _tag(world: World, known: set[int], values: dict[str, Any]) -> Tag:
    kept = values.get("id") in known
    rest = {key: value for key, value in values.items() if key != "id"}
    return Tag(id=values["id"] if kept else world.next_id(), **rest)

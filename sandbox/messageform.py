"""What may be written into a message: fields, embeds and components within Discord's limits."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.bits import MessageFlag
from sandbox.errors import ApiError, invalid_field, refused
from sandbox.forms import Fields, Problem, anything, array, flag, integer, nullable, obj, snowflake, text, unsupported
from sandbox.world import Json

MAX_CONTENT = 2000
MAX_FILES = 10
_MAX_EMBEDS_TEXT = 6000
_MAX_ROWS = 5
_MAX_COMPONENTS = 40
_MAX_BUTTONS = 5
_ROW, _BUTTON, _STRING_SELECT = 1, 2, 3
_LINK = 5
_SELECTS = frozenset({3, 5, 6, 7, 8})
_V2_TYPES = frozenset({1, 9, 10, 12, 13, 14, 17})
_USER_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_VOICE_MESSAGE
    | MessageFlag.IS_COMPONENTS_V2
)


def _nonce(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 25:
        raise Problem("BASE_TYPE_BAD_LENGTH", "Must be between 0 and 25 in length.")
    return value


def _content(value: Any) -> str:
    # Discord trims first: a message of spaces is an empty one.
    stripped: str = text(0, MAX_CONTENT)(value.strip() if isinstance(value, str) else value)
    return stripped


_EMBED_PARTS = {
    "title": nullable(text(0, 256)),
    "description": nullable(text(0, 4096)),
    "fields": nullable(array(obj({"name": text(1, 256), "value": text(1, 1024)}, required=["name", "value"]), 25)),
    "footer": nullable(obj({"text": text(0, 2048)})),
    "author": nullable(obj({"name": text(0, 256)})),
}


def _embed(value: Any) -> Json:
    obj(_EMBED_PARTS)(value)
    return {"type": "rich", **{key: part for key, part in value.items() if part is not None}}


_MENTIONS = obj(
    {
        "parse": nullable(array(text(0, 10), 3), ()),
        "users": nullable(array(snowflake, 100), ()),
        "roles": nullable(array(snowflake, 100), ()),
        "replied_user": nullable(flag, default=False),
    }
)
_REFERENCE = obj(
    {
        "type": nullable(integer(0, 1), 0),
        "message_id": snowflake,
        "channel_id": nullable(snowflake),
        "guild_id": nullable(snowflake),
        "fail_if_not_exists": nullable(flag, default=True),
    },
    required=["message_id"],
)
_ATTACHMENT = obj({"id": snowflake, "filename": text(0, 1024), "description": nullable(text(0, 1024))}, ["id"])

FIELDS: Fields = {
    "content": nullable(_content, ""),
    "embeds": nullable(array(_embed, 10), ()),
    "embed": unsupported("the deprecated field embed"),
    "components": nullable(array(anything, _MAX_COMPONENTS), ()),
    "attachments": nullable(array(_ATTACHMENT, MAX_FILES)),
    "allowed_mentions": nullable(_MENTIONS),
    "flags": nullable(integer(0, 2**31 - 1), 0),
    "nonce": nullable(_nonce),
    "enforce_nonce": nullable(flag, default=False),
    "tts": nullable(flag, default=False),
    "message_reference": nullable(_REFERENCE),
    "sticker_ids": unsupported("stickers"),
    "poll": unsupported("polls"),
    "shared_client_theme": unsupported("shared client themes"),
}


def user_flags(values: Mapping[str, Any]) -> int:
    """Return the sent flags that a caller may set."""
    return int(values.get("flags", 0) & _USER_FLAGS)


def check_message(values: Mapping[str, Any], *, flags: int, has_files: bool) -> None:
    """Refuse an empty message, embeds that are too long together, and components that do not fit."""
    parts = (values.get(key) for key in ("content", "embeds", "components"))
    if not has_files and not any(parts):
        raise refused(50006, "Cannot send an empty message")
    _check_embeds(values.get("embeds") or ())
    components = list(values.get("components") or ())
    if flags & MessageFlag.IS_COMPONENTS_V2:
        _check_v2(values, components)
    else:
        _check_rows(components)
    _check_custom_ids(components)


def _check_embeds(embeds: list[Json] | tuple[Json, ...]) -> None:
    if sum(map(_embed_length, embeds)) > _MAX_EMBEDS_TEXT:
        code = "MAX_EMBED_SIZE_EXCEEDED"
        raise invalid_field("embeds", code, f"Embed size exceeds maximum size of {_MAX_EMBEDS_TEXT}")


def _embed_length(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields", ()):
        texts += [field["name"], field["value"]]
    return sum(len(t or "") for t in texts)


def _check_v2(values: Mapping[str, Any], components: list[Json]) -> None:
    if values.get("content") or values.get("embeds"):
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        raise invalid_field("content", code, "The 'content' and 'embeds' fields cannot be used")
    if not components or any(_type(c) not in _V2_TYPES for c in components):
        raise _bad_components("Components V2 need components of a known type")
    if sum(1 for _ in walk(components)) > _MAX_COMPONENTS:
        raise _bad_components(f"Must be {_MAX_COMPONENTS} or fewer components in total")


def _check_rows(components: list[Json]) -> None:
    if len(components) > _MAX_ROWS:
        raise _bad_components(f"Must be between 0 and {_MAX_ROWS} in length.")
    if any(_type(c) != _ROW for c in components):
        raise _bad_components("Value of field 'type' must be one of (1,).")


def _check_custom_ids(components: list[Json]) -> None:
    every = list(walk(components))
    for component in every:
        _check_component(component)
    repeated = [i for i, n in Counter(c.get("custom_id") for c in every).items() if i and n > 1]
    if repeated:
        raise _bad_components("Component custom id cannot be duplicated")


def _check_component(component: Json) -> None:
    kind = _type(component)
    if kind == _ROW:
        _check_row(_list(component, "components"))
    if kind == _BUTTON:
        _check_button(component)
    if kind in _SELECTS and not 1 <= _length(component, "custom_id") <= 100:
        raise _bad_components("custom_id must be between 1 and 100 in length.")
    if kind == _STRING_SELECT and not 1 <= len(_list(component, "options")) <= 25:
        raise _bad_components("options must be between 1 and 25 in length.")


def _check_row(inside: list[Json]) -> None:
    kinds = [_type(c) for c in inside]
    buttons = all(kind == _BUTTON for kind in kinds) and 1 <= len(kinds) <= _MAX_BUTTONS
    one_select = len(kinds) == 1 and kinds[0] in _SELECTS
    if not buttons and not one_select:
        raise _bad_components("An action row holds 1 to 5 buttons or one select menu")


def _check_button(button: Json) -> None:
    key, most = ("url", 512) if button.get("style") == _LINK else ("custom_id", 100)
    if button.get("style") not in range(1, 7) or _length(button, "label") > 80:
        raise _bad_components("A button needs a style from 1 to 6 and a label of at most 80 characters")
    if not 1 <= _length(button, key) <= most:
        raise _bad_components(f"{key} must be between 1 and {most} in length.")


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component, nested ones too, in reading order."""
    for component in components:
        _type(component)
        yield component
        yield from walk(_list(component, "components"))
        yield from walk([component["accessory"]] if component.get("accessory") else [])


def numbered(components: list[Json]) -> list[Json]:
    """Return the components with the ids Discord gives to those that bring none."""
    for number, component in enumerate(walk(components), start=1):
        component.setdefault("id", number)
    return components


def _type(component: Any) -> int:
    if not isinstance(component, dict) or not isinstance(component.get("type"), int):
        raise _bad_components("A component is an object with a type")
    return int(component["type"])


def _list(component: Json, key: str) -> list[Json]:
    value = component.get(key) or []
    if not isinstance(value, list):
        raise _bad_components(f"{key} must be an array")
    return value


def _length(component: Json, key: str) -> int:
    value = component.get(key) or ""
    if not isinstance(value, str):
        raise _bad_components(f"{key} must be a string")
    return len(value)


def _bad_components(message: str) -> ApiError:
    return invalid_field("components", "COMPONENT_VALIDATION_FAILED", message)

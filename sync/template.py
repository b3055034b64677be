"""Read the base structure of a school's server from a TOML file: Kopir's own or the school's."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sync.errors import Refused
from sync.permissions import bits
from sync.phrases import Phrase, joined
from sync.texts import LANGUAGES, N_

SHIPPED = Path(__file__).resolve().parent / "templates" / "school.toml"
TYPES = ("text", "voice", "forum", "announcement")
AUDIENCES = ("everyone", "verified", "moderators", "staff")
REQUIRED_ROLES = ("staff", "moderator", "verified")
_WHITE = 0xFFFFFF
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BaseRole:
    """A role of the school itself."""

    key: str
    names: Mapping[str, str]
    colour: int
    hoist: bool
    permissions: int


@dataclass(frozen=True, slots=True)
class BaseChannel:
    """A channel of the school itself; `who` sees it, `writes` may write in it."""

    key: str
    names: Mapping[str, str]
    type: str
    who: str
    writes: str
    topics: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BaseCategory:
    """A category of the school itself."""

    key: str
    names: Mapping[str, str]
    channels: tuple[BaseChannel, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The base structure: roles from the highest down, categories from the top down."""

    roles: tuple[BaseRole, ...]
    categories: tuple[BaseCategory, ...]


def load(path: Path = SHIPPED) -> Template:
    """Read a template. Raise Refused with the file, the place and what is expected there."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(Phrase("{path}: the template cannot be read: {reason}", path=path, reason=error)) from error
    try:
        return _template(data)
    except ValueError as error:
        raise Refused(joined(": ", (str(path), *error.args))) from error


def _template(data: Mapping[str, Any]) -> Template:
    _known(data, Phrase("the file"), {"roles", "categories"})
    roles = _each(data.get("roles", []), "roles", _role)
    missing = [key for key in REQUIRED_ROLES if key not in {role.key for role in roles}]
    if missing:
        advice = N_("the roles {missing} are needed; copy them from the template that ships with Kopir")
        raise ValueError(Phrase(advice, missing=", ".join(missing)))
    categories = _each(data.get("categories", []), "categories", _category)
    _unique([channel.key for category in categories for channel in category.channels], "channels")
    return Template(roles, categories)


def _role(data: Mapping[str, Any], place: str) -> BaseRole:
    _known(data, place, {"key", "name", "colour", "hoist", "permissions"})
    colour, hoist = data.get("colour", 0), data.get("hoist", False)
    if type(colour) is not int or not 0 <= colour <= _WHITE:
        raise ValueError(_wrong(place, "colour", colour, "0 … 0xFFFFFF"))
    if not isinstance(hoist, bool):
        raise ValueError(_wrong(place, "hoist", hoist, "true, false"))  # noqa: TRY004  one error for all mistakes
    return BaseRole(_key(data, place), _words(data, place, "name"), colour, hoist, _permissions(data, place))


def _permissions(data: Mapping[str, Any], place: str) -> int:
    names = data.get("permissions", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        advice = N_("{place}: write the permissions as a list, such as {example}")
        raise ValueError(Phrase(advice, place=place, example='["view_channel"]'))
    try:
        return bits(names)
    except KeyError as error:
        name = error.args[0].lower()
        raise ValueError(Phrase("{place}: there is no permission named {name}", place=place, name=name)) from error


def _category(data: Mapping[str, Any], place: str) -> BaseCategory:
    _known(data, place, {"key", "name", "channels"})
    channels = _each(data.get("channels", []), f"{place} channels", _channel)
    return BaseCategory(_key(data, place), _words(data, place, "name"), channels)


def _channel(data: Mapping[str, Any], place: str) -> BaseChannel:
    _known(data, place, {"key", "name", "type", "who", "writes", "topic"})
    return BaseChannel(
        _key(data, place),
        _words(data, place, "name"),
        _choice(data, place, "type", TYPES, "text"),
        _choice(data, place, "who", AUDIENCES, "verified"),
        _choice(data, place, "writes", AUDIENCES, "verified"),
        _words(data, place, "topic") if "topic" in data else {},
    )


def _each(entries: object, place: str, read: Callable[[Mapping[str, Any], str], T]) -> tuple[T, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(Phrase("{place}: write [[{place}]] for each entry", place=place))
    values = tuple(read(entry, f"{place} {number}") for number, entry in enumerate(entries, 1))
    _unique([getattr(value, "key", "") for value in values], place)
    return values


def _unique(keys: list[str], place: str) -> None:
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(Phrase("{place}: the key '{key}' stands twice", place=place, key=twice[0]))


def _known(data: Mapping[str, Any], place: str, allowed: set[str]) -> None:
    if unknown := sorted(set(data) - allowed):
        known = ", ".join(sorted(allowed))
        raise ValueError(
            Phrase("{place}: unknown key '{key}'; known are {known}", place=place, key=unknown[0], known=known)
        )


def _key(data: Mapping[str, Any], place: str) -> str:
    key = data.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError(Phrase("{place}: `key` is needed, of a-z, 0-9, - and _", place=place))
    return key


def _words(data: Mapping[str, Any], place: str, name: str) -> Mapping[str, str]:
    value = data.get(name)
    if isinstance(value, str) and (value or name == "topic"):
        return dict.fromkeys(LANGUAGES, value)
    if (
        isinstance(value, dict)
        and set(value) == set(LANGUAGES)
        and all(isinstance(text, str) and (text or name == "topic") for text in value.values())
    ):
        return value
    advice = N_("{place}: `{name}` is one text, or one for each of {languages}")
    raise ValueError(Phrase(advice, place=place, name=name, languages=", ".join(LANGUAGES)))


def _choice(data: Mapping[str, Any], place: str, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = data.get(name, default)
    if value not in allowed:
        raise ValueError(_wrong(place, name, value, ", ".join(allowed)))
    return str(value)


def _wrong(place: str, name: str, value: object, allowed: str) -> Phrase:
    advice = N_("{place}: {name} = {value}; write one of {allowed}")
    return Phrase(advice, place=place, name=name, value=repr(value), allowed=allowed)

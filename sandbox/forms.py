"""The one way to validate a JSON body: a table of field parsers; all problems at once, as Discord (50035)."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.bits import Permission
from sandbox.errors import invalid_form, not_implemented

Parser = Callable[[Any], Any]
Fields = Mapping[str, Parser]

_MAX_SNOWFLAKE = 2**63 - 1


class Problem(Exception):
    """What is wrong with one value; `errors` is Discord's shape for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}


class _Problems(Problem):
    def __init__(self, errors: dict[str, Any]) -> None:
        super().__init__("", "")
        self.errors = errors


def read(body: Any, fields: Fields, required: Collection[str] = ()) -> dict[str, Any]:
    """Return the parsed values of the known fields that the body has, or raise 50035 with all problems."""
    try:
        values: dict[str, Any] = obj(fields, required)({} if body is None else body)
    except Problem as problem:
        raise invalid_form(problem.errors) from None
    return values


def read_list(body: Any, parser: Parser) -> list[Any]:
    """Return the parsed items of a body that is an array."""
    try:
        values: list[Any] = parser(body)
    except Problem as problem:
        raise invalid_form(problem.errors) from None
    return values


def obj(fields: Fields, required: Collection[str] = ()) -> Parser:
    """Make a parser of an object; unknown keys are ignored, as Discord ignores them."""

    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Problem("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        errors = {key: _REQUIRED for key in required if value.get(key) is None}
        parsed: dict[str, Any] = {}
        for key, parser in fields.items():
            if key in value and key not in errors:
                _collect(parser, value[key], key, parsed, errors)
        if errors:
            raise _Problems(errors)
        return parsed

    return parse


_REQUIRED = Problem("BASE_TYPE_REQUIRED", "This field is required").errors


def array(parser: Parser, most: int, least: int = 0) -> Parser:
    """Make a parser of a list with at most `most` items."""

    def parse(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Problem("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        if not least <= len(value) <= most:
            raise Problem("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        errors: dict[str, Any] = {}
        parsed: dict[str, Any] = {}
        for index, item in enumerate(value):
            _collect(parser, item, str(index), parsed, errors)
        if errors:
            raise _Problems(errors)
        return list(parsed.values())

    return parse


def _collect(parser: Parser, value: Any, key: str, parsed: dict[str, Any], errors: dict[str, Any]) -> None:
    try:
        parsed[key] = parser(value)
    except Problem as problem:
        errors[key] = problem.errors


def nullable(parser: Parser, default: Any = None) -> Parser:
    """Make a parser that turns null into a default."""
    return lambda value: default if value is None else parser(value)


def text(least: int, most: int) -> Parser:
    """Make a parser of a string of so many characters."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise Problem("BASE_TYPE_STRING", "Could not interpret value as string.")
        if not least <= len(value) <= most:
            raise Problem("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        return value

    return parse


def integer(least: int, most: int) -> Parser:
    """Make a parser of a whole number in a range."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Problem("NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        if not least <= value <= most:
            raise Problem("NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")
        return value

    return parse


def choice(*allowed: int) -> Parser:
    """Make a parser of a number out of a few."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or value not in allowed:
            raise Problem("BASE_TYPE_CHOICES", f"Value must be one of {list(allowed)}.")
        return int(value)

    return parse


def flag(value: Any) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise Problem("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    return value


def snowflake(value: Any) -> int:
    """Parse an id; Discord takes a string or an integer."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).isdecimal():
        raise Problem("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    if int(value) > _MAX_SNOWFLAKE:
        raise Problem("NUMBER_TYPE_MAX", f"snowflake value should be less than or equal to {_MAX_SNOWFLAKE}.")
    return int(value)


def bits(value: Any) -> Permission:
    """Parse a permission set, a decimal string or a number; bits Discord does not know are dropped."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).isdecimal():
        raise Problem("NUMBER_TYPE_COERCE", f'Value "{value}" is not a bitfield.')
    return Permission(int(value) & sum(Permission))


def moment(value: Any) -> datetime:
    """Parse an ISO 8601 time; without an offset it is UTC."""
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Problem("DATE_TIME_TYPE_PARSE", f'Could not parse "{value}". Should be ISO8601.') from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def anything(value: Any) -> Any:
    """Keep a value as it came."""
    return value


def unsupported(what: str) -> Parser:
    """Make a parser that refuses a feature the sandbox lacks, unless the value is empty."""

    def parse(value: Any) -> Any:
        if value not in (None, [], {}, ""):
            raise not_implemented(what)
        return value

    return parse

"""Turns what a person typed into a slash command's options, as Discord's client does. Pure; `asking` uses it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import ApiError, refused
from sandbox.world import Json

_SUBCOMMAND, _GROUP = 1, 2
_STRING, _INTEGER, _BOOLEAN, _NUMBER = 3, 4, 5, 10
_IDS = frozenset({6, 7, 8, 9})
_PYTHON: dict[int, tuple[type, ...]] = {
    _STRING: (str,),
    _INTEGER: (int,),
    _BOOLEAN: (bool,),
    _NUMBER: (int, float),
}


@dataclass(slots=True)
class Typed:
    """The options of one use of a command, and the ids of people, roles and channels among them."""

    options: list[Json]
    ids: list[int] = field(default_factory=list)


def typed(command: Json, path: list[str], values: Mapping[str, Any], focused: str | None = None) -> Typed:
    """Return the options for a command; `path` names its group and subcommand.

    With `focused` the person is still typing: required options may be missing. A 400 says what is wrong.
    """
    wrapped: list[Json] = []
    definitions = command.get("options") or []
    for name in path:
        step = _step(definitions, name)
        wrapped.append({"name": name, "type": step["type"]})
        definitions = step.get("options") or []
    if any(one["type"] in (_SUBCOMMAND, _GROUP) for one in definitions):
        raise _wrong("this command needs one of its subcommands")
    filled = _filled(definitions, values, focused)
    options = filled.options
    for step in reversed(wrapped):
        options = [step | {"options": options}]
    return Typed(options, filled.ids)


def _step(definitions: list[Json], name: str) -> Json:
    for one in definitions:
        if one["name"] == name and one["type"] in (_SUBCOMMAND, _GROUP):
            return one
    raise _wrong(f"there is no subcommand {name}")


def _filled(definitions: list[Json], values: Mapping[str, Any], focused: str | None) -> Typed:
    unknown = set(values) - {one["name"] for one in definitions}
    if unknown:
        raise _wrong(f"there is no option {', '.join(sorted(unknown))}")
    result = Typed([])
    for one in definitions:
        if one["name"] in values:
            result.options.append(_option(one, values[one["name"]], focused, result.ids))
        elif one.get("required") and focused is None:
            raise _wrong(f"the option {one['name']} is required")
    return result


def _option(definition: Json, value: Any, focused: str | None, ids: list[int]) -> Json:
    name, kind = definition["name"], definition["type"]
    if name == focused:
        return {"name": name, "type": kind, "value": str(value), "focused": True}
    if kind in _IDS:
        ids.append(int(value))
        return {"name": name, "type": kind, "value": str(value)}
    expected = _PYTHON.get(kind)
    if expected is None:
        raise ApiError(501, 0, f"the sandbox does not implement command options of type {kind}")
    if not isinstance(value, expected) or (kind != _BOOLEAN and isinstance(value, bool)):
        raise _wrong(f"the option {name} has another type")
    _check_choice(definition, value)
    return {"name": name, "type": kind, "value": value}


def _check_choice(definition: Json, value: Any) -> None:
    choices = [choice["value"] for choice in definition.get("choices") or ()]
    if choices and value not in choices:
        raise _wrong(f"{value} is not one of the choices of {definition['name']}")
    least, most = definition.get("min_value"), definition.get("max_value")
    if (least is not None and value < least) or (most is not None and value > most):
        raise _wrong(f"{value} is out of bounds for {definition['name']}")


def _wrong(what: str) -> ApiError:
    return refused(50035, f"a person could not send this: {what}")

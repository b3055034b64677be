"""What a person types into a slash command becomes options, if the command allows it."""

from typing import Any

import pytest

from sandbox.errors import ApiError
from sandbox.options import typed

TYPES: dict[str, Any] = {
    "options": [
        {"name": "text", "type": 3, "required": True},
        {"name": "colour", "type": 3, "choices": [{"name": "Red", "value": "r"}]},
        {"name": "count", "type": 4, "min_value": 1, "max_value": 9},
        {"name": "sure", "type": 5},
        {"name": "who", "type": 6},
        {"name": "share", "type": 10},
    ]
}
NESTED: dict[str, Any] = {
    "options": [{"name": "class", "type": 2, "options": [{"name": "show", "type": 1, "options": TYPES["options"]}]}]
}


def test_options_carry_their_types_and_point_out_the_people_among_them() -> None:
    values = {"text": "t", "colour": "r", "count": 9, "sure": True, "who": "42", "share": 0.5}
    use = typed(TYPES, [], values)
    assert [(o["name"], o["type"], o["value"]) for o in use.options] == [
        ("text", 3, "t"),
        ("colour", 3, "r"),
        ("count", 4, 9),
        ("sure", 5, True),
        ("who", 6, "42"),
        ("share", 10, 0.5),
    ]
    assert use.ids == [42]


def test_subcommands_wrap_their_options() -> None:
    use = typed(NESTED, ["class", "show"], {"text": "t"})
    inner = [{"name": "text", "type": 3, "value": "t"}]
    shown = [{"name": "show", "type": 1, "options": inner}]
    assert use.options == [{"name": "class", "type": 2, "options": shown}]


WRONG: dict[str, tuple[dict[str, Any], list[str], dict[str, Any]]] = {
    "a required option is missing": (TYPES, [], {}),
    "an option does not exist": (TYPES, [], {"text": "t", "size": 1}),
    "text instead of a number": (TYPES, [], {"text": "t", "count": "9"}),
    "a yes instead of a number": (TYPES, [], {"text": "t", "count": True}),
    "a number out of bounds": (TYPES, [], {"text": "t", "count": 10}),
    "a choice that is not offered": (TYPES, [], {"text": "t", "colour": "blue"}),
    "a subcommand that does not exist": (NESTED, ["group"], {}),
    "a subcommand is missing": (NESTED, ["class"], {}),
}


@pytest.mark.parametrize(("command", "path", "values"), WRONG.values(), ids=WRONG.keys())
def test_a_command_can_be_typed_only_as_it_is_defined(
    command: dict[str, Any], path: list[str], values: dict[str, Any]
) -> None:
    with pytest.raises(ApiError, match="a person could not send this"):
        typed(command, path, values)

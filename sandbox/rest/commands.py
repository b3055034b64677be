"""Application commands, global and per guild: list, register, replace, change, delete. `interactions` runs them."""

import re
from typing import Any

from sandbox.access import find_seat
from sandbox.bits import Permission
from sandbox.calls import Call, Route
from sandbox.errors import limit, refused, unknown
from sandbox.forms import Problem, anything, array, bits, choice, flag, integer, nullable, obj, read, read_list, text
from sandbox.world import Application, Json

_CHAT_INPUT, _USER, _MESSAGE = 1, 2, 3
_MOST = {_CHAT_INPUT: 100, _USER: 15, _MESSAGE: 15}
_MAX_OPTIONS = 25
_MAX_CHARACTERS = 8000
_NAME = re.compile(r"[-_'\w]{1,32}")
_OPTION_TYPES = range(1, 12)


def _slash_name(value: Any) -> str:
    name: str = text(1, 32)(value)
    if not _NAME.fullmatch(name) or name != name.lower():
        raise Problem("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return name


_CHOICE = obj({"name": text(1, 100), "value": anything}, required=["name", "value"])
_OPTION_CHECKS = {
    "type": choice(*_OPTION_TYPES),
    "name": _slash_name,
    "description": text(1, 100),
    "required": flag,
    "choices": nullable(array(_CHOICE, 25)),
}


def _option(value: Any) -> Json:
    obj(_OPTION_CHECKS, required=["type", "name", "description"])(value)
    _options(value.get("options") or [])
    return dict(value)


def _options(value: Any) -> list[Json]:
    options: list[Json] = array(_option, _MAX_OPTIONS)(value)
    names = [option["name"] for option in options]
    if len(set(names)) != len(names):
        raise Problem("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    return options


_FIELDS = {
    "type": nullable(choice(1, 2, 3), _CHAT_INPUT),
    "name": text(1, 32),
    "name_localizations": nullable(obj({})),
    "description": nullable(text(0, 100), ""),
    "description_localizations": nullable(obj({})),
    "options": nullable(_options),
    "default_member_permissions": nullable(bits),
    "dm_permission": nullable(flag, default=True),
    "default_permission": nullable(flag, default=True),
    "nsfw": nullable(flag, default=False),
    "contexts": nullable(array(integer(0, 2), 3)),
    "integration_types": nullable(array(integer(0, 1), 2)),
}


def _command(value: Any) -> Json:
    parsed: Json = obj(_FIELDS, required=["name"])(value)
    slash = parsed.get("type", _CHAT_INPUT) == _CHAT_INPUT
    if slash:
        _slash_name(parsed["name"])
        text(1, 100)(parsed.get("description", ""))
    if not slash and (parsed.get("description") or parsed.get("options")):
        raise Problem("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Context menu commands have only a name")
    if _length(parsed) > _MAX_CHARACTERS:
        raise Problem("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({_MAX_CHARACTERS})")
    for key in ("name_localizations", "description_localizations"):
        if key in parsed:
            parsed[key] = value[key]
    return parsed


def _length(part: Json) -> int:
    own = sum(len(str(part.get(key) or "")) for key in ("name", "description"))
    values = sum(len(c["name"]) + len(str(c["value"])) for c in part.get("choices") or ())
    return own + values + sum(map(_length, part.get("options") or ()))


def list_commands(call: Call) -> list[Json]:
    """Return the registered commands of the scope."""
    return list(_shelf(call).values())


def get_command(call: Call) -> Json:
    """Return one command, or 10063."""
    return _known(call, _shelf(call))


def create_command(call: Call) -> Json:
    """Register a command; one of the same name and type is replaced."""
    shelf, values = _shelf(call), read_list(call.body, lambda body: [_command(body)])[0]
    if _same(shelf, values) is None:
        _require_room([*shelf.values(), values])
    return _put(call, shelf, values)


def replace_commands(call: Call) -> list[Json]:
    """Register exactly these commands and drop all others of the scope."""
    shelf, sent = _shelf(call), read_list(call.body, array(_command, sum(_MOST.values())))
    _require_room(sent)
    before = dict(shelf)
    shelf.clear()
    for values in sent:
        known = _same(before, values)
        _put(call, shelf, values, None if known is None else int(known["id"]))
    return list(shelf.values())


def edit_command(call: Call) -> Json:
    """Change the sent fields of a command."""
    shelf = _shelf(call)
    known = _known(call, shelf)
    changed = read(call.body, _FIELDS)
    values = read_list(known | _plain(changed), lambda body: [_command(body)])[0]
    return _put(call, shelf, values, int(known["id"]))


def delete_command(call: Call) -> None:
    """Delete a command."""
    shelf = _shelf(call)
    del shelf[int(_known(call, shelf)["id"])]


def list_permissions(call: Call) -> list[Json]:
    """Return the permissions people set for commands in a guild: the sandbox has none."""
    _shelf(call)
    return []


def _application(call: Call) -> Application:
    if call.application is None or call.application.id != call.id("application_id"):
        raise refused(20012, "You are not authorized to perform this action on this application", 403)
    return call.application


def _shelf(call: Call) -> dict[int, Json]:
    application = _application(call)
    scope = call.id("guild_id") if "guild_id" in call.params else None
    if scope is not None:
        find_seat(call.world, call.user, scope)
    return application.commands.setdefault(scope, {})


def _known(call: Call, shelf: dict[int, Json]) -> Json:
    command = shelf.get(call.id("command_id"))
    if command is None:
        raise unknown(10063)
    return command


def _identity(command: Json) -> tuple[str, int]:
    return command["name"], command.get("type", _CHAT_INPUT)


def _same(shelf: dict[int, Json], values: Json) -> Json | None:
    return next((c for c in shelf.values() if _identity(c) == _identity(values)), None)


def _require_room(commands: list[Json]) -> None:
    for kind, most in _MOST.items():
        if sum(c.get("type", _CHAT_INPUT) == kind for c in commands) > most:
            raise limit(30032, "application commands", most)
    identities = [_identity(c) for c in commands]
    if len(set(identities)) != len(identities):
        raise refused(50035, "Application command names must be unique")


def _put(call: Call, shelf: dict[int, Json], values: Json, command_id: int | None = None) -> Json:
    known = _same(shelf, values)
    new_id = command_id or (int(known["id"]) if known else call.world.next_id())
    command: Json = {
        "id": str(new_id),
        "application_id": call.params["application_id"],
        "version": str(call.world.next_id()),
        "type": _CHAT_INPUT,
        "description": "",
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
    }
    if "guild_id" in call.params:
        command["guild_id"] = call.params["guild_id"]
    shelf[new_id] = command | _plain(values)
    return shelf[new_id]


def _plain(values: Json) -> Json:
    return {key: str(int(v)) if isinstance(v, Permission) else v for key, v in values.items()}


_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
ROUTES = (
    Route("GET", f"{_GUILD}/permissions", list_permissions),
    *(
        route
        for base in (_GLOBAL, _GUILD)
        for route in (
            Route("GET", base, list_commands),
            Route("POST", base, create_command, 201),
            Route("PUT", base, replace_commands),
            Route("GET", f"{base}/{{command_id}}", get_command),
            Route("PATCH", f"{base}/{{command_id}}", edit_command),
            Route("DELETE", f"{base}/{{command_id}}", delete_command),
        )
    ),
)

"""One API request as the handlers in `rest` see it, and the adapter that makes an aiohttp handler out of theirs."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from sandbox import views
from sandbox.access import Place, Seat, find_place, find_seat
from sandbox.bits import Action
from sandbox.counts import PAYLOAD
from sandbox.errors import ApiError, invalid_field, missing_access, refused, unauthorized, unknown
from sandbox.events import Bus
from sandbox.forms import Problem, snowflake
from sandbox.world import Application, Channel, Guild, Json, Message, User, World

WORLD = web.AppKey("world", World)
BUS = web.AppKey("bus", Bus)

_NOBODY = User(0, "nobody")
_MAX_REASON = 512
_MAX_REQUEST = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded part; `index` is the n of `files[n]`."""

    index: int
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks for what; `application` is None when a person acts."""

    world: World
    bus: Bus
    user: User
    application: Application | None
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: tuple[File, ...] = ()
    reason: str | None = None

    def id(self, name: str) -> int:
        """Return an id from the path, or 50035."""
        return _as_id(name, self.params[name])

    def query_id(self, name: str) -> int | None:
        """Return an id from the query, None when it is absent."""
        return _as_id(name, self.query[name]) if name in self.query else None

    def query_int(self, name: str, least: int, most: int, default: int) -> int:
        """Return a number from the query within its bounds, or 50035."""
        raw = self.query.get(name, str(default))
        if not raw.isdecimal() or not least <= int(raw) <= most:
            raise invalid_field(name, "NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")
        return int(raw)

    def seat(self) -> Seat:
        """Return the actor's seat in the guild of the path."""
        return find_seat(self.world, self.user, self.id("guild_id"))

    def place(self) -> Place:
        """Return the channel of the path, visible to the actor."""
        return find_place(self.world, self.user, self.id("channel_id"))

    def guild_place(self) -> tuple[Seat, Channel]:
        """Return the guild channel of the path and the actor's seat; direct messages are 50001."""
        place = self.place()
        if place.seat is None:
            raise missing_access()
        return place.seat, place.channel

    def message_in(self, channel: Channel) -> Message:
        """Return the message of the path, or 10008."""
        message = channel.messages.get(self.id("message_id"))
        if message is None:
            raise unknown(10008)
        return message

    def publish(self, event: str, guild_id: int | None, data: Json) -> None:
        """Tell the gateway what happened."""
        self.bus.publish(event, guild_id, data)

    def audit(self, guild: Guild, action: Action, target_id: int | None, **details: Any) -> None:
        """Write an audit log entry with the request's reason; `changes` and `options` go in as they are."""
        entry: Json = {
            "id": str(self.world.next_id()),
            "action_type": int(action),
            "user_id": str(self.user.id),
            "target_id": None if target_id is None else str(target_id),
        }
        entry |= details
        if self.reason:
            entry["reason"] = self.reason
        guild.audit.append(entry)
        self.publish("GUILD_AUDIT_LOG_ENTRY_CREATE", guild.id, entry | {"guild_id": str(guild.id)})

    def publish_channel(self, event: str, channel: Channel) -> None:
        """Tell the gateway about a channel or thread."""
        self.publish(event, channel.guild_id, views.channel(channel))


Handler = Callable[[Call], Any]
WebHandler = Callable[[web.Request], Awaitable[web.Response]]
Actor = tuple[User, Application | None]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; the handler's None is answered as 204."""

    method: str
    path: str
    handler: Handler
    status: int = 200
    needs_token: bool = True


def bot_handler(route: Route) -> WebHandler:
    """Make an aiohttp handler in which the bot of the Authorization header acts."""
    return _handler(route, _bot if route.needs_token else _nobody)


def person_handler(route: Route) -> WebHandler:
    """Make an aiohttp handler in which the person of the path acts, by hand."""
    return _handler(route, _person)


def control_handler(route: Route) -> WebHandler:
    """Make an aiohttp handler for the tester, who is nobody in particular."""
    return _handler(route, _nobody)


def _handler(route: Route, actor_of: Callable[[web.Request], Actor]) -> WebHandler:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await _answer(request, route, *actor_of(request))
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.status)

    return handle


def _nobody(_request: web.Request) -> Actor:
    return _NOBODY, None


def _bot(request: web.Request) -> Actor:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    application = request.app[WORLD].application_by_token(token) if kind == "Bot" else None
    if application is None:
        raise unauthorized()
    return application.user, application


def _person(request: web.Request) -> Actor:
    world, actor = request.app[WORLD], request.match_info["actor_id"]
    if actor == "owner":
        return world.users[next(iter(world.guilds.values())).owner_id], None
    user = world.users.get(_as_id("actor_id", actor))
    if user is None:
        raise unknown(10013)
    return user, None


async def _answer(request: web.Request, route: Route, user: User, application: Application | None) -> web.Response:
    body, files = await read_body(request)
    call = Call(
        world=request.app[WORLD],
        bus=request.app[BUS],
        user=user,
        application=application,
        params=request.match_info,
        query=request.query,
        body=body,
        files=files,
        reason=_reason(request),
    )
    shown = route.handler(call)
    return web.Response(status=204) if shown is None else web.json_response(shown, status=route.status)


def _reason(request: web.Request) -> str | None:
    raw = request.headers.get("X-Audit-Log-Reason")
    if raw is not None and len(unquote(raw)) > _MAX_REASON:
        raise invalid_field("X-Audit-Log-Reason", "BASE_TYPE_MAX_LENGTH", f"Must be {_MAX_REASON} or fewer.")
    return None if raw is None else unquote(raw)


async def read_body(request: web.Request) -> tuple[Any, tuple[File, ...]]:
    """Return the JSON and the files of a request, plain or multipart."""
    if request.content_length is not None and request.content_length > _MAX_REQUEST:
        raise refused(40005, "Request entity too large", 413)
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    return (_json(raw) if raw else None), ()


async def _read_multipart(request: web.Request) -> tuple[Any, tuple[File, ...]]:
    body, files = None, []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = request[PAYLOAD] = _json(data)
        elif part.name and part.name.startswith("files[") and part.name[6:-1].isdecimal():
            kind = part.headers.get("Content-Type", "application/octet-stream")
            files.append(File(int(part.name[6:-1]), part.filename or "file", kind, data))
    return body, tuple(files)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise refused(50109, "The request body contains invalid JSON.") from None


def _as_id(name: str, value: str) -> int:
    try:
        return int(snowflake(value))
    except Problem as problem:
        raise ApiError(400, 50035, "Invalid Form Body", {name: problem.errors}) from None

"""Puts the sandbox together: one World behind REST, gateway and control, served on a loopback port."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from sandbox import answering, control, counts, gateway, mishaps, ratelimits, rehearsing
from sandbox.asking import Asking
from sandbox.bits import BOT_DEFAULT, Permission
from sandbox.calls import BUS, WORLD, Route, bot_handler, control_handler, person_handler
from sandbox.conversations import Hub
from sandbox.counts import Counts
from sandbox.errors import not_implemented
from sandbox.events import Bus
from sandbox.faults import Faults
from sandbox.founding import add_application, add_bot, add_person, found_guild
from sandbox.gateway import Gateway
from sandbox.interactions import Interactions
from sandbox.ratelimits import RateLimits
from sandbox.replies import Replies
from sandbox.rest import (
    channels,
    commands,
    guilds,
    invites,
    members,
    messages,
    pins,
    positions,
    roles,
    threadmembers,
    threads,
)
from sandbox.world import Guild, World

_log = logging.getLogger(__name__)

API = "/api/v10"
# Fixed paths come before those with parameters: the router takes the first match.
REST: tuple[Route, ...] = (
    *guilds.ROUTES,
    *roles.ROUTES,
    *channels.ROUTES,
    *positions.ROUTES,
    *threads.ROUTES,
    *threadmembers.ROUTES,
    *invites.ROUTES,
    *commands.ROUTES,
    *members.ROUTES,
    *pins.ROUTES,
    *messages.ROUTES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a sandbox starts. `hurry` divides the rate limits' windows; 0 switches the limits off."""

    token: str = "sandbox-token"  # noqa: S105 - opens nothing but this process's own memory
    guild_id: int | None = None
    guild_name: str = "Sandbox school"
    owner: str = "owner"
    bot: str = "Kopir"
    permissions: Permission = BOT_DEFAULT
    host: str = "127.0.0.1"
    port: int = 0
    hurry: float = 1.0


class Sandbox:
    """A running sandbox, for the tests of this process and for the command line."""

    def __init__(self, settings: Settings, world: World | None = None) -> None:
        self.settings = settings
        self.world = world or World()
        self.bus = Bus()
        self.counts = Counts()
        self.faults = Faults()
        self.limits = RateLimits(hurry=settings.hurry)
        self.hub = Hub(self.world, hurry=settings.hurry)
        self.gateway = Gateway(self.hub, self.faults)
        self.interactions = Interactions(self.world)
        self.application = add_application(self.world, settings.bot, settings.token)
        self.application.permissions = settings.permissions
        self.guild = self._found()

    def _found(self) -> Guild:
        owner = add_person(self.world, self.settings.owner)
        guild = found_guild(self.world, self.settings.guild_name, owner, self.settings.guild_id)
        add_bot(self.world, guild, self.application, self.settings.permissions)
        return guild

    @property
    def url(self) -> str:
        """Return the server's address without a path."""
        return self.world.base_url

    @property
    def api_url(self) -> str:
        """Return the address that stands for Discord's API."""
        return self.url + API

    @property
    def token(self) -> str:
        """Return the bot's token."""
        return self.application.token

    @property
    def guild_id(self) -> int:
        """Return the id of the guild there is at the start."""
        return self.guild.id

    def listen_at(self, port: int) -> None:
        """Note the port, so that answers can carry the server's address."""
        self.world.base_url = f"http://{self.settings.host}:{port}"
        self.hub.url = guilds.gateway_url(self.world)


def build_app(sandbox: Sandbox) -> web.Application:
    """Build the application; middlewares run from the first to the last, the handler authorises."""
    app = web.Application(
        middlewares=[
            counts.middleware(sandbox.counts),
            ratelimits.edge(sandbox.limits),
            mishaps.middleware(sandbox.faults),
            ratelimits.middleware(sandbox.limits),
        ],
        client_max_size=32 * 1024 * 1024,
    )
    app[WORLD], app[BUS] = sandbox.world, sandbox.bus
    sandbox.gateway.listen(sandbox.bus)
    gateway.add_routes(app, sandbox.gateway)
    counts.add_routes(app, sandbox.counts)
    mishaps.add_routes(app, sandbox.faults)
    replies = Replies(sandbox.world, sandbox.bus)
    answering.add_routes(app, sandbox.interactions, replies)
    rehearsing.add_routes(app, Asking(sandbox.world, sandbox.bus, sandbox.interactions))
    app.on_response_prepare.append(_without_charset)
    _mount(app)
    return app


async def _without_charset(_request: web.Request, response: web.StreamResponse) -> None:
    # Discord names no charset, and clients exist that do not take JSON which does.
    if response.content_type == "application/json":
        response.charset = None


def _mount(app: web.Application) -> None:
    for route in REST:
        app.router.add_route(route.method, API + route.path, bot_handler(route))
        app.router.add_route(route.method, "/_sandbox/as/{actor_id}" + route.path, person_handler(route))
    for route in control.ROUTES:
        app.router.add_route(route.method, route.path, control_handler(route))
    control.add_pages(app)
    app.router.add_route("*", "/{tail:.*}", _refuse)


async def _refuse(request: web.Request) -> web.Response:
    error = not_implemented(f"{request.method} {request.path}")
    _log.error(error.message)
    return web.json_response(error.to_json(), status=error.status)


@asynccontextmanager
async def running(settings: Settings | None = None, world: World | None = None) -> AsyncIterator[Sandbox]:
    """Serve a sandbox while the block runs."""
    sandbox = Sandbox(settings or Settings(), world)
    runner = web.AppRunner(build_app(sandbox), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, sandbox.settings.host, sandbox.settings.port)
        await site.start()
        sandbox.listen_at(runner.addresses[0][1])
        yield sandbox
    finally:
        await runner.cleanup()

"""The service: one process and one loop that keep all schools equal to their sources until told to stop."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interactions import Client, ComponentCommand, ContextMenu, Intents

from bot.app import App
from bot.errors import TokenRefused
from bot.exts.staff import buttons
from bot.gateway import TOKEN_REFUSED, Gateway, GatewayRefused
from bot.http import DiscordHTTP
from bot.progress import seldom
from bot.scheduler import Scheduler
from bot.serving.branch import Branch
from bot.serving.logs import unexpected
from sync.errors import KopirError, Refused

INTENTS = Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.GUILD_MESSAGES
FINISH = 2.5  # seconds for which a run may go on after the service was told to stop
CUT = 1.0  # seconds for a cut run to let go

_log = logging.getLogger(__name__)
_silent = logging.getLogger("kopir.silent")
_silent.setLevel(logging.CRITICAL + 1)


@dataclass(slots=True)
class Service:
    """The parts of a running service."""

    app: App
    http: DiscordHTTP
    stop: asyncio.Event
    refused: KopirError | None = None

    async def run(self) -> None:
        """Serve until `stop` is set; leave within seconds. Raise Refused when Discord does not accept the token."""
        scheduler = Scheduler()
        branches = [Branch(self.app, school, self.http, scheduler) for school in self.app.schools]
        for branch in branches:
            _log.info("%s", branch.describe())
        by_guild = {int(branch.school.guild): branch for branch in branches if branch.school.guild}
        gateway = Gateway(self.http, lambda: _client_of(by_guild), lambda *event: _hand_on(by_guild, *event))
        scheduler.start()
        self.http.when_token_refused(lambda error: self._give_up(branches, error))
        gate = asyncio.create_task(self._stay_connected(gateway, branches))
        works = [asyncio.create_task(self._guard(branch)) for branch in branches]
        try:
            await self.stop.wait()
            _log.info("Stopping.")
        finally:
            scheduler.stop()
            await _leave(branches, works, gate)
            _log.info("Stopped.")
        if self.refused is not None:
            raise self.refused

    def _give_up(self, branches: Iterable[Branch], error: KopirError) -> None:
        """End with one message, as nothing can be done without the token, for no school."""
        self.refused = self.refused or error
        for branch in branches:
            branch.desk.leave()
        self.stop.set()

    async def _stay_connected(self, gateway: Gateway, branches: Sequence[Branch]) -> None:
        """Try the token once for all schools, let them begin, and keep the gateway open."""
        try:
            await self.http.login(self.app.settings.discord.token)
        except TokenRefused:
            return
        except KopirError:
            pass  # an outage, which the gateway waits out
        for branch in branches:
            branch.admit()
        try:
            await gateway.run()
        except GatewayRefused as error:
            if error.code == TOKEN_REFUSED:
                self._give_up(branches, error)
                return
            _log.error("%s Until then changes on Discord are only seen by scheduled runs.", error)
        except Refused:
            return  # each school says so itself
        except Exception as error:
            unexpected(_log, "Changes on Discord are only seen by scheduled runs until Kopir is started again", error)

    @staticmethod
    async def _guard(branch: Branch) -> None:
        """Keep one school's mistakes from ending the others."""
        try:
            await branch.work()
        except Exception as error:
            unexpected(_log, f"School {branch.school.id} is no longer served until Kopir is started again", error)


async def serve(app: App, stop: asyncio.Event) -> None:
    """Serve an app's schools until `stop` is set."""
    async with app.discord(seldom(_log_wait)) as http:
        await Service(app, http, stop).run()


def _log_wait(seconds: float, route: str) -> None:
    _log.info("Discord asks to wait %d s before the next %s.", seconds, route)


async def _leave(branches: list[Branch], works: list[asyncio.Task[None]], gate: asyncio.Task[None]) -> None:
    """Let runs end if that takes no time, cut them otherwise; the next run goes on from what was done."""
    for branch in branches:
        branch.desk.leave()
    gate.cancel()
    quiet = [asyncio.create_task(branch.desk.quiet()) for branch in branches]
    await asyncio.wait([gate, *quiet], timeout=FINISH)
    for task in (*quiet, *works):
        task.cancel()
    await asyncio.wait([gate, *quiet, *works], timeout=CUT)


def client(commands: Iterable[ContextMenu | ComponentCommand] = ()) -> Client:
    """Make a Client of the library, not started, that registers the commands when it connects."""
    made = Client(intents=INTENTS, sync_interactions=True, fetch_members=False, logger=_silent)
    for command in commands:
        if isinstance(command, ComponentCommand):
            made.add_component_callback(command)
        else:
            made.add_interaction(command)
    return made


def commands_of(branches: Iterable[Branch]) -> list[ContextMenu]:
    """Gather what people may ask for on the schools' servers."""
    return [command for branch in branches for command in branch.menu.commands()]


def _client_of(branches: Mapping[int, Branch]) -> Client:
    pressed = buttons({guild: branch.staff for guild, branch in branches.items()})
    return client([*commands_of(branches.values()), pressed])


def _hand_on(branches: Mapping[int, Branch], name: str, guild_id: int, data: Mapping[str, Any]) -> None:
    if (branch := branches.get(guild_id)) is None:
        return
    try:
        branch.news.hear(name, data)
    except Exception as error:
        # The library would catch it and tell its log, which is silent.
        unexpected(_log, f"School {branch.school.id}: an event was not understood ({name})", error)

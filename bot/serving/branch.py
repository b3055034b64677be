"""All that the service does for one school: its sources and their folders, its desk, its server's news."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import connectors
from bot.app import App
from bot.exts.materials import MaterialMenu
from bot.exts.staff import StaffDesk
from bot.http import DiscordHTTP, Priority
from bot.pulls import PullReport
from bot.scheduler import Scheduler
from bot.serving.desk import Desk
from bot.serving.news import News
from bot.serving.pulling import Puller
from bot.serving.requests import Request
from bot.serving.watch import Watch
from sync.desired import next_moment
from sync.settings import Cron, SchoolSettings

FIRST_PULLS = 60.0  # seconds for which the first run waits for slow sources

_log = logging.getLogger(__name__)


class Branch:
    """One school. Failures of one branch never touch another."""

    def __init__(self, app: App, school: SchoolSettings, http: DiscordHTTP, scheduler: Scheduler) -> None:
        self.school = school
        self.desk = Desk(school, app.store, http, app.files(school), app.tell_waiting(school), self._ran)
        self.news = News(self.desk)
        self.menu = MaterialMenu(school, app.store, self._chosen)
        self.staff = StaffDesk(school, app.store, http, self._decided)
        self._scheduler = scheduler
        self._arming: set[asyncio.Task[None]] = set()
        self._admitted = asyncio.Event()
        self._pullers = [Puller(app.store, school.id, source, self._pulled) for source in app.sources(school)]
        self._watches = list(self._make_watches(app))
        for puller, source in zip(self._pullers, school.sources, strict=True):
            scheduler.every(school, source, puller.ask)

    def _make_watches(self, app: App) -> Iterator[Watch]:
        for puller, source in zip(self._pullers, self.school.sources, strict=True):
            if (place := connectors.place(source, app.settings.path.parent)) is not None:
                yield Watch(f"{self.school.id}/{source.name}", place, puller.ask)
            else:
                puller.ask("at start")

    def describe(self) -> str:
        """Say in one line what is served."""
        sources = [
            f"{s.name} ({s.type}, {s.schedule.line if isinstance(s.schedule, Cron) else f'{s.schedule.seconds:.0f} s'})"
            for s in self.school.sources
        ]
        place = f"server {self.school.guild}" if self.school.guild else "no server yet"
        return f"School {self.school.id}: {place}; sources: {', '.join(sources) or 'none'}."

    def admit(self) -> None:
        """Let the first run begin: the bot's token was tried."""
        self._admitted.set()

    async def work(self) -> None:
        """Serve the school until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for puller in self._pullers:
                tasks.create_task(puller.work())
            for watch in self._watches:
                tasks.create_task(watch.work())
            tasks.create_task(self.news.work())
            tasks.create_task(self.desk.work())
            tasks.create_task(self._begin())

    async def _begin(self) -> None:
        """Let the first run wait until each source was tried, so that it starts from what they say now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_PULLS):
                await asyncio.gather(*(puller.tried.wait() for puller in self._pullers))
        await self._admitted.wait()
        self.desk.ask(Request(reasons=frozenset({"at start"})))
        self.desk.open()

    def _pulled(self, report: PullReport, reasons: frozenset[str]) -> None:
        self.desk.ask(Request(reasons=frozenset(f"{report.name}: {reason}" for reason in reasons)))

    def _chosen(self) -> None:
        """Show at once what a teacher chose as a material."""
        self.desk.ask(Request(priority=Priority.INTERACTIVE, reasons=frozenset({"a teacher's material"})))

    def _decided(self) -> None:
        """Carry out what the staff decided, or ask anew when the world has moved."""
        self.desk.ask(Request(reasons=frozenset({"the staff decided"})))

    def _ran(self, _desk: Desk) -> None:
        task = asyncio.create_task(self._arm())
        self._arming.add(task)
        task.add_done_callback(self._arming.discard)

    async def _arm(self) -> None:
        """Ask for a run at the moment at which an enrolment starts or ends or a material is released."""
        roster, now = self.desk.tables.roster, datetime.now(UTC)
        moment = await asyncio.to_thread(next_moment, roster, self.school, now) if roster is not None else None
        due = Request(reasons=frozenset({"a date was reached"}))
        self._scheduler.once(self.school.id, moment, lambda: self.desk.ask(due))

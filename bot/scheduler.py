"""Knows when something is due: each source on its period or cron, and the moments at which a school changes by itself.

The jobs only ask and return at once: at shutdown the scheduler cancels what it runs, so it must not run the work.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.serving.crontab import crontab
from sync.errors import SettingsInvalid, SettingsProblem
from sync.phrases import joined
from sync.settings import Every, SchoolSettings, SourceSettings

# How late a job may begin after the machine slept or was busy: whatever was missed is done once, late.
GRACE = None


class Scheduler:
    """Asks on time; `start` in the running loop, `stop` at the end."""

    def __init__(self) -> None:
        defaults = {"max_instances": 1, "coalesce": True, "misfire_grace_time": GRACE}
        self._jobs = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    def start(self) -> None:
        """Begin to ask."""
        self._jobs.start()

    def stop(self) -> None:
        """Ask nothing more."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    def every(self, school: SchoolSettings, source: SourceSettings, ask: Callable[[str], None]) -> None:
        """Ask for a pull of a source on its schedule, in the school's time zone."""

        async def due() -> None:
            ask("on schedule")

        self._jobs.add_job(due, trigger_of(school, source), id=f"{school.id}/{source.name}")

    def once(self, school: str, moment: datetime | None, ask: Callable[[], None]) -> None:
        """Ask at a moment, in place of the school's moment set before; None sets none."""

        async def due() -> None:
            ask()

        if moment is not None:
            self._jobs.add_job(due, DateTrigger(moment), id=f"{school}!moment", replace_existing=True)
            return
        try:
            self._jobs.remove_job(f"{school}!moment")
        except JobLookupError:
            return


def trigger_of(school: SchoolSettings, source: SourceSettings) -> BaseTrigger:
    """Give a source's trigger. Raise SettingsInvalid for a cron line without meaning."""
    if isinstance(source.schedule, Every):
        return IntervalTrigger(seconds=int(source.schedule.seconds), jitter=_jitter(source.schedule.seconds))
    try:
        return crontab(source.schedule.line, school.timezone)
    except ValueError as error:
        line = source.lines.get("cron", source.line)
        problem = SettingsProblem(line, joined(": ", (f"cron = {source.schedule.line}", *error.args)))
        raise SettingsInvalid(f"[source:{school.id}/{source.name}]", (problem,)) from error


def _jitter(seconds: float) -> int | None:
    """Spread the sources of many schools a little, at most ten seconds."""
    return int(min(10.0, seconds / 30)) or None

"""Sources are pulled when their settings say, by crontab's own rules and on the school's clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.scheduler import Scheduler, trigger_of
from bot.serving.crontab import crontab, weekdays
from sync.errors import SettingsInvalid
from sync.settings import Cron, Every, SchoolSettings, SourceSettings
from tests.builders import school

ALMATY = ZoneInfo("Asia/Almaty")
FRIDAY = datetime(2027, 1, 1, tzinfo=ALMATY)  # a Friday


def settings(schedule: Every | Cron) -> tuple[SchoolSettings, SourceSettings]:
    source = SourceSettings("one", "rosters", "csv", schedule, {}, {"cron": 9}, 7)
    return school(id="one", timezone=ALMATY, sources=(source,)), source


def times(line: str, count: int) -> list[str]:
    trigger, found = crontab(line, ALMATY), []
    last, now = None, FRIDAY
    for _ in range(count):
        last = trigger.get_next_fire_time(last, now)
        assert last is not None
        now = last + timedelta(seconds=1)
        found.append(f"{last:%a %d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("30 7 * * *", ["Fri 01 07:30", "Sat 02 07:30"], id="every day"),
        pytest.param("0 7 * * 1-6", ["Fri 01 07:00", "Sat 02 07:00", "Mon 04 07:00"], id="1-6 is Monday to Saturday"),
        pytest.param("0 7 * * 0", ["Sun 03 07:00"], id="0 is Sunday"),
        pytest.param("0 7 * * 5-7", ["Fri 01 07:00", "Sat 02 07:00", "Sun 03 07:00", "Fri 08 07:00"], id="7 as well"),
        pytest.param("*/20 9-10 * * mon", ["Mon 04 09:00", "Mon 04 09:20", "Mon 04 09:40", "Mon 04 10:00"], id="steps"),
        pytest.param("0 7 3 * 1", ["Sun 03 07:00", "Mon 04 07:00", "Mon 11 07:00"], id="day or day of the week"),
    ],
)
def test_a_cron_line_means_what_crontab_says(line: str, expected: list[str]) -> None:
    assert times(line, len(expected)) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("*", ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
        ("*/2", ("sun", "tue", "thu", "sat")),
        ("1/2", ("mon", "wed", "fri")),
        ("fri-mon", ("sun", "mon", "fri", "sat")),
        ("0,7", ("sun",)),
        ("MON,3", ("mon", "wed")),
    ],
)
def test_days_of_the_week_are_named(field: str, expected: tuple[str, ...]) -> None:
    assert weekdays(field) == expected


@pytest.mark.parametrize("line", ["0 7 * * 8", "0 25 * * *", "0 7 * * x"])
def test_a_line_without_meaning_is_a_mistake_in_the_settings(line: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"\[source:one/rosters\]:9: cron = 0 "):
        trigger_of(*settings(Cron(line)))


def test_a_period_counts_in_seconds() -> None:
    trigger = trigger_of(*settings(Every(20.0)))
    first = trigger.get_next_fire_time(None, FRIDAY)
    assert first is not None
    second = trigger.get_next_fire_time(first, first)
    assert second is not None
    assert second - first == timedelta(seconds=20)


async def test_the_scheduler_asks_at_a_moment_and_a_new_moment_replaces_the_old() -> None:
    asked: asyncio.Queue[str] = asyncio.Queue()
    scheduler = Scheduler()
    scheduler.start()
    soon = datetime.now(UTC) + timedelta(milliseconds=30)
    scheduler.once("one", soon + timedelta(days=1), lambda: asked.put_nowait("late"))
    scheduler.once("one", soon, lambda: asked.put_nowait("soon"))
    scheduler.once("two", soon, lambda: asked.put_nowait("never"))
    scheduler.once("two", None, lambda: None)
    scheduler.once("three", None, lambda: None)
    assert await asyncio.wait_for(asked.get(), 5) == "soon"
    await asyncio.sleep(0.05)
    assert asked.empty()
    scheduler.stop()
    await asyncio.sleep(0)


async def test_a_moment_missed_while_the_machine_slept_is_made_up_for() -> None:
    asked = asyncio.Event()
    scheduler = Scheduler()
    scheduler.once("one", datetime.now(UTC) - timedelta(hours=3), asked.set)
    scheduler.start()
    await asyncio.wait_for(asked.wait(), 5)
    scheduler.stop()
    await asyncio.sleep(0)

"""Turn a crontab line into a trigger of the scheduler, with crontab's own rules; `bot.scheduler` uses it. Pure.

The scheduler's reading of such lines differs from crontab's: it counts Monday as 0, and where both day and day of the
week are given it wants both instead of either.
"""

from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from sync.phrases import Phrase

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def crontab(line: str, zone: ZoneInfo) -> BaseTrigger:
    """Give the trigger of five fields. Raise ValueError, in words for a person, where they make no sense."""
    minute, hour, day, month, weekday = line.split()
    common = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    days = ",".join(weekdays(weekday))
    if day == "*" or weekday == "*":
        return CronTrigger(day=day, day_of_week=days, **common)
    return OrTrigger([CronTrigger(day=day, **common), CronTrigger(day_of_week=days, **common)])


def weekdays(field: str) -> tuple[str, ...]:
    """Name the days of a field such as `1-6`, `*/2`, `fri,sun` or `5-7`; 0 and 7 are Sunday."""
    found = {day % 7 for part in field.lower().split(",") for day in _part(part)}
    return tuple(_DAYS[day] for day in sorted(found))


def _part(text: str) -> range:
    days, _, step = text.partition("/")
    if days == "*":
        return range(0, 7, int(step or 1))
    first, dash, last = days.partition("-")
    start, end = _day(first), _day(last) if dash else 6 if step else _day(first)
    if end < start:
        end += 7
    return range(start, end + 1, int(step or 1))


def _day(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if text.isdecimal() and int(text) <= 7:
        return int(text)
    raise ValueError(Phrase("{found} is no day of the week; write 0 to 7 or sun to sat", found=text))

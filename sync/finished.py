"""Tell which courses are over, and who was in them to the end; pure. What becomes of them is in `archive`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sync import keys
from sync.guild import Guild
from sync.ledger import Binding
from sync.merge import Roster
from sync.permissions import Permission
from sync.records import Course, Enrolment
from sync.settings_archive import ENDED, HIDDEN, ArchiveSettings

EVER = datetime.min.replace(tzinfo=UTC)
Bindings = Mapping[str, Binding]


def live(
    roster: Roster, settings: ArchiveSettings, bindings: Bindings, guild: Guild, now: datetime
) -> tuple[Course, ...]:
    """Return the courses that go on: neither over for as long as the settings say, nor put away by hiding them.

    A course that was never shown is being prepared, however long it is hidden.
    """
    shown = {keys.course_of(b.key) for b in bindings.values() if b.discord_id and keys.is_material(b.key)}

    def goes_on(course: Course) -> bool:
        began = [course.end] if ENDED in settings.causes and course.end else []
        if HIDDEN in settings.causes and course.hidden and keys.course_of(keys.course(course.id)) in shown:
            began.append(_hidden_since(course, bindings, guild, now))
        return all(now - settings.after < moment for moment in began)

    return tuple(course for course in roster.courses if goes_on(course))


def _hidden_since(course: Course, bindings: Bindings, guild: Guild, now: datetime) -> datetime:
    """Say since when a course is hidden on Discord: its category was written last when it was hidden, or later.

    One that has no category any more is in the archive, and stays there.
    """
    category, students = bindings.get(keys.course(course.id)), bindings.get(keys.course(course.id, "students"))
    if category is None or category.discord_id is None:
        return EVER
    there = next((channel for channel in guild.channels if channel.id == category.discord_id), None)
    open_to = {o.id for o in there.overwrites if o.allow & Permission.VIEW_CHANNEL} if there else set()
    return now if there is None or (students and students.discord_id in open_to) else category.at


def ends(roster: Roster, settings: ArchiveSettings) -> Mapping[str, datetime]:
    """Map the courses that go to the archive when they are over to their end."""
    return {c.id: c.end for c in roster.courses if c.end} if ENDED in settings.causes else {}


def stayed(enrolment: Enrolment, ends: Mapping[str, datetime], now: datetime) -> bool:
    """Tell whether somebody was in a course to its end: such an enrolment holds as long as the course stands."""
    started = enrolment.start is None or enrolment.start <= now
    to_the_end = enrolment.course in ends and enrolment.end is not None and enrolment.end >= ends[enrolment.course]
    return to_the_end and started and not enrolment.suspended


def moments(roster: Roster, settings: ArchiveSettings) -> Iterator[datetime]:
    """Give the moments at which courses go to the archive because of their end."""
    longest = datetime.max.replace(tzinfo=UTC) - settings.after - timedelta(days=1)
    yield from (end + settings.after for end in ends(roster, settings).values() if end < longest)

"""What a source remembers between pulls: when people were read, and which state of a course's page it knows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.moodle import shapes
from sync.records import Material

PEOPLE = "people"
_READING = "page-md"  # a new name makes every page be read again, after what is read from one has changed


@dataclass(slots=True)
class Memo:
    """Texts by name, as they are stored with the snapshot."""

    kept: dict[str, str] = field(default_factory=dict)

    def people_are_due(self, now: datetime, every: float) -> bool:
        """Tell whether all people are to be read again."""
        return _is_old(self.kept.get(PEOPLE, ""), now, every)

    def knows_page(self, course: shapes.Course, past: Iterable[Material], now: datetime, every: float) -> bool:
        """Tell whether a course's page is as it was: Moodle's own mark is the same, and no time on it has passed.

        `cacherev` grows with every change to a course's sections and modules, and with little else.
        """
        mark, _, read = self.kept.get(_page(course), "").partition(" ")
        if course.cacherev is None or mark != str(course.cacherev) or _is_old(read, now, every):
            return False
        return all(material.visible_until is None or now < material.visible_until for material in past)

    def remember_people(self, now: datetime) -> None:
        """Remember that everybody was read."""
        self.kept[PEOPLE] = now.isoformat()

    def remember_page(self, course: shapes.Course, now: datetime, *, whole: bool) -> None:
        """Remember a page that was read, if it is `whole`: if no section on it opens by itself, unknown to us when."""
        self.kept.pop(_page(course), None)
        if whole and course.cacherev is not None:
            self.kept[_page(course)] = f"{course.cacherev} {now.isoformat()}"


def memo_of(stored: Mapping[str, str], courses: Iterable[shapes.Course]) -> Memo:
    """Return what is remembered, without the courses that are no longer taken."""
    names = {PEOPLE, *map(_page, courses)}
    return Memo({name: text for name, text in stored.items() if name in names})


def _page(course: shapes.Course) -> str:
    return f"{_READING}/{course.id}"


def _is_old(moment: str, now: datetime, every: float) -> bool:
    try:
        return now - datetime.fromisoformat(moment) >= timedelta(seconds=every)
    except (ValueError, TypeError):
        return True

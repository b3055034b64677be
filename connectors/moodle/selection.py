"""Decides which courses of a site belong to the school. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from connectors.moodle import shapes

FRONT_PAGE = 1  # the course that stands for the site itself


@dataclass(frozen=True, slots=True)
class Selection:
    """Which courses are taken: those that fulfil any of the rules, all if there is none, but not the left-out states.

    `categories` include those within them. `field` is a custom field of courses; without a `value` it must be ticked.
    """

    categories: frozenset[int] = frozenset()
    courses: frozenset[int] = frozenset()
    shortnames: tuple[str, ...] = ()
    field: str = ""
    value: str | None = None
    hidden: bool = True
    future: bool = True
    ended: bool = False


def chosen(
    courses: Iterable[shapes.Course], categories: Mapping[int, shapes.Category], selection: Selection, now: float
) -> list[shapes.Course]:
    """Return the courses to take that can be entered, in the site's order. `now` is in seconds of the Unix epoch."""
    taken = [
        course
        for course in courses
        if course.id != FRONT_PAGE
        and course.visible is not None
        and _fulfils(course, categories, selection)
        and (selection.hidden or not is_hidden(course, categories))
        and (selection.future or course.startdate <= now)
        and (selection.ended or not 0 < course.enddate <= now)
    ]
    return sorted(taken, key=lambda course: (course.sortorder, course.id))


def is_hidden(course: shapes.Course, categories: Mapping[int, shapes.Category]) -> bool:
    """Tell whether students do not see a course: it, or a category it is in, is hidden."""
    return not course.visible or any(not category.visible for category in _above(course, categories))


def _fulfils(course: shapes.Course, categories: Mapping[int, shapes.Category], selection: Selection) -> bool:
    rules = (selection.categories, selection.courses, selection.shortnames, selection.field)
    return (
        not any(rules)
        or bool(selection.categories & _path(course, categories))
        or course.id in selection.courses
        or any(fnmatchcase(course.shortname, form) for form in selection.shortnames)
        or (bool(selection.field) and _has_field(course, selection))
    )


def _has_field(course: shapes.Course, selection: Selection) -> bool:
    for found in course.customfields:
        if found.shortname == selection.field:
            raw = found.value if found.valueraw is None else found.valueraw
            if selection.value is None:
                return str(raw or "").strip() not in {"", "0"}
            return selection.value in {str(found.value).strip(), str(raw).strip()}
    return False


def _path(course: shapes.Course, categories: Mapping[int, shapes.Category]) -> set[int]:
    category = categories.get(course.categoryid)
    parts = (category.path if category else "").split("/")
    return {course.categoryid, *(int(part) for part in parts if part.isdecimal())}


def _above(course: shapes.Course, categories: Mapping[int, shapes.Category]) -> list[shapes.Category]:
    return [categories[number] for number in _path(course, categories) if number in categories]

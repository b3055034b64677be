"""Look at one course: who is in it, and what its page shows. Several looks go on at once."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.moodle import listing, problems, shapes
from connectors.moodle.availability import CourseGroups
from connectors.moodle.client import Client, options
from connectors.moodle.contents import Outline
from connectors.moodle.errors import Absent, BadRow, Closed, Forbidden
from connectors.moodle.problems import Doubts
from sync.records import Kind

T = TypeVar("T")
R = TypeVar("R")
SEPARATE_GROUPS = 1
ROSTER = (Kind.ENROLMENTS, Kind.GROUPS)
HIDDEN_SECTIONS = "moodle/course:viewhiddensections"
PAGE = (Kind.MODULES, Kind.MATERIALS)


@dataclass(frozen=True, slots=True)
class Look:
    """What a course answered. `roster` and `outline` are None where they could not be read, or were not asked for."""

    course: shapes.Course
    roster: tuple[shapes.Enrolled, ...] | None
    inactive: frozenset[int]
    outline: Outline | None
    unchanged: bool
    doubts: Doubts


def each(workers: int, work: Callable[[T], R], items: Iterable[T], done: Callable[[], None]) -> list[R]:
    """Do some work for every item, several at a time; the first error ends it all."""
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(work, item) for item in items]
        results = []
        try:
            for one in waiting:
                results.append(one.result())
                done()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return results


def look(client: Client, course: shapes.Course, functions: frozenset[str], *, unchanged: bool) -> Look:
    """Look at a course; its page is not asked for when it is `unchanged`. What fails for this course is a doubt."""
    doubts = Doubts()
    try:
        roster, inactive = _people(client, course, doubts)
        outline = None if unchanged else _outline(client, course, functions, roster or (), doubts)
    except (Closed, Absent):
        doubts.say("course-closed", course.shortname)
        doubts.courses.add(str(course.id))
        return Look(course, None, frozenset(), None, False, doubts)
    return Look(course, roster, inactive, outline, unchanged, doubts)


def trusted(looks: Sequence[Look]) -> list[Look]:
    """Return the looks without pages, if hidden sections are kept from us anywhere: then no restricted section shows.

    Moodle tells that a section is restricted only to those who may see hidden ones; a group's section would look open.
    """
    if not any(one.doubts.names(HIDDEN_SECTIONS) for one in looks):
        return list(looks)
    for one in looks:
        one.doubts.doubt(str(one.course.id), *PAGE)
    return [replace(one, outline=None, unchanged=False) for one in looks]


def _people(
    client: Client, course: shapes.Course, doubts: Doubts
) -> tuple[tuple[shapes.Enrolled, ...] | None, frozenset[int]]:
    """Return who is in a course, and who of them is suspended, expired or not yet there."""
    every = _enrolled(client, course, doubts, userfields="id,roles,groups", sortby="id")
    off = _enrolled(client, course, doubts, onlysuspended=1, userfields="id") if every is not None else None
    if every is None or off is None:
        doubts.doubt(str(course.id), *ROSTER)
        return None, frozenset()
    return every, frozenset(enrolled.id for enrolled in off)


def _enrolled(
    client: Client, course: shapes.Course, doubts: Doubts, **asked: object
) -> tuple[shapes.Enrolled, ...] | None:
    try:
        answer = client.call(listing.ENROLLED, courseid=course.id, options=options(**asked))
    except BadRow:
        doubts.say("bad-row", course.shortname)
        return None
    except Forbidden:
        review = "onlysuspended" in asked
        capability = "moodle/course:enrolreview" if review else "moodle/course:viewparticipants"
        doubts.lacks(capability, problems.SUSPENDED if review else problems.NO_PEOPLE)
        return None
    found, strange = shapes.read_all(shapes.Enrolled, answer)
    strange += sum(not one.tells_roles for one in found) if "onlysuspended" not in asked else 0
    if strange:
        doubts.say("answer-shape", course.shortname, found=listing.ENROLLED)
    return None if strange else tuple(found)


def _outline(
    client: Client,
    course: shapes.Course,
    functions: frozenset[str],
    roster: Iterable[shapes.Enrolled],
    doubts: Doubts,
) -> Outline | None:
    here = str(course.id)
    try:
        answer = client.call(listing.CONTENTS, courseid=course.id)
        state = shapes.read_state(client.call(listing.STATE, courseid=course.id))
    except (BadRow, Forbidden):
        state = None
        answer = None
    sections, strange = shapes.read_all(shapes.Section, answer)
    if strange or state is None:
        doubts.say("answer-shape", course.shortname, found=listing.CONTENTS)
        doubts.doubt(here, *PAGE)
        return None
    if not _shows_all(sections, course, doubts):
        doubts.doubt(here, *PAGE)
        return None
    groups = frozenset(str(group.id) for enrolled in roster for group in enrolled.groups)
    restricted = frozenset(section.id for section in state.section if section.hasrestrictions)
    known = _groupings(client, course, functions, groups, sections)
    return Outline(tuple(sections), restricted, known, course.format)


def _shows_all(sections: Sequence[shapes.Section], course: shapes.Course, doubts: Doubts) -> bool:
    """Tell whether our account may see what decides who sees what; name what it lacks."""
    modules = [module for section in sections for module in section.modules]
    shut = [section for section in sections if not section.uservisible]
    if not all(module.uservisible for module in modules) or any(section.visible for section in shut):
        doubts.lacks("moodle/course:ignoreavailabilityrestrictions", problems.RESTRICTED, course.shortname)
    if not all(section.visible for section in shut) or _has_gap(sections):
        doubts.lacks(HIDDEN_SECTIONS, problems.SECTIONS, course.shortname)
        return False
    if shut:
        return False
    if not all(module.tells_availability for module in modules):
        doubts.lacks("moodle/course:viewhiddenactivities", problems.ACTIVITIES, course.shortname)
        return False
    return True


def _has_gap(sections: Sequence[shapes.Section]) -> bool:
    """Tell whether a section's number is left out: Moodle counts them without gaps, and leaves out what it hides."""
    numbers = {section.section for section in sections}
    return bool(numbers) and numbers != set(range(max(numbers) + 1))


def _groupings(
    client: Client,
    course: shapes.Course,
    functions: frozenset[str],
    groups: frozenset[str],
    sections: Iterable[shapes.Section],
) -> CourseGroups:
    """Ask which groups a grouping has, only where a restriction names one, and our service and role allow it."""
    named = any('"grouping"' in (module.availability or "") for section in sections for module in section.modules)
    if not named or not {listing.COURSE_GROUPINGS, listing.GROUPINGS} <= functions:
        return CourseGroups(groups)
    try:
        found, _ = shapes.read_all(shapes.GroupingGroups, client.call(listing.COURSE_GROUPINGS, courseid=course.id))
        if not found:
            return CourseGroups(groups)
        answer = client.call(listing.GROUPINGS, groupingids=[grouping.id for grouping in found], returngroups=True)
    except (Forbidden, BadRow, Absent):
        return CourseGroups(groups)
    full, _ = shapes.read_all(shapes.GroupingGroups, answer)
    return CourseGroups(groups, {str(g.id): frozenset(str(group.id) for group in g.groups) for g in full})

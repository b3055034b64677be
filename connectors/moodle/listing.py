"""Ask a site who it is, which functions it offers, and which courses it has: the first calls of every pull."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.moodle import problems, shapes
from connectors.moodle.answers import REFUSED
from connectors.moodle.client import Client
from connectors.moodle.errors import Closed, Forbidden
from connectors.moodle.problems import Doubts
from sync.errors import Refused
from sync.phrases import Phrase
from sync.records import Kind
from sync.texts import N_

SITE_INFO = "core_webservice_get_site_info"
COURSES = "core_course_get_courses_by_field"
ALL_COURSES = "core_course_get_courses"
CATEGORIES = "core_course_get_categories"
CONTENTS = "core_course_get_contents"
MODULE = "core_course_get_course_module"
STATE = "core_courseformat_get_state"
ENROLLED = "core_enrol_get_enrolled_users"
USERS_COURSES = "core_enrol_get_users_courses"
USERS = "core_user_get_users_by_field"
COURSE_GROUPS = "core_group_get_course_groups"
COURSE_GROUPINGS = "core_group_get_course_groupings"
GROUPINGS = "core_group_get_groupings"
NEEDED = (SITE_INFO, COURSES, ALL_COURSES, CATEGORIES, CONTENTS, MODULE, STATE, ENROLLED, USERS_COURSES, USERS)

MISSING = N_("The service in Moodle lacks functions that Kopir needs. Add to it: {functions}.")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a site said of itself and of its courses."""

    site: shapes.Site
    functions: frozenset[str]
    courses: Mapping[str, shapes.Course]
    categories: Mapping[int, shapes.Category]


def list_courses(client: Client, doubts: Doubts) -> Listing:
    """Ask for the site and all its courses. Raise Refused when the service lacks a function."""
    site = shapes.read(shapes.Site, client.call(SITE_INFO))
    if site is None:
        raise Refused(Phrase(REFUSED, function=SITE_INFO, code="shape"))
    functions = frozenset(function.name for function in site.functions)
    if missing := [name for name in NEEDED if name not in functions]:
        raise Refused(Phrase(MISSING, functions=", ".join(missing)))
    if site.siteurl.rstrip("/") != client.site:
        doubts.say("address", found=site.siteurl)
    if not site.downloadfiles:
        doubts.say("no-files")
    return Listing(site, functions, _courses(client, doubts), _categories(client, doubts))


def _courses(client: Client, doubts: Doubts) -> Mapping[str, shapes.Course]:
    answer = client.call(COURSES)
    found, strange = shapes.read_all(shapes.Course, answer.get("courses") if isinstance(answer, dict) else None)
    if strange:
        doubts.say("answer-shape", found=COURSES)
        doubts.unknown.add(Kind.COURSES)
    for course in found:
        if course.visible is None:
            doubts.say("course-closed", course.shortname)
            doubts.courses.add(str(course.id))
    _probe_hidden(client, doubts)
    return {str(course.id): course for course in found}


def _probe_hidden(client: Client, doubts: Doubts) -> None:
    """Find out whether hidden courses are kept from us: the list above leaves them out, this function then fails."""
    try:
        client.call(ALL_COURSES)
    except (Closed, Forbidden):
        doubts.lacks("moodle/course:viewhiddencourses", problems.HIDDEN_COURSES)
        doubts.unknown.add(Kind.COURSES)


def _categories(client: Client, doubts: Doubts) -> Mapping[int, shapes.Category]:
    found, strange = shapes.read_all(shapes.Category, client.call(CATEGORIES))
    if strange:
        doubts.say("answer-shape", found=CATEGORIES)
    return {category.id: category for category in found}

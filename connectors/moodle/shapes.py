"""The parts of Moodle's answers that Kopir reads, checked by pydantic; unknown keys are left out, missing ones unset.

Source: functions' declared structures (Site administration, Server, Web services, API documentation).
"""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError


def _counted(value: object) -> object:
    """Let no yes or no pass for a number: what stands under another id would look as if it were gone."""
    if isinstance(value, bool | float):
        raise ValueError("not an id")  # noqa: TRY004  pydantic knows this one
    return value


Id = Annotated[int, BeforeValidator(_counted), Field(gt=0, lt=2**63)]


class Shape(BaseModel):
    """A record of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


S = TypeVar("S", bound=Shape)


class Function(Shape):
    """A function of the service."""

    name: str


class Site(Shape):
    """core_webservice_get_site_info."""

    siteurl: str = ""
    functions: tuple[Function, ...] = ()
    downloadfiles: int = 1


class CustomField(Shape):
    """A custom field of a course or a person."""

    shortname: str = ""
    value: Any = None
    valueraw: Any = None


class Course(Shape):
    """core_course_get_courses_by_field. `cacherev` is told only to accounts that may change courses.

    `visible` is unset for a course that our account may not enter: of such a one only public fields are told.
    """

    id: Id
    fullname: str = ""
    shortname: str = ""
    categoryid: int = 0
    sortorder: int = 0
    visible: bool | None = None
    startdate: int = 0
    enddate: int = 0
    groupmode: int = 0
    format: str = ""
    cacherev: int | None = None
    customfields: tuple[CustomField, ...] = ()


class Category(Shape):
    """core_course_get_categories; `path` is `/2/3/4`."""

    id: Id
    path: str = ""
    visible: bool = True


class Content(Shape):
    """A file or link of a module."""

    type: str = ""
    filename: str | None = None
    filepath: str | None = None
    filesize: int | None = None
    fileurl: str | None = None
    timemodified: int | None = None
    sortorder: int | None = None
    mimetype: str | None = None


class ModuleDate(Shape):
    """A date of a module; `dataid` says which."""

    dataid: str = ""
    timestamp: int = 0


class Module(Shape):
    """A module of a section: core_course_get_contents. `availability` is set when our account may see restrictions."""

    id: Id
    instance: int = 0
    modname: str = ""
    modplural: str = ""
    name: str = ""
    url: str | None = None
    description: str | None = None
    visible: bool = True
    visibleoncoursepage: bool = True
    uservisible: bool = True
    availability: str | None = None
    availabilityinfo: str | None = None
    dates: tuple[ModuleDate, ...] = ()
    contents: tuple[Content, ...] = ()

    @property
    def tells_availability(self) -> bool:
        """Tell whether restrictions were shown to us, also where there are none."""
        return "availability" in self.model_fields_set


class Section(Shape):
    """A section of a course: core_course_get_contents. `section` is its number, `component` set for a subsection."""

    id: Id
    section: int = 0
    name: str = ""
    summary: str = ""
    visible: bool = True
    uservisible: bool = True
    hiddenbynumsections: bool = False
    availabilityinfo: str | None = None
    component: str | None = None
    itemid: int | None = None
    modules: tuple[Module, ...] = ()


class SectionState(Shape):
    """A section as the course editor sees it: core_courseformat_get_state."""

    id: Id
    hasrestrictions: bool = False


class CourseState(Shape):
    """core_courseformat_get_state."""

    section: tuple[SectionState, ...] = ()


class Role(Shape):
    """A role of a person in a course."""

    shortname: str


class CourseGroup(Shape):
    """A group of a course."""

    id: Id
    name: str = ""


class Enrolled(Shape):
    """A person of a course: core_enrol_get_enrolled_users with id, roles and groups."""

    id: Id
    roles: tuple[Role, ...] = ()
    groups: tuple[CourseGroup, ...] = ()

    @property
    def tells_roles(self) -> bool:
        """Tell whether roles were told, also where there are none."""
        return "roles" in self.model_fields_set


class User(Shape):
    """An account: core_user_get_users_by_field. What our account may not see is unset."""

    id: Id
    fullname: str = ""
    username: str | None = None
    idnumber: str | None = None
    email: str | None = None
    auth: str = ""
    suspended: bool | None = None
    confirmed: bool = True
    customfields: tuple[CustomField, ...] = ()


class UserCourse(Shape):
    """core_enrol_get_users_courses with returnusercount."""

    id: Id
    enrolledusercount: int | None = None


class GroupingGroups(Shape):
    """A grouping with its groups: core_group_get_groupings with returngroups."""

    id: Id
    groups: tuple[CourseGroup, ...] = Field(default=())


def read_state(text: Any) -> CourseState | None:
    """Return a course's state, which Moodle gives as JSON inside a string."""
    try:
        return CourseState.model_validate_json(text) if isinstance(text, str) else None
    except ValidationError:
        return None


def read(shape: type[S], found: Any) -> S | None:
    """Return a record in its shape, None for one that does not have it."""
    try:
        return shape.model_validate(found)
    except ValidationError:
        return None


def read_all(shape: type[S], found: Any) -> tuple[list[S], int]:
    """Return the records of a list in their shape, and how many did not have it."""
    rows: Iterable[Any] = found if isinstance(found, list) else (None,)
    read_rows = [read(shape, row) for row in rows]
    good = [row for row in read_rows if row is not None]
    return good, len(read_rows) - len(good)

"""What a source's settings and the place of a file say about how its rows are read; every dialect reader gets it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sync.records import CourseRole


@dataclass(frozen=True, slots=True)
class Options:
    """The school's zone, the role that a list without roles grants, the course that the file's place names, and
    when the file was written.
    """

    zone: ZoneInfo
    role: CourseRole = CourseRole.STUDENT
    place: str = ""
    written: datetime | None = None
    manifest: str = ""

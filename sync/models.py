"""The tables of Kopir: what sources said (rosters) and what Kopir remembers. Only the store reads and writes them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, MetaData, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from sync.columns import Contact, Files, JsonText, Key, RoleText, UtcDateTime, Words
from sync.records import CourseRole, File, Kind

DROPPED = "dropped"
FILE_MISSING = "file-missing"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
COMPACT = {"sqlite_with_rowid": False}


class Row(SQLModel):
    """A row of any table; every one belongs to a school."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)

    school: str = Field(sa_type=Key, primary_key=True)


class SourceRow(Row):
    """A record of a source. One that is gone stays as a tombstone, so that it can come back as the same record."""

    source: str = Field(sa_type=Key, primary_key=True)
    origin: str = ""
    digest: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_cause: str | None = None


class CourseRow(SourceRow, table=True):
    """A course of a source."""

    __tablename__ = "courses"
    __table_args__ = COMPACT

    id: str = Field(sa_type=Key, primary_key=True)
    title: str
    hidden: bool
    start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    position: int


class ModuleRow(SourceRow, table=True):
    """A learning unit of a course."""

    __tablename__ = "modules"
    __table_args__ = COMPACT

    course: str = Field(sa_type=Key, primary_key=True)
    id: str = Field(sa_type=Key, primary_key=True)
    title: str
    hidden: bool
    position: int


class MaterialRow(SourceRow, table=True):
    """An activity or resource of a module."""

    __tablename__ = "materials"
    __table_args__ = COMPACT

    course: str = Field(sa_type=Key, primary_key=True)
    id: str = Field(sa_type=Key, primary_key=True)
    module: str = Field(sa_type=Key)
    title: str
    type: str
    text: str
    url: str
    files: tuple[File, ...] = Field(sa_type=Files)
    opens: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due: datetime | None = Field(default=None, sa_type=UtcDateTime)
    visible_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    visible_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    groups: tuple[str, ...] = Field(sa_type=Words)
    hidden: bool
    position: int


class PersonRow(SourceRow, table=True):
    """A human in a source's roster."""

    __tablename__ = "people"
    __table_args__ = COMPACT

    id: str = Field(sa_type=Key, primary_key=True)
    digest: str = Field(sa_type=Contact)
    name: str
    email: str = Field(sa_type=Contact)
    discord: str = Field(sa_type=Contact)
    suspended: bool
    codes: tuple[str, ...] | None = Field(default=None, sa_type=Words)


class GroupRow(SourceRow, table=True):
    """A group of a course, or a cohort."""

    __tablename__ = "groups"
    __table_args__ = COMPACT

    id: str = Field(sa_type=Key, primary_key=True)
    course: str = Field(sa_type=Key)
    title: str


class EnrolmentRow(SourceRow, table=True):
    """A person's role in a course."""

    __tablename__ = "enrolments"
    __table_args__ = COMPACT

    course: str = Field(sa_type=Key, primary_key=True)
    person: str = Field(sa_type=Key, primary_key=True)
    role: CourseRole = Field(sa_type=RoleText, primary_key=True)
    groups: tuple[str, ...] = Field(sa_type=Words)
    start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended: bool
    ref: str


class MemoRow(Row, table=True):
    """What a source wants to be told at its next pull."""

    __tablename__ = "memos"
    __table_args__ = COMPACT

    source: str = Field(sa_type=Key, primary_key=True)
    memo: dict[str, str] = Field(sa_type=JsonText)


class LinkRow(Row, table=True):
    """A person's Discord user; both sides occur once per school."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("school", "user_id"), COMPACT)

    person: str = Field(sa_type=Key, primary_key=True)
    user_id: str
    proof: str = Field(sa_type=Contact)
    at: datetime = Field(sa_type=UtcDateTime)


class BindingRow(Row, table=True):
    """The Discord id of a Key; no id while a create is in flight."""

    __tablename__ = "bindings"
    __table_args__ = COMPACT

    key: str = Field(sa_type=Key, primary_key=True)
    kind: str
    discord_id: str | None = None
    parent_id: str | None = None
    digest: str
    at: datetime = Field(sa_type=UtcDateTime)
    title: str
    memo: dict[str, str] = Field(sa_type=JsonText)
    sent: dict[str, str] = Field(sa_type=JsonText)


class DepartureRow(Row, table=True):
    """Somebody who went from the server, or lost the tie to their person."""

    __tablename__ = "departures"
    __table_args__ = COMPACT

    user_id: str = Field(sa_type=Key, primary_key=True)
    cause: str
    at: datetime = Field(sa_type=UtcDateTime)
    person: str = Field(sa_type=Key)
    by: str
    stay: str


class RefusalRow(Row, table=True):
    """A change that Discord refused for good, so that it is not sent again as it is."""

    __tablename__ = "refusals"
    __table_args__ = COMPACT

    key: str = Field(sa_type=Key, primary_key=True)
    digest: str
    standing: str
    template: str
    values: dict[str, str] = Field(sa_type=JsonText)
    at: datetime = Field(sa_type=UtcDateTime)


class RunRow(Row, table=True):
    """A run of a school, kept as history."""

    __tablename__ = "runs"
    __table_args__ = (Index(None, "school", "started"),)

    id: str = Field(sa_type=Key, primary_key=True)
    command: str
    started: datetime = Field(sa_type=UtcDateTime)
    finished: datetime | None = Field(default=None, sa_type=UtcDateTime)
    digest: str
    outcomes: dict[str, int] = Field(sa_type=JsonText)
    report: str


class ChangeRow(Row, table=True):
    """A change that a run carried out, as resources before and after it, by which it can be undone."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "school", "run"), Index(None, "school", "key"))

    school: str = Field(sa_type=Key)
    id: int | None = Field(default=None, primary_key=True)
    run: str = Field(sa_type=Key)
    key: str = Field(sa_type=Key)
    kind: str
    existing: dict[str, Any] = Field(sa_type=JsonText)
    desired: dict[str, Any] = Field(sa_type=JsonText)


class PullRow(Row, table=True):
    """A pull of a source, kept as history."""

    __tablename__ = "pulls"
    __table_args__ = COMPACT

    source: str = Field(sa_type=Key, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    ok: bool
    counts: dict[str, int] = Field(sa_type=JsonText)
    problems: int
    seconds: float


class ApprovalRow(Row, table=True):
    """A person's decision about what one plan held, known by its digest; leave to apply it holds once."""

    __tablename__ = "approvals"
    __table_args__ = COMPACT

    digest: str = Field(sa_type=Key, primary_key=True)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    used: bool = False
    verdict: str
    removals: int


class DiscardedRow(Row, table=True):
    """A removal that a person does not want, for as long as the sources ask for it: what goes, or the role it loses."""

    __tablename__ = "discarded"
    __table_args__ = COMPACT

    key: str = Field(sa_type=Key, primary_key=True)
    role: str = Field(sa_type=Key, primary_key=True)


class SecretRow(Row, table=True):
    """A secret that Kopir made for itself."""

    __tablename__ = "secrets"
    __table_args__ = COMPACT

    name: str = Field(sa_type=Key, primary_key=True)
    value: str


class ForgottenRow(Row, table=True):
    """A mark of somebody who was forgotten; those of one person share a random entry."""

    __tablename__ = "forgotten"
    __table_args__ = COMPACT

    entry: str = Field(sa_type=Key, primary_key=True)
    mark: str = Field(sa_type=Key, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


def table(row: type[SQLModel]) -> Table:
    """Return the table behind a row class."""
    found: Any = row
    return found.__table__  # type: ignore[no-any-return]


METADATA = Row.metadata
ROSTER: dict[Kind, Table] = {
    Kind.COURSES: table(CourseRow),
    Kind.MODULES: table(ModuleRow),
    Kind.MATERIALS: table(MaterialRow),
    Kind.PEOPLE: table(PersonRow),
    Kind.ENROLMENTS: table(EnrolmentRow),
    Kind.GROUPS: table(GroupRow),
}

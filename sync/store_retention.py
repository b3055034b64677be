"""Deletes what was kept long enough; `store` gives the connection and commits.

A removal that waits for approval is not over, however old: the tombstones of missing files stay.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, select

from sync import keys, store_journal
from sync.merge import qualified
from sync.models import DROPPED, ROSTER, ApprovalRow, BindingRow, DepartureRow, LinkRow, MemoRow, PullRow, RunRow, table
from sync.records import Kind
from sync.settings_privacy import Keeping
from sync.store_rows import chunks

LINKS, BINDINGS, MEMOS = table(LinkRow), table(BindingRow), table(MemoRow)
RUNS, PULLS, APPROVALS, DEPARTURES = table(RunRow), table(PullRow), table(ApprovalRow), table(DepartureRow)
PEOPLE = ROSTER[Kind.PEOPLE]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a school still needs: its sources by name, and the Discord users who are on its server."""

    sources: Collection[str]
    users: Collection[str]


def prune(connection: Connection, school: str, keeping: Keeping, standing: Standing, at: datetime) -> int:
    """Delete what a school has kept long enough, and count it."""
    before = at - keeping.departed
    deleted = _history(connection, school, at - keeping.runs) + store_journal.prune(connection, school)
    for source in _abandoned(connection, school, standing.sources, before):
        for rows in (*ROSTER.values(), MEMOS, PULLS):
            deleted += _delete(connection, rows, "source", [source], rows.c.school == school)
    deleted += _tombstones(connection, school, before)
    deleted += _links(connection, school, before) + _departures(connection, school, before)
    return deleted + _members(connection, school, standing.users, before)


def _history(connection: Connection, school: str, before: datetime) -> int:
    """Delete old runs, approvals and pulls; the last pull of a source tells whether its records are new."""
    runs = RUNS.c.school == school, RUNS.c.started < before
    approvals = APPROVALS.c.school == school, APPROVALS.c.at < before
    later = PULLS.alias()
    newer = exists().where(later.c.school == school, later.c.source == PULLS.c.source, later.c.at > PULLS.c.at)
    pulls = PULLS.c.school == school, PULLS.c.at < before, newer
    over = ((RUNS, runs), (APPROVALS, approvals), (PULLS, pulls))
    return sum(connection.execute(delete(rows).where(*conditions)).rowcount for rows, conditions in over)


def _abandoned(connection: Connection, school: str, sources: Collection[str], before: datetime) -> list[str]:
    """Name the sources that were taken out of the settings long ago."""
    last = select(PULLS.c.source).where(PULLS.c.school == school).group_by(PULLS.c.source)
    old = connection.execute(last.having(func.max(PULLS.c.at) < before)).scalars()
    return [source for source in old if source not in sources]


def _tombstones(connection: Connection, school: str, before: datetime) -> int:
    people = (ROSTER[kind] for kind in (Kind.PEOPLE, Kind.ENROLMENTS))
    deleted = sum(connection.execute(delete(rows).where(_over(rows, school, before))).rowcount for rows in people)
    bound = _bound(connection, school)
    for kind, course in _COURSES.items():
        rows = ROSTER[kind]
        query = select(rows.c.source, rows.c[course]).where(_over(rows, school, before)).distinct()
        found: defaultdict[str, list[str]] = defaultdict(list)
        for source, identity in connection.execute(query):
            if keys.course_of(keys.course(qualified(source, identity))) not in bound:
                found[source].append(identity)
        for source, ids in found.items():
            deleted += _delete(connection, rows, course, ids, _over(rows, school, before) & (rows.c.source == source))
    return deleted


_COURSES = {Kind.COURSES: "id", Kind.MODULES: "course", Kind.MATERIALS: "course", Kind.GROUPS: "course"}


def _over(rows: Table, school: str, before: datetime) -> ColumnElement[bool]:
    return and_(rows.c.school == school, rows.c.gone_cause == DROPPED, rows.c.gone_at < before)


def _bound(connection: Connection, school: str) -> set[str]:
    """Return the courses of which something stands on the server, such as a channel in the archive."""
    query = select(BINDINGS.c.key).where(BINDINGS.c.school == school)
    return {keys.course_of(key) for key in connection.execute(query).scalars()} - {""}


def _links(connection: Connection, school: str, before: datetime) -> int:
    """Delete the links of people of whom not even a tombstone is left."""
    same = PEOPLE.c.source + ":" + PEOPLE.c.id == LINKS.c.person
    known = exists().where(PEOPLE.c.school == school, same)
    return connection.execute(delete(LINKS).where(LINKS.c.school == school, LINKS.c.at < before, ~known)).rowcount


def _departures(connection: Connection, school: str, before: datetime) -> int:
    """Forget how people went whom nothing ties to an account any more."""
    linked = exists().where(LINKS.c.school == school, LINKS.c.user_id == DEPARTURES.c.user_id)
    person = PEOPLE.c.source + ":" + PEOPLE.c.id == DEPARTURES.c.person
    known = exists().where(PEOPLE.c.school == school, person)
    over = DEPARTURES.c.school == school, DEPARTURES.c.at < before, ~linked, ~known
    return connection.execute(delete(DEPARTURES).where(*over)).rowcount


def _members(connection: Connection, school: str, users: Collection[str], before: datetime) -> int:
    """Forget what unlinked people were given, once it was taken back or they left the server."""
    linked = exists().where(LINKS.c.school == school, LINKS.c.user_id == BINDINGS.c.discord_id)
    query = select(BINDINGS.c.key, BINDINGS.c.discord_id, BINDINGS.c.digest)
    query = query.where(BINDINGS.c.school == school, BINDINGS.c.kind == "member", BINDINGS.c.at < before, ~linked)
    over = [key for key, user, given in connection.execute(query) if not given or user not in users]
    tables = BINDINGS, store_journal.CHANGES
    return sum(_delete(connection, rows, "key", over, rows.c.school == school) for rows in tables)


def _delete(
    connection: Connection, rows: Table, column: str, values: Iterable[str], condition: ColumnElement[bool]
) -> int:
    found = (delete(rows).where(condition, rows.c[column].in_(chunk)) for chunk in chunks(values))
    return sum(connection.execute(statement).rowcount for statement in found)

"""Reads and erases what the tables hold about one human; `store` gives the connection and commits.

Whoever adds a table or a column with something about people adds it here and to docs/privacy.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, false, or_, select

from sync import keys
from sync.ledger import Binding
from sync.models import (
    ROSTER,
    ApprovalRow,
    BindingRow,
    DiscardedRow,
    EnrolmentRow,
    LinkRow,
    PersonRow,
    RefusalRow,
    table,
)
from sync.records import Kind, Person
from sync.subjects import Subject, Trace

PEOPLE, ENROLMENTS = table(PersonRow), table(EnrolmentRow)
LINKS, BINDINGS, APPROVALS = table(LinkRow), table(BindingRow), table(ApprovalRow)
REFUSALS, DISCARDED = table(RefusalRow), table(DiscardedRow)
Values = Mapping[str, Any]
_BINDING = tuple(field.name for field in fields(Binding))


@dataclass(frozen=True, slots=True)
class Dossier:
    """All rows about one human, by table, as values by column.

    `titles` names courses and groups by kind, source and id, `roles` our roles on Discord by Key.
    """

    people: tuple[Values, ...]
    enrolments: tuple[Values, ...]
    links: tuple[Values, ...]
    members: tuple[Binding, ...]
    approvals: tuple[Values, ...]
    refusals: tuple[Values, ...]
    discarded: tuple[Values, ...]
    titles: Mapping[tuple[Kind, str, str], str]
    roles: Mapping[str, str]


def traces(connection: Connection, school: str) -> tuple[Trace, ...]:
    """Return every person whom a source ever named, in a stable order."""
    names = [field.name for field in fields(Person)]
    columns = PEOPLE.c.source, PEOPLE.c.gone_at, *(PEOPLE.c[name] for name in names)
    query = select(*columns).where(PEOPLE.c.school == school).order_by(PEOPLE.c.source, PEOPLE.c.id)
    rows = connection.execute(query)
    return tuple(Trace(source, Person(*values), gone is not None) for source, gone, *values in rows)


def members(connection: Connection, school: str) -> frozenset[str]:
    """Return the Discord users to whom we gave something once."""
    query = select(BINDINGS.c.discord_id).where(BINDINGS.c.school == school, BINDINGS.c.kind == "member")
    return frozenset(connection.execute(query).scalars())


def about(connection: Connection, school: str, subject: Subject) -> Dossier:
    """Return all that is stored about somebody."""
    found = {rows: _rows(connection, rows, ours) for rows, ours in conditions(school, subject).items()}
    return Dossier(
        found[PEOPLE],
        found[ENROLMENTS],
        found[LINKS],
        tuple(Binding(**{name: row[name] for name in _BINDING}) for row in found[BINDINGS]),
        found[APPROVALS],
        found[REFUSALS],
        found[DISCARDED],
        _titles(connection, school),
        _role_names(connection, school),
    )


def conditions(school: str, subject: Subject) -> Mapping[Table, ColumnElement[bool]]:
    """Say which rows of each table are about somebody."""
    qualified = [one.partition(":") for one in subject.ids]
    by_source = {source: [i for s, _, i in qualified if s == source] for source, _, _ in qualified}
    bound = [keys.member(user) for user in subject.users]
    theirs = {
        PEOPLE: _of_sources(PEOPLE, "id", by_source),
        ENROLMENTS: _of_sources(ENROLMENTS, "person", by_source),
        LINKS: or_(LINKS.c.person.in_(subject.ids), LINKS.c.user_id.in_(subject.users)),
        BINDINGS: BINDINGS.c.key.in_(bound),
        APPROVALS: APPROVALS.c.by.in_(subject.users),
        REFUSALS: REFUSALS.c.key.in_(bound),
        DISCARDED: DISCARDED.c.key.in_(bound),
    }
    return {rows: (rows.c.school == school) & condition for rows, condition in theirs.items()}


def _of_sources(rows: Table, column: str, ids: Mapping[str, list[str]]) -> ColumnElement[bool]:
    found = ((rows.c.source == source) & rows.c[column].in_(named) for source, named in ids.items())
    return or_(false(), *found)


def _rows(connection: Connection, rows: Table, condition: ColumnElement[bool]) -> tuple[Values, ...]:
    query = select(rows).where(condition).order_by(*rows.primary_key)
    return tuple(dict(row) for row in connection.execute(query).mappings())


def _titles(connection: Connection, school: str) -> dict[tuple[Kind, str, str], str]:
    found: dict[tuple[Kind, str, str], str] = {}
    for kind in (Kind.COURSES, Kind.GROUPS):
        rows = ROSTER[kind]
        query = select(rows.c.source, rows.c.id, rows.c.title).where(rows.c.school == school)
        found |= {(kind, source, identity): title for source, identity, title in connection.execute(query)}
    return found


def _role_names(connection: Connection, school: str) -> dict[str, str]:
    query = select(BINDINGS.c.key, BINDINGS.c.digest).where(BINDINGS.c.school == school, BINDINGS.c.kind == "role")
    return {key: digest.partition("\n")[2] for key, digest in connection.execute(query)}

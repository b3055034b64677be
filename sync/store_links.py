"""Keeps links, and refuses those that would tie one Discord user to two people; `store` commits."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from sync.ledger import Link
from sync.models import LinkRow, table
from sync.store_errors import LinkTaken
from sync.store_rows import chunks, columns, row_of, upsert

LINKS = table(LinkRow)


def load(connection: Connection, school: str) -> tuple[Link, ...]:
    """Return a school's links, by person."""
    query = select(*columns(LINKS, Link)).where(LINKS.c.school == school).order_by(LINKS.c.person)
    return tuple(Link(*row) for row in connection.execute(query))


def save(connection: Connection, school: str, links: Iterable[Link], replaced: Iterable[str]) -> None:
    """Keep links in place of the old ones of the same people, and forget those of the people `replaced`."""
    rows = {link.person: row_of(LINKS, link, school) for link in links}
    _refuse_shared(rows.values())
    for chunk in chunks({*rows, *replaced}):
        connection.execute(delete(LINKS).where(LINKS.c.school == school, LINKS.c.person.in_(chunk)))
    for users in chunks(row["user_id"] for row in rows.values()):
        _refuse_taken(connection, school, users)
    upsert(connection, LINKS, rows.values())


def remove(connection: Connection, school: str, person: str) -> bool:
    """Forget a person's link; tell whether there was one."""
    statement = delete(LINKS).where(LINKS.c.school == school, LINKS.c.person == person)
    return connection.execute(statement).rowcount > 0


def _refuse_taken(connection: Connection, school: str, users: Sequence[str]) -> None:
    query = select(LINKS.c.person, LINKS.c.user_id).where(LINKS.c.school == school, LINKS.c.user_id.in_(users))
    taken = connection.execute(query.order_by(LINKS.c.person)).first()
    if taken:
        raise LinkTaken(*taken)


def _refuse_shared(rows: Iterable[Mapping[str, str]]) -> None:
    owners: dict[str, str] = {}
    for row in rows:
        owner = owners.setdefault(row["user_id"], row["person"])
        if owner != row["person"]:
            raise LinkTaken(owner, row["user_id"])

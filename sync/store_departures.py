"""Keeps who went and how; `store` gives the connection and commits."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from sqlalchemy import Connection, delete, select

from sync.ledger import Cause, Departure
from sync.models import DepartureRow, table
from sync.store_rows import chunks, upsert

DEPARTURES = table(DepartureRow)


def load(connection: Connection, school: str) -> Mapping[str, Departure]:
    """Return a school's departures by user."""
    columns = [column for column in DEPARTURES.c if column.name != "school"]
    query = select(*columns).where(DEPARTURES.c.school == school).order_by(DEPARTURES.c.user_id)
    found = (Departure(**row._mapping) for row in connection.execute(query))
    return {one.user_id: replace(one, cause=Cause(one.cause)) for one in found}


def note(connection: Connection, school: str, departures: Iterable[Departure]) -> None:
    """Keep departures in place of earlier ones of the same users."""
    upsert(connection, DEPARTURES, ({"school": school, **asdict(one)} for one in departures))


def forget(connection: Connection, school: str, users: Iterable[str]) -> int:
    """Forget the departures of some users, and count them."""
    ours = DEPARTURES.c.school == school
    found = (delete(DEPARTURES).where(ours, DEPARTURES.c.user_id.in_(chunk)) for chunk in chunks(users))
    return sum(connection.execute(statement).rowcount for statement in found)

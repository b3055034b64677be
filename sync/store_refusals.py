"""Keeps what Discord refused for good; `store` gives the connection and commits."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from sync.ledger import Refusal
from sync.models import RefusalRow, table
from sync.store_rows import chunks, upsert

REFUSALS = table(RefusalRow)


def load(connection: Connection, school: str) -> Mapping[str, Refusal]:
    """Return a school's refusals by Key."""
    columns = [column for column in REFUSALS.c if column.name != "school"]
    query = select(*columns).where(REFUSALS.c.school == school).order_by(REFUSALS.c.key)
    return {row.key: Refusal(**row._mapping) for row in connection.execute(query)}


def save(connection: Connection, school: str, refusals: Iterable[Refusal]) -> None:
    """Keep refusals in place of those with their Keys."""
    rows = {refusal.key: {"school": school, **asdict(refusal)} for refusal in refusals}
    upsert(connection, REFUSALS, rows.values())


def forget(connection: Connection, school: str, keys: Iterable[str] | None) -> None:
    """Forget the refusals of some Keys, or all of a school."""
    statement = delete(REFUSALS).where(REFUSALS.c.school == school)
    if keys is None:
        connection.execute(statement)
        return
    for chunk in chunks(keys):
        connection.execute(statement.where(REFUSALS.c.key.in_(chunk)))

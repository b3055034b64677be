"""Reads and writes the journal of what runs did; `store` gives the connection and commits."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select

from sync.journal import dump, load, messages
from sync.models import BindingRow, ChangeRow, RunRow, table
from sync.ports import Entry
from sync.resources import Resource, kind
from sync.store_rows import chunks

CHANGES, RUNS, BINDINGS = table(ChangeRow), table(RunRow), table(BindingRow)


def keep(connection: Connection, school: str, entries: Iterable[Entry]) -> None:
    """Keep what was done, in its order."""
    rows = [_row(school, entry) for entry in entries]
    if rows:
        connection.execute(insert(CHANGES), rows)


def of_run(connection: Connection, school: str, run: str) -> tuple[Entry, ...]:
    """Return what a run did, in its order."""
    query = select(CHANGES).where(CHANGES.c.school == school, CHANGES.c.run == run).order_by(CHANGES.c.id)
    return tuple(
        Entry(row.run, row.key, load(row.key, row.existing), load(row.key, row.desired))
        for row in connection.execute(query)
    )


def written(connection: Connection, school: str, keys: Sequence[str]) -> tuple[Resource, ...]:
    """Return all that was ever written under some Keys, as far as it is still known, the oldest first."""
    found: list[Any] = []
    for chunk in chunks(keys):
        query = select(CHANGES.c.id, CHANGES.c.key, CHANGES.c.desired)
        found += connection.execute(query.where(CHANGES.c.school == school, CHANGES.c.key.in_(chunk))).all()
    loaded = (load(row.key, row.desired) for row in sorted(found, key=lambda row: row.id))
    return tuple(resource for resource in loaded if resource is not None)


def prune(connection: Connection, school: str) -> int:
    """Delete what was done by runs that are forgotten, but not the last word on a message that is still there."""
    kept = select(RUNS.c.id).where(RUNS.c.school == school)
    later = CHANGES.alias()
    newer = exists().where(later.c.school == school, later.c.key == CHANGES.c.key, later.c.id > CHANGES.c.id)
    bound = exists().where(BINDINGS.c.school == school, BINDINGS.c.key == CHANGES.c.key)
    over = CHANGES.c.school == school, CHANGES.c.run.not_in(kept), newer | ~bound | CHANGES.c.kind.not_in(messages())
    return connection.execute(delete(CHANGES).where(*over)).rowcount


def _row(school: str, entry: Entry) -> dict[str, object]:
    resource = entry.desired or entry.existing
    return {
        "school": school,
        "run": entry.run,
        "key": entry.key,
        "kind": kind(resource) if resource else "",
        "existing": dump(entry.existing),
        "desired": dump(entry.desired),
    }

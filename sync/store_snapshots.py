"""Writes a snapshot over what a source said before, and reads it back; `store` gives the connection and commits.

Stored rows are streamed and compared by digest, so that memory holds only keys, and only what differs is written.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from json import JSONEncoder
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from sync import models
from sync.absence import CHILDREN_FIRST, Absence, Identity, Record
from sync.models import DROPPED, FILE_MISSING, ROSTER
from sync.records import File, Kind, Snapshot, StoredPull, Tally
from sync.shelves import SHELVES, Shelf
from sync.store_rows import CHUNK, chunks, upsert

# Who is swept when which parent went: (children, parents, the parent's identity in the child's columns).
ORPHANS: tuple[tuple[Kind, Kind, tuple[str, ...]], ...] = (
    (Kind.MODULES, Kind.COURSES, ("course",)),
    (Kind.GROUPS, Kind.COURSES, ("course",)),
    (Kind.MATERIALS, Kind.MODULES, ("course", "module")),
    (Kind.MATERIALS, Kind.COURSES, ("course",)),
    (Kind.ENROLMENTS, Kind.COURSES, ("course",)),
    (Kind.ENROLMENTS, Kind.PEOPLE, ("person",)),
)
MEMOS = models.table(models.MemoRow)
Changes = defaultdict[tuple[str, Kind], Counter[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose records are meant, and when."""

    school: str
    source: str

    def within(self, table: Table) -> ColumnElement[bool]:
        """Return the condition that a row belongs here."""
        return and_(table.c.school == self.school, table.c.source == self.source)


@dataclass(slots=True)
class Difference:
    """What has to be written for one kind."""

    write: list[Record] = field(default_factory=list)
    gone: list[tuple[Identity, str]] = field(default_factory=list)
    settled: list[Identity] = field(default_factory=list)


def save(connection: Connection, place: Place, snapshot: Snapshot, at: datetime) -> StoredPull:
    """Store a snapshot by the rules of absence; of two records with one identity the last one counts."""
    rules = Absence.of(snapshot)
    changes: Changes = defaultdict(Counter)
    for kind in CHILDREN_FIRST:
        difference = _compare(connection, place, SHELVES[kind], rules, changes)
        _write(connection, place, SHELVES[kind], difference, at)
    if rules.leaves_orphans():
        _sweep(connection, place, at, changes)
    if rules.held:
        _settle_orphans(connection, place)
    if _memo(connection, place) != dict(snapshot.memo):
        upsert(connection, MEMOS, [{"school": place.school, "source": place.source, "memo": snapshot.memo}])
    tallies = {key: Tally(n["added"], n["changed"], n["removed"]) for key, n in sorted(changes.items())}
    return StoredPull(count(connection, place), MappingProxyType(tallies))


def load(connection: Connection, place: Place, with_missing: bool) -> Snapshot:
    """Read the records that are there, and with `missing` those whose file stopped coming, in a stable order."""
    records: dict[str, Any] = {"memo": _memo(connection, place)}
    for kind, shelf in SHELVES.items():
        records[kind.value] = tuple(_read(connection, place, shelf, with_missing))
    return Snapshot(**records)


def _memo(connection: Connection, place: Place) -> dict[str, str]:
    return connection.execute(select(MEMOS.c.memo).where(place.within(MEMOS))).scalar() or {}


def count(connection: Connection, place: Place) -> Mapping[Kind, int]:
    """Count the records that are there, by kind."""
    counts = {}
    for kind, table in ROSTER.items():
        query = select(func.count()).select_from(table).where(place.within(table), table.c.gone_at.is_(None))
        counts[kind] = connection.execute(query).scalar_one()
    return MappingProxyType(counts)


def settle_missing(connection: Connection, place: Place) -> None:
    """Turn the tombstones of missing files into plain removals."""
    for table in ROSTER.values():
        ours = place.within(table), table.c.gone_cause == FILE_MISSING
        connection.execute(update(table).where(*ours).values(gone_cause=DROPPED))


def digest_of(values: tuple[object, ...]) -> str:
    """Return what tells two contents apart; times in different zones that are one instant are equal."""
    return blake2b(_ENCODER.encode(values).encode(), digest_size=16).hexdigest()


def _stamp(value: object) -> object:
    if isinstance(value, File):
        return astuple(value)
    if not isinstance(value, datetime):
        raise TypeError(f"no digest for {type(value).__name__}")
    return value.astimezone(UTC).isoformat()


_ENCODER = JSONEncoder(default=_stamp)


def _compare(connection: Connection, place: Place, shelf: Shelf, rules: Absence, changes: Changes) -> Difference:
    unseen: dict[Identity, Record] = {shelf.identify(record): record for record in shelf.records(rules.snapshot)}
    difference = Difference()
    for row in _stored(connection, place, shelf):
        identity = shelf.identify(row)
        record = unseen.pop(identity, None)
        if record is None:
            _absent(row, identity, shelf, rules, difference, changes)
        elif row.gone_cause is not None or row.digest != digest_of(shelf.values(record)):
            difference.write.append(record)
            changes[record.origin, shelf.kind]["changed" if row.gone_cause is None else "added"] += 1
    for record in unseen.values():
        changes[record.origin, shelf.kind]["added"] += 1
    difference.write.extend(unseen.values())
    return difference


def _absent(
    row: Row[Any], identity: Identity, shelf: Shelf, rules: Absence, difference: Difference, changes: Changes
) -> None:
    if row.gone_cause == FILE_MISSING:
        rules.held = True
        if rules.settles(shelf.kind, row.origin):
            difference.settled.append(identity)
    if row.gone_cause is not None:
        return
    cause = rules.cause(shelf.kind, identity, row.origin, shelf.ties(row))
    if cause is not None:
        difference.gone.append((identity, cause))
        changes[row.origin, shelf.kind]["removed"] += 1


def _stored(connection: Connection, place: Place, shelf: Shelf) -> Iterator[Row[Any]]:
    columns = [shelf.table.c[name] for name in (*shelf.identity, *shelf.tied, "origin", "digest", "gone_cause")]
    query = select(*columns).where(place.within(shelf.table))
    with connection.execute(query, execution_options={"yield_per": CHUNK}) as result:
        yield from result


def _read(connection: Connection, place: Place, shelf: Shelf, with_missing: bool) -> Iterator[Record]:
    table = shelf.table
    there: ColumnElement[bool] = table.c.gone_at.is_(None)
    if with_missing:
        there = or_(there, table.c.gone_cause == FILE_MISSING)
    query = select(*(table.c[name] for name in shelf.names)).where(place.within(table), there)
    query = query.order_by(*(table.c[name] for name in shelf.order))
    with connection.execute(query, execution_options={"yield_per": CHUNK}) as result:
        for row in result:
            yield shelf.type(*row)


def _write(connection: Connection, place: Place, shelf: Shelf, difference: Difference, at: datetime) -> None:
    common = {
        "school": place.school,
        "source": place.source,
        "changed_at": at,
        "gone_at": None,
        "gone_cause": None,
    }
    upsert(connection, shelf.table, (common | _row(shelf, record) for record in difference.write))
    _mark(connection, place, shelf, difference.gone, at)
    _mark(connection, place, shelf, [(identity, DROPPED) for identity in difference.settled], None)


def _row(shelf: Shelf, record: Record) -> dict[str, Any]:
    values = shelf.values(record)
    return dict(zip(shelf.names, values, strict=True)) | {"digest": digest_of(values)}


def _mark(
    connection: Connection, place: Place, shelf: Shelf, gone: list[tuple[Identity, str]], at: datetime | None
) -> None:
    """Turn rows into tombstones; without a time only their cause changes."""
    table = shelf.table
    same = [table.c[name] == bindparam(f"old_{name}") for name in shelf.identity]
    new: dict[str, Any] = {"gone_cause": bindparam("cause")} | ({"gone_at": at} if at else {})
    statement = update(table).where(place.within(table), *same).values(**new)
    keys = [f"old_{name}" for name in shelf.identity]
    for chunk in chunks(gone):
        connection.execute(statement, [dict(zip(keys, key, strict=True)) | {"cause": why} for key, why in chunk])


def _sweep(connection: Connection, place: Place, at: datetime, changes: Changes) -> None:
    """Let go what was kept as unknown but whose parent this pull removed, for the parent's cause."""
    for kind, parent, columns in ORPHANS:
        child, above = ROSTER[kind], ROSTER[parent]
        for cause in (DROPPED, FILE_MISSING):
            went = _parent(place, kind, parent, columns, above.c.gone_at == at, above.c.gone_cause == cause)
            orphaned = and_(place.within(child), child.c.gone_at.is_(None), went)
            found = select(child.c.origin, func.count()).where(orphaned).group_by(child.c.origin)
            for origin, number in connection.execute(found).all():
                changes[origin, kind]["removed"] += number
            connection.execute(update(child).where(orphaned).values(gone_at=at, gone_cause=cause))


def _settle_orphans(connection: Connection, place: Place) -> None:
    """Hold nothing of a missing file whose parent is really gone."""
    for kind, parent, columns in ORPHANS:
        child = ROSTER[kind]
        went = _parent(place, kind, parent, columns, ROSTER[parent].c.gone_cause == DROPPED)
        orphaned = and_(place.within(child), child.c.gone_cause == FILE_MISSING, went)
        connection.execute(update(child).where(orphaned).values(gone_cause=DROPPED))


def _parent(
    place: Place, kind: Kind, parent: Kind, columns: tuple[str, ...], *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Return the condition that a row's parent is stored and fulfils some conditions."""
    child, above = ROSTER[kind], ROSTER[parent]
    pairs = zip(SHELVES[parent].identity, columns, strict=True)
    same = (above.c[theirs] == child.c[ours] for theirs, ours in pairs)
    return exists(literal(1)).where(place.within(above), *conditions, *same)

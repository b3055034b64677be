"""Erases people from the tables, and knows them again by their marks; `store` gives the connection and commits."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from sync.errors import Refused
from sync.forgotten import Marker, without
from sync.models import ForgottenRow, SecretRow, table
from sync.phrases import Phrase
from sync.records import Snapshot
from sync.store_people import APPROVALS, DEPARTURES, conditions, traces
from sync.store_rows import upsert
from sync.store_snapshots import Place
from sync.subjects import Subject
from sync.texts import N_

SECRETS, FORGOTTEN = table(SecretRow), table(ForgottenRow)
MARKER, SOMEBODY = "marker", "somebody"
NOT_FORGOTTEN = N_("{person} was not forgotten. Give the id as `source:id`, the e-mail, or the Discord user id.")
SEVERAL = N_("{person} may be several people who were forgotten. Give the id as `source:id`.")


def erase(connection: Connection, school: str, subject: Subject, at: datetime) -> Mapping[str, int]:
    """Delete all rows about somebody, keep their marks, and count the rows by table."""
    others = [trace for trace in traces(connection, school) if trace.id not in subject.ids]
    _remember(connection, school, subject, _marker(connection, school).of_subject(subject, others), at)
    counts = {}
    by_them = DEPARTURES.c.school == school, DEPARTURES.c.by.in_(subject.users)
    connection.execute(update(DEPARTURES).where(*by_them).values(by=SOMEBODY))
    for rows, theirs in conditions(school, subject).items():
        # That a plan was approved stays known, by whom not.
        statement = update(rows).values(by=SOMEBODY) if rows is APPROVALS else delete(rows)
        counts[rows.name] = connection.execute(statement.where(theirs)).rowcount
    return counts


def recall(connection: Connection, school: str, text: str) -> None:
    """Let somebody be stored again. Raise Refused when a text stands for nobody, or for several."""
    found = _entries(connection, school, _marker(connection, school).of_text(text))
    if len(found) != 1:
        raise Refused(Phrase(SEVERAL if found else NOT_FORGOTTEN, person=text))
    connection.execute(delete(FORGOTTEN).where(FORGOTTEN.c.school == school, FORGOTTEN.c.entry.in_(found)))


def knows(connection: Connection, school: str, text: str) -> bool:
    """Tell whether somebody was forgotten whom a text may stand for."""
    key = _key(connection, school)
    return key is not None and bool(_entries(connection, school, Marker(key).of_text(text)))


def screen(connection: Connection, place: Place, snapshot: Snapshot) -> tuple[Snapshot, int]:
    """Leave the forgotten out of what a source says, and count them."""
    query = select(FORGOTTEN.c.mark).where(FORGOTTEN.c.school == place.school)
    marks = frozenset(connection.execute(query).scalars())
    if not marks:
        return snapshot, 0
    return without(snapshot, place.source, _marker(connection, place.school), marks)


def stamp(connection: Connection, school: str) -> tuple[object, ...]:
    """Tell one set of forgotten people from another."""
    query = select(func.count(), func.max(FORGOTTEN.c.at)).where(FORGOTTEN.c.school == school)
    return tuple(connection.execute(query).one())


def _remember(connection: Connection, school: str, subject: Subject, marks: frozenset[str], at: datetime) -> None:
    """Keep marks, in the entry of an earlier time if there is one."""
    marker = _marker(connection, school)
    own = {*map(marker.of_id, subject.ids), *map(marker.of_account, subject.users)}
    entry = min(_entries(connection, school, frozenset(own)), default=secrets.token_hex(8))
    rows = ({"school": school, "entry": entry, "mark": mark, "at": at} for mark in sorted(marks))
    upsert(connection, FORGOTTEN, rows)


def _entries(connection: Connection, school: str, marks: frozenset[str]) -> list[str]:
    query = select(FORGOTTEN.c.entry).where(FORGOTTEN.c.school == school, FORGOTTEN.c.mark.in_(marks)).distinct()
    return list(connection.execute(query).scalars())


def _marker(connection: Connection, school: str) -> Marker:
    """Return what makes the school's marks, with a new key the first time."""
    if (key := _key(connection, school)) is None:
        key = secrets.token_bytes(32)
        upsert(connection, SECRETS, [{"school": school, "name": MARKER, "value": key.hex()}])
    return Marker(key)


def _key(connection: Connection, school: str) -> bytes | None:
    query = select(SECRETS.c.value).where(SECRETS.c.school == school, SECRETS.c.name == MARKER)
    value = connection.execute(query).scalar()
    return None if value is None else bytes.fromhex(value)

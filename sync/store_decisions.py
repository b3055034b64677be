"""Keeps what people decided about held removals; `store` gives the connection and commits."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from sync.ledger import APPROVED, Decision
from sync.models import ApprovalRow, DiscardedRow, table
from sync.removals import Removal
from sync.store_rows import columns, row_of, upsert

APPROVALS, DISCARDED = table(ApprovalRow), table(DiscardedRow)


def save(connection: Connection, school: str, decision: Decision, discarded: Iterable[Removal]) -> None:
    """Keep a decision, and the removals that somebody does not want."""
    upsert(connection, APPROVALS, [row_of(APPROVALS, decision, school)])
    upsert(connection, DISCARDED, [{"school": school, "key": key, "role": role} for key, role in discarded])


def load(connection: Connection, school: str, limit: int) -> tuple[Decision, ...]:
    """Return the last decisions, the newest first."""
    query = select(*columns(APPROVALS, Decision)).where(APPROVALS.c.school == school)
    query = query.order_by(APPROVALS.c.at.desc(), APPROVALS.c.digest).limit(limit)
    return tuple(Decision(*row) for row in connection.execute(query))


def discarded(connection: Connection, school: str) -> frozenset[Removal]:
    """Return the removals that somebody does not want."""
    query = select(DISCARDED.c.key, DISCARDED.c.role).where(DISCARDED.c.school == school)
    return frozenset((row.key, row.role) for row in connection.execute(query))


def ask_again(connection: Connection, school: str, removals: Iterable[Removal]) -> None:
    """Forget that somebody did not want these removals."""
    for key, role in removals:
        same = DISCARDED.c.key == key, DISCARDED.c.role == role
        connection.execute(delete(DISCARDED).where(DISCARDED.c.school == school, *same))


def awaits_use(connection: Connection, school: str, digest: str) -> bool:
    """Tell whether there is an approval of a plan that was not used up."""
    query = select(func.count()).select_from(APPROVALS).where(*_usable(school, digest))
    return connection.execute(query).scalar_one() > 0


def use(connection: Connection, school: str, digest: str) -> bool:
    """Use up a plan's approval; tell whether there was one."""
    statement = update(APPROVALS).where(*_usable(school, digest)).values(used=True)
    return connection.execute(statement).rowcount > 0


def _usable(school: str, digest: str) -> tuple[ColumnElement[bool], ...]:
    ours = APPROVALS.c.school == school, APPROVALS.c.digest == digest
    return *ours, APPROVALS.c.verdict == APPROVED, APPROVALS.c.used.is_(False)

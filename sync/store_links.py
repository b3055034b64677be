"""Refuses links that would tie one Discord user to two people; `store` gives the connection."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from sync.models import LinkRow, table
from sync.store_errors import LinkTaken

LINKS = table(LinkRow)


def refuse_taken(connection: Connection, school: str, users: Sequence[str]) -> None:
    """Raise LinkTaken when one of some Discord users is linked to a person."""
    query = select(LINKS.c.person, LINKS.c.user_id).where(LINKS.c.school == school, LINKS.c.user_id.in_(users))
    taken = connection.execute(query.order_by(LINKS.c.person)).first()
    if taken:
        raise LinkTaken(*taken)


def refuse_shared(rows: Iterable[Mapping[str, str]]) -> None:
    """Raise LinkTaken when two of some new links name the same Discord user."""
    owners: dict[str, str] = {}
    for row in rows:
        owner = owners.setdefault(row["user_id"], row["person"])
        if owner != row["person"]:
            raise LinkTaken(owner, row["user_id"])

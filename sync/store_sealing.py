"""Brings the contacts in the tables in line with the settings: encrypted with the newest key, or plain."""

from sqlalchemy import Connection, Table, bindparam, select, update

from sync.columns import seal_with
from sync.database import WAIT_SECONDS, Database, open_database
from sync.linking import ROSTER_PROOF
from sync.models import LinkRow, PersonRow, SecretRow, table
from sync.sealing import Seal
from sync.store_rows import chunks, upsert

PEOPLE, LINKS, SECRETS = table(PersonRow), table(LinkRow), table(SecretRow)
SEALED = PEOPLE.c.email, PEOPLE.c.discord, PEOPLE.c.digest, LINKS.c.proof
EVERY_SCHOOL, STAMP = "", "sealed"  # one key for the whole database


def open_sealed(url: str, wait: float, seal: Seal | None) -> Database:
    """Open the database of a URL, with its contacts kept as a seal, or none, has them."""
    database = open_database(url, wait)
    seal_with(database.engine.dialect, seal)
    try:
        _settle(database, seal)
    except BaseException:
        database.engine.dispose()
        raise
    return database


def _settle(database: Database, seal: Seal | None) -> None:
    """Rewrite what is not kept as a seal, or none, would have it. Raise Refused when a key is missing."""
    wanted = seal.stamp if seal else ""
    with database.reading() as connection:
        kept = _stamp(connection)
    if kept == wanted:
        return
    with database.writing() as connection:
        for rows in (PEOPLE, LINKS):
            _rewrite(connection, rows)
        _keep(connection, wanted)
    database.scrub()


def drop_contacts(url: str, wait: float = WAIT_SECONDS) -> int:
    """Empty the contacts that no key opens any more, and return how many people there are.

    A link is proven anew by what the class list says; the link itself stays.
    """
    database = open_database(url, wait)
    with database.writing() as connection:
        people = connection.execute(update(PEOPLE).values(email="", discord="", digest="")).rowcount
        connection.execute(update(LINKS).values(proof=ROSTER_PROOF))
        _keep(connection, "")
    database.scrub()
    database.engine.dispose()
    return people


def _rewrite(connection: Connection, rows: Table) -> None:
    """Read all contacts of a table and write them again; the columns open and seal them."""
    key, sealed = list(rows.primary_key), [column for column in SEALED if column.table is rows]
    found = connection.execute(select(*key, *sealed)).all()
    ours = [column == bindparam(f"its_{column.name}") for column in key]
    statement = update(rows).where(*ours).values({column: bindparam(column.name) for column in sealed})
    names = [*(f"its_{column.name}" for column in key), *(column.name for column in sealed)]
    for chunk in chunks(found):
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in chunk])


def _stamp(connection: Connection) -> str:
    ours = SECRETS.c.school == EVERY_SCHOOL, SECRETS.c.name == STAMP
    return connection.execute(select(SECRETS.c.value).where(*ours)).scalar() or ""


def _keep(connection: Connection, stamp: str) -> None:
    upsert(connection, SECRETS, [{"school": EVERY_SCHOOL, "name": STAMP, "value": stamp}])

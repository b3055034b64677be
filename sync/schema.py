"""Brings a database to the newest shape with the migrations of this package; `database` calls it on every opening."""

from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy import text as sql

from sync.errors import Refused
from sync.models import METADATA
from sync.phrases import Phrase
from sync.texts import N_

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "kopir_version"
NEWEST = "0008"


def is_newest(connection: Connection, where: str) -> bool:
    """Tell whether no migration is missing. Raise Refused for a database of another program."""
    return _version(connection, where) == NEWEST


def upgrade(connection: Connection, where: str) -> None:
    """Run the missing migrations inside the given transaction. Raise Refused for a foreign or newer database."""
    version = _version(connection, where)
    if version == NEWEST:
        return
    # Loaded only when there is something to do: it takes a fifth of the start-up time of every command.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        advice = N_("The database {where} was written by a newer Kopir. Update Kopir, or use another database.")
        raise Refused(Phrase(advice, where=where))
    command.upgrade(config, "head")


def _version(connection: Connection, where: str) -> str | None:
    """Return the version that the database states, None for an empty one."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        return connection.execute(sql(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    foreign = tables if connection.dialect.name == "sqlite" else tables & set(METADATA.tables)
    if foreign:
        advice = N_("The database {where} belongs to another program. Check the setting `database`.")
        raise Refused(Phrase(advice, where=where))
    return None

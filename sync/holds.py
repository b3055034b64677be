"""Lets one process work on a school at a time; the operating system or PostgreSQL frees it when the process dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout
from sqlalchemy import text as sql

from sync.database import Database, lock_file
from sync.errors import Busy
from sync.phrases import Phrase
from sync.store_errors import explain_file, plain_errors
from sync.texts import N_


class Holds:
    """The holds of one opened database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def hold(self, school: str) -> Iterator[None]:
        """Hold a school until the block ends. Raise Busy at once when it is held."""
        with self._lock:
            if school in self._held:
                raise _busy(school)
            self._held.add(school)
        try:
            with self._among_processes(school):
                yield
        finally:
            with self._lock:
                self._held.discard(school)

    @contextmanager
    def _among_processes(self, school: str) -> Iterator[None]:
        if self._database.engine.dialect.name == "postgresql":
            with self._advisory(school):
                yield
        elif self._database.file is not None:
            with self._locked_file(self._database.file, school):
                yield
        else:
            yield

    @contextmanager
    def _locked_file(self, database: Path, school: str) -> Iterator[None]:
        path = lock_file(database, blake2b(school.encode(), digest_size=8).hexdigest())
        lock = FileLock(path, mode=0o600, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise _busy(school) from error
        except OSError as error:
            raise explain_file(error, self._database.where) from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _advisory(self, school: str) -> Iterator[None]:
        """Lock on a connection of its own, which is closed at the end: the lock lives as long as the connection."""
        key = int.from_bytes(blake2b(f"kopir {school}".encode(), digest_size=8).digest(), signed=True)
        with plain_errors(self._database.where):
            connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.detach()
            with plain_errors(self._database.where):
                free = connection.execute(sql("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one()
            if not free:
                raise _busy(school)
            yield
        finally:
            connection.close()


def _busy(school: str) -> Busy:
    advice = N_("Another Kopir process works on the school {school}. Wait until it is done, or stop it.")
    return Busy(Phrase(advice, school=school))

"""Turns what databases raise into Kopir's errors, one plain sentence each; `database` and `store` run inside it."""

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.errors import KopirError, Refused, Retriable
from sync.phrases import Phrase
from sync.texts import N_


class LinkTaken(Refused):
    """Say that a link would give a Discord user a second person; `person` is the first."""

    def __init__(self, person: str, user_id: str) -> None:
        advice = N_("{person} is already linked to the Discord user {user}. Remove that link first (kopir unlink).")
        super().__init__(Phrase(advice, person=person, user=user_id))
        self.person = person
        self.user_id = user_id


SQLITE: Mapping[int, tuple[type[KopirError], str]] = {
    sqlite3.SQLITE_PERM: (
        Refused,
        N_("Kopir may not open the database {where}. Check who owns the file and its folder."),
    ),
    sqlite3.SQLITE_BUSY: (Retriable, N_("Another program is using the database {where}. Kopir will try again later.")),
    sqlite3.SQLITE_LOCKED: (
        Retriable,
        N_("Another program is using the database {where}. Kopir will try again later."),
    ),
    sqlite3.SQLITE_READONLY: (
        Refused,
        N_("The database {where} cannot be written. Check who owns the file and its folder."),
    ),
    sqlite3.SQLITE_IOERR: (Refused, N_("The disk failed while the database {where} was used. Check the disk.")),
    sqlite3.SQLITE_CORRUPT: (Refused, N_("The database {where} is damaged. Restore it from a backup.")),
    sqlite3.SQLITE_FULL: (Refused, N_("There is no room left for the database {where}. Free some disk space.")),
    sqlite3.SQLITE_CANTOPEN: (
        Refused,
        N_("Kopir cannot open the database {where}. Check that its folder can be written."),
    ),
    sqlite3.SQLITE_NOTADB: (Refused, N_("{where} is not a database. Check the setting `database`.")),
}
UNREACHED = N_(
    "Kopir cannot reach the database {where}. Check that it runs and that its address, name and password are right."
)
# Classes (two characters) and codes (five) of Appendix A of the PostgreSQL manual.
POSTGRESQL: Mapping[str, tuple[type[KopirError], str]] = {
    "08": (Retriable, UNREACHED),
    "22": (Refused, N_("A source holds a value that the database {where} cannot keep, such as a NUL character.")),
    "25006": (Refused, N_("The database {where} cannot be written now. Use the primary server.")),
    "28": (Refused, N_("The database {where} refused the user or the password. Check the setting `database`.")),
    "3D000": (Refused, N_("The database {where} does not exist. Create it first.")),
    "40": (Retriable, N_("The database {where} was busy with another change. Kopir will try again later.")),
    "42501": (Refused, N_("The database user has too few rights in {where}. Let it create and use tables there.")),
    "53100": (Refused, N_("There is no room left for the database {where}. Free some disk space.")),
    "53": (Retriable, N_("The database {where} has no connection or memory left. Kopir will try again later.")),
    "55P03": (Retriable, N_("Another program is using the database {where}. Kopir will try again later.")),
    "57": (Retriable, UNREACHED),
}
FILES: Mapping[int, str] = {
    errno.ENOENT: N_("The folder of the database {where} does not exist. Create it, or change the setting `database`."),
    errno.ENOTDIR: N_(
        "The folder of the database {where} does not exist. Create it, or change the setting `database`."
    ),
    errno.EISDIR: N_("{where} is a folder, not a database. Check the setting `database`."),
    errno.ENOSPC: N_("There is no room left for the database {where}. Free some disk space."),
}
NO_ACCESS = N_("Kopir may not write beside the database {where}. Check who owns the file and its folder.")
NO_CONNECTION = N_("All connections to the database {where} are busy. Kopir will try again later.")
BAD_TEXT = N_("A source holds a broken character that the database cannot keep. Check the file's encoding.")


@contextmanager
def plain_errors(where: str) -> Iterator[None]:
    """Raise Refused or Retriable with one sentence in place of what the database or the disk raises."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        explained = explain(error, where)
        if explained is None:
            raise
        raise explained from error
    except PoolTimeout as error:
        raise Retriable(Phrase(NO_CONNECTION, where=where)) from error
    except UnicodeEncodeError as error:
        raise Refused(Phrase(BAD_TEXT)) from error


def explain(error: DBAPIError | sqlite3.Error, where: str) -> KopirError | None:
    """Return the plain error for a database error, or None where only a mistake in Kopir can be behind it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        found = SQLITE.get(getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF)
    else:
        state = getattr(cause, "sqlstate", None) or _class_of(error)
        found = POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    return found[0](Phrase(found[1], where=where)) if found else None


def _class_of(error: Exception) -> str:
    """Return the class of an error that the driver raised itself, and which therefore has no code."""
    if isinstance(error, DataError):
        return "22"
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return "08" if lost or isinstance(error, OperationalError) else ""


def explain_file(error: OSError, where: str) -> Refused:
    """Return the plain error for a file or folder that could not be used."""
    return Refused(Phrase(FILES.get(error.errno or 0, NO_ACCESS), where=where))

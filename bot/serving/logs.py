"""Sends the log to stderr or to a file in plain lines. They hold ids only; tracebacks, which may hold more, only with
--debug.

A file is private, a new one begins every midnight, and old ones go.
"""

import glob
import logging
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from sync import private_files
from sync.errors import Refused
from sync.phrases import Phrase
from sync.settings_privacy import LogFile
from sync.texts import N_

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(message)s"
NO_LOG = N_("The log {path} cannot be written. Check the setting `log`, and who owns the file and its folder.")
OURS = ("bot", "connectors", "sync")


def log_to(log: LogFile) -> None:
    """Log our own lines from INFO up, and of the libraries only errors. Raise Refused for an unusable file."""
    handler = daily(log.path, log.keep) if log.path else logging.StreamHandler(sys.stderr)
    logging.basicConfig(handlers=[handler], format=FORMAT, datefmt="%Y-%m-%d %H:%M:%S", level=logging.ERROR)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def daily(file: Path, keep: timedelta) -> TimedRotatingFileHandler:
    """Return what writes a private file for each day. Raise Refused where that cannot be done."""

    def begin_anew(source: str, dest: str) -> None:
        Path(source).replace(dest)
        private_files.create(file)
        sweep(file, keep, datetime.now().astimezone())

    try:
        private_files.create(file)
        sweep(file, keep, datetime.now().astimezone())
        handler = TimedRotatingFileHandler(file, when="midnight", encoding="utf-8")
    except OSError as error:
        raise Refused(Phrase(NO_LOG, path=file)) from error
    handler.rotator = begin_anew
    return handler


def sweep(file: Path, keep: timedelta, now: datetime) -> None:
    """Delete the days of a log, files such as `kopir.log.2026-11-26`, that have been kept long enough."""
    oldest = f"{file.name}.{now - keep:%Y-%m-%d}"
    for old in file.parent.glob(f"{glob.escape(file.name)}.????-??-??"):
        if old.name < oldest:
            old.unlink(missing_ok=True)


def unexpected(log: logging.Logger, message: str, error: Exception) -> None:
    """Log a mistake in Kopir: its type, and with --debug its traceback."""
    shown = error if os.environ.get("KOPIR_DEBUG") else None
    types = ", ".join(sorted({type(single).__name__ for single in _singly(error)}))
    log.error("%s: %s. Run with --debug to see where.", message, types, exc_info=shown)


def _singly(error: BaseException) -> Iterator[BaseException]:
    """Take the groups apart that task groups make, one within the other."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _singly(inner)

"""Sends the log to stderr in plain lines. Lines hold ids only; tracebacks, which may hold more, only with --debug."""

import logging
import os
import sys
from collections.abc import Iterator

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(message)s"
OURS = ("bot", "connectors", "sync")


def log_to_stderr() -> None:
    """Log our own lines from INFO up, and of the libraries only errors."""
    logging.basicConfig(stream=sys.stderr, format=FORMAT, datefmt="%Y-%m-%d %H:%M:%S", level=logging.ERROR)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


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

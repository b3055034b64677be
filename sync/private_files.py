"""Files that only the user who runs Kopir may read: make them, and tell those that others can read."""

import os
import stat
from contextlib import suppress
from pathlib import Path


def create(file: Path) -> None:
    """Create an empty file that is private. An existing one is not touched: closing it would drop SQLite's locks."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def is_open(file: Path) -> bool:
    """Tell whether others than its owner may read a file. Windows keeps no such bits; there the folders are private."""
    return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))

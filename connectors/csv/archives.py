"""Open a ZIP as if it were a folder, within bounds that no archive bomb passes; `files` lists what is inside."""

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from connectors.csv.opening import opened
from connectors.csv.problems import BadFile
from sync.phrases import Phrase

MAX_RATIO = 100
MAX_UNPACKED = 512 * 1024 * 1024
MAX_MEMBERS = 2000
_FREE_RATIO = 1024 * 1024
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# The others unpack as much as they please at once, whatever size the directory tells.
_BOUNDED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FAILURES = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a ZIP; `open` is for what need not be in memory as a whole."""

    name: str
    written: datetime
    size: int
    read: Callable[[], bytes]
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def members(path: Path) -> Iterator[Member]:
    """Yield the files of a ZIP. Raise BadFile when it is damaged or unpacks to far more than its size."""
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            size = os.fstat(file.fileno()).st_size
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except _FAILURES as error:
        raise BadFile("zip-damaged", found=type(error).__name__) from error
    _check_size(infos, size)
    for info in sorted(infos, key=_name):
        yield Member(
            _name(info), _written(info), info.file_size, partial(_read, path, info), partial(_member, path, info)
        )


def _check_size(infos: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(info.file_size for info in infos)
    if (
        unpacked > MAX_UNPACKED
        or len(infos) > MAX_MEMBERS
        or (unpacked > _FREE_RATIO and unpacked > MAX_RATIO * packed)
    ):
        expected = f"≤ {MAX_UNPACKED // 1024 // 1024} MB, ≤ {MAX_RATIO} : 1, ≤ {MAX_MEMBERS}"
        raise BadFile("zip-bomb", expected=expected)


def _read(path: Path, info: zipfile.ZipInfo) -> bytes:
    """Unpack one file; the size is checked again, because a directory may lie about it."""
    with _member(path, info) as inside:
        data = inside.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise BadFile("zip-damaged", found=Phrase("size"))
    return data


@contextmanager
def _member(path: Path, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    if info.flag_bits & _ENCRYPTED:
        raise BadFile("zip-encrypted")
    if info.compress_type not in _BOUNDED:
        raise BadFile("zip-method")
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive, archive.open(info) as inside:
            yield inside
    except _FAILURES as error:
        raise BadFile("zip-damaged", found=type(error).__name__) from error


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Windows in Kazakhstan writes it in code page 866 without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("cp866")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/").lstrip("/")


def _written(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)

"""Open what is a plain file at that very moment: a pipe that took its place must not be waited for."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# Windows has none of these flags but the last.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def opened(path: Path, *, follow: bool = True) -> Iterator[IO[bytes]]:
    """Open a file for a block, not following a link unless told to. Raise OSError when it is no plain file."""
    number = os.open(path, _FLAGS if follow else _FLAGS | _NO_LINK)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "no plain file")
        with os.fdopen(number, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(number)

"""Tells whether a file system reports the changes that other machines make; `watch` polls where it does not."""

import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/self/mountinfo")
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "vboxsf", "prl_fs", "drvfs", "davfs"})
_REMOTE_DRIVE = 4  # https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew


def has_events(folder: Path) -> bool:
    """Tell whether changes in a folder can be waited for; blocks shortly."""
    if sys.platform == "win32":
        return not _remote_drive(folder)
    try:
        mounts = MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return True
    kind = type_of(folder.resolve().as_posix(), mounts.splitlines())
    return kind not in REMOTE and not kind.startswith("fuse.")


def type_of(path: str, mounts: Iterable[str]) -> str:
    """Find the type of the file system that holds a path in the lines of Linux's mountinfo."""
    best, kind = PurePosixPath("/"), ""
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = PurePosixPath(fields[4].replace("\\040", " "))
        if PurePosixPath(path).is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, after.split()[0]
    return kind


def _remote_drive(folder: Path) -> bool:
    """Tell whether a folder is on a network drive or share of Windows."""
    if str(folder).startswith("\\\\"):
        return True
    import ctypes  # noqa: PLC0415 - only Windows has what is asked here

    drives = getattr(ctypes, "windll").kernel32  # noqa: B009 - unknown to type checkers elsewhere
    return bool(drives.GetDriveTypeW(folder.anchor) == _REMOTE_DRIVE)

"""Tell by size, time and SHA-1 which file a material names, and hand it out. Unchanged files are not even opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha1
from pathlib import Path

from connectors.csv.attachments import Found, finder
from connectors.csv.filenames import type_of
from connectors.csv.files import growing, stamp
from connectors.csv.problems import BadFile, problem
from connectors.downloads import proven, too_large
from sync.errors import Gone, Refused, Retriable
from sync.phrases import Phrase
from sync.records import File, Problem
from sync.texts import N_

MOST = 100 * 2**20  # bytes of a file that is hashed; Discord takes no larger one
_PART = 2**20

ONLY_NAMED = N_("The list only names this file. Put a file of that name into the folder, of at most {limit} MB.")
MISSING = N_("The file is not in the folder any more. Put it back, or take its name out of the list.")
UNREADABLE = N_("The file cannot be read just now. Close it in other programs and check its permissions.")


@dataclass(slots=True)
class Identities:
    """The files that were found, by the names that materials give them; those still being written are problems."""

    files: dict[str, File] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    bytes: int = 0

    def keep(self, name: str, known: Mapping[str, File]) -> None:
        """Take a file as it was known, or only its name."""
        self.files[name] = known.get(name, File(name))


def identify(
    named: Mapping[str, Found],
    past: Mapping[str, File],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Identities:
    """Read the files whose size or time differ from the stored ones, when they have come to rest."""
    known = {name: file for name, file in past.items() if file.hash}
    new = {name: found for name, found in named.items() if not found.is_still(known.get(name))}
    out = Identities({name: known[name] for name in named.keys() - new.keys()})
    unsettled = growing({name: found.outer for name, found in new.items()}, clock, sleep)
    for name, found in new.items():
        if name in unsettled or not _read(out, name, found, known):
            out.keep(name, known)
            out.problems.append(problem("still-changing", found.file))
    return out


def _read(out: Identities, name: str, found: Found, known: Mapping[str, File]) -> bool:
    """Take a file as it is now; return whether it stayed the same meanwhile."""
    before = stamp(found.outer)
    try:
        digest, size = _hash(found) if found.size <= MOST else ("", found.size)
    except (OSError, BadFile):
        out.keep(name, known)
        return True
    out.bytes += size if digest else 0
    out.files[name] = File(name, size, type_of(name), digest, found.modified)
    return size == found.size and stamp(found.outer) == before


def _hash(found: Found) -> tuple[str, int]:
    digest, size = sha1(usedforsecurity=False), 0
    with found.open() as opened:
        for part in iter(partial(opened.read, _PART), b""):
            digest.update(part)
            size += len(part)
            if size > found.size:
                break
    return digest.hexdigest(), size


def hand_out(root: Path, file: File, limit: int) -> bytes:
    """Read a file of a folder or ZIP. Only who knows a file's hash gets it, so nothing that no material names."""
    if file.size > limit:
        raise too_large(limit)
    if not file.hash:
        raise Refused(Phrase(ONLY_NAMED, limit=MOST // 2**20))
    try:
        content = _content(root, file.name, limit)
    except (OSError, BadFile) as error:
        raise Retriable(Phrase(UNREADABLE)) from error
    return proven(content, file)


def _content(root: Path, name: str, limit: int) -> bytes:
    root.stat()  # a folder that is away says nothing of its files
    found = finder(root)(name)
    if found is None:
        raise Gone(Phrase(MISSING))
    with found.open() as opened:
        content = opened.read(min(found.size, limit) + 1)
    if len(content) > limit:
        raise too_large(limit)
    return content

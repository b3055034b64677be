"""What every connector says of a file that is handed out, and the proof that it is the one that was named. Pure."""

from hashlib import sha1

from sync.errors import Refused, Retriable
from sync.phrases import Phrase
from sync.records import File
from sync.texts import N_

TOO_LARGE = N_("The file is larger than {limit} MB, so it is not read.")
REPLACED = N_("The file was replaced meanwhile. It is read again after the next pull.")


def too_large(limit: int) -> Refused:
    """Say that a file is larger than so many bytes."""
    return Refused(Phrase(TOO_LARGE, limit=f"{limit / 2**20:.3g}"))


def proven(content: bytes, file: File) -> bytes:
    """Return a content if it is that of the file as it was named. Raise Retriable when it was replaced since."""
    if sha1(content, usedforsecurity=False).hexdigest() != file.hash:
        raise Retriable(Phrase(REPLACED))
    return content

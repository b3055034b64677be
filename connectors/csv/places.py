"""Guess from a file's or folder's name which course a list without a course column is for. Pure."""

import re
from pathlib import PurePosixPath

from connectors.text import clean

_WORDS = re.compile(
    r"\b(?:courseid|course|participants?|users?|resaved|export|list|groups?|import|download|qatysushylar|uchastniki|"
    r"курс|участники|участников|список|қатысушылар|қатысушы|тізім|тізімі|группы|топтар)\b",
    re.IGNORECASE,
)
_COPY = re.compile(r"\(\d+\)|\bcopy\b|\bкопия\b|\bкөшірме\b", re.IGNORECASE)


def course_of_place(file: str) -> str:
    """Return the course's name, from the file's name or else from its folder's, empty when neither tells."""
    outer, _, within = file.rpartition("!")
    path = PurePosixPath(within)
    candidates = [path.stem, *(parent.name for parent in path.parents if parent.name)]
    if outer:
        candidates.append(PurePosixPath(outer).stem)
    return next((name for name in map(_name, candidates) if name), "")


def _name(text: str) -> str:
    spaced = text.replace("_", " ")
    kept = _WORDS.sub(" ", _COPY.sub(" ", spaced))
    return clean(kept).strip(" -–—.,;")

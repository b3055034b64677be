"""Normalise text that comes from outside; every connector cleans names and titles here."""

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean(raw: str) -> str:
    """Normalise a line of text: NFC, no invisible characters, single spaces, trimmed."""
    if raw.isascii() and raw.isprintable() and "  " not in raw:
        return raw.strip()
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", raw))).strip()

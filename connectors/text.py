"""Normalise text that comes from outside; every connector cleans names, titles and texts here."""

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    rf"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"  # inside an emoji it joins two to one
    r"|[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
    r"\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"  # halves of characters, private ones, none at all
)
_BULLETS = str.maketrans(dict.fromkeys("\uf0a7\uf0b7\uf0d8\uf0fc", "•"))  # Word's, from a font of its own


def visible(text: str) -> str:
    """Drop from a text what no reader sees, in NFC; white space stays as it is."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text.translate(_BULLETS)))


def one_line(text: str) -> str:
    """Make every run of white space one space."""
    return _SPACES.sub(" ", text)


def clean(raw: str) -> str:
    """Normalise a line of text: NFC, no invisible characters, single spaces, trimmed."""
    if raw.isascii() and raw.isprintable() and "  " not in raw:
        return raw.strip()
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", raw))).strip()

"""Turn titles and names from a source into names Discord keeps unchanged, and texts that cannot ping or break out.

Limits: https://discord.com/developers/docs/resources/channel, …/user#usernames-and-nicknames, …/message.
"""

import re
import unicodedata

NAME_LIMIT = 100
NICK_LIMIT = 32
TOPIC_LIMIT = 1024
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
)
_MARKDOWN = re.compile(r"([\\*_~`|\[\]<@]|^[#>+-]|(?<=^\d)\.|(?<=^\d\d)\.|://)")
_ELLIPSIS = "…"


def plain(text: str) -> str:
    """Normalise to NFC, drop invisible and control characters, collapse white space."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join(text.split())


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` characters, at a word where one ends near, marked with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > limit * 2 // 3 else head).rstrip() + _ELLIPSIS


def cut_escaped(text: str, limit: int) -> str:
    """Shorten an escaped text without leaving half an escape behind."""
    short = cut(text, limit)
    return short if short == text else f"{short[:-1].rstrip(chr(92))}{short[-1]}"


def display_name(text: str) -> str:
    """Name a role, category or voice channel."""
    return cut(plain(text), NAME_LIMIT) or "-"


def channel_name(text: str) -> str:
    """Name a text, forum or announcement channel: lower case, letters, digits and single hyphens.

    Discord lower-cases such names and drops punctuation by rules it does not document, so nothing else is sent.
    """
    words = re.sub(r"[^\w]+", "-", plain(text).lower())
    return re.sub(r"-{2,}", "-", words)[:NAME_LIMIT].strip("-") or "-"


def nick(name: str) -> str:
    """Make a nickname of a real name; a long one keeps its first word and shortens the others from the end."""
    words = plain(name).split(" ")
    for position in range(len(words) - 1, 0, -1):
        if len(" ".join(words)) <= NICK_LIMIT:
            break
        words[position] = words[position][0] + "."
    return cut(" ".join(words), NICK_LIMIT)


def suffixed(name: str, suffix: str) -> str:
    """Add a suffix to a display name, cutting the name when both do not fit."""
    return f"{cut(plain(name), NAME_LIMIT - len(suffix))}{suffix}"


def escape(text: str) -> str:
    """Escape markdown, mentions and bare links in a text that goes into a message; `plain` makes it one line."""
    return _MARKDOWN.sub(r"\\\1", plain(text))

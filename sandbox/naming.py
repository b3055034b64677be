"""How Discord rewrites names: those of text channels, and nicknames. Voice channels and categories keep theirs."""

import re

from sandbox.bits import FORUM_LIKE, ChannelType

_SLUGGED = {ChannelType.TEXT, ChannelType.ANNOUNCEMENT} | FORUM_LIKE
_DROPPED = re.compile(r"[!\"#$%&'()*+,./:;<=>?@\[\\\]^`{|}~]")
_HYPHENS = re.compile(r"-{2,}")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u2060\ufeff]")


def channel_name(name: str, kind: ChannelType) -> str:
    """Return the name as Discord stores it; empty when nothing of it is allowed."""
    if kind not in _SLUGGED:
        return name.strip()
    hyphenated = _SPACES.sub("-", name.strip().lower())
    return _HYPHENS.sub("-", _DROPPED.sub("", hyphenated)).strip("-")


def nickname(text: str) -> str:
    """Return the nickname trimmed, its inner spaces collapsed and zero-width characters removed."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()

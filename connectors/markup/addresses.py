"""Find web addresses in a text, and tell whether the words of a link name another place than it leads to. Pure."""

import re
from collections.abc import Iterator
from unicodedata import normalize

from sync.links import ascii_host

_ADDRESS = re.compile(r"(?<![A-Za-z0-9])https?://[^\s<>\"«»“”]+", re.IGNORECASE)
_AFTER = ".,:;!?'…’*"  # ends a sentence or a format, not an address
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_TOP = "[a-z]{2,24}|xn--[a-z0-9-]+|рф|қаз|рус|бел|укр|мон|срб|сайт|онлайн|орг|дети"
_NAMED = re.compile(
    rf"(?<![\w.-])(?P<sure>https?://|www\.)?(?P<host>(?:[\w-]+\.)+(?P<top>{_TOP})|\d+(?:\.\d+){{3}})(?![\w-])(?P<path>[/:])?",
    re.IGNORECASE,
)
_ENDINGS = """pdf doc docx odt rtf txt md xls xlsx ods csv ppt pptx pps ppsx odp key zip rar gz tar jpg jpeg png gif
    webp svg bmp mp3 wav ogg mp4 avi mov mkv webm htm html xml json js ts py ipynb java cpp cs"""
_FILES = frozenset(_ENDINGS.split())  # the name of a file looks like that of a host


def addresses(text: str) -> Iterator[tuple[str, str]]:
    """Split a text into pairs: what is no address, and the address after it (at the end, none)."""
    place = 0
    for found in _ADDRESS.finditer(text):
        address = _without_end(found[0])
        yield text[place : found.start()], address
        place = found.start() + len(address)
    yield text[place:], ""


def names_another(text: str, target: str) -> bool:
    """Tell whether words look like the address of a host that the target is no part of."""
    for found in _NAMED.finditer(normalize("NFKC", text).replace("。", ".")):  # other dots look the same
        if not found["sure"] and not found["path"] and (found["top"] or "").lower() in _FILES:
            continue
        named = ascii_host(found["host"]).removeprefix("www.")
        if target != named and not target.endswith(f".{named}"):
            return True
    return False


def _without_end(address: str) -> str:
    """Leave out what follows an address without a space; a bracket belongs to it if it was opened there."""
    while address and (
        address[-1] in _AFTER
        or (address[-1] in _BRACKETS and address.count(_BRACKETS[address[-1]]) < address.count(address[-1]))
    ):
        address = address[:-1]
    return address

"""The marks that stand for our own formatting until a text is written, so that nothing a teacher typed is taken for it.

They are private characters of Unicode, which `connectors.text.visible` takes out of every text that comes from outside.
"""

import re
from collections.abc import Iterable

BOLD, ITALIC, UNDERLINE, STRIKE, CODE = 1, 2, 4, 8, 16
_STYLE = 0xE000  # + 2 * the style, + 1 where it ends
QUOTE, INDENT, BULLET, NUMBER = "\ue100", "\ue101", "\ue102", "\ue103"  # begin a line; a number stands between two
ITEM, CELL = "\ue110", "\ue111"  # begin an item of a list, a cell of a row
LINK_END = "\ue120"
_LINK, _BLOCK = 0xF0000, 0x100000  # + which one
_ROOM = 0xFFFD

STYLES = {chr(_STYLE + 2 * style + end): (style, bool(end)) for style in (1, 2, 4, 8, 16) for end in (0, 1)}
_MARKS = re.compile(r"\ue103\d+\ue103|[\ue000-\ue1ff\U000f0000-\U000fffff]")
_PREFIX = re.compile(f"(?:[{QUOTE}{INDENT}{BULLET}]|{NUMBER}[0-9]+{NUMBER})*")
_NOT_LASTING = re.compile(f"{NUMBER}[0-9]+{NUMBER}|[{QUOTE}{INDENT}{BULLET}{ITEM}{CELL}]|\\s")


class Store:
    """The links and the blocks of code of one text; a link that comes again is the same one."""

    def __init__(self) -> None:
        self._links: dict[str, int] = {}
        self._blocks: list[str] = []

    def linked(self, text: str, link: str) -> str:
        """Mark a text as leading somewhere; where there are too many links, it leads nowhere."""
        place = self._links.setdefault(link, len(self._links))
        return f"{chr(_LINK + place)}{text}{LINK_END}" if place < _ROOM else text

    def block(self, code: str) -> str:
        """Put a block of code on a line of its own."""
        self._blocks.append(code)
        return f"\n\n{chr(_BLOCK + len(self._blocks) - 1)}\n\n" if len(self._blocks) < _ROOM else ""

    def links(self) -> tuple[str, ...]:
        """Return the links by their numbers."""
        return tuple(self._links)

    def code(self, mark: str) -> str:
        """Return the block that a mark stands for."""
        return self._blocks[ord(mark) - _BLOCK]


def styled(text: str, style: int) -> str:
    """Mark a text as formatted."""
    return f"{chr(_STYLE + 2 * style)}{text}{chr(_STYLE + 2 * style + 1)}"


def is_blank(text: str) -> bool:
    """Tell whether a reader would see nothing."""
    return not bare(text).strip()


def bare(text: str) -> str:
    """Take all marks out but those of blocks."""
    return _MARKS.sub("", text)


def link_number(mark: str) -> int:
    """Tell which link begins here; -1 where none does."""
    return ord(mark) - _LINK if _LINK <= ord(mark) <= _LINK + _ROOM else -1


def is_mark(character: str) -> bool:
    """Tell whether a character is one of ours."""
    return "\ue000" <= character <= "\ue1ff" or ord(character) >= _LINK


def is_block(mark: str) -> bool:
    """Tell whether a mark stands for a block of code."""
    return mark >= chr(_BLOCK)


def prefixed(lines: Iterable[str], first: str, others: str) -> str:
    """Begin lines that show something with marks; empty ones fall away, but formats that begin or end there stay."""
    shown: list[str] = []
    carried = ""
    for line in lines:
        if is_block(line[:1]):
            shown.append(line)  # what begins a line has no place in front of a block
        elif is_blank(line):
            carried += _NOT_LASTING.sub("", line)
        else:
            own, rest = split_prefix(line)
            shown.append(first + own + carried + rest)
            first, carried = others, ""
    return "\n".join(shown) + carried


def split_prefix(line: str) -> tuple[str, str]:
    """Take apart the marks that begin a line and the rest."""
    begin = _PREFIX.match(line)
    end = begin.end() if begin else 0
    return line[:end], line[end:]

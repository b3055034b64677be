"""Write the characters of one line as Discord's Markdown. Whatever is not a format of ours is escaped.

Rules of the reader: https://support.discord.com/hc/en-us/articles/210298617
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple
from unicodedata import combining, normalize

from connectors.markup.addresses import addresses, names_another
from connectors.markup.marks import BOLD, CODE, ITALIC, STRIKE, UNDERLINE
from sync.links import host, safe_link

NO_LINK = -1
_SIGNS = {BOLD: "**", ITALIC: "*", UNDERLINE: "__", STRIKE: "~~"}
_ALIKE = {"~": STRIKE, "*": ITALIC}  # these characters would end the format they stand in
_LIVE = re.compile(r"([\\*_~`|\[\]<@]|(?<=\])\(|://|:(?=[0-9]*[A-Za-z_+-][A-Za-z0-9_+-]*:))")
_BEGINS = re.compile(r"^((?:\d+(?=\.(?:\s|$)))?)(\.|[#>+-])")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]]")
_LEFT_OUT = ".,:;\"'"  # Discord ends a link before these
_IN_CODE = str.maketrans("`", "ˋ")
_IN_LINK = str.maketrans("[]", "()")  # Discord's own way to find the end of a link knows no escapes


class Cell(NamedTuple):
    """A character with its formats, and the number of the link it belongs to."""

    character: str
    style: int
    link: int


class _Run(NamedTuple):
    """Characters of the same format."""

    style: int
    text: str


def inline(cells: Iterable[Cell], links: Sequence[str]) -> str:
    """Write a line."""
    parts = [(link, list(part)) for link, part in groupby(_settled(cells), key=lambda cell: cell.link)]
    written = ""
    for place, (link, part) in enumerate(parts):
        begins, ends = not place, place == len(parts) - 1
        if link == NO_LINK:
            written += _formatted(part, begins=begins, ends=ends)
        else:
            apart = ends and (begins or written.endswith(" "))
            written += _linked(part, links[link], begins=begins, alone=apart)
    return written


def _settled(cells: Iterable[Cell]) -> list[Cell]:
    """Give every space the formats that are on both sides of it, so that none begins or ends at a space."""
    kept: list[Cell] = []
    for cell in cells:
        if cell.character == " " and (not kept or kept[-1].character == " "):
            continue
        kept.append(_settle(cell, kept[-1] if kept else cell))
    while kept and kept[-1].character == " ":
        kept.pop()
    for place, cell in enumerate(kept):
        if cell.character == " ":
            kept[place] = _between(kept[place - 1], cell, kept[place + 1])
    return kept


def _settle(cell: Cell, before: Cell) -> Cell:
    if combining(cell.character):
        return Cell(cell.character, before.style, before.link)  # an accent belongs to its letter
    if cell.style & CODE:
        return cell._replace(style=CODE)  # what stands in code would end the formats around it
    return cell._replace(style=cell.style & ~_ALIKE.get(cell.character, 0))


def _between(before: Cell, space: Cell, after: Cell) -> Cell:
    if before.link != after.link:
        return Cell(" ", 0, NO_LINK)
    return Cell(" ", before.style & after.style & (~CODE | space.style), before.link)


def _linked(cells: Sequence[Cell], link: str, *, begins: bool, alone: bool) -> str:
    """Write a link; one whose words name another host says where it leads."""
    words = "".join(cell.character for cell in cells)
    if safe_link(words) == link:
        return _address(link, alone=alone)
    where = host(link).replace("_", r"\_")
    if names_another(words, host(link)):
        return f"{_formatted(cells, begins=begins, live=False)} → [{where}]({link})"
    hidden = {place for found in _SCHEME.finditer(words) for place in range(*found.span())}
    shown = [
        cell._replace(character=cell.character.translate(_IN_LINK))
        for place, cell in enumerate(cells)
        if place not in hidden
    ]
    return f"[{_formatted(shown, begins=begins, live=False) or where}]({link})"


def _formatted(cells: Iterable[Cell], *, begins: bool, ends: bool = False, live: bool = True) -> str:
    """Write characters with their formats; where one would begin right where another ends, it is left out."""
    runs = [
        _Run(style, "".join(cell.character for cell in run)) for style, run in groupby(cells, lambda cell: cell.style)
    ]
    written = ""
    is_open: list[int] = []
    for place, run in enumerate(runs):
        kept = is_open[: _shared(is_open, run.style)]
        closing = _signs(reversed(is_open[len(kept) :]))
        opening = [] if closing else _beginning(runs[place:], kept)
        is_open = kept + opening
        alone = ends and not is_open and place == len(runs) - 1
        written += closing + _signs(opening) + _text(run, begins=begins and not place, alone=alone, live=live)
    return written + _signs(reversed(is_open))


def _shared(is_open: Sequence[int], style: int) -> int:
    return next((place for place, one in enumerate(is_open) if not one & style), len(is_open))


def _beginning(runs: Sequence[_Run], kept: Sequence[int]) -> list[int]:
    """Return the formats that begin with the first of the runs; those that last longest are outside."""
    new = [style for style in _SIGNS if runs[0].style & style and style not in kept]
    return sorted(new, key=lambda style: -len(list(takewhile(lambda run: run.style & style, runs))))


def _signs(styles: Iterable[int]) -> str:
    return "".join(_SIGNS[style] for style in styles)


def _text(run: _Run, *, begins: bool, alone: bool, live: bool) -> str:
    """Write the text of a run; addresses in it stay links, unless it stands in one."""
    text = normalize("NFC", run.text)
    if run.style & CODE:
        return f"`{unlinked(text).translate(_IN_CODE)}`"
    if not live:
        return _escaped(text, begins=begins)
    written = plain = ""
    parts = list(addresses(text))
    for place, (before, address) in enumerate(parts):
        link = safe_link(address)
        plain += before + ("" if link else address)
        if link or place == len(parts) - 1:
            written += _escaped(plain, begins=begins and not written)
            plain = ""
        if link:
            after = parts[place + 1][0]
            apart = not written or written.endswith(" ")
            written += _address(link, alone=apart and (after.startswith(" ") or (alone and not after)))
    return written


def unlinked(code: str) -> str:
    """Keep code from being read as the end of a link before it: Discord looks for that in code as well."""
    first = _BRACKET.search(code)
    return code.replace("](", "] (") if first and first[0] == "]" else code


def _address(link: str, *, alone: bool) -> str:
    """Write a link by itself, between signs where it is not clear to Discord where it ends."""
    return link if alone and link[-1] not in _LEFT_OUT else f"<{link}>"


def _escaped(text: str, *, begins: bool) -> str:
    text = _LIVE.sub(r"\\\1", text)
    return _BEGINS.sub(r"\1\\\2", text) if begins else text

"""Shorten Markdown as Discord reads it, and tell its words. It is what `connectors.markdown` writes. Pure."""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category

KEPT = 8_192  # texts that are remembered: a plan asks for the same ones as the plan before
_ELLIPSIS = "…"
_FENCE = "\n```"
_LINK = r"https?://[^\s<>()\[\]]+"
_TOKEN = re.compile(
    rf"""(?P<fence>```\n)|(?P<escape>\\[^0-9A-Za-z\s])|(?P<code>`[^`\n]+`)|(?P<address><{_LINK}>|{_LINK})
    |(?P<link>\[(?=[^\[\]\n]*\]\({_LINK}\)))|(?P<target>\]\({_LINK}\))|(?P<style>\*{{1,3}}|__|~~)|(?P<gap>\s+)|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ONLY_BEGUN = re.compile(r">?\s*(?:-|\d+\.?)?")
_JOINED = "\u200d"
_LONGEST_LETTER = 16
_WORD = re.compile(r"[^\W_]+")


class _Rank(IntEnum):
    """What ends where a text is cut; the more, the better."""

    CHARACTER = 0
    WORD = 1
    LINE = 2
    PARAGRAPH = 3


class _Cut(NamedTuple):
    """A place to cut: what comes after it, and what closes all that is open there."""

    end: int
    tail: str
    rank: _Rank

    @property
    def size(self) -> int:
        return self.end + len(self.tail)


@lru_cache(KEPT)
def shorten(text: str, limit: int) -> str:
    """Cut a text at a paragraph, line or word near the limit; no format, link, code or escape is left open."""
    if len(text) <= limit:
        return text
    best: dict[_Rank, _Cut] = {}
    for cut in _cuts(text, limit):
        if cut.size <= limit:
            best[cut.rank] = cut
    near = [cut for rank, cut in sorted(best.items(), reverse=True) if cut.size > limit * 2 // 3]
    chosen = near[0] if near else max(best.values(), key=lambda cut: cut.size, default=_Cut(0, "", _Rank.CHARACTER))
    return (text[: chosen.end] + (chosen.tail or _ELLIPSIS))[: max(limit, 0)]


@lru_cache(KEPT)
def words(text: str) -> str:
    """Return the letters and digits that a text consists of, with those of its links: what a reader would miss."""
    return " ".join(_WORD.findall("".join(map(_seen, _TOKEN.finditer(text)))))


def _seen(token: re.Match[str]) -> str:
    if token.lastgroup in {"style", "link"}:
        return ""
    return f" {token[0]} " if token.lastgroup in {"target", "address"} else token[0]


def _cuts(text: str, limit: int) -> Iterator[_Cut]:
    """Yield the places where a text may be cut, from its beginning on."""
    place = line = 0
    is_open: list[str] = []
    while place < min(len(text), limit) and (token := _TOKEN.match(text, place)):
        if token.lastgroup == "fence":
            yield from _cuts_in_code(text, token.end(), limit)
            place = _end_of_code(text, token.end())
            continue
        if not text[place - 1 : place].isspace() and not _ONLY_BEGUN.fullmatch(text, line, place):
            yield _cut_before(token, text, is_open)
        if "\n" in token[0]:
            line = token.end()
        _open_or_close(token, text, is_open)
        place = token.end()


def _cut_before(token: re.Match[str], text: str, is_open: list[str]) -> _Cut:
    """Describe the cut in front of a token."""
    closing = "".join(reversed(is_open))
    breaks = token[0].count("\n") if token.lastgroup == "gap" else 0
    if breaks:
        return _Cut(token.start(), f"\n{_ELLIPSIS}{closing}", _Rank.PARAGRAPH if breaks > 1 else _Rank.LINE)
    rank = _Rank.WORD if token.lastgroup == "gap" else _Rank.CHARACTER
    return _Cut(_whole(text, token.start()), f"{_ELLIPSIS}{closing}", rank)


def _whole(text: str, end: int) -> int:
    """Step back to where no accent or half of an emoji is cut off."""
    for place in range(end, max(end - _LONGEST_LETTER, 0), -1):
        if category(text[place])[0] != "M" and _JOINED not in text[place - 1 : place + 1]:
            return place
    return end


def _cuts_in_code(text: str, start: int, limit: int) -> Iterator[_Cut]:
    for end in range(start + 1, min(_end_of_code(text, start) - len(_FENCE), limit) + 1):
        if text[end : end + 1] == "\n":
            yield _Cut(end, f"\n{_ELLIPSIS}{_FENCE}", _Rank.LINE)
        else:
            yield _Cut(end, f"{_ELLIPSIS}{_FENCE}", _Rank.CHARACTER)


def _end_of_code(text: str, start: int) -> int:
    end = text.find(_FENCE, start)
    return len(text) if end < 0 else end + len(_FENCE)


def _open_or_close(token: re.Match[str], text: str, is_open: list[str]) -> None:
    if token.lastgroup == "style":
        for sign in ("*", "**") if token[0] == "***" else (token[0],):
            _toggle(sign, is_open)
    elif token.lastgroup == "link":
        target = text.index("](", token.end())
        is_open.append(text[target : text.index(")", target) + 1])
    elif token.lastgroup == "target" and token[0] in is_open:
        is_open.remove(token[0])


def _toggle(sign: str, is_open: list[str]) -> None:
    if sign in is_open:
        is_open.remove(sign)
    else:
        is_open.append(sign)

"""Discord's reader of Markdown as far as its rules are known, to see in tests what people see.

After the rules of simple-markdown and discord-markdown, on which Discord's own reader is built.
"""

import re
from dataclasses import dataclass, field

LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"]([\s\S]*?)['\"])?\s*\)"
)
RULES = {
    "escape": re.compile(r"\\([^0-9A-Za-z\s])"),
    "fence": re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```"),
    "mention": re.compile(r"<@[!&]?\d+>|<#\d+>|<id:\w+>|@everyone|@here"),
    "timestamp": re.compile(r"<t:-?\d+(?::[a-zA-Z])?>"),
    "command": re.compile(r"</[-\w ]+:\d+>"),
    "custom emoji": re.compile(r"<a?:\w+:\d+>"),
    "emoji name": re.compile(r":[A-Za-z_][A-Za-z0-9_+-]*:"),
    "address": re.compile(r"<([^: >]+:/[^ >]+)>"),
    "bare address": re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]"),
    "link": LINK,
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
    "strike": re.compile(r"~~([\s\S]+?)~~(?!_)"),
    "code": re.compile(r"(?P<ticks>`+)([\s\S]*?[^`])(?P=ticks)(?!`)"),
}
EMPHASIS = {  # the longest of these wins, the first where two are equally long
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "italic": re.compile(
        r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"
        r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
    ),
}
BEGINS = {
    "quote": re.compile(r" *>(?:>>)? "),
    "list": re.compile(r" *(?:[-*+]|\d+\.) "),
    "heading": re.compile(r" *#{1,3} "),
    "small": re.compile(r" *-# "),
}


@dataclass
class Seen:
    """What a reader sees: the text, the formats in use, and where each link leads."""

    text: str = ""
    formats: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)
    formatted: list[tuple[str, str]] = field(default_factory=list)


def read(markdown: str) -> Seen:
    """Read a message."""
    seen = Seen()
    _read(markdown, seen, begins=True)
    return seen


def _read(source: str, seen: Seen, *, begins: bool) -> None:
    place = 0
    while place < len(source):
        if begins and (length := _begin(source[place:], seen)):
            place += length
            continue
        length = _one(source[place:], seen)
        begins = source[place : place + length].endswith("\n")
        place += length


def _begin(source: str, seen: Seen) -> int:
    for name, rule in BEGINS.items():
        if found := rule.match(source):
            seen.formats.add(name)
            seen.text += " " * found[0].startswith(" ")
            return found.end()
    return 0


def _one(source: str, seen: Seen) -> int:
    """Read what the source begins with, and tell how much that was."""
    for name, rule in RULES.items():
        if found := rule.match(source):
            _apply(name, found, seen)
            return found.end()
    emphasis = [(found.end(), name, found) for name, rule in EMPHASIS.items() if (found := rule.match(source))]
    if emphasis:
        length, name, found = max(emphasis, key=lambda one: one[0])
        seen.formats.add(name)
        _inside(name, found[found.lastindex or 0], seen)
        return length
    seen.text += source[0]
    return 1


def _apply(name: str, found: re.Match[str], seen: Seen) -> None:
    if name == "escape":
        seen.text += found[1]
        return
    seen.formats.add(name)
    if name in {"spoiler", "strike"}:
        _inside(name, found[1], seen)
    elif name == "link":
        before = len(seen.text)
        _inside(name, found[1], seen)
        seen.links.append((seen.text[before:], found[2]))
    elif name in {"address", "bare address"}:
        address = found[0].strip("<>")
        seen.text += address
        seen.links.append((address, address))
    else:
        seen.text += found[2] if name == "code" else found[1] if name == "fence" else found[0]


def _inside(name: str, source: str, seen: Seen) -> None:
    before = len(seen.text)
    _read(source, seen, begins=False)
    seen.formatted.append((name, seen.text[before:]))

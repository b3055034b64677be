"""Turn HTML of any origin into Markdown as Discord reads it: safe, bounded, the same as long as a reader sees the same.

`markup.tree` reads the page, markdownify walks it, `markup.writing` writes what was marked on the way. Pure.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urljoin

from bs4 import Tag
from markdownify import MarkdownConverter

from connectors.markup import mathml
from connectors.markup.marks import (
    BOLD,
    BULLET,
    CELL,
    CODE,
    INDENT,
    ITALIC,
    ITEM,
    NUMBER,
    QUOTE,
    STRIKE,
    UNDERLINE,
    Store,
    bare,
    is_blank,
    prefixed,
    styled,
)
from connectors.markup.notation import lowered, raised
from connectors.markup.tex import formulas, readable
from connectors.markup.tree import tree
from connectors.markup.writing import write
from connectors.text import one_line, visible
from sync.links import host, safe_link
from sync.markdown import shorten
from sync.naming import cut

KEPT = 2_048  # texts that are remembered: at most pulls they are what they were
LONGEST = 8_000  # characters that are given
_NAME = 300  # characters of what an image or a film is called
_ROW = 300  # characters of a table's row with paragraphs in it that still are one line
_RULE = "───────"
_LAST_NUMBER = 999_999
_PLAYERS = (
    (
        re.compile(r"//(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{11})(?![\w-])"),
        "https://www.youtube.com/watch?v=",
    ),
    (re.compile(r"//player\.vimeo\.com/video/(\d+)"), "https://vimeo.com/"),
)
_NAMELESS = frozenset({"youtube video player", "youtube video", "vimeo video player", "video", "видео"})
_KEPT_FILE = re.compile(r"pluginfile\.php|draftfile\.php|@@pluginfile@@", re.IGNORECASE)


@lru_cache(KEPT)
def markdown(markup: str, base: str = "") -> str:
    """Write HTML as Discord's Markdown. `base` is the site that relative links belong to."""
    converter = _Converter(base)
    marked = converter.convert_soup(tree(markup))
    return shorten(write(marked, converter.store, LONGEST), LONGEST)


class _Converter(MarkdownConverter):
    """Marks what is formatted; markdownify finds the rule for each tag, and joins blocks."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.store = Store()
        self._base = f"{base.rstrip('/')}/" if base else "https:"

    def escape(self, text: str, _parents: set[str]) -> str:
        """Mark the formulas in a text; escaping waits until it is known where on a line it stands."""
        return "".join(plain + (_code(readable(tex)) if tex else "") for plain, tex in formulas(text))

    def convert_b(self, _element: Tag, text: str, **_: Any) -> str:
        """Mark bold text."""
        return styled(text, BOLD)

    def convert_i(self, _element: Tag, text: str, **_: Any) -> str:
        """Mark italic text."""
        return styled(text, ITALIC)

    def convert_u(self, _element: Tag, text: str, **_: Any) -> str:
        """Mark underlined text."""
        return styled(text, UNDERLINE)

    def convert_s(self, _element: Tag, text: str, **_: Any) -> str:
        """Mark text that is struck out."""
        return styled(text, STRIKE)

    def convert_code(self, _element: Tag, text: str, **_: Any) -> str:
        """Mark code in a line."""
        return styled(text, CODE)

    def convert_q(self, _element: Tag, text: str, **_: Any) -> str:
        """Put a quotation in its signs."""
        return f"«{text.strip()}»" if not is_blank(text) else text

    def convert_sup(self, element: Tag, text: str, **_: Any) -> str:
        """Write a power, unless it is more than text, as a footnote's link is."""
        return text if element.find(("a", "img", "math")) or is_blank(text) else raised(element.get_text())

    def convert_sub(self, element: Tag, text: str, **_: Any) -> str:
        """Write an index, unless it is more than text."""
        return text if element.find(("a", "img", "math")) or is_blank(text) else lowered(element.get_text())

    def convert_math(self, element: Tag, _text: str, **_: Any) -> str:
        """Write a formula in MathML."""
        return _code(mathml.written(element))

    def convert_tex(self, element: Tag, _text: str, **_: Any) -> str:
        """Write a formula in TeX."""
        return _code(readable(element.get_text()))

    def convert_br(self, _element: Tag, _text: str, **_: Any) -> str:
        """Begin a line."""
        return "\n"

    def convert_hr(self, _element: Tag, _text: str, **_: Any) -> str:
        """Draw a line, which Discord has no sign for."""
        return f"\n\n{_RULE}\n\n"

    def convert_div(self, _element: Tag, text: str, **_: Any) -> str:
        """Set a block apart."""
        return _block(text)

    def convert_h1(self, _element: Tag, text: str, **_: Any) -> str:
        """Write a heading of any level as a bold line: posts are small."""
        return _block(styled(text, BOLD))

    def convert_dt(self, _element: Tag, text: str, **_: Any) -> str:
        """Write a term as a bold line above what it means."""
        return f"\n{styled(text, BOLD)}\n"

    def convert_dd(self, _element: Tag, text: str, **_: Any) -> str:
        """Write what a term means."""
        return "\n{}\n".format(text.strip("\n"))

    def convert_blockquote(self, _element: Tag, text: str, **_: Any) -> str:
        """Quote every line; an empty one would end the quote."""
        return _block(prefixed(text.split("\n"), QUOTE, QUOTE))

    def convert_pre(self, element: Tag, _text: str, **_: Any) -> str:
        """Keep a block of code as it was typed."""
        lines = [line.rstrip() for line in element.get_text().expandtabs(4).splitlines()]
        code = "\n".join(lines).strip("\n").replace("```", "ˋˋˋ")
        return self.store.block(code) if code else "\n"

    def convert_li(self, _element: Tag, text: str, **_: Any) -> str:
        """Begin an item; its list knows its number."""
        return ITEM + text

    def convert_ul(self, _element: Tag, text: str, **_: Any) -> str:
        """Write a list with bullets."""
        return _list(text, lambda _place: BULLET)

    def convert_ol(self, element: Tag, text: str, **_: Any) -> str:
        """Write a list with numbers."""
        first = str(element.get("start", ""))
        start = int(first) if re.fullmatch(r"[0-9]{1,6}", first) else 1
        return _list(text, lambda place: f"{NUMBER}{min(start + place, _LAST_NUMBER)}{NUMBER}")

    def convert_table(self, _element: Tag, text: str, **_: Any) -> str:
        """Set a table apart."""
        return _block(text)

    def convert_tr(self, _element: Tag, text: str, **_: Any) -> str:
        """Write a row as a line; one that only places texts on the page as those texts."""
        cells = [cell.strip() for cell in text.split(CELL) if not is_blank(cell)]
        places = any(BULLET in cell or NUMBER in cell for cell in cells) or ("\n\n" in text and len(bare(text)) > _ROW)
        if len(cells) == 1 or places:
            return _block("\n\n".join(cells))
        return "\n{}\n".format(" · ".join(one_line(cell) for cell in cells)) if cells else ""

    def convert_td(self, _element: Tag, text: str, **_: Any) -> str:
        """Begin a cell; its row knows how many there are."""
        return CELL + text

    def convert_th(self, _element: Tag, text: str, **_: Any) -> str:
        """Begin a cell of a heading."""
        return CELL + styled(text, BOLD)

    def convert_a(self, element: Tag, text: str, **_: Any) -> str:
        """Link a text; a picture without words is called by the host that it leads to."""
        link = self._link(element, "href")
        if is_blank(text):
            text = f"🖼 {host(link)}" if link and element.find("img") else ""
        return self._leading(text, link) if text else ""

    def convert_img(self, element: Tag, _text: str, parent_tags: set[str]) -> str:
        """Name a picture by its words; one that has none is decoration, and an emoji is its own word."""
        words = _words(element, "alt")
        if not any(letter.isalnum() for letter in words):
            return words
        link = "" if "a" in parent_tags or _is_kept(element, "src") else self._link(element, "src")
        return f" {self._leading(f'🖼 {words}', link)} "

    def convert_media(self, element: Tag, text: str, **_: Any) -> str:
        """Name a film, a recording or a page within the page, some of which have but a link for old browsers."""
        fallback = element.find("a")
        place = next((name for name in ("src", "data") if element.get(name)), "")
        source, place = (element, place) if place or fallback is None else (fallback, "href")
        kept = _is_kept(source, place)
        link = "" if kept else _watched(self._link(source, place))
        names = (
            _words(element, "title"),
            _words(element, "aria-label"),
            _file_name(source, place) if kept else host(link),
        )
        name = next((name for name in names if _is_name(name)), "")
        return f"\n{self._leading(f'▶ {name}', link)}\n" if name else text

    def _leading(self, text: str, link: str) -> str:
        return self.store.linked(text, link) if link else text

    def _link(self, element: Tag, attribute: str) -> str:
        """Return where an element leads, if it leads anywhere that others may go."""
        address = str(element.get(attribute, "")).strip()
        if not address or address.startswith("#") or "@@pluginfile@@" in address.lower():
            return ""
        try:
            return safe_link(urljoin(self._base, address))
        except ValueError:
            return ""


def _is_kept(element: Tag, attribute: str) -> bool:
    """Tell whether a file is kept by Moodle, which shows it to its own readers only."""
    return bool(_KEPT_FILE.search(str(element.get(attribute, ""))))


def _file_name(element: Tag, attribute: str) -> str:
    return _shown(unquote(str(element.get(attribute, "")).partition("?")[0].rpartition("/")[2]))


def _is_name(words: str) -> bool:
    return words.lower() not in _NAMELESS and any(letter.isalnum() for letter in words)


def _list(text: str, sign: Any) -> str:
    """Write the items of a list; what stands between them belongs to the one before."""
    before, *items = text.split(ITEM)
    lines = [before] if not is_blank(before) else []
    for place, item in enumerate(item for item in items if not is_blank(item)):
        lines.append(prefixed(item.split("\n"), sign(place), INDENT))
    return _block("\n".join(lines))


def _block(text: str) -> str:
    return "\n\n{}\n\n".format(text.strip("\n"))


def _code(text: str) -> str:
    return styled(shown, CODE) if (shown := _shown(text)) else ""


def _words(element: Tag, attribute: str) -> str:
    return cut(_shown(str(element.get(attribute, ""))), _NAME)


def _shown(text: str) -> str:
    return one_line(visible(text)).strip()


def _watched(link: str) -> str:
    """Return the page on which a film is watched instead of its player."""
    for player, page in _PLAYERS:
        if found := player.search(link):
            return page + found[1]
    return link

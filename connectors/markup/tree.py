"""Read HTML as courses hold it into a small tree: few kinds of tags, bounded in size and depth, and nothing unseen."""

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from types import MappingProxyType

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from connectors.markup.mathml import TAGS as MATHEMATICS
from connectors.text import one_line, visible

LARGEST = 50_000  # characters of HTML that are looked at
_DEEPEST = 40  # of our tags inside each other; deeper ones do not count, except that blocks begin a line
_MOST_OPEN = 200  # of a page's tags inside each other; deeper ones do not count
_SPELLINGS = {
    "b": "strong",
    "i": "em cite var dfn",
    "u": "ins",
    "s": "strike del",
    "code": "kbd samp tt",
    "pre": "listing",
    "div": """p section article header footer main aside nav figure figcaption address center fieldset form details dl
        caption hgroup legend""",
    "ul": "menu dir",
    "h1": "h2 h3 h4 h5 h6 summary",
    "media": "video audio iframe object embed",
}
_AS_THEY_ARE = "a img br hr ol li blockquote table tr td th dt dd q sub sup math tex"
KINDS = MappingProxyType(
    {name: name for name in [*_AS_THEY_ARE.split(), *_SPELLINGS] if name != "media"}
    | {spelt: kind for kind, spellings in _SPELLINGS.items() for spelt in spellings.split()}
)
_KEPT = {
    "a": ("href",),
    "img": ("alt", "src"),
    "media": ("title", "aria-label", "src", "data"),
    "ol": ("start",),
    "math": ("alttext",),
}
_EMPTY_TAGS = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_EMPTY_TAGS.split())
_UNSEEN_TAGS = "script style template noscript head title svg canvas select datalist noembed noframes annotation-xml"
_UNSEEN = frozenset(_UNSEEN_TAGS.split())
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_CELLS = frozenset({"td", "th"})
_TABLE = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"})
_LISTS = ("ul", "ol", "menu", "dir")
_HELD = {"table": {"tr", "td", "th", "div"}, "tr": {"td", "th"}, "ul": {"li", "ul", "ol"}, "ol": {"li", "ul", "ol"}}
# A tag that starts ends an open one of these, but not beyond those.
_ENDS = {
    "li": ({"li"}, {*_LISTS, "table", "td", "th"}),
    "dt": ({"dt", "dd"}, {"dl", "td", "th"}),
    "dd": ({"dt", "dd"}, {"dl", "td", "th"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "a": ({"a"}, {"td", "th"}),
}
_ENDING_PARAGRAPHS = "p div ul ol dl h1 h2 h3 h4 h5 h6 blockquote pre hr table"
_ENDS |= {tag: ({"p"}, {"table", "td", "th"}) for tag in _ENDING_PARAGRAPHS.split()}
_COMMENTS = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_DECLARATIONS = re.compile(r"<[!?][^>]*>?")
_EMBEDDED = re.compile(r"(=\s*[\"']?)data:[^\"'>\s]*")
_TAG_BEGINS = re.compile(r"<[a-zA-Z/]")


def bounded(markup: str) -> str:
    """Cut HTML to what is looked at; images inside the text do not count."""
    if len(markup) <= LARGEST:
        return markup
    head = _EMBEDDED.sub(r"\1", markup)[:LARGEST]
    begun = head.rfind("<")
    return head[:begun] if begun > head.rfind(">") else head


def tree(markup: str) -> BeautifulSoup:
    """Read HTML; what a reader of the page does not see is left out."""
    whole = _DECLARATIONS.sub("", _COMMENTS.sub("", bounded(markup)))
    end = whole.rfind(">") + 1
    rest = whole[end:]
    broken = _TAG_BEGINS.search(rest)  # a tag without its end, which the parser would take for text
    reader = _Reader()
    reader.feed(whole[:end])
    reader.close()
    reader.handle_data(unescape(rest[: broken.start()] if broken else rest))
    return reader.finish()


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag of the page that has not ended. `place` is where its content goes."""

    name: str
    place: Tag
    depth: int


class _Reader(HTMLParser):
    """Builds the tree. A tag that is none of our kinds only lends its content to the one around it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._soup = BeautifulSoup("", "html.parser")
        self._open = [_Open("", self._soup, 0)]
        self._names: Counter[str] = Counter()
        self._text: list[str] = []
        self._unseen = ""
        self._unseen_depth = 0

    def finish(self) -> BeautifulSoup:
        """Return what was read."""
        self._write()
        return self._soup

    def handle_data(self, data: str) -> None:
        """Keep text until the place for it ends, as tags that do not count may split it."""
        if not self._unseen:
            self._text.append(data)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take `<tag/>` for an empty element."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element, after the end of those that cannot hold it."""
        values = {name: value or "" for name, value in attrs}
        if self._unseen:
            self._unseen_depth += tag == self._unseen
        elif tag in _UNSEEN or "hidden" in values or _HIDING.search(values.get("style", "")):
            self._skip(tag)
        elif tag == "source":
            self._lend_source(values)
        elif tag == "br" and self._place.name == "pre":
            self._text.append("\n")
        else:
            self._begin(tag, values)

    def handle_endtag(self, tag: str) -> None:
        """End an element and what is still open in it; one that is not open, or is outside of a cell, is ignored."""
        if self._unseen:
            self._unseen_depth -= tag == self._unseen
            if not self._unseen_depth:
                self._unseen = ""
        elif self._names[tag]:
            self._end({tag}, set() if tag in _TABLE else _CELLS)

    @property
    def _place(self) -> Tag:
        return self._open[-1].place

    def _skip(self, tag: str) -> None:
        if tag not in _VOID:
            self._unseen, self._unseen_depth = tag, 1

    def _lend_source(self, values: dict[str, str]) -> None:
        if self._place.name == "media" and not self._place.get("src"):
            self._place["src"] = values.get("src", "")

    def _begin(self, tag: str, values: dict[str, str]) -> None:
        if tag in _ENDS:
            self._end(*_ENDS[tag])
        kind = self._kind(tag)
        if kind in _CELLS and self._nearest("tr", "table") == "table":
            self._enter("tr", "tr", {})
        if tag not in _VOID:
            self._enter(tag, kind, values)
        elif kind:
            self._add(kind, values)

    def _kind(self, tag: str) -> str:
        """Tell what an element is to us here."""
        if self._names["math"]:
            return tag if tag in MATHEMATICS else ""
        if self._place.name == "pre":
            return ""
        if self._is_loose(tag) or (tag == "blockquote" and self._names[tag]):
            return "div"
        kind = "th" if tag == "td" and self._names["thead"] else KINDS.get(tag, "")
        return kind if kind in _HELD.get(self._place.name, KINDS.values()) else ""

    def _is_loose(self, tag: str) -> bool:
        """Tell whether an item has no list, a cell or row no table."""
        if tag == "li":
            return self._nearest(*_LISTS, *_CELLS) not in _LISTS
        return tag in {"tr", "td", "th"} and not self._names["table"]

    def _nearest(self, *names: str) -> str:
        return next((one.name for one in reversed(self._open) if one.name in names), "")

    def _enter(self, tag: str, kind: str, values: dict[str, str]) -> None:
        if len(self._open) > _MOST_OPEN:
            return
        place, depth = self._place, self._open[-1].depth
        if kind and depth < _DEEPEST:
            place, depth = self._add(kind, values), depth + 1
        elif tag in _ENDS and kind:
            self._add("br", {})
        self._open.append(_Open(tag, place, depth))
        self._names[tag] += 1

    def _add(self, kind: str, values: dict[str, str]) -> Tag:
        self._write()
        element = self._soup.new_tag(kind, attrs={name: values[name] for name in _KEPT.get(kind, ()) if name in values})
        self._place.append(element)
        return element

    def _end(self, names: set[str], walls: set[str] | frozenset[str]) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].name in names:
                self._leave(place)
                return
            if self._open[place].name in walls:
                return

    def _leave(self, place: int) -> None:
        if self._open[place - 1].place is not self._place:
            self._write()
        for one in self._open[place:]:
            self._names[one.name] -= 1
        del self._open[place:]

    def _write(self) -> None:
        text = visible("".join(self._text))
        self._text.clear()
        if text := text if self._place.name == "pre" else one_line(text):
            self._place.append(NavigableString(text))

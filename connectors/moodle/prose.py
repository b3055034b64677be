"""Choose one language of Moodle's names and texts that are written in several, and read them as plain text. Pure.

Kopir asks for raw texts and chooses the language itself: Moodle's own filter knows only languages that are installed on
the site, and Kazakh often is not. Source: https://docs.moodle.org/en/Multi-language_content_filter
"""

import re

from bs4 import BeautifulSoup

from connectors.markup.tree import bounded
from connectors.text import clean

LONGEST = 4_000  # characters of a text that are kept
_BREAKS = re.compile(
    r"</?(?:p|div|li|br|h[1-6]|tr|table|ul|ol|blockquote|pre|section|article)(?:\s[^>]*)?/?>", re.IGNORECASE
)
_SPAN = r"<(?:span|lang)\s[^>]*lang=\"[^\"]+\"[^>]*>.*?</(?:span|lang)>"
_SPANS = re.compile(rf"(?:{_SPAN}\s*)*{_SPAN}", re.DOTALL | re.IGNORECASE)
_ONE_SPAN = re.compile(r"<(?:span|lang)\s[^>]*lang=\"([^\"]+)\"[^>]*>(.*?)</(?:span|lang)>", re.DOTALL | re.IGNORECASE)
_BRACES = re.compile(r"(?:\{mlang\s[^}]+\}.*?\{mlang\}\s*)+", re.DOTALL | re.IGNORECASE)
_ONE_BRACE = re.compile(r"\{mlang\s([^}]+)\}(.*?)\{mlang\}", re.DOTALL | re.IGNORECASE)


def name(text: str, language: str = "") -> str:
    """Read a name; markup in it is left out."""
    chosen = in_language(text[:LONGEST], language)
    return clean(BeautifulSoup(chosen, "html.parser").get_text() if {"<", "&"} & set(chosen) else chosen)


def prose(markup: str, language: str = "") -> str:
    """Read the text of HTML: a line for each paragraph, list item or row; scripts and styles are left out."""
    soup = BeautifulSoup(_BREAKS.sub("\n", spoken(markup, language)), "html.parser")
    for unseen in soup(["script", "style", "template"]):
        unseen.decompose()
    lines = (clean(line) for line in soup.get_text().splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST].strip()


def spoken(markup: str, language: str) -> str:
    """Return as much of HTML as is looked at, in one language."""
    return in_language(bounded(markup), language)


def in_language(text: str, language: str) -> str:
    """Choose one of several languages that stand side by side, the first where the wanted one is missing."""
    spoken = _SPANS.sub(lambda found: _chosen(_ONE_SPAN.findall(found[0]), language), text)
    return _BRACES.sub(lambda found: _chosen(_ONE_BRACE.findall(found[0]), language), spoken)


def _chosen(versions: list[tuple[str, str]], language: str) -> str:
    for wanted in (language, "other"):
        for languages, text in versions:
            if wanted in re.split(r"[\s,]+", languages.lower()):
                return text
    return versions[0][1] if versions else ""

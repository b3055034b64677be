"""Translate what people read, from the catalogues in `locale/`; used by every layer that speaks to a person."""

import gettext
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from sync.phrases import Phrase
from sync.records import Problem

LANGUAGES = ("kk", "ru", "en")
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


def N_(text: str) -> str:  # noqa: N802  the name every gettext extractor knows
    """Mark a text for the catalogues without translating it yet."""
    return text


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's words: `text(...)` for a sentence, `count(...)` for one that depends on a number."""

    language: str
    text: Callable[[str], str]
    count: Callable[[str, str, int], str]

    def say(self, said: object) -> str:
        """Say a Phrase in this language, and the Phrases within it; other values as they are."""
        if not isinstance(said, Phrase):
            return str(said)
        return self.text(said.template).format(**{name: self.say(value) for name, value in said.values.items()})

    def problem(self, problem: Problem) -> str:
        """Say what is wrong with an input. What was expected are our words, what was found are the input's."""
        said = {name: self.say(value) for name, value in problem.values.items()}
        if expected := said.get("expected"):
            said["expected"] = self.text(expected)
        return self.text(problem.template).format(**said)


@cache
def texts(language: str) -> Texts:
    """Load a language's catalogue; translators edit the .po file itself, so it is compiled here, in memory."""
    compiled = io.BytesIO()
    with (CATALOGUES / language / "LC_MESSAGES" / "kopir.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    catalogue = gettext.GNUTranslations(compiled)
    return Texts(language, catalogue.gettext, catalogue.ngettext)

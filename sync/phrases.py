"""Sentences that remember how they were made, so that they can be said in another language; `sync.texts` says them."""

from collections.abc import Iterable, Mapping
from typing import Self


class Phrase(str):
    """An English sentence with its gettext template and the values in it; a value may be a Phrase too.

    It is a str, so that logs, JSON and exceptions take it as it is.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill a template."""
        phrase = super().__new__(cls, template.format(**values))
        phrase.template = template
        phrase.values = values
        return phrase


def joined(separator: str, parts: Iterable[str]) -> Phrase:
    """Make one Phrase of several."""
    named = {f"part{number}": part for number, part in enumerate(parts)}
    return Phrase(separator.join(f"{{{name}}}" for name in named), **named)

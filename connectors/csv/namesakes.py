"""Tell whether two spellings may be one person's name, where an e-mail (perhaps a parent's) is all they share. Pure."""

from difflib import SequenceMatcher
from functools import lru_cache

from connectors.csv.cells import fold

_ALIKE = 0.6


@lru_cache(8192)
def alike(one: str, other: str) -> bool:
    """Return whether every word of the shorter name resembles a word of the longer one; initials count."""
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    return all(any(_resemble(word, candidate) for candidate in longer) for word in shorter)


def _words(name: str) -> tuple[str, ...]:
    return tuple(fold(name).replace(".", " ").split())


def _resemble(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other or SequenceMatcher(None, one, other).ratio() >= _ALIKE

"""What a dialect declares about one of its files, and how a header is matched with it; `dialects` hold the tables."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.csv.problems import BadFile
from connectors.csv.words import key
from sync.records import Kind

if TYPE_CHECKING:
    from connectors.csv.claims import FileClaims
    from connectors.csv.options import Options
    from connectors.csv.table import Row


_ASIDE = re.compile(r"\([^)]*\)")
_GRADE = re.compile(
    r"\((?:real|percentage|letter|feedback|значение|проценты|буква|отзыв)\)$"
    r"|last downloaded from this course|послед\w+ (?:выгруз|загру|скач)\w+"
)


class Absence(StrEnum):
    """What it means that a record is not in the file any more."""

    REMOVAL = "removal"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file of one dialect.

    `columns` maps our field to the header keys that mean it; `needs` are the sets of fields of which one must be
    there; `never` are header keys that rule it out; `pattern` lets numbered headers through as fields of their own;
    `stems` are beginnings that the file's name must have; `exact`: references are ids, never titles or e-mails;
    `known`: any other column is worth a word.
    """

    dialect: str
    part: str
    columns: Mapping[str, frozenset[str]]
    needs: tuple[frozenset[str], ...]
    read: "Callable[[Row, FileClaims, Options], None] | None" = None
    kinds: frozenset[Kind] = frozenset()
    absence: Absence = Absence.REMOVAL
    never: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    stems: tuple[str, ...] = ()
    exact: bool = True
    known: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Match:
    """A header row that was recognised: the kind, and for each used field its index and its header as spelt."""

    kind: FileKind
    indices: Mapping[str, int]
    spelt: Mapping[str, str]
    width: int


def exactly(names: str) -> dict[str, frozenset[str]]:
    """Declare columns whose field is the header itself, from `header` or `field=header` words."""
    pairs = (word.split("=") if "=" in word else (word, word) for word in names.split())
    return {fieldname: frozenset({key(header)}) for fieldname, header in pairs}


def needs(*groups: str) -> tuple[frozenset[str], ...]:
    """Declare alternative sets of needed fields, each written as words."""
    return tuple(frozenset(group.split()) for group in groups)


def recognise(cells: Sequence[str], stem: str, kinds: Sequence[FileKind]) -> Match | None:
    """Find the kind of file whose header this row is, or None. Raise BadFile when a used column stands twice."""
    if any(len(cell) > 200 for cell in cells):
        return None
    keys = [key(_ASIDE.sub("", cell)) or key(cell) for cell in cells]
    if not any(keys):
        return None
    if sum(_GRADE.search(cell.casefold()) is not None for cell in cells):
        raise BadFile("grade-export")
    for kind in kinds:
        if kind.stems and not stem.casefold().startswith(kind.stems):
            continue
        if (match := _matched(kind, keys, cells)) is not None:
            return match
    return None


def _matched(kind: FileKind, keys: Sequence[str], cells: Sequence[str]) -> Match | None:
    if not kind.never.isdisjoint(keys):
        return None
    found = [(index, name) for index, header in enumerate(keys) if header and (name := _field(kind, header))]
    names = {name for _, name in found}
    if not any(need <= names for need in kind.needs):
        return None
    indices: dict[str, int] = {}
    for index, name in found:
        if name in indices:
            both = dict.fromkeys(cells[used].strip() for used in (indices[name], index))
            raise BadFile("repeated-column", column=cells[index].strip(), found=" = ".join(both))
        indices[name] = index
    width = max(index for index, header in enumerate(keys) if header) + 1
    return Match(kind, indices, {name: cells[index].strip() for name, index in indices.items()}, width)


def _field(kind: FileKind, header: str) -> str:
    for name, accepted in kind.columns.items():
        if header in accepted:
            return name
    return header if kind.pattern is not None and kind.pattern.fullmatch(header) else ""

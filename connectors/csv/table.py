"""Read one file's rows: separator, header, physical lines, damage. Dialects get Rows, with used columns only."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.csv.cells import lost_letters
from connectors.csv.kinds import FileKind, Match, recognise
from connectors.csv.problems import BadFile
from connectors.csv.text import encoding_of, lines_of
from connectors.csv.words import TOTALS, key
from connectors.text import clean
from sync.texts import N_

EXPECTED = N_("name,email,course,role,group,discord")
_SEPARATORS = (";", ",", "\t", "|")
_HEAD_LINES = 80
_HEAD_RECORDS = 30
_END = "\x00end"
_CACHE = 50_000
MAX_CELL = 4000


@dataclass(slots=True)
class Row:
    """One record: its first physical line and its used cells, cleaned. A reader notes in `person` and `course`
    what it could make out, so that a refused row still protects them.
    """

    line: int
    cells: dict[str, str]
    person: str = ""
    course: str = ""
    unread: set[str] = field(default_factory=set)
    damaged: int = 0
    long: str = ""

    def get(self, name: str) -> str:
        """Return a cell, empty when the file has no such column."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose header was recognised, ready to be read row by row."""

    data: bytes
    encoding: str
    separator: str
    header_line: int
    header: tuple[str, ...]
    match: Match

    def rows(self) -> Iterator[Row]:
        """Yield the data rows. Raise BadFile when the file turns out to be damaged or cut off."""
        cache: dict[str, str] = {}
        columns = tuple(self.match.indices.items())
        width = self.match.width
        usual = 0
        for line, record in self._whole(self._records()):
            usual = usual or max(len(self.header), len(record))
            extra = len(record) > usual or (len(record) > width and any(map(str.strip, record[width:])))
            cells, long = {}, ""
            for name, index in columns:
                raw = record[index] if index < len(record) else ""
                found = cache.get(raw)
                if found is None:
                    if len(cache) > _CACHE:
                        cache.clear()
                    found = cache[raw] = clean(raw) if len(raw) <= MAX_CELL else ""
                if len(raw) > MAX_CELL:
                    long = name
                cells[name] = found
            if extra or not self._furniture(record, cells):
                yield Row(line, cells, damaged=len(record) if extra else 0, long=long)

    def _records(self) -> Iterator[tuple[int, list[str], bool]]:
        """Yield (line, record, ended by a line break) for the rows below the header."""
        ended = [True]
        reader = csv.reader(_ended(lines_of(self.data, self.encoding), ended), delimiter=self.separator)
        line = 1
        closed = False
        try:
            for record in reader:
                if closed := record == [_END]:
                    break
                if line > self.header_line and record:
                    if reader.line_num > line:
                        self._check_quotes(record, line)
                    yield line, record, ended[0]
                last, line = line, reader.line_num + 1
        except csv.Error as error:
            raise BadFile("unclosed-quote", line) from error
        if not closed:
            raise BadFile("unclosed-quote", last)

    def _check_quotes(self, record: Sequence[str], line: int) -> None:
        """Refuse a cell that swallowed whole rows because a quotation mark was not closed."""
        separators = max(1, self.match.width - 1)
        for cell in record:
            if "\n" in cell or "\r" in cell:
                inner = cell.splitlines()
                if any(part.count(self.separator) >= separators for part in inner[1:]):
                    raise BadFile("unclosed-quote", line)

    def _whole(self, records: Iterator[tuple[int, list[str], bool]]) -> Iterator[tuple[int, list[str]]]:
        """Refuse a file whose last row is shorter than all others and has no line end: it is cut off."""
        complete = 0
        ragged = False
        for line, record, ended in records:
            short = len(record) < self.match.width
            if short and not ended and complete and not ragged:
                raise BadFile("truncated", line)
            ragged = ragged or short
            complete += not short
            yield line, record

    def _furniture(self, record: Sequence[str], cells: dict[str, str]) -> bool:
        """Tell rows that spreadsheets add: empty ones, totals, a repeated header."""
        if not any(cells.values()):
            return True
        first = next((cell for cell in record if cell and not cell.isspace()), "").strip()
        word = first.split(None, 1)[0].casefold().rstrip(":") if first else ""
        if word in TOTALS:
            filled = [cell for cell in record if cell and not cell.isspace()]
            return len(filled) <= 3 and all(map(_is_total, filled))
        if first == "1" and _is_numbering(record):
            return True
        return first == self.header[0].strip() and tuple(record) == self.header


def _is_numbering(record: Sequence[str]) -> bool:
    """Tell the row 1, 2, 3 … that official forms have under the header."""
    filled = [cell.strip() for cell in record if cell and not cell.isspace()]
    return len(filled) > 1 and filled == [str(number) for number in range(1, len(filled) + 1)]


def _is_total(cell: str) -> bool:
    words = cell.casefold().replace(":", " ").split()
    return not words or words[0] in TOTALS or words[0].replace(",", ".").replace(".", "").isdecimal()


def _ended(lines: Iterator[str], ended: list[bool]) -> Iterator[str]:
    """Pass lines on, note whether the last one had an end, and close with a mark that an open quote would swallow."""
    for line in lines:
        ended[0] = line.endswith(("\n", "\r"))
        yield line
    yield _END


def open_table(data: bytes, stem: str, kinds: Sequence[FileKind]) -> Table:
    """Find encoding, separator and header of a file. Raise BadFile when it is no roster or cannot be read."""
    encoding = encoding_of(data)
    head = [line for line, _ in zip(lines_of(data, encoding), range(_HEAD_LINES), strict=False)]
    declared = _declared_separator(head)
    found: list[tuple[int, int, str, list[str], Match]] = []
    for separator in (declared,) if declared else _SEPARATORS:
        found.extend(_headers(head, separator, stem, kinds))
    if not found:
        raise _unknown(head)
    line, _, separator, cells, match = min(found, key=lambda item: (item[0], item[1]))
    return Table(data, encoding, separator, line, tuple(cells), match)


def _declared_separator(head: Sequence[str]) -> str:
    first = head[0].strip("\r\n").strip('"') if head else ""
    return first[4:5] if first[:4].casefold() == "sep=" and len(first) == 5 else ""


def _headers(
    head: Sequence[str], separator: str, stem: str, kinds: Sequence[FileKind]
) -> Iterator[tuple[int, int, str, list[str], Match]]:
    reader = csv.reader(iter(head), delimiter=separator)
    line = 1
    try:
        for number, record in enumerate(reader):
            if number >= _HEAD_RECORDS:
                return
            try:
                match = recognise([clean(cell) for cell in record], stem, kinds)
            except BadFile as bad:
                raise BadFile(bad.code, line, bad.column, bad.found) from bad
            if match is not None:
                yield line, -len(match.indices), separator, record, match
                return
            line = reader.line_num + 1
    except csv.Error:
        return


def _unknown(head: Sequence[str]) -> BadFile:
    first = next((line.strip() for line in head if key(line)), "")
    if any(lost_letters(line) for line in head[:3]):
        return BadFile("lost-letters", 1, found=first)
    return BadFile("unknown-header", 1, found=first, expected=EXPECTED)

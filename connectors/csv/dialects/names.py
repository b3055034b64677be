"""Small readings that several standard exports share: a name of two cells, a period, an id met once."""

from collections.abc import Mapping
from datetime import datetime

from connectors.csv import cells
from connectors.csv.claims import FileClaims, required
from connectors.csv.options import Options
from connectors.csv.problems import BadCell
from connectors.csv.table import Row
from sync.records import CourseRole

PLACEHOLDERS = frozenset({"-", "—", "–", "."})


def full_name(row: Row, given: str, family: str, *, needed: bool = True) -> str:
    """Join given and family name; Moodle writes a dash where somebody has only one."""
    parts = [
        required(row, column, cells.name, "a name")
        for column in (given, family)
        if row.get(column) and row.get(column) not in PLACEHOLDERS
    ]
    if not parts and needed:
        required(row, given, lambda _: "", "a name")
        return required(row, given, cells.name, "a name")
    return " ".join(parts)


def optional_period(
    row: Row, out: FileClaims, options: Options, start: str, end: str, *, month_first: bool = False
) -> tuple[datetime | None, datetime | None]:
    """Read the dates of a term or course, which inform but bound nobody's access by themselves."""
    begins = out.optional(row, start, lambda text: cells.start(text, options.zone, month_first=month_first), None)
    ends = out.optional(row, end, lambda text: cells.end(text, options.zone, month_first=month_first), None)
    return begins, ends


def period(row: Row, options: Options, start: str, end: str) -> tuple[datetime | None, datetime | None]:
    """Read the dates of an enrolment. Raise BadCell for a bad one: then nothing may be granted."""
    begins = required(row, start, lambda text: cells.start(text, options.zone), "") if row.get(start) else None
    ends = required(row, end, lambda text: cells.end(text, options.zone), "") if row.get(end) else None
    if begins is not None and ends is not None and ends <= begins:
        bad = BadCell("date-order", row.get(end), row.get(start))
        bad.column = end
        raise bad
    return begins, ends


def one_of(row: Row, column: str, words: Mapping[str, CourseRole]) -> CourseRole:
    """Read a role of a fixed vocabulary."""
    if (role := words.get(row.get(column).casefold())) is None:
        bad = BadCell("unknown-role", row.get(column), ", ".join(words))
        bad.column = column
        raise bad
    return role


def status(row: Row, allowed: str, default: str = "") -> str:
    """Read a status of a fixed vocabulary, written as words."""
    text = row.get("status").casefold() or default
    if text not in allowed.split():
        bad = BadCell("unknown-status", row.get("status"), ", ".join(allowed.split()))
        bad.column = "status"
        raise bad
    return text


def own_id(row: Row, out: FileClaims, column: str) -> str:
    """Read a row's own id, which may occur once in a file."""
    identity = required(row, column, cells.identifier, "an id")
    if not out.first((column, identity), row.line):
        bad = BadCell("duplicate-id", identity)
        bad.column = column
        raise bad
    return identity

"""Read one input through its dialect into claims; the only place that runs a dialect's row reader."""

from dataclasses import replace
from pathlib import PurePosixPath

from connectors.csv.claims import FileClaims
from connectors.csv.dialects import KINDS
from connectors.csv.dialects.moodle_upload import known_header
from connectors.csv.kinds import Absence
from connectors.csv.options import Options
from connectors.csv.places import course_of_place
from connectors.csv.problems import BadCell, BadFile
from connectors.csv.table import MAX_CELL, Table, open_table


def _check_columns(table: Table, out: FileClaims) -> None:
    if table.match.kind.known:
        for header in table.header:
            if header.strip() and not known_header(header):
                out.complain("unknown-column", table.header_line, header.strip(), header.strip(), "Moodle")


def recognise_file(data: bytes, file: str) -> Table:
    """Find out what a file is. Raise BadFile when it is no roster or cannot be read."""
    return open_table(data, PurePosixPath(inner(file)).stem, KINDS)


def inner(file: str) -> str:
    """Return the path of a file as the folder or ZIP it lies in sees it."""
    return file.rsplit("!", 1)[-1]


def read_file(table: Table, file: str, options: Options, complete: bool | None) -> FileClaims:
    """Read the rows of a recognised file. Raise BadFile when it turns out damaged on the way."""
    kind = table.match.kind
    upsert = kind.absence is Absence.NOTHING if complete is None else not complete
    if options.manifest:
        upsert = options.manifest != "bulk"
    out = FileClaims(file, kind, dict(table.match.spelt), upsert=upsert)
    _check_columns(table, out)
    if kind.read is None:
        return out
    place = replace(options, place=course_of_place(file))
    for row in table.rows():
        out.rows += 1
        if row.damaged:
            out.refuse(row, "extra-cells", found=str(row.damaged), expected=str(table.match.width))
            continue
        if row.long:
            out.refuse(row, "long-cell", row.long, expected=str(MAX_CELL))
            continue
        try:
            kind.read(row, out, place)
        except BadCell as bad:
            out.refuse(row, bad.code, bad.column, bad.found, bad.expected)
    out.shared.clear()
    if not out.rows:
        raise BadFile("no-rows", table.header_line)
    return out

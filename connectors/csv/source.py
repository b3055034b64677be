"""The CSV connector: a folder or ZIP of rosters as one Source. It reads files here; `reading` and `assemble` decide."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.csv.assemble import assemble
from connectors.csv.claims import FileClaims
from connectors.csv.files import Input, find, growing, inputs
from connectors.csv.options import Options
from connectors.csv.problems import BadFile, problem
from connectors.csv.reading import read_file, recognise_file
from connectors.csv.receipts import write_receipts
from connectors.csv.table import EXPECTED
from sync.records import CourseRole, Problem, Pulled, Snapshot, StoredPull
from sync.texts import texts

_BARREN = frozenset({"no-rows", "unknown-header", "grade-export", "spreadsheet"})


@dataclass(slots=True)
class _Look:
    """What one look at the folder found."""

    present: list[str] = field(default_factory=list)
    claims: list[FileClaims] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)
    bytes: int = 0


class CsvSource:
    """A folder or ZIP of rosters; `complete` says whether absence is removal, None leaves it to the dialects."""

    type = "csv"

    def __init__(
        self,
        *,
        name: str,
        path: Path,
        timezone: ZoneInfo,
        language: str,
        complete: bool | None = None,
        role: CourseRole | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._path = path
        self._options = Options(zone=timezone, role=role or CourseRole.STUDENT)
        self._language = language
        self._complete = complete
        self._clock = clock
        self._sleep = sleep
        self._accepted: dict[str, int] = {}

    def pull(self, previous: Callable[[], Snapshot]) -> Pulled:
        """Read every file once; what could not be read counts with its last good content."""
        self._accepted = {}
        if not self._path.exists():
            return Pulled(None, (problem("folder-missing", str(self._path.name), found=str(self._path)),))
        look = self._look()
        if not look.claims:
            empty = () if look.failed else (problem("folder-empty", self._path.name, expected=EXPECTED),)
            return Pulled(None, (*empty, *look.failed.values()), bytes=look.bytes)
        snapshot = assemble(look.claims, self._broken(look), previous())
        self._accepted = {out.file: out.rows - len(out.refused) for out in look.claims}
        return Pulled(
            snapshot=snapshot,
            problems=_problems(look),
            dialects={out.file: out.kind.dialect for out in look.claims},
            unproven=frozenset(kind for out in look.claims if out.upsert for kind in out.kind.kinds),
            bytes=look.bytes,
        )

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        """Write a receipt beside every file that was looked at; a folder that cannot be written to is left alone."""
        write_receipts(self._path, pulled, stored, self._accepted, texts(self._language))

    def _look(self) -> _Look:
        look = _Look()
        paths = find(self._path)
        unsettled = growing(paths, self._clock, self._sleep)
        for file, path in paths.items():
            if file in unsettled:
                look.failed[file] = problem("still-changing", file)
                continue
            try:
                for found in inputs(file, path):
                    self._read(found, look)
            except BadFile as bad:
                look.failed[file] = bad.problem(file)
        return look

    def _read(self, found: Input, look: _Look) -> None:
        try:
            data = found.read()
            look.bytes += len(data)
            table = recognise_file(data, found.file)
            look.claims.append(read_file(table, found.file, self._options, self._complete))
        except BadFile as bad:
            look.failed[found.file] = bad.problem(found.file)

    def _broken(self, look: _Look) -> Sequence[str]:
        return list(look.failed)


def _problems(look: _Look) -> tuple[Problem, ...]:
    found = list(look.failed.values())
    for out in look.claims:
        found.extend(out.problems)
        if out.unlisted:
            found.append(problem("more-problems", out.file, found=str(out.unlisted)))
    return tuple(sorted(found, key=lambda item: (item.file, item.line)))

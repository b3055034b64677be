"""The CSV connector: a folder or ZIP of rosters as one Source. It reads files here; `reading` and `assemble` decide."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.csv.assemble import assemble, lists_of, unproven
from connectors.csv.files import stamp
from connectors.csv.identities import Identities, hand_out, identify
from connectors.csv.looking import Look, Looker
from connectors.csv.options import Options
from connectors.csv.problems import BadFile, problem
from connectors.csv.receipts import write_receipts, write_waiting
from connectors.csv.table import EXPECTED
from sync.ports import Progress, unwatched
from sync.records import CourseRole, File, Pulled, Snapshot, StoredPull
from sync.texts import texts


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
        self._language = language
        options = Options(zone=timezone, role=role or CourseRole.STUDENT)
        self._looker = Looker(options, complete, clock, sleep)
        self._accepted: dict[str, int] = {}

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:  # noqa: ARG002
        """Read every file once; what could not be read counts with its last good content."""
        self._accepted = {}
        if stamp(self._path) is None:
            return Pulled(None, (problem("folder-missing", str(self._path.name), found=str(self._path)),))
        before = previous()
        past = {file.name: file for material in before.materials for file in material.files}
        try:
            look = self._looker.look(self._path, past)
        except BadFile as bad:
            return Pulled(None, (bad.problem(self._path.name),))
        if not any(out.kind.kinds for out in look.claims):
            empty = () if look.broken() else (problem("folder-empty", self._path.name, expected=EXPECTED),)
            return Pulled(None, (*empty, *look.problems()), bytes=look.bytes)
        look.part(lists_of(before))
        return self._put_together(look, before, identify(look.named, past, self._looker.clock, self._looker.sleep))

    def _put_together(self, look: Look, before: Snapshot, files: Identities) -> Pulled:
        snapshot = assemble(look.claims, look.broken(), look.blank(), before, files.files)
        self._accepted = {out.file: out.rows - len(out.refused) for out in look.claims}
        return Pulled(
            snapshot=snapshot,
            problems=(*look.problems(), *files.problems),
            dialects=look.dialects(),
            unproven=unproven(look.claims, snapshot),
            bytes=look.bytes + files.bytes,
        )

    def download(self, file: File, limit: int) -> bytes:
        """Read a file that a material names from the folder or ZIP."""
        return hand_out(self._path, file, limit)

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        """Write a receipt beside every file that was looked at; a folder that cannot be written to is left alone."""
        write_receipts(self._path, pulled, stored, self._accepted, texts(self._language))

    def tell_waiting(self, lines: Sequence[str]) -> None:
        """Write into every receipt which removals wait for a decision."""
        write_waiting(self._path, lines, texts(self._language))

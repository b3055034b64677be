"""Pull one source into the store and report on it; blocks, so the service runs it in a thread."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sync.errors import KopirError
from sync.ledger import PullRecord
from sync.ports import Progress, Source, unwatched
from sync.records import Kind, Problem, Pulled, StoredPull
from sync.store import Store
from sync.texts import N_, Texts

STILL_LISTED = N_("people who were forgotten, but are still listed here: {count}; delete them in the source, too")


@dataclass(frozen=True, slots=True)
class PullReport:
    """What became of one pull. `failure` is why the source could not be reached at all."""

    name: str
    type: str
    pulled: Pulled
    stored: StoredPull | None
    counts: Mapping[Kind, int]
    seconds: float
    failure: str = ""
    error: KopirError | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the source could be used."""
        return self.pulled.snapshot is not None

    def unknown(self) -> frozenset[Kind]:
        """Return the kinds of which absence proved nothing."""
        snapshot = self.pulled.snapshot
        if snapshot is None:
            return frozenset(Kind)
        return snapshot.unknown | {kind for _, kind in snapshot.unknown_in} | self.pulled.unproven

    def removed(self) -> dict[Kind, int]:
        """Count what was present before and is absent now, by kind."""
        return {kind: self.stored.removed(kind) if self.stored else 0 for kind in Kind}

    def json(self, texts: Texts) -> dict[str, object]:
        """Give the entry of `kopir pull --json`."""
        problems = [problem_json(problem, texts) for problem in self.pulled.problems]
        if self.failure:
            problems.append(
                {"file": "", "line": 0, "column": "", "code": "unreachable", "message": texts.say(self.failure)}
            )
        return {
            "name": self.name,
            "type": self.type,
            "ok": self.ok,
            "dialects": dict(self.pulled.dialects),
            "counts": {kind.value: self.counts.get(kind, 0) for kind in Kind},
            "removed": {kind.value: count for kind, count in self.removed().items()},
            "unknown": sorted(kind.value for kind in self.unknown()),
            "problems": problems,
            "calls": self.pulled.calls,
            "bytes": self.pulled.bytes,
            "seconds": round(self.seconds, 3),
        }


def problem_json(problem: Problem, texts: Texts) -> dict[str, object]:
    """Give one problem of an input, as the contract of `kopir pull --json` has it."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": texts.problem(problem),
    }


def pull(store: Store, school: str, source: Source, progress: Progress = unwatched) -> PullReport:
    """Pull once. A failure changes nothing: the last good records stay."""
    begun, now = time.monotonic(), datetime.now(UTC)
    failed, stored = None, None
    try:
        pulled = source.pull(lambda: store.load_snapshot(school, source.name), progress)
        if pulled.snapshot is not None:
            stored = store.save_snapshot(school, source.name, pulled.snapshot, now)
        source.acknowledge(pulled, stored)
        pulled = _reminded(pulled, stored)
    except KopirError as error:
        pulled, failed = Pulled(None), error
    counts = stored.counts if stored else store.counts(school, source.name)
    seconds = time.monotonic() - begun
    store.record_pull(_record(school, source.name, now, pulled, counts, seconds))
    failure = failed.said if failed else ""
    return PullReport(source.name, source.type, pulled, stored, counts, seconds, failure, failed)


def _reminded(pulled: Pulled, stored: StoredPull | None) -> Pulled:
    """Say that a source still lists people who were forgotten, until somebody deletes them there."""
    if stored is None or not stored.withheld:
        return pulled
    reminder = Problem("", 0, "", "forgotten", STILL_LISTED, {"count": str(stored.withheld)})
    return replace(pulled, problems=(*pulled.problems, reminder))


def _record(
    school: str, source: str, at: datetime, pulled: Pulled, counts: Mapping[Kind, int], seconds: float
) -> PullRecord:
    by_kind = {kind.value: count for kind, count in counts.items()}
    ok = pulled.snapshot is not None
    return PullRecord(school, source, at, ok, by_kind, len(pulled.problems), seconds)

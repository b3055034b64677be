"""Words the log's lines about a finished run, by ids and numbers only. Pure; `desk` logs them."""

from bot.runs import RunResult
from bot.serving.requests import Request
from sync.reconcile import Report, Status

SAID = 5  # failed changes of a run that are named


def summary(school: str, request: Request, result: RunResult, *, leaving: bool) -> str:
    """Say what a run was for, what came of it and how long it took."""
    found = _cut(result.report) if leaving and result.report.stopped else _counts(result)
    what = ", ".join(f"{name} {count}" for name, count in found.items() if count) or "nothing to do"
    scope = f"{len(request.scope.members)} members" if request.scope.members else request.scope.course or "school"
    why = ", ".join(sorted(request.reasons))
    return f"School {school}: run {result.id} ({scope}; {why}): {what}, {result.seconds:.1f} s."


def failures(school: str, report: Report) -> list[str]:
    """Name the first failed changes by Key, with why; what ended the run is said once, for all of them."""
    failed = [o for o in report.outcomes if o.status is Status.FAILED and o.message != report.stopped]
    return [f"School {school}: {outcome.change.key} failed: {outcome.message}" for outcome in failed[:SAID]]


def _counts(result: RunResult) -> dict[str, int]:
    held = sum(len(item.keys) for item in result.plan.held)
    done = {status.value: result.report.count(status) for status in Status}
    return done | {"held": held, "left out": len(result.plan.left_out)}


def _cut(report: Report) -> dict[str, int]:
    applied = report.count(Status.APPLIED)
    return {"applied": applied, "left for the next run": len(report.outcomes) - applied}

"""Kill a sync at any request and any commit and start again: server and tables end as if nothing had happened.

Here every so many points are tried; `make test-crash` tries them all.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.faults import Fault, Kind
from sync import posts
from sync.reconcile import Status
from tests.crash_points import Fate, Process
from tests.crash_school import CHANGED, FIRST, MIDDLE, Lists
from tests.crash_worlds import Place, Seen, differences, place

WHOLE = os.environ.get("KOPIR_CRASH") == "all"
EVERY = 1 if WHOLE else 47  # not divisible by the three points of a write
SHARES = 6 if WHOLE else 1  # for as many processors

syncs = pytest.mark.parametrize("sync", ["first", "changing"])
layouts = pytest.mark.parametrize("layout", ["channels", "forum"])
shares = pytest.mark.parametrize("share", range(SHARES))
Count = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few materials fill the page of a list."""
    monkeypatch.setattr(posts, "TEXT_LIMIT", 400)


@asynccontextmanager
async def before(sync: str, layout: str, folder: Path) -> AsyncIterator[tuple[Place, Process]]:
    """Give a school just before its first or its changing sync."""
    async with place(folder, layout) as here:
        if sync == "changing":
            for lists in (FIRST, MIDDLE):
                await here.process(Lists(lists)).run()
            await here.teach("rosters:alg", "1")
        yield here, here.process(Lists(FIRST if sync == "first" else CHANGED))


async def undisturbed(here: Place, process: Process) -> tuple[Seen, list[str]]:
    """Return what a sync ends in, and the points that it passes."""
    fate = Fate()
    await process.run(fate)
    assert not await here.left_to_do()
    return here.seen(), fate.points


async def deviations(here: Place, process: Process, wanted: Seen) -> list[str]:
    """Sync once more, and list what failed, is left to do or is not as it should be."""
    await here.settled()
    result = await process.run()
    assert result is not None
    failed = [f"{o.change.key}: {o.message}" for o in result.report.outcomes if o.status is not Status.APPLIED]
    return [*failed, *await here.left_to_do(), *differences(wanted, here.seen())]


@shares
@layouts
@syncs
async def test_a_sync_killed_at_any_point_is_made_good_by_the_next(
    tmp_path: Path, sync: str, layout: str, share: int, record_property: Count
) -> None:
    async with before(sync, layout, tmp_path) as (here, process):
        start = here.moment()
        wanted, points = await undisturbed(here, process)
        chosen = range(share * EVERY, len(points), SHARES * EVERY)
        sizes = (sum(point.startswith("before ") for point in points), points.count("after a commit"))
        sent, commits = sizes[0] - sizes[1], sizes[1]
        said = f"{sync} sync, {layout}: {sent} requests, {commits} commits, {len(points)} points"
        record_property("crash points", [said, len(chosen)])
        wrong = []
        for number in chosen:
            here.back_to(start)
            fate = Fate(number)
            assert await process.run(fate) is None, f"point {number} was not reached"
            found = await deviations(here, process, wanted)
            wrong += [f"killed at {number} of {len(points)}, {fate.points[-1]}: {line}" for line in found]
        assert not wrong


@shares
@layouts
@syncs
async def test_a_sync_that_loses_any_answer_is_made_good_by_the_next(
    tmp_path: Path, sync: str, layout: str, share: int, record_property: Count
) -> None:
    async with before(sync, layout, tmp_path) as (here, process):
        start = here.moment()
        wanted, points = await undisturbed(here, process)
        requests = [point for point in points if point.startswith("before ") and point != "before a commit"]
        chosen = range(share * EVERY, len(requests), SHARES * EVERY)
        record_property("crash points", [f"{sync} sync, {layout}: {len(requests)} answers to lose", len(chosen)])
        wrong = []
        for number in chosen:
            here.back_to(start)
            here.sandbox.faults.arm(Fault(Kind.LOSE, after=number))
            await process.run()
            here.sandbox.faults.clear()
            found = await deviations(here, process, wanted)
            wrong += [f"lost answer {number} of {len(requests)}: {line}" for line in found]
        assert not wrong

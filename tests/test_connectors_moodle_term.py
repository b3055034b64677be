"""A real course through a term: each change costs what it should, and the end is what a first sync would make of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.moodle_term import Term, term
from tests.moodle_term_steps import STEPS

START = datetime(2026, 9, 1, 4, tzinfo=UTC)
EVERY = timedelta(days=2)
PEOPLE = ("aiman.j", "aigul.s", "dana.kim")
LAYOUTS = ("channels", "forum")


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_a_term_costs_what_changes_and_ends_like_a_first_sync(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    async with term(tmp_path_factory.mktemp("kept"), monkeypatch, layout) as kept:
        await start(kept)
        for number, (step, expected) in enumerate(STEPS.items(), 1):
            seen = await kept.see(step, START + number * EVERY)
            assert (step, seen.writes, seen.told) == (step, expected.writes(layout), expected.told)
        sights, lists = [await kept.sight(who) for who in PEOPLE], await kept.on_top()
    async with term(tmp_path_factory.mktemp("new"), monkeypatch, layout) as new:
        await new.go("end", START + len(STEPS) * EVERY)
        assert sights == [await new.sight(who) for who in PEOPLE]
        assert lists == await new.on_top()


async def start(stage: Term) -> None:
    """Sync for the first time: at least 60 materials of 12 kinds, and nobody is called."""
    seen = await stage.see("start", START)
    snapshot = stage.stage.app.store.load_snapshot("one", "rosters")
    assert len(snapshot.materials) >= 60
    assert len({material.type for material in snapshot.materials}) >= 12
    assert seen.told == ()


def test_the_term_is_long_enough() -> None:
    assert len(STEPS) >= 30


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_what_a_pupil_sees_is_much_and_differs_from_the_other_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    """The comparison above would be worth nothing if it compared next to nothing."""
    async with term(tmp_path, monkeypatch, layout) as stage:
        await stage.go("start", START)
        one, other = await stage.sight("aigul.s"), await stage.sight("dana.kim")
        assert sum(len(place["messages"]) for place in one["places"].values()) > 60
        assert one != other

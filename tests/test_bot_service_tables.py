"""Newcomers are served from the roster in memory; a newer one is read for runs of the school."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.serving.tables import TableCache
from bot.tables import load_tables
from sync.ledger import Link, PullRecord
from sync.records import Person, Snapshot
from sync.store import Store
from tests.rehearsal import rehearsal

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def pull(store: Store, minute: int, *names: str) -> None:
    at = NOW + timedelta(minutes=minute)
    people = tuple(Person(str(number), name) for number, name in enumerate(names))
    store.save_snapshot("one", "rosters", Snapshot(people=people), at)
    store.record_pull(PullRecord("one", "rosters", at, True, {}, 0, 0.0))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Count how often the roster is read."""
    found: list[None] = []

    def counted(store: Store, school: Any) -> Any:
        found.append(None)
        return load_tables(store, school)

    monkeypatch.setattr("bot.serving.tables.load_tables", counted)
    return found


def names(tables: Any) -> list[str]:
    return [person.name for person in tables.roster.people]


async def test_the_roster_is_read_again_only_after_a_pull(tmp_path: Path, loads: list[None]) -> None:
    async with rehearsal(tmp_path, members=()) as stage:
        store, cache = stage.app.store, TableCache()
        pull(store, 0, "Aigul")
        assert names(cache.load(store, stage.school)) == names(cache.load(store, stage.school)) == ["Aigul"]
        assert len(loads) == 1
        pull(store, 1, "Aigul", "Oleg")
        assert names(cache.load(store, stage.school)) == ["Aigul", "Oleg"]
        assert len(loads) == 2


async def test_a_glance_never_waits_for_a_newer_roster_but_tells_of_it(tmp_path: Path, loads: list[None]) -> None:
    async with rehearsal(tmp_path, members=()) as stage:
        store, cache = stage.app.store, TableCache()
        pull(store, 0, "Aigul")
        assert names(cache.glance(store, stage.school)) == ["Aigul"]
        pull(store, 1, "Oleg")
        assert (names(cache.glance(store, stage.school)), cache.behind) == (["Aigul"], True)
        cache.load(store, stage.school)
        assert (names(cache.glance(store, stage.school)), cache.behind) == (["Oleg"], False)
        assert len(loads) == 2


@pytest.mark.parametrize(
    ("proof", "sources", "expected"),
    [
        pytest.param("roster:aigul", 2, 1, id="a link from the roster tells nothing new"),
        pytest.param("command", 2, 2, id="a proven link may join two sources' people"),
        pytest.param("command", 1, 1, id="in a single source it joins nobody"),
    ],
)
async def test_links_are_always_fresh(
    tmp_path: Path, loads: list[None], proof: str, sources: int, expected: int
) -> None:
    async with rehearsal(tmp_path, members=()) as stage:
        store, cache = stage.app.store, TableCache()
        school = replace(stage.school, sources=stage.school.sources * sources)
        pull(store, 0, "Aigul")
        cache.load(store, school)
        store.save_link("one", Link("rosters:0", "99", proof, NOW))
        look: tuple[Callable[..., Any], ...] = (cache.load, cache.glance)
        assert [dict(each(store, school).links)["rosters:0"].user_id for each in look] == ["99", "99"]
        assert len(loads) == expected

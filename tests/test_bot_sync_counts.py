"""What a sync costs is counted, not timed: queries of a run that finds nothing, and of one member among many."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.rehearsal import ENROLMENTS, PEOPLE, SCHOOL, rehearsal, writes


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL statements of a block."""
    seen: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)


def crowd(count: int) -> dict[str, str]:
    """Give a school with so many more students."""
    people = "".join(f"p{n},Person {n},p{n}@school.kz,user{n}\n" for n in range(count))
    enrolments = "".join(f"p{n},alg,student,,,\n" for n in range(count))
    return {**SCHOOL, "people.csv": PEOPLE + people, "enrolments.csv": ENROLMENTS + enrolments}


async def cost(folder: Path, count: int, changed: dict[str, str]) -> tuple[int, dict[str, int]]:
    """Count the queries and requests of a second run in a school with so many more students."""
    async with rehearsal(folder, crowd(count), ["aiman", "asem", *(f"user{n}" for n in range(count))]) as stage:
        await stage.sync()
        stage.write(changed)
        stage.pull()
        stage.sent()
        with statements() as seen:
            await stage.apply()
        return len(seen), stage.sent()


@pytest.mark.parametrize(
    ("changed", "sends"),
    [
        pytest.param({}, {}, id="nothing changed"),
        pytest.param(
            {"materials.csv": SCHOOL["materials.csv"].replace("example.org/book", "example.org/new")},
            {"PATCH /channels/{channel_id}/messages/{message_id}": 1, "POST /channels/{channel_id}/messages": 1},
            id="one material changed",
        ),
    ],
)
async def test_a_run_costs_what_changed_and_not_how_large_the_school_is(
    tmp_path_factory: pytest.TempPathFactory, changed: dict[str, str], sends: dict[str, int]
) -> None:
    few, sent = await cost(tmp_path_factory.mktemp("few"), 2, changed)
    assert writes(sent) == sends
    assert (few, sent) == await cost(tmp_path_factory.mktemp("many"), 60, changed)

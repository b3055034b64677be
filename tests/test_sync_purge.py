"""Only a purge deletes channels, only those of archived courses, and nothing brings them back."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from sync import finished, keys
from sync.diff import Action, Change
from sync.plan import Plan
from sync.purge import Archived, archived_courses, forgettable, purge_plan
from sync.records import Course, CourseRole
from sync.resources import Channel
from tests.builders import DAY, NOW, course, enrolled, guild_channel, material, module, person, roster, school
from tests.stage import Stage, places

OLD, NEW = course("old", "Algebra 6", end=NOW - 99 * DAY), course("new", "Algebra 7")
RECORDS: list[Any] = [
    *(module(number, name) for name in ("old", "new") for number in "12"),
    *(material("m", "1", name) for name in ("old", "new")),
    person(),
    *(enrolled("aru", name, CourseRole.STUDENT) for name in ("old", "new")),
]


def stage_of(layout: str = "channels", *courses: Course) -> Stage:
    """Give a school with one course in the archive and one that goes on."""
    stage = Stage(roster(replace(OLD, end=None), NEW, *RECORDS), school(layout=layout))
    stage.sync()
    stage.sync(roster(*(courses or (OLD, NEW)), *RECORDS))
    return stage


def archived(stage: Stage) -> tuple[Archived, ...]:
    settings, guild, bindings = stage.settings.archive, stage.server.guild(), stage.ledger.bindings
    live = finished.live(stage.roster, settings, bindings, guild, stage.now)
    return archived_courses(guild, bindings, frozenset(keys.course_of(keys.course(one.id)) for one in live))


def purge(stage: Stage, courses: Iterable[Archived] | None = None) -> Plan:
    chosen = archived(stage) if courses is None else tuple(courses)
    return purge_plan("", chosen, stage.server.guild(), stage.ledger.bindings)


@pytest.mark.parametrize("layout", ["channels", "forum"])
def test_a_purge_deletes_the_course_and_the_empty_archive_and_nothing_else(layout: str) -> None:
    stage = stage_of(layout)
    other = {key: stage.id(key) for key in places(stage) if "old" not in key and key != keys.ARCHIVE}
    ours = [
        key
        for key in stage.ledger.bindings
        if keys.course_of(key) == "old" and stage.ledger.bindings[key].kind in {"channel", "role"}
    ]
    plan = purge(stage)
    assert {change.key for change in plan.changes} == {*ours, keys.ARCHIVE}
    stage.apply(plan)
    assert {key: stage.id(key) for key in places(stage)} == other
    assert len(stage.server.roles) == plan.capacity.use["roles"][0]
    assert len(stage.server.channels) == plan.capacity.use["channels"][0]
    assert stage.plan().changes == ()


@pytest.mark.parametrize("change", [{"end": NOW - 99 * DAY}, {"hidden": True}])
def test_what_was_purged_is_not_built_again(change: dict[str, Any]) -> None:
    """A hidden course in particular: it must not look as if it were being prepared."""
    over = replace(OLD, **{"end": None} | change)
    stage = stage_of("channels", over, NEW)
    stage.now = NOW + 99 * DAY
    stage.sync()
    stage.apply(purge(stage))
    gone = forgettable(frozenset({"old"}), frozenset({"old", "new"}), stage.ledger.bindings)
    stage.ledger.remove_bindings("", gone)
    assert [c for c in stage.plan().changes if keys.course_of(c.key) == "old"] == []


def test_a_course_that_comes_back_after_a_purge_is_built_anew() -> None:
    stage = stage_of()
    stage.sync(roster(NEW, *RECORDS))
    stage.apply(purge(stage))
    stage.ledger.remove_bindings("", forgettable(frozenset({"old"}), frozenset({"new"}), stage.ledger.bindings))
    assert not [key for key in stage.ledger.bindings if keys.course_of(key) == "old"]
    stage.sync(roster(replace(OLD, end=None), NEW, *RECORDS))
    assert keys.module("old", "1") in places(stage)
    assert stage.plan().changes == ()


def test_a_live_course_is_no_candidate_nor_one_whose_removal_waits() -> None:
    stage = stage_of()
    assert [one.title for one in archived(stage)] == ["Algebra 6"]
    stage.roster = stage.kept = roster(*RECORDS)
    assert [one.title for one in archived(stage)] == ["Algebra 6"]


def test_a_course_that_goes_on_is_not_purged_before_it_came_back() -> None:
    stage = stage_of()
    stage.roster = stage.kept = roster(replace(OLD, end=None), NEW, *RECORDS)
    assert archived(stage) == ()


def test_the_archive_stays_while_somebody_elses_channel_is_in_it() -> None:
    stage = stage_of()
    stage.server.channels["77"] = guild_channel("77", "theirs", parent_id=stage.id(keys.ARCHIVE))
    stage.apply(purge(stage))
    assert keys.ARCHIVE in places(stage)
    assert "77" in stage.server.channels


@pytest.mark.parametrize("cut_after", range(6))
def test_a_purge_that_was_cut_is_completed_by_the_next_one(cut_after: int) -> None:
    class Killed(Exception):
        pass

    stage = stage_of()
    write = stage.server.write

    async def cut(change: Any, bindings: Any) -> Any:
        sent = await write(change, bindings)
        if sum(done.action is Action.DELETE for done in stage.server.writes[start:]) > cut_after:
            raise Killed
        return sent

    start = len(stage.server.writes)
    stage.server.write = cut  # type: ignore[method-assign]
    with pytest.raises(Killed):
        asyncio.run(stage._apply(purge(stage)))
    stage.server.write = write  # type: ignore[method-assign]
    stage.apply(purge(stage))
    stage.sync()
    there = [key for key in places(stage) if stage.id(key) in stage.server.channels]
    assert not [key for key in there if keys.course_of(key) == "old" or key == keys.ARCHIVE]
    assert not [role.name for role in stage.server.roles.values() if "Algebra 6" in role.name]
    assert stage.plan().changes == ()


def test_no_other_plan_may_delete_a_channel() -> None:
    stage = stage_of()
    channel = keys.module("old", "1")
    gone = Change(Action.DELETE, channel, {}, Channel(channel, "x", "text"), None)
    for plan in (stage.plan(), replace(purge(stage), purged=frozenset({"new"}))):
        with pytest.raises(ValueError, match="may not delete"):
            stage.apply(replace(plan, changes=(gone,)))
    assert channel in places(stage)

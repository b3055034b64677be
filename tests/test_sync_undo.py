"""Undoing a run brings back what there was, and leaves what somebody changed since."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.diff import Action
from sync.merge import Roster
from sync.resources import Discussion, Index, Order, Post, Resource, Thread
from sync.settings import LAYOUTS
from sync.undo import CHANGED, TOLD
from tests.builders import course, enrolled, guild_channel, material, module, person, roster, school
from tests.fake_guild import FakeMessage
from tests.stage import Stage, user_id
from tests.test_sync_fixpoint import quick, rosters

Shown = tuple[Resource, FakeMessage | None]


def shown(stage: Stage) -> Mapping[str, Shown]:
    """Give what stands on the server by Key, with what messages say."""
    found = {}
    for key, resource in stage.state().items():
        bound = stage.ledger.bindings.get(key)
        says = bound.discord_id or "" if bound and bound.kind in {"post", "index"} else ""
        found[key] = _alike(resource), _words(stage.server.messages.get(says))
    return found


def _alike(resource: Resource) -> Resource:
    match resource:
        case Discussion():
            return replace(resource, awake=None)
        case Thread():
            return replace(resource, pinned=bool(resource.pinned))
        case Index():  # its digest names the messages that it leads to; one that moved and comes back is another
            return replace(resource, digest="")
    return resource


def _words(message: FakeMessage | None) -> FakeMessage | None:
    return replace(message, channel="", lines=tuple((text, "") for text, _ in message.lines)) if message else None


def same(one: Shown, other: Shown | None) -> bool:
    """Compare two sights; of an order only what is in the first."""
    if isinstance(one[0], Order) and other and isinstance(other[0], Order):
        return one[0].keys == tuple(key for key in other[0].keys if key in one[0].keys)
    return one == other


@quick
@given(rosters(), rosters(), st.sampled_from(LAYOUTS))
def test_what_was_there_is_there_again(before: Roster, after: Roster, layout: str) -> None:
    stage = Stage(before, school(layout=layout))
    stage.sync(run="first")
    then = shown(stage)
    stage.sync(after, run="second")
    stage.undo("second")
    now = shown(stage)
    assert [key for key, one in then.items() if not same(one, now.get(key))] == []


def test_what_a_run_made_is_put_away_and_nothing_that_holds_messages_is_deleted() -> None:
    stage = Stage(roster(course(), module(), material(), person(), enrolled()), school())
    stage.sync(run="first")
    said = dict(stage.server.messages)
    _, plan = stage.undoing("first")
    assert {change.kind for change in plan.changes if change.action is Action.DELETE} <= {"role", "category", "pin"}
    stage.carry_out(plan, "undo")
    assert stage.server.messages == said
    assert {channel.parent_id for channel in stage.server.channels.values() if channel.type != "category"} == {
        stage.id(keys.ARCHIVE)
    }
    assert stage.roles_of("aru") == set()
    assert [role for role in stage.ledger.bindings if role.startswith("course/") and "students" in role] == []
    assert [notice.code for notice in plan.notices][-1] == "undone-in-vain"


def test_a_category_in_which_somebody_put_a_channel_stays() -> None:
    stage = Stage(roster(), school())
    stage.sync(roster(course(), module()), run="made")
    stage.server.channels["99"] = guild_channel("99", parent_id=stage.id("course/algebra"))
    undone = stage.undo("made")
    assert stage.id("course/algebra") in stage.server.channels
    assert "something else still needs it" in undone.left[0].template


def test_a_role_that_somebody_gave_by_hand_stays() -> None:
    stage = Stage(roster(person("bek")), school())
    stage.sync(roster(course(), person("bek")), run="made")
    stage.server.give(user_id("bek"), stage.id("course/algebra/students"))
    stage.undo("made")
    assert "course/algebra/students" in stage.roles_of("bek")


def test_an_undo_that_was_cut_is_finished_by_another() -> None:
    stage = Stage(roster(course(), module(), material(), person(), enrolled()), school())
    stage.sync(run="first")
    then = shown(stage)
    stage.sync(roster(person()), run="second")
    _, plan = stage.undoing("second")
    half = replace(plan, changes=plan.changes[::2])
    stage.apply(half, "cut")
    stage.undo("second")
    now = shown(stage)
    assert [key for key, one in then.items() if not same(one, now.get(key))] == []


LOST = [
    pytest.param(lambda stage: stage.server.channels.pop(stage.id("course/algebra/module/1")), id="channel"),
    pytest.param(lambda stage: stage.ledger.journal.__delitem__(slice(0, -1)), id="texts"),
]


@pytest.mark.parametrize("lose", LOST)
def test_what_is_not_known_or_not_there_is_left_alone(lose: Callable[[Stage], object]) -> None:
    stage = Stage(roster(course(), module(), material()), school())
    stage.sync(run="first")
    stage.sync(roster(course(), module(), material(title="Another")), run="second")
    there = [entry for entry in stage.ledger.journal if entry.run == "second" and isinstance(entry.desired, Post)]
    stage.ledger.journal[:] = [entry for entry in stage.ledger.journal if entry.run == "first"] + there
    lose(stage)
    assert [notice.code for notice in stage.undo("second").left] == ["left-alone"]


def test_a_field_that_was_changed_since_stays_and_the_others_go_back() -> None:
    stage = Stage(roster(course(title="Algebra"), module()), school())
    stage.sync(run="first")
    stage.sync(roster(course(title="Geometry"), module()), run="second")
    role = stage.id("course/algebra/students")
    stage.server.roles[role] = replace(stage.server.roles[role], name="By hand")
    undone = stage.undo("second")
    assert stage.server.roles[role].name == "By hand"
    assert stage.server.channels[stage.id("course/algebra")].name == "Algebra"
    assert [notice.template for notice in undone.left] == [CHANGED]


def test_channels_that_somebody_sorted_since_stay_as_they_are() -> None:
    stage = Stage(roster(course(), module("1"), module("2"), module("3")), school())
    stage.sync(run="first")
    stage.sync(roster(course(), module("1"), module("3")), run="second")
    first, last = (stage.id(keys.module("algebra", number)) for number in "13")
    channels = stage.server.channels
    places = channels[first].position, channels[last].position
    channels[first] = replace(channels[first], position=places[1])
    channels[last] = replace(channels[last], position=places[0])
    undone = stage.undo("second")
    assert channels[first].position > channels[last].position
    assert [notice.template for notice in undone.left] == [CHANGED]


@quick
@given(rosters(), rosters())
def test_an_undo_that_is_undone_leaves_what_the_run_had_made(before: Roster, after: Roster) -> None:
    stage = Stage(before, school(layout="channels"))
    stage.sync(run="first")
    stage.sync(after, run="second")
    then = shown(stage)
    stage.undo("second", "undo")
    stage.undo("undo", "again")
    now = shown(stage)
    assert [key for key, one in then.items() if not same(one, now.get(key))] == []


def test_a_run_that_only_sorted_is_undone_too() -> None:
    stage = Stage(roster(course(), module("1"), module("2")), school())
    stage.sync(run="first")
    first, last = (stage.id(keys.module("algebra", number)) for number in "12")
    channels = stage.server.channels
    places = channels[first].position, channels[last].position
    channels[first] = replace(channels[first], position=places[1])
    channels[last] = replace(channels[last], position=places[0])
    assert [change.kind for change in stage.sync(run="sorted").changes] == ["order"]
    assert channels[first].position < channels[last].position
    stage.undo("sorted")
    assert channels[first].position > channels[last].position


def test_a_message_that_a_later_run_edited_stays() -> None:
    stage = Stage(roster(course(), module(), material(title="One")), school())
    stage.sync(run="first")
    stage.sync(roster(course(), module(), material(title="Two")), run="second")
    stage.sync(roster(course(), module(), material(title="Three")), run="third")
    undone = stage.undo("second")
    assert stage.server.messages[stage.id(keys.material("algebra", "m1"))].look.title == "Three"
    assert [notice.template for notice in undone.left] == [CHANGED, TOLD]
    stage.undo("third", "back")
    assert stage.server.messages[stage.id(keys.material("algebra", "m1"))].look.title == "Two"

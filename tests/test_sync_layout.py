"""How courses fit under Discord's ceilings: forums, split categories, pins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.layout import MAX_PINS, OUR_PINS, Demand, forums, split
from sync.merge import Roster
from sync.resources import (
    Pin,
)
from tests.builders import (
    course,
    material,
    module,
    roster,
    school,
)
from tests.stage import Stage


@pytest.mark.parametrize(
    ("layout", "demands", "free", "chosen"),
    [
        pytest.param("channels", [Demand("a", 90, 1)], 0, set(), id="channels, whatever it costs"),
        pytest.param("forum", [Demand("a", 1, 1), Demand("b", 9, 1)], 500, {"a", "b"}, id="forums for all"),
        pytest.param("auto", [Demand("a", 5, 1), Demand("b", 9, 1)], 18, set(), id="auto: enough room"),
        pytest.param("auto", [Demand("a", 5, 1), Demand("b", 9, 1)], 17, {"b"}, id="auto: the largest gives way"),
        pytest.param("auto", [Demand("a", 5, 1), Demand("b", 9, 1)], 0, {"a", "b"}, id="auto: all give way"),
        pytest.param("auto", [Demand("a", 1, 1), Demand("b", 0, 1)], 0, set(), id="auto: nothing to gain"),
        pytest.param("auto", [Demand("a", 5, 1, "forum")], 500, {"a"}, id="auto: what is built stays a forum"),
        pytest.param(
            "auto", [Demand("a", 5, 1), Demand("b", 9, 1, "channels")], 17, {"a"}, id="auto: the new gives way"
        ),
        pytest.param(
            "auto", [Demand("a", 5, 1), Demand("b", 9, 1, "channels")], 9, {"a"}, id="auto: what is built never moves"
        ),
        pytest.param("auto", [Demand("b", 5, 1), Demand("a", 5, 1)], 13, {"a"}, id="auto: equals by their Key"),
    ],
)
def test_courses_fall_back_to_forums_largest_first(
    layout: str, demands: list[Demand], free: int, chosen: set[str]
) -> None:
    assert forums(layout, demands, free) == chosen


@given(
    st.lists(
        st.builds(Demand, st.text(max_size=2), st.integers(0, 99), st.integers(0, 5)), unique_by=lambda d: d.course
    )
)
def test_the_fallback_makes_room_and_stops_there(demands: list[Demand]) -> None:
    everything = sum(d.channels(forum=False) for d in demands)
    least = sum(d.channels(forum=d.modules > 1) for d in demands)
    for free in (least, (least + everything) // 2, everything):
        chosen = forums("auto", demands, free)
        assert sum(d.channels(forum=d.course in chosen) for d in demands) <= free
        assert free < everything or not chosen


@pytest.mark.parametrize(("channels", "categories"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_categories_hold_fifty_channels_each(channels: int, categories: int) -> None:
    parts = split(range(channels))
    assert len(parts) == categories
    assert max(map(len, parts)) <= 50
    assert [key for part in parts for key in part] == list(range(channels))
    demand = Demand("a", channels, 0)
    assert demand.channels(forum=False) == channels + categories


def test_a_course_of_many_modules_is_split_over_categories_and_grows_together_again() -> None:
    many = [module(str(number)) for number in range(55)]
    stage = Stage(roster(course(), *many), school(layout="channels"))
    stage.sync()
    sizes = [
        sum(c.parent_id == stage.id(key) for c in stage.server.channels.values())
        for key in (keys.course("algebra"), keys.nth(keys.course("algebra"), 2))
    ]
    assert sizes == [50, 6]
    assert stage.server.channels[stage.id(keys.nth(keys.course("algebra"), 2))].name == "Algebra 7 (2)"
    stage.sync(roster(course(), *many[10:]))
    assert keys.nth(keys.course("algebra"), 2) not in stage.ledger.bindings
    assert stage.plan().changes == ()


def test_auto_fits_a_school_that_has_too_many_modules() -> None:
    large = [course(f"c{number}", f"Course {number}") for number in range(10)]
    units = [module(str(n), c.id) for c in large for n in range(60)]
    stage = Stage(roster(*large, *units), school(layout="auto"))
    stage.sync()
    used, limit = stage.plan().capacity.use["channels"]
    assert used <= limit
    assert used > 300
    assert stage.plan().changes == ()
    stage.settings = school(layout="channels")
    assert [notice.code for notice in stage.plan().refusals] == ["over-capacity"]


def test_auto_makes_room_beside_last_years_archive() -> None:
    def year(number: int) -> Roster:
        courses = [course(f"y{number}c{one}", f"Course {one}") for one in range(9)]
        return roster(*courses, *(module(str(n), c.id) for c in courses for n in range(30)))

    stage = Stage(year(1), school(layout="auto"))
    stage.sync()
    assert not [b for b in stage.ledger.bindings.values() if b.kind == "thread"]
    stage.sync(year(2))
    used, limit = stage.plan().capacity.use["channels"]
    assert 400 < used <= limit
    assert [b for b in stage.ledger.bindings.values() if b.kind == "thread"]
    assert stage.plan().changes == ()


def test_our_pins_are_the_overview_the_lists_and_the_last_materials_and_leave_room_for_people() -> None:
    items = [material(f"m{number:03}", position=number) for number in range(260)]
    stage = Stage(roster(course(), module(), *items))
    plan_ = stage.plan()
    pins = [change.desired for change in plan_.changes if change.kind == "pin"]
    assert len(pins) == OUR_PINS < MAX_PINS
    pinned = [pin.post for pin in pins if isinstance(pin, Pin)]
    pages = sum(change.kind == "index" for change in plan_.changes) - 1
    lists = [keys.index("algebra", "1", page) for page in range(pages, 0, -1)]
    assert pinned[-pages - 1 :] == [*lists, keys.overview("algebra")]
    newest = items[260 - OUR_PINS + pages + 1 :]
    assert pinned[: -pages - 1] == [keys.material("algebra", item.id) for item in reversed(newest)]
    assert plan_.capacity.use["pins_in_channel"] == (OUR_PINS, MAX_PINS)
    assert plan_.refusals == ()


def test_pins_are_set_last_first_so_that_the_overview_and_the_list_are_on_top() -> None:
    stage = Stage(roster(course(), module(), material("a", position=1), material("b", position=2)))
    stage.sync()
    pinned = [change.key for change in stage.server.writes if change.kind == "pin"]
    posts = [keys.material("algebra", "b"), keys.material("algebra", "a")]
    posts += [keys.index("algebra", "1"), keys.overview("algebra")]
    assert pinned == [keys.pin(post) for post in posts]

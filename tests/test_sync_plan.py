"""A plan: its digest, its approval, its capacity with numbers, and how courses fit under Discord's ceilings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.diff import Action, Change, diff
from sync.estimate import estimate
from sync.layout import Demand, forums, split
from sync.merge import Roster
from sync.plan import Facts, Plan, digest, plain, plan
from sync.removals import OVER_LIMIT, Held
from sync.resources import (
    EMPTY_STATE,
    Category,
    Channel,
    Index,
    Member,
    Order,
    Overwrite,
    Pin,
    Post,
    Resource,
    Role,
    State,
)
from sync.settings import Limits
from tests.builders import (
    NEVER,
    binding,
    bound,
    course,
    enrolled,
    group,
    guild,
    guild_channel,
    guild_role,
    material,
    module,
    person,
    roster,
    school,
    state,
)
from tests.stage import Stage

LIMITS = Limits(20, 10)
PUPILS: list[Resource] = [Member(keys.member(str(i)), "", frozenset({"course/a/students"})) for i in range(10)]
PARTED: list[Resource] = [Member(keys.member(str(i)), "", frozenset()) for i in range(10)]


def planned(existing: State, desired: State, approved: str = "", limits: Limits = LIMITS) -> Plan:
    return plan(Facts("aqjol", existing, desired, desired, guild(), {}, limits), approved)


def test_a_held_plan_is_released_by_its_own_digest_only() -> None:
    new_role: Resource = Role("r", "R")
    held = planned(state(*PUPILS), state(*PARTED, new_role))
    assert [change.key for change in held.changes] == ["r"]
    assert len(held.held) == 2
    released = planned(state(*PUPILS), state(*PARTED, new_role), held.digest)
    assert released.held == ()
    assert len(released.changes) == 11
    assert released.digest == held.digest
    other = planned(state(*PUPILS), state(*PARTED[:9], PUPILS[9], new_role), held.digest)
    assert other.held
    assert planned(state(*PUPILS), state(*PARTED, new_role), "0" * 32).held


CHANGES = diff(state(Role("r", "Old")), state(Role("r", "New"), Role("s", "S")))
HELD = (Held(OVER_LIMIT, {}, frozenset({("a", ""), ("b", "")})),)


def test_the_digest_of_the_same_plan_is_the_same() -> None:
    shuffled = (Held(OVER_LIMIT, {}, frozenset({("b", ""), ("a", "")})),)
    assert digest(CHANGES, HELD) == digest(tuple(CHANGES), shuffled)
    assert digest(CHANGES, ()) == digest(tuple(CHANGES), ())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(CHANGES[:1], id="a change less"),
        pytest.param(CHANGES[::-1], id="another order"),
        pytest.param((replace(CHANGES[0], action=Action.DELETE), CHANGES[1]), id="another action"),
        pytest.param((replace(CHANGES[0], key="t"), CHANGES[1]), id="another resource"),
        pytest.param((replace(CHANGES[0], fields={"name": ("Old", "Newer")}), CHANGES[1]), id="another value"),
        pytest.param((replace(CHANGES[0], fields={"name": ("Older", "New")}), CHANGES[1]), id="another old value"),
    ],
)
def test_the_digest_changes_with_the_plan(changes: tuple[Change, ...]) -> None:
    assert digest(changes, ()) != digest(CHANGES, ())


def test_the_digest_of_held_removals_outlives_additions_but_no_other_removal() -> None:
    assert digest(CHANGES[:1], HELD) == digest(CHANGES, HELD)
    assert digest(CHANGES, ()) != digest(CHANGES, HELD)
    for removals in ({("a", "")}, {("a", ""), ("b", "r")}, {("a", ""), ("b", ""), ("c", "")}):
        assert digest(CHANGES, (Held(OVER_LIMIT, {}, frozenset(removals)),)) != digest(CHANGES, HELD)


def test_values_are_plain_in_print() -> None:
    assert plain(frozenset({"b", "a"})) == ["a", "b"]
    assert plain((Overwrite("r", 1, 2),)) == [{"target": "r", "allow": 1, "deny": 2}]
    assert [plain(value) for value in (None, True, 3, "x", Action.CREATE)] == [None, True, 3, "x", Action.CREATE]


def test_changes_are_counted_by_kind_and_action() -> None:
    made = planned(
        state(Role("r", "Old"), Role("gone", "G")), state(Role("r", "New"), Role("s", "S"), Category("c", "C"))
    )
    assert made.counts() == {
        "role": {"create": 1, "update": 1, "delete": 1},
        "category": {"create": 1, "update": 0, "delete": 0},
    }


def test_capacity_counts_what_is_not_ours_too() -> None:
    roles = [guild_role("10"), guild_role("11")]
    channels = [guild_channel("20", type_="category"), guild_channel("21"), guild_channel("22")]
    server = guild(roles=roles, channels=channels)
    known = bound(binding("r", "role", "10"), binding("c", "channel", "21"))
    wanted: list[Resource] = [
        Role("r", "R"),
        Category("k", "K"),
        Channel("c", "c", "text", "k"),
        Channel("d", "d", "text", "k"),
    ]
    wanted += [Pin(f"pin/{i}", "p", "c") for i in range(3)]
    made = plan(Facts("a", EMPTY_STATE, state(*wanted), state(*wanted), server, known, LIMITS))
    assert made.capacity.use == {
        "channels": (3 + 2, 500),
        "roles": (1 + 3, 250),  # @everyone and the bot's own role are roles as well
        "channels_in_category": (2, 50),
        "pins_in_channel": (3, 250),
    }
    assert made.refusals == ()


@pytest.mark.parametrize(
    ("resources", "what", "used", "limit"),
    [
        pytest.param([Role(f"r{i}", "R") for i in range(249)], "roles", 251, 250, id="roles"),
        pytest.param([Category(f"c{i}", "C") for i in range(501)], "channels", 501, 500, id="channels"),
        pytest.param(
            [Channel(f"c{i}", "c", "text", "k") for i in range(51)], "channels_in_category", 51, 50, id="category"
        ),
        pytest.param([Pin(f"p{i}", "p", "c") for i in range(251)], "pins_in_channel", 251, 250, id="pins"),
    ],
)
def test_over_a_ceiling_the_plan_refuses_with_the_numbers_and_the_setting(
    resources: list[Resource], what: str, used: int, limit: int
) -> None:
    (notice,) = planned(EMPTY_STATE, state(*resources)).refusals
    assert notice.code == "over-capacity"
    assert (notice.values["what"], notice.values["used"], notice.values["limit"]) == (what, str(used), str(limit))
    assert notice.values["advice"]
    assert planned(EMPTY_STATE, state(*resources[: limit - (used - len(resources))])).refusals == ()


A_MESSAGE = Post("p", "c", "d")


@pytest.mark.parametrize(
    ("changes", "requests"),
    [
        pytest.param(diff({}, state(Role("r", "R"))), 1, id="a role"),
        pytest.param(diff({}, state(Member("m", "Aru", frozenset()))), 2, id="a member is read afresh"),
        pytest.param(diff({}, state(Order("o", ("a",)))), 2, id="an order is read afresh"),
        pytest.param(diff({}, state(A_MESSAGE)), 1, id="a post"),
        pytest.param(diff(state(A_MESSAGE), state(replace(A_MESSAGE, digest="e"))), 1, id="an edit"),
        pytest.param(
            diff(state(A_MESSAGE), state(replace(A_MESSAGE, channel="x"))), 3, id="a move: post, read, retire"
        ),
        pytest.param(diff(state(A_MESSAGE), state(replace(A_MESSAGE, retired=True))), 2, id="a retirement: read, mark"),
        pytest.param(diff({}, state(Pin("a", "p", "c"), Pin("b", "q", "c"))), 4, id="pins of one channel: two notices"),
        pytest.param(diff({}, state(Pin("a", "p", "c"), Pin("b", "q", "d"))), 6, id="pins of two channels"),
        pytest.param(diff(state(Pin("a", "p", "c")), {}), 1, id="unpinning leaves no notice"),
    ],
)
def test_requests_are_estimated(changes: tuple[Change, ...], requests: int) -> None:
    assert estimate(changes).requests == requests


def test_the_slowest_channel_decides_how_long_it_takes() -> None:
    one = [Post(f"p{i}", "c", "d") for i in range(20)]
    spread = [Post(f"p{i}", f"c{i}", "d") for i in range(20)]
    assert estimate(diff({}, state(*one))).seconds == 20
    assert estimate(diff({}, state(*spread))).seconds == 1
    assert estimate(diff({}, state(Index("i", "c", "d"), *one))).seconds == 21
    assert estimate(diff({}, state(*(Role(f"r{i}", "R") for i in range(90))))).seconds == 2
    assert estimate(()).seconds == 0


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
            "auto", [Demand("a", 5, 1), Demand("b", 9, 1, "channels")], 17, {"a"}, id="auto: what is built goes last"
        ),
        pytest.param(
            "auto", [Demand("a", 5, 1), Demand("b", 9, 1, "channels")], 9, {"a", "b"}, id="auto: and goes if it must"
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


def test_two_hundred_and_fifty_pins_are_the_index_and_the_last_materials() -> None:
    items = [material(f"m{number:03}", position=number) for number in range(260)]
    stage = Stage(roster(course(), module(), *items))
    plan_ = stage.plan()
    pins = [change.desired for change in plan_.changes if change.kind == "pin"]
    assert len(pins) == 250
    last = pins[-1]
    assert isinstance(last, Pin)
    assert last.post == keys.index("algebra", "1")
    assert plan_.capacity.use["pins_in_channel"] == (250, 250)
    assert plan_.refusals == ()


def test_pins_are_set_last_first_so_that_the_index_is_on_top() -> None:
    stage = Stage(roster(course(), module(), material("a", position=1), material("b", position=2)))
    stage.sync()
    pinned = [change.key for change in stage.server.writes if change.kind == "pin"]
    posts = [keys.material("algebra", "b"), keys.material("algebra", "a"), keys.index("algebra", "1")]
    assert pinned == [keys.pin(post) for post in posts]


def test_limits_of_a_hundred_percent_hold_nothing() -> None:
    assert planned(state(*PUPILS), state(*PARTED), limits=NEVER).held == ()


def test_roles_are_named_in_print_even_when_they_go() -> None:
    made = planned(state(Role("old", "Old")), state(Role("new", "New")))
    assert made.role_names == {"old": "Old", "new": "New"}


def test_group_roles_count_against_the_ceiling_and_the_advice_helps() -> None:
    many = [group(f"g{number}") for number in range(260)]
    stage = Stage(roster(course(), *many, person(), enrolled()), school(groups="roles"))
    assert [notice.values["what"] for notice in stage.plan().refusals] == ["roles"]
    stage.settings = school(groups="off")
    assert stage.plan().refusals == ()

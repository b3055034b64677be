"""A plan: its digest, its approval, its capacity with numbers, and what it costs."""

from dataclasses import replace

import pytest

from sync import keys
from sync.diff import Action, Change, diff, plain
from sync.estimate import estimate
from sync.plan import Facts, Plan, digest, plan
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
            diff(state(A_MESSAGE), state(replace(A_MESSAGE, channel="x"))), 3, id="a move: retire, unpin, post"
        ),
        pytest.param(diff(state(A_MESSAGE), state(replace(A_MESSAGE, retired=True))), 1, id="a retirement"),
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

"""Removals beyond the limits wait for a person; everything else goes ahead."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sync import keys
from sync.diff import Action, Change, diff
from sync.removals import MANY_POSTS, MISSING_FILE, OVER_LIMIT_IN, Held, hold, removals
from sync.resources import Category, Channel, Index, Member, Pin, Post, Resource, Role, State, Thread
from sync.settings import Limits
from tests.builders import course as a_course
from tests.builders import enrolled, material, module, person, roster, school, state
from tests.stage import Stage, user_id

LIMITS = Limits(percent=20, floor=10)


def channels(number: int, course: str = "a") -> list[Resource]:
    return [Channel(keys.module(course, str(i)), f"m{i}", "text", keys.course(course)) for i in range(number)]


def archive(resources: list[Resource], number: int) -> list[Resource]:
    gone = [Channel(channel.key, None, None, keys.ARCHIVE) for channel in resources[:number]]
    return [*gone, *resources[number:]]


def students(number: int, course: str = "a") -> list[Resource]:
    return [
        Member(keys.member(f"{course}{i}"), f"M{i}", frozenset({keys.course(course, "students")}))
        for i in range(number)
    ]


def held_by(before: list[Resource], after: list[Resource], limits: Limits = LIMITS) -> tuple[Held, ...]:
    existing, desired = state(*before), state(*after)
    wanted = diff(existing, desired)
    return hold(wanted, existing, removals(wanted), limits)[1]


def without_roles(members: list[Resource], number: int) -> list[Resource]:
    return [replace(m, roles=frozenset()) for m in members[:number] if isinstance(m, Member)] + members[number:]


@pytest.mark.parametrize(
    ("total", "gone", "limits", "waits"),
    [
        pytest.param(10, 2, LIMITS, False, id="exactly the percentage"),
        pytest.param(10, 3, LIMITS, True, id="over the percentage"),
        pytest.param(9, 9, LIMITS, False, id="below the floor"),
        pytest.param(9, 9, Limits(20, 9), True, id="the floor itself counts"),
        pytest.param(10, 5, Limits(50, 10), False, id="the school's own percentage"),
        pytest.param(10, 6, Limits(50, 10), True, id="over the school's own percentage"),
        pytest.param(100, 100, Limits(100, 0), False, id="a hundred percent never holds"),
    ],
)
@pytest.mark.parametrize("kind", ["channel", "member"])
def test_removals_over_the_limit_are_held(kind: str, total: int, gone: int, limits: Limits, waits: bool) -> None:
    before = channels(total) if kind == "channel" else students(total)
    after = archive(before, gone) if kind == "channel" else without_roles(before, gone)
    held = held_by(before, after, limits)
    assert bool(held) == waits
    for one in held:
        course = {"course": "a"} if one.template == OVER_LIMIT_IN else {}
        numbers = {"removed": str(gone), "total": str(total), "kind": kind, "percent": str(limits.percent)}
        assert one.values == numbers | course
        assert len(one.keys) == gone


@pytest.mark.parametrize(("gone", "waits"), [(3, False), (4, True)])
def test_many_posts_struck_out_at_once_are_held_however_few_of_all_they_are(gone: int, waits: bool) -> None:
    before: list[Resource] = [Post(keys.material("a", str(i)), "c", "d") for i in range(500)]
    after: list[Resource] = [Post(post.key, None, None, retired=True) for post in before[:gone]]
    held = held_by(before, [*after, *before[gone:]], Limits(20, 10, posts=3))
    expected = [(MANY_POSTS, {"removed": "4", "limit": "3"})] if waits else []
    assert [(one.template, one.values) for one in held] == expected


def test_what_somebody_discarded_stays_and_is_not_counted_again() -> None:
    before = students(10)
    existing, desired = state(*before), state(*without_roles(before, 5))
    wanted = diff(existing, desired)
    four = frozenset(sorted(removals(wanted))[:4])
    changes, held = hold(wanted, existing, removals(wanted), LIMITS, four)
    assert held == ()
    assert removals(changes) == removals(wanted) - four


def test_a_list_keeps_the_line_of_what_waits() -> None:
    """Else the material would still be pinned, and nobody would find it."""
    place, other = keys.module("a", "1"), keys.module("a", "2")
    lists: list[Resource] = [
        Index("i", place, "old"), Index("j", other, "old"), Index(keys.overview("a"), other, "old"),
    ]  # fmt: skip
    posts: list[Resource] = [Post(keys.material("a", str(i)), place, "d") for i in range(10)]
    after: list[Resource] = [Post(post.key, None, None, retired=True) for post in posts[:5]]
    changed = [replace(one, digest="new") for one in lists if isinstance(one, Index)]
    changes = hold_members([*lists, *posts], [*changed, *after, *posts[5:]])[1]
    assert [change.key for change in changes] == ["j", keys.overview("a")]


def test_the_overview_keeps_the_line_of_a_module_that_waits() -> None:
    overview = Index(keys.overview("a"), keys.module("a", "0"), "old")
    before: list[Resource] = [*channels(10), overview]
    after: list[Resource] = [*archive(channels(10), 5), replace(overview, digest="new")]
    assert [change.key for change in hold_members(before, after)[1]] == []


def test_new_pins_wait_while_those_that_wait_fill_the_channel() -> None:
    place = keys.module("a", "1")
    old: list[Resource] = [Post(f"p{i}", place, "d") for i in range(200)]
    pins: list[Resource] = [Pin(keys.pin(f"p{i}"), f"p{i}", place) for i in range(200)]
    retired: list[Resource] = [Post(post.key, None, None, retired=True) for post in old]
    new: list[Resource] = [Post(f"n{i}", place, "d") for i in range(100)]
    pinned: list[Resource] = [Pin(keys.pin(f"n{i}"), f"n{i}", place) for i in range(100)]
    changes = hold_members([*old, *pins], [*retired, *new, *pinned])[1]
    assert [change.key for change in changes if change.kind == "pin"] == [keys.pin(f"n{i}") for i in range(50)]
    assert sum(change.kind == "post" for change in changes) == 100


def test_a_course_is_limited_by_itself() -> None:
    """Three of ten in one course are few among a hundred in the school, and still too many for that course."""
    small, large = channels(10, "a"), channels(90, "b")
    held = held_by([*small, *large], [*archive(small, 3), *large])
    assert [one.values["total"] for one in held] == ["10"]


def test_the_school_is_limited_even_when_every_course_is_small() -> None:
    before = [channel for number in range(5) for channel in channels(4, f"c{number}")]
    after = [channel for number in range(5) for channel in archive(channels(4, f"c{number}"), 1)]
    held = held_by(before, after)
    assert [(one.values["removed"], one.values["total"]) for one in held] == [("5", "20")]


def test_a_member_who_loses_two_roles_counts_once() -> None:
    roles = frozenset({keys.course("a", "students"), keys.group("a", "g", "role")})
    before: list[Resource] = [Member(keys.member(str(i)), "", roles) for i in range(10)]
    assert held_by(before, without_roles(before, 2)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Role("r", "R"), None, id="a role"),
        pytest.param(Category("c", "C"), None, id="a category"),
        pytest.param(Channel("c", "c", "text", "p"), Channel("c", None, None, keys.ARCHIVE), id="an archived channel"),
        pytest.param(Thread("t", "T", "f"), Thread("t", None, None, locked=True), id="a locked thread"),
        pytest.param(Post("p", "c", "d"), Post("p", None, None, retired=True), id="a retired post"),
        pytest.param(Index("i", "c", "d"), Post("i", None, None, retired=True), id="a retired index"),
        pytest.param(Pin("pin/p", "p", "c"), None, id="a pin"),
    ],
)
def test_what_goes_out_of_sight_is_a_removal(before: Resource, after: Resource | None) -> None:
    changes = diff(state(before), state(*([after] if after else [])))
    assert removals(changes) == {(before.key, "")}


def test_renames_moves_and_additions_are_no_removals() -> None:
    before: list[Resource] = [Channel("c", "old", "text", "p"), Member("member/1", "", frozenset({"r"}))]
    after: list[Resource] = [
        Channel("c", "new", "text", "q"),
        Member("member/1", "N", frozenset({"r", "s"})),
        Role("r", "R"),
    ]
    assert removals(diff(state(*before), state(*after))) == frozenset()


def hold_members(before: Sequence[Resource], after: Sequence[Resource]) -> tuple[State, tuple[Change, ...]]:
    existing = state(*before)
    wanted = diff(existing, state(*after))
    return existing, hold(wanted, existing, removals(wanted), LIMITS)[0]


def test_held_members_still_gain_roles_and_names() -> None:
    before = students(10)
    after = [Member(m.key, "New", frozenset({"course/b/students"})) for m in before if isinstance(m, Member)]
    _, kept = hold_members(before, after)
    assert {change.desired.roles for change in kept if isinstance(change.desired, Member)} == {
        frozenset({"course/a/students", "course/b/students"})
    }
    assert {tuple(sorted(change.fields)) for change in kept} == {("nick", "roles")}


def test_a_held_member_with_nothing_else_to_change_is_left_alone() -> None:
    before = students(10)
    _, kept = hold_members(before, without_roles(before, 10))
    assert kept == ()


def test_a_held_member_who_is_renamed_keeps_the_old_roles() -> None:
    before = students(10)
    after = [replace(m, roles=frozenset(), nick="New") for m in before if isinstance(m, Member)]
    _, kept = hold_members(before, after)
    assert {tuple(change.fields) for change in kept} == {("nick",)}
    assert all(isinstance(c.desired, Member) and c.desired.roles == {"course/a/students"} for c in kept)


def test_only_the_held_roles_stay() -> None:
    """Ten students of one course are held; the role of a small course is taken at once."""
    both = frozenset({keys.course("a", "students"), keys.course("tiny", "students")})
    before: list[Resource] = [Member(keys.member("first"), "", both), *students(9), *students(100, "b")]
    after = [replace(m, roles=frozenset()) for m in before[:10] if isinstance(m, Member)] + before[10:]
    _, kept = hold_members(before, after)
    assert [(c.key, c.desired.roles) for c in kept if isinstance(c.desired, Member)] == [
        ("member/first", frozenset({keys.course("a", "students")}))
    ]


def test_what_the_held_stand_on_is_held_with_them() -> None:
    home, role = Category(keys.course("a"), "A"), Role(keys.course("a", "students"), "A")
    post, pin = Post(keys.material("a", "m"), keys.module("a", "0"), "d"), Pin("pin/m", keys.material("a", "m"), "c")
    before: list[Resource] = [role, home, *channels(10), *students(10), post, pin]
    after = [*archive(channels(10), 10), *without_roles(students(10), 10), Post(post.key, None, None, retired=True)]
    existing = state(*before)
    wanted = diff(existing, state(*after))
    kept, held = hold(wanted, existing, removals(wanted), LIMITS)
    assert [change.key for change in kept] == []
    assert len(held) >= 2


def test_a_pin_outlives_the_approval_its_post_waits_for() -> None:
    """Posts of many small courses are held by the school's limit; their pins are not theirs by kind."""
    posts = [Post(f"school/post/{i}", "c", "d") for i in range(10)]
    pins = [Pin(f"pin/school/post/{i}", f"school/post/{i}", "c") for i in range(3)]
    roles: list[Resource] = [Role(f"school/role/{i}", "R") for i in range(3)]
    existing = state(*posts, *pins, *roles)
    wanted = diff(existing, state(*(Post(p.key, None, None, retired=True) for p in posts)))
    kept, _ = hold(wanted, existing, removals(wanted), LIMITS)
    assert {change.key for change in kept} == {role.key for role in roles}


def test_a_role_stays_as_long_as_somebody_waits_to_lose_it() -> None:
    """The role itself is one of few and could go; ten members still hold it."""
    role = Role("group/club/role", "Club")
    members: list[Resource] = [Member(keys.member(str(i)), "", frozenset({role.key})) for i in range(10)]
    existing = state(role, *members)
    wanted = diff(existing, state(*without_roles(members, 10)))
    kept, held = hold(wanted, existing, removals(wanted), LIMITS)
    assert kept == ()
    assert [one.values["kind"] for one in held] == ["member"]


def test_a_missing_file_holds_even_a_single_removal() -> None:
    before = students(3)
    existing = state(*before)
    wanted = diff(existing, state(*without_roles(before, 1)))
    kept, held = hold(wanted, existing, frozenset(), LIMITS)
    assert kept == ()
    assert [(one.template, one.keys) for one in held] == [(MISSING_FILE, (before[0].key,))]


def test_a_missing_file_holds_only_what_it_listed() -> None:
    before = students(3)
    existing = state(*before)
    wanted = diff(existing, state(*without_roles(before, 2)))
    surely = frozenset({(before[1].key, keys.course("a", "students"))})
    kept, held = hold(wanted, existing, surely, LIMITS)
    assert [change.key for change in kept] == [before[1].key]
    assert [one.keys for one in held] == [(before[0].key,)]


def test_deletions_that_go_ahead_stay_deletions() -> None:
    kept, held = hold(
        (Change(Action.DELETE, "r", {}, Role("r", "R"), None),), state(Role("r", "R")), frozenset({("r", "")}), LIMITS
    )
    assert [change.action for change in kept] == [Action.DELETE]
    assert held == ()


PUPILS = [f"p{number}" for number in range(10)]


def test_on_the_server_held_people_keep_their_places_until_somebody_approves() -> None:
    full = roster(
        a_course("alg"),
        a_course("bio"),
        module("1", "alg"),
        material("m", "1", "alg"),
        *map(person, PUPILS),
        *(enrolled(who, "alg") for who in PUPILS),
    )
    stage = Stage(full, school(limits=LIMITS))
    stage.sync()
    stage.roster = stage.kept = replace(full, enrolments=tuple(enrolled(who, "bio") for who in PUPILS))
    plan = stage.plan()
    assert [one.values["kind"] for one in plan.held] == ["member", "member"]
    stage.apply(plan)
    both = {keys.course("alg", "students"), keys.course("bio", "students")}
    assert all(both <= stage.roles_of(who) for who in PUPILS)

    waiting = stage.plan()
    assert waiting.changes == ()
    assert waiting.held
    stage.apply(stage.plan(approved=waiting.digest))
    assert not any(keys.course("alg", "students") in stage.roles_of(who) for who in PUPILS)
    assert (stage.plan().changes, stage.plan().held) == ((), ())


def test_on_the_server_a_missing_file_takes_nothing_away() -> None:
    full = roster(
        a_course("alg"), a_course("bio"), person("aru"), person("bek"), enrolled("aru", "alg"), enrolled("bek", "bio")
    )
    stage = Stage(full)
    stage.sync()
    stage.roster = replace(full, courses=full.courses[:1], enrolments=full.enrolments[:1])
    plan = stage.plan()
    assert {one.template for one in plan.held} == {MISSING_FILE}
    stage.apply(plan)
    assert keys.course("bio", "students") in stage.roles_of("bek")
    assert stage.sees("bek", keys.course("bio", "general"))
    assert stage.server.members[user_id("bek")].roles

"""What changes between two States: only what differs, in a safe order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.diff import Action, Change, diff
from sync.resources import (
    KINDS,
    Category,
    Channel,
    Discussion,
    Index,
    Look,
    Member,
    Notice,
    Order,
    Overwrite,
    Pin,
    Post,
    Question,
    Resource,
    Role,
    Thread,
    kind,
    title,
)
from tests.builders import state

ROLE = Role("r", "Algebra", 0xFF)
CHANNEL = Channel("c", "algebra", "text", "p", "about", (Overwrite("r", 1),))


def seen(changes: tuple[Change, ...]) -> list[tuple[str, str, dict[str, tuple[object, object]]]]:
    return [(change.action.value, change.key, dict(change.fields)) for change in changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(ROLE, ROLE, [], id="equal"),
        pytest.param(
            ROLE, Role("r", "Geometry", 0xFF), [("update", "r", {"name": ("Algebra", "Geometry")})], id="rename"
        ),
        pytest.param(CHANNEL, Channel("c", None, None, None, None, None), [], id="nothing managed, nothing changed"),
        pytest.param(
            CHANNEL,
            Channel("c", None, None, "archive", None, ()),
            [("update", "c", {"parent": ("p", "archive"), "overwrites": ((Overwrite("r", 1),), ())})],
            id="only the managed fields",
        ),
        pytest.param(ROLE, None, [("delete", "r", {})], id="no longer wanted"),
        pytest.param(Member("m", "Aru", frozenset({"r"})), None, [], id="members are never deleted"),
        pytest.param(
            None,
            Member("m", "Aru", frozenset({"r"}), "7"),
            [("update", "m", {"nick": ("", "Aru"), "roles": (frozenset(), frozenset({"r"}))})],
            id="a member is there before Kopir knows them",
        ),
        pytest.param(None, Member("m", None, frozenset(), "7"), [], id="a member without anything to give"),
        pytest.param(
            None,
            Post("p", "c", "d", title="T", look=Look("Text")),
            [("create", "p", {"channel": (None, "c"), "digest": (None, "d"), "retired": (None, False)})],
            id="a creation names its fields, not its text",
        ),
        pytest.param(
            Post("p", "c", "d"), Post("p", "c", "d", look=Look("other words")), [], id="content counts by its digest"
        ),
        pytest.param(Post("p", "c", "d"), Post("p", None, None, retired=None), [], id="an archived post is left alone"),
        pytest.param(
            Post("p", "c", "d"),
            Post("p", None, None, retired=True),
            [("update", "p", {"retired": (False, True)})],
            id="a retired post",
        ),
    ],
)
def test_only_what_differs_and_is_managed_changes(
    before: Resource | None, after: Resource | None, expected: list[object]
) -> None:
    changes = diff(state(*([before] if before else [])), state(*([after] if after else [])))
    assert seen(changes) == expected


def test_deletions_come_last_and_backwards() -> None:
    before = state(Role("old1", "1"), Category("old2", "2"), ROLE)
    after = state(Role("new", "N"), Role("r", "Other"))
    assert [(c.action, c.key) for c in diff(before, after)] == [
        (Action.CREATE, "new"),
        (Action.UPDATE, "r"),
        (Action.DELETE, "old2"),
        (Action.DELETE, "old1"),
    ]


def roles_order(*names: str) -> Order:
    return Order(keys.ROLE_ORDER, names)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        pytest.param(("a", "b"), ("a", "b"), False, id="in order"),
        pytest.param(("a", "x", "b"), ("a", "b"), False, id="others in between are ignored"),
        pytest.param(("b", "a"), ("a", "b"), True, id="out of order"),
        pytest.param(("a",), ("a", "b"), True, id="where a new role goes is not documented"),
    ],
)
def test_roles_are_sorted_only_when_they_are_not(before: tuple[str, ...], after: tuple[str, ...], asked: bool) -> None:
    changes = diff(state(roles_order(*before)), state(roles_order(*after)))
    assert bool(changes) == asked
    for change in changes:
        assert (change.action, change.fields) == (Action.UPDATE, {"keys": (before, after)})


def places(order: str, **parents: str) -> dict[str, Resource]:
    """Give channels (`x="A"`: in category A) and their order, a string of one-letter Keys."""
    made: list[Resource] = [
        Channel(key, key, "text", parents[key]) if key in parents else Category(key, key) for key in order
    ]
    return dict(state(*made, Order(keys.CHANNEL_ORDER, tuple(order))))


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        pytest.param(places("Axy", x="A", y="A"), places("Axy", x="A", y="A"), False, id="in order"),
        pytest.param(places("Ayx", x="A", y="A"), places("Axy", x="A", y="A"), True, id="out of order"),
        pytest.param(places("Ax", x="A"), places("Axy", x="A", y="A"), False, id="a new one goes to the end by itself"),
        pytest.param(places("Ay", y="A"), places("Axy", x="A", y="A"), True, id="a new one in the middle"),
        pytest.param(
            places("AxBy", x="A", y="B"), places("ABxy", x="B", y="B"), True, id="a moved one lands behind, not before"
        ),
        pytest.param(
            places("AxBy", x="A", y="B"), places("AByx", x="B", y="B"), False, id="a moved one lands at the end"
        ),
        pytest.param(places("BA"), places("AB"), True, id="categories out of order"),
        pytest.param(places("AxB", x="A"), places("Ax", x="A"), False, id="what goes does not count"),
    ],
)
def test_channels_are_sorted_only_when_they_would_not_be(
    before: dict[str, Resource], after: dict[str, Resource], asked: bool
) -> None:
    assert (keys.CHANNEL_ORDER in [change.key for change in diff(before, after)]) == asked


def test_without_a_known_order_one_is_asked_for() -> None:
    assert [c.existing for c in diff({}, state(roles_order("a")))] == [roles_order()]


def test_a_change_is_called_by_its_best_name() -> None:
    lost = Change(Action.DELETE, "r", {}, ROLE, None)
    archived = Change(Action.UPDATE, "c", {}, CHANNEL, Channel("c", None, None))
    unnamed = Change(Action.UPDATE, "order/roles", {}, None, roles_order())
    assert [c.name for c in (lost, archived, unnamed)] == ["Algebra", "algebra", "order/roles"]
    with pytest.raises(ValueError, match="x"):
        _ = Change(Action.CREATE, "x", {}, None, None).resource


def test_every_resource_has_a_kind_and_a_title() -> None:
    samples: list[Resource] = [
        ROLE,
        Category("k", "T"),
        CHANNEL,
        Thread("t", "T", "f"),
        Post("p", "c", "d", title="Book"),
        Index("i", "c", "d", title="Unit"),
        Pin("pin/p", "p", "c", "Book"),
        Discussion("discussion/p", "p", "Book"),
        Notice("n", "c", "r", "d", title="News"),
        Question("q", "c", "d", title="Removals"),
        Member("m", "Aru", frozenset()),
        roles_order(),
    ]
    assert [kind(sample) for sample in samples] == list(KINDS.values())
    assert [title(sample) for sample in samples] == [
        "Algebra", "T", "algebra", "T", "Book", "Unit", "Book", "Book", "News", "Removals", "Aru", "order/roles",
    ]  # fmt: skip


ids = st.text(st.sampled_from("ab/%1:"), min_size=1, max_size=5)


@given(ids, ids, ids, ids)
def test_keys_of_different_things_differ(course: str, item: str, other_course: str, other_item: str) -> None:
    """Ids are a source's own and may hold slashes."""

    def all_of(c: str, i: str) -> list[str]:
        made = [keys.course(c), keys.course(c, "students"), keys.module(c, i), keys.thread(c, i), keys.index(c, i)]
        made += [keys.material(c, i), keys.group(c, i, "role"), keys.group(c, i, "channel"), keys.group("", i, "role")]
        made += [keys.index(c, i, 2), keys.overview(c), keys.overview_thread(c), keys.local(keys.module(c, i), "7")]
        made += [keys.material(c, i, "g"), keys.notice(keys.course(c), "d"), keys.discussion(keys.material(c, i))]
        return made + [keys.pin(key) for key in made]

    mine, theirs = all_of(course, item), all_of(other_course, other_item)
    assert len(set(mine)) == len(mine)
    if course != other_course:
        assert not set(mine) - {keys.group("", item, "role"), keys.pin(keys.group("", item, "role"))} & set(theirs)
    spelt = {keys.course_of(key) for key in mine if not key.startswith(("group/", "pin/group/"))}
    assert spelt == {keys.course(course).removeprefix("course/")}


@pytest.mark.parametrize(
    ("key", "opens"),
    [
        (keys.index("a", "1"), True),
        (keys.overview("a"), True),
        (keys.index("a", "1", 2), False),
        (keys.material("a", "index"), False),
        (keys.material("a", "overview"), False),
        (keys.material("a", "overview", "g"), False),
        (keys.local(keys.module("a", "1"), "7"), False),
    ],
)
def test_only_a_modules_list_and_the_overview_open_a_forum_post(key: str, opens: bool) -> None:
    """A material may be called "index" in its source."""
    assert keys.opens_thread(key) == opens


@pytest.mark.parametrize(
    ("key", "course"),
    [
        (keys.course("a"), "a"),
        (keys.discussion(keys.material("a", "m")), "a"),
        (keys.notice(keys.course("a"), "d"), "a"),
        (keys.pin(keys.material("a", "m")), "a"),
        (keys.nth(keys.course("a"), 2), "a"),
        (keys.base_role("staff"), ""),
        (keys.group("", "club", "role"), ""),
        (keys.member("7"), ""),
    ],
)
def test_a_key_says_its_course(key: str, course: str) -> None:
    assert keys.course_of(key) == course

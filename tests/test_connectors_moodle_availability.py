"""When, and for whom, a restriction in Moodle opens: nothing is shown too early or to the wrong group."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.moodle.availability import CourseGroups, Release, release

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GROUPS = CourseGroups(frozenset({"1", "2"}), {"9": frozenset({"1"})})


def date(direction: str, moment: datetime) -> dict[str, Any]:
    return {"type": "date", "d": direction, "t": int(moment.timestamp())}


def group(number: int | None = None) -> dict[str, Any]:
    return {"type": "group"} | ({"id": number} if number else {})


def tree(op: str, *children: Any) -> dict[str, Any]:
    return {"op": op, "c": list(children), "showc": [True] * len(children)}


AFTER, BEFORE = date(">=", NOW + DAY), date("<", NOW + DAY)
PAST, OVER = date(">=", NOW - DAY), date("<", NOW - DAY)
DONE = {"type": "completion", "cm": 7, "e": 1}


@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        pytest.param(tree("&"), Release(), id="no condition"),
        pytest.param(tree("&", AFTER), Release(start=NOW + DAY), id="from tomorrow"),
        pytest.param(tree("&", PAST), Release(start=NOW - DAY), id="since yesterday"),
        pytest.param(tree("&", BEFORE), Release(end=NOW + DAY), id="until tomorrow"),
        pytest.param(tree("&", OVER), Release(hidden=True), id="over"),
        pytest.param(tree("&", PAST, BEFORE), Release(start=NOW - DAY, end=NOW + DAY), id="a window"),
        pytest.param(
            tree("|", OVER, AFTER), Release(start=NOW + DAY), id="the second of two windows, as the first is over"
        ),
        pytest.param(
            tree("|", date("<", NOW + DAY), date(">=", NOW + 2 * DAY)),
            Release(end=NOW + DAY),
            id="the first of two windows",
        ),
        pytest.param(tree("!&", AFTER), Release(end=NOW + DAY), id="not from tomorrow"),
        pytest.param(tree("!|", AFTER, OVER), Release(start=NOW - DAY, end=NOW + DAY), id="neither"),
        pytest.param(tree("!&", tree("!&", AFTER)), Release(start=NOW + DAY), id="not not"),
        pytest.param(tree("&", group(1)), Release(groups=("1",)), id="a group"),
        pytest.param(tree("&", group()), Release(groups=("1", "2")), id="any group"),
        pytest.param(tree("|", group(1), group(2)), Release(groups=("1", "2")), id="one of two groups"),
        pytest.param(tree("&", group(1), AFTER), Release(start=NOW + DAY, groups=("1",)), id="a group from tomorrow"),
        pytest.param(tree("|", group(1), PAST), Release(start=NOW - DAY), id="a group or everybody since yesterday"),
        pytest.param(
            tree("|", group(1), AFTER), Release(end=NOW + DAY, groups=("1",)), id="a group, tomorrow everybody"
        ),
        pytest.param(tree("&", {"type": "grouping", "id": 9}), Release(groups=("1",)), id="a grouping"),
        pytest.param(
            tree("&", {"type": "grouping", "id": 8}), Release(hidden=True, unread=("grouping",)), id="unknown grouping"
        ),
        pytest.param(
            tree("&", group(1), group(2)), Release(hidden=True, unread=("group & group",)), id="two groups at once"
        ),
        pytest.param(tree("!&", group(1)), Release(hidden=True, unread=("group",)), id="not in a group"),
        pytest.param(tree("&", DONE), Release(hidden=True, unread=("completion",)), id="completion"),
        pytest.param(tree("!&", DONE), Release(hidden=True, unread=("completion",)), id="not completed"),
        pytest.param(tree("|", DONE, group(2)), Release(groups=("2",), unread=("completion",)), id="or a group"),
        pytest.param(tree("|", DONE, PAST), Release(start=NOW - DAY), id="completion no longer matters"),
        pytest.param(tree("?", PAST), Release(hidden=True, unread=("damaged",)), id="an unknown operator"),
        pytest.param([], Release(hidden=True, unread=("damaged",)), id="no tree"),
        pytest.param(tree("&", {"type": "date", "d": ">=", "t": "x"}), Release(hidden=True, unread=("date",)), id="x"),
    ],
)
def test_a_restriction_opens_at_its_time_and_for_its_groups(restriction: Any, expected: Release) -> None:
    assert release(json.dumps(restriction), GROUPS, NOW) == expected


def test_no_restriction_is_open_and_a_damaged_one_is_shut() -> None:
    assert release(None, GROUPS, NOW) == Release()
    assert release("", GROUPS, NOW) == Release()
    assert release("{", GROUPS, NOW).hidden
    assert release("[" * 100_000, GROUPS, NOW).hidden
    deep = json.loads('{"op":"&","c":[' * 60 + json.dumps(PAST) + "]}" * 60)
    assert release(json.dumps(deep), GROUPS, NOW).hidden


leaves = st.one_of(
    st.builds(date, st.sampled_from([">=", "<"]), st.integers(-3, 3).map(lambda days: NOW + days * DAY)),
    st.builds(group, st.sampled_from([None, 1, 2, 3])),
    st.just(DONE),
)
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda op, children: tree(op, *children), st.sampled_from(["&", "|", "!&", "!|"]), st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


def sees(node: Any, moment: datetime, groups: set[str], *, done: bool, negated: bool = False) -> bool:
    """Say what Moodle tells a student in these groups, that activity completed or not: a branch of nothing is open."""
    if "c" in node:
        inverted = node["op"].startswith("!") != negated
        found = [sees(child, moment, groups, done=done, negated=inverted) for child in node["c"]]
        return not found or (all(found) if node["op"].endswith("&") != inverted else any(found))
    if node["type"] == "date":
        holds = bool((moment.timestamp() >= node["t"]) == (node["d"] == ">="))
    elif node["type"] == "group":
        holds = str(node["id"]) in groups if "id" in node else bool(groups)
    else:
        holds = done
    return holds != negated


@given(trees, st.sampled_from([set(), {"1"}, {"2"}, {"1", "2"}]), st.booleans(), st.integers(-4, 4))
def test_nobody_sees_what_moodle_would_not_show(node: Any, groups: set[str], done: bool, days: int) -> None:
    moment = NOW + days * DAY
    root = node if "c" in node else tree("&", node)
    found = release(json.dumps(root), GROUPS, NOW)
    in_time = (found.start is None or found.start <= moment) and (found.end is None or moment < found.end)
    shown = not found.hidden and in_time and (not found.groups or bool(groups & set(found.groups)))
    if shown:
        assert sees(root, moment, groups, done=done)


@given(trees.filter(lambda node: "completion" not in json.dumps(node)), st.sampled_from([set(), {"1"}, {"2"}]))
def test_what_can_be_evaluated_is_shown_to_all_who_may_see_it(node: Any, groups: set[str]) -> None:
    root = node if "c" in node else tree("&", node)
    found = release(json.dumps(root), GROUPS, NOW)
    in_time = (found.start is None or found.start <= NOW) and (found.end is None or found.end > NOW)
    if not found.unread and sees(root, NOW, groups, done=False):
        assert not found.hidden
        assert in_time
        assert not found.groups or groups & set(found.groups)

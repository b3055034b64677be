"""Plans and reports as others rely on them: the JSON contract to the letter, the text in every language."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sync import keys, render
from sync.diff import Action, Change
from sync.errors import Retriable, Stopped
from sync.estimate import Estimate
from sync.layout import Capacity
from sync.plan import OVER_CAPACITY, Notice, Plan
from sync.reconcile import Outcome, Report, Status
from sync.records import Kind
from sync.removals import MISSING_FILE, OVER_LIMIT, Held
from sync.resources import Channel, Member, Order, Overwrite, Post, Role
from sync.settings import Limits
from sync.texts import LANGUAGES, texts
from tests.builders import course, enrolled, group, material, module, person, roster, school
from tests.stage import Stage

EN = texts("en")
PUPILS = [f"p{number}" for number in range(12)]


def full_plan(language: str = "en") -> Plan:
    """Plan a year's change: a renamed course, a new one, and ten people who wait to lose a role."""
    stage = Stage(
        roster(
            course("alg", "Algebra"),
            module("1", "alg"),
            material("m", "1", "alg"),
            group("g", "alg"),
            *map(person, PUPILS),
            person("silent", discord=""),
            *(enrolled(who, "alg") for who in PUPILS),
        ),
        school(language=language, limits=Limits(20, 10)),
    )
    stage.sync()
    stage.roster = stage.kept = replace(
        stage.roster,
        courses=(course("alg", "Geometry"), course("bio", "Biology")),
        enrolments=tuple(enrolled(who, "bio") for who in PUPILS),
    )
    return stage.plan()


def test_plan_json_has_the_contracts_keys_and_types() -> None:
    given = json.loads(json.dumps(render.plan_json(full_plan(), EN)))
    assert list(given) == [
        "school", "digest", "changes", "counts", "capacity", "held", "requests", "eta_seconds", "problems",
    ]  # fmt: skip
    assert given["school"] == "aqjol"
    assert isinstance(given["digest"], str)
    assert isinstance(given["requests"], int)
    assert isinstance(given["eta_seconds"], float)
    for change in given["changes"]:
        assert list(change) == ["action", "kind", "key", "name", "fields"]
        assert change["action"] in {"create", "update", "delete"}
        assert all(len(pair) == 2 for pair in change["fields"].values())
    for counts in given["counts"].values():
        assert set(counts) == {"create", "update", "delete"}
    assert {name: len(pair) for name, pair in given["capacity"].items()} == {
        "channels": 2, "roles": 2, "channels_in_category": 2, "pins_in_channel": 2,
    }  # fmt: skip
    assert given["capacity"]["channels"][1] == 500
    for held in given["held"]:
        assert list(held) == ["reason", "keys"]
        assert "12 of 12" in held["reason"]
        assert len(held["keys"]) == 12
    assert all(list(problem) == ["code", "message", "people"] for problem in given["problems"])
    assert ("unlinked", ["silent"]) in [(problem["code"], problem["people"]) for problem in given["problems"]]


def test_the_same_fields_are_told_old_and_new() -> None:
    given = render.plan_json(full_plan(), EN)
    changes: Any = given["changes"]
    (renamed,) = [c for c in changes if c["key"] == keys.course("alg")]
    assert renamed == {
        "action": "update",
        "kind": "category",
        "key": "course/alg",
        "name": "Geometry",
        "fields": {"name": ["Algebra", "Geometry"]},
    }
    member = next(c for c in changes if c["kind"] == "member")
    assert member["fields"]["roles"][1] == sorted({*member["fields"]["roles"][0], "course/bio/students"})
    created = next(c for c in changes if c["key"] == keys.course("bio"))
    assert {"target", "allow", "deny"} == set(created["fields"]["overwrites"][1][0])


def test_counts_in_json_are_those_of_the_changes() -> None:
    plan = full_plan()
    total = sum(sum(actions.values()) for actions in plan.counts().values())
    assert total == len(plan.changes)


ROLE = Role("r", "Algebra")
CREATED = Change(Action.CREATE, "r", {"name": (None, "Algebra")}, None, ROLE)


def plan_of(*changes: Change, held: tuple[Held, ...] = (), **more: Any) -> Plan:
    values = {"notices": (), "refusals": (), "channel_order": (), "role_names": {"r": "Algebra", "s": "Biology"}}
    use = Capacity({"channels": (3, 500), "roles": (2, 250)})
    estimate = Estimate(len(changes), 0.2 * len(changes))
    return Plan("a", changes, held, use, estimate=estimate, digest="abc123", newest=0, **(values | more))


def lines(plan: Plan, language: str = "en", *, everything: bool = False) -> list[str]:
    return list(render.plan_lines(plan, texts(language), everything=everything))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_is_printed_in_every_language(language: str) -> None:
    printed = "\n".join(lines(full_plan(language), language))
    assert "  ~ Geometry (Algebra → Geometry)" in printed
    assert "kopir apply --approve" in printed
    assert "500" in printed
    assert "{" not in printed


def test_a_plan_without_changes_says_so() -> None:
    assert lines(plan_of())[0] == "Nothing to do: the server is equal to the class lists."


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(CREATED, "  + Algebra", id="create"),
        pytest.param(Change(Action.DELETE, "r", {}, ROLE, None), "  - Algebra", id="delete"),
        pytest.param(
            Change(Action.UPDATE, "r", {"name": ("Algebra", "Geometry")}, ROLE, Role("r", "Geometry")),
            "  ~ Geometry (Algebra → Geometry)",
            id="rename",
        ),
        pytest.param(
            Change(
                Action.UPDATE,
                "member/7",
                {"roles": (frozenset({"r"}), frozenset({"s", "x"}))},
                Member("member/7", "Aru", frozenset({"r"})),
                Member("member/7", "Aru", frozenset({"s", "x"})),
            ),
            "  ~ Aru (+Biology, +x, -Algebra)",
            id="a member's roles, by name where it is known",
        ),
        pytest.param(
            Change(Action.UPDATE, "member/7", {"nick": ("", "Aru")}, None, Member("member/7", "Aru", frozenset())),
            "  ~ Aru",
            id="a nickname",
        ),
        pytest.param(
            Change(Action.UPDATE, keys.ROLE_ORDER, {"keys": ((), ())}, None, Order(keys.ROLE_ORDER, ())),
            "  ~ order of the roles",
            id="order of roles",
        ),
        pytest.param(
            Change(Action.UPDATE, keys.CHANNEL_ORDER, {"keys": ((), ())}, None, Order(keys.CHANNEL_ORDER, ())),
            "  ~ order of the channels",
            id="order of channels",
        ),
    ],
)
def test_a_change_is_one_line(change: Change, line: str) -> None:
    assert line in lines(plan_of(change))


def test_other_fields_are_named() -> None:
    old, new = Channel("c", "unit", "text", "k", "a"), Channel("c", "unit", "text", "k", "b", (Overwrite("r", 1),))
    change = Change(Action.UPDATE, "c", {"topic": ("a", "b"), "overwrites": ((), (Overwrite("r", 1),))}, old, new)
    (line,) = [line for line in lines(plan_of(change)) if line.startswith("  ~")]
    assert line.startswith("  ~ unit (")
    assert "topic" in line


def test_every_field_of_every_update_can_be_named() -> None:
    stage = Stage(roster(course(), module(), material()))
    stage.sync()
    for layout in ("forum", "channels"):
        stage.settings = school(layout=layout, voice=False, groups="off")
        assert lines(stage.plan(), everything=True)
        stage.sync()


def test_long_lists_are_cut_unless_everything_is_wanted() -> None:
    many = [replace(CREATED, key=f"r{number}") for number in range(20)]
    printed = lines(plan_of(*many))
    assert sum(line.startswith("  +") for line in printed) == render.SHOWN
    assert any("8" in line and "…" in line for line in printed)
    assert sum(line.startswith("  +") for line in lines(plan_of(*many), everything=True)) == 20


def test_what_is_held_and_refused_is_printed() -> None:
    over = Held(OVER_LIMIT, {"removed": "9", "total": "10", "kind": "member", "percent": "20"}, frozenset({("m", "r")}))
    missing = Held(MISSING_FILE, {}, frozenset({("m", "r")}))
    refused = Notice("over-capacity", "{used} of {limit}", {"used": "501", "limit": "500"})
    noted = Notice("unlinked", "{count} people", {"count": "2"}, ("a", "b"))
    printed = "\n".join(lines(plan_of(held=(over, missing), refusals=(refused,), notices=(noted,))))
    for words in (
        "9 of 10",
        "20 %",
        "a file stopped coming",
        "kopir apply --approve abc123",
        "! 501 of 500",
        "! 2 people",
    ):
        assert words in printed
    assert "Nothing to do" not in printed


def report(*statuses: Status, message: str = "", stopped: str = "") -> Report:
    return Report(tuple(Outcome(CREATED, status, message) for status in statuses), stopped)


def test_outcomes_are_counted_with_the_contracts_names() -> None:
    held = (Held(MISSING_FILE, {}, frozenset({("a", "r"), ("b", "r")})),)
    done = report(Status.APPLIED, Status.APPLIED, Status.FAILED, Status.SKIPPED)
    assert render.outcomes_json(plan_of(held=held), done) == {"applied": 2, "failed": 1, "skipped": 1, "held": 2}


def test_a_report_tells_failures_first_and_why_it_ended() -> None:
    failed = report(
        Status.FAILED, Status.APPLIED, message=str(Retriable("Discord is busy")), stopped=str(Stopped("No token"))
    )
    printed = list(render.report_lines(plan_of(CREATED), failed, EN))
    assert printed[0] == "! Algebra: Discord is busy"
    assert printed[1] == "applied 1, failed 1, skipped 0, held 0"
    assert printed[-1] == "! No token"
    assert list(render.report_lines(plan_of(), report(), EN)) == ["applied 0, failed 0, skipped 0, held 0"]


def test_a_report_of_many_failures_is_cut() -> None:
    printed = list(render.report_lines(plan_of(), report(*[Status.FAILED] * 30, message="no"), EN))
    assert len([line for line in printed if line.startswith("!")]) == render.SHOWN


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_and_pulls_are_printed_in_every_language(language: str) -> None:
    words = texts(language)
    printed = [*render.report_lines(plan_of(), report(Status.APPLIED), words)]
    printed += render.pull_lines({kind.value: 7 for kind in Kind}, ["line 3 is odd"], words)
    assert printed[1].count("7") == len(Kind)
    assert printed[-1] == "! line 3 is odd"
    assert "{" not in "".join(printed)


def test_people_are_told_by_id_only() -> None:
    noted = Notice("unlinked", "{count} people", {"count": "2"}, ("roster:1", "roster:2"))
    assert render.notice_json(noted, EN) == {
        "code": "unlinked",
        "message": "2 people",
        "people": ["roster:1", "roster:2"],
    }


def test_a_retired_post_is_printed_by_what_is_known_of_it() -> None:
    retired = Change(
        Action.UPDATE, "p", {"retired": (False, True)}, Post("p", "c", "d"), Post("p", None, None, retired=True)
    )
    assert any(line.startswith("  ~ p (") for line in lines(plan_of(retired)))


def test_refusals_are_one_sentence_in_the_readers_language() -> None:
    over = Notice("over-capacity", OVER_CAPACITY, {"what": "roles", "used": "251", "limit": "250", "advice": "less"})
    low = Notice("role-too-low", "the role is low", {})
    for language in LANGUAGES:
        said = texts(language).say(render.refusal([over, low]))
        assert "251" in said
        assert said.endswith("; the role is low")

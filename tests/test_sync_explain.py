"""A role, or its lack, is explained by the row of a class list and by what happened on the server."""

from typing import Any

import pytest

from sync import explain, keys
from sync.audience import STAFF_ROLE, VERIFIED_ROLE
from sync.explain import Standing, facts, roles_of, said
from sync.models import DROPPED, FILE_MISSING
from sync.records import CourseRole
from tests.builders import DAY, NOW, school

STUDENTS = keys.course("csv:alg", "students")
HERS = frozenset({STUDENTS})
TITLES = {"csv:alg": "Algebra"}
LINKED = Standing(("csv",), linked=True, there=True)


def row(**more: Any) -> dict[str, Any]:
    """Give an enrolment as stored."""
    values: dict[str, Any] = {
        "source": "csv",
        "origin": "enrolments.csv",
        "course": "alg",
        "role": CourseRole.STUDENT,
        "groups": (),
        "start": None,
        "end": None,
        "suspended": False,
        "gone_at": None,
        "gone_cause": None,
    }
    return values | more


def explained(standing: Standing, *rows: dict[str, Any]) -> dict[str, explain.RoleFact]:
    return {fact.key: fact for fact in facts(rows, TITLES, standing, school().timezone, NOW)}


@pytest.mark.parametrize(
    ("found", "wanted", "why"),
    [
        pytest.param(row(), True, explain.GIVES, id="listed"),
        pytest.param(row(gone_at=NOW, gone_cause=DROPPED), False, explain.DROPPED, id="dropped"),
        pytest.param(row(gone_at=NOW, gone_cause=FILE_MISSING), True, explain.MISSING, id="its file is missing"),
        pytest.param(row(suspended=True), False, explain.PAUSED, id="suspended"),
        pytest.param(row(end=NOW), False, explain.ENDED, id="ended"),
        pytest.param(row(start=NOW + DAY), False, explain.NOT_BEGUN, id="not begun"),
    ],
)
def test_the_row_that_decides_is_named(found: dict[str, Any], wanted: bool, why: str) -> None:
    fact = explained(LINKED, found)[STUDENTS]
    assert (fact.wanted, [one.template for one in fact.rows]) == (wanted, [why])
    assert "csv, enrolments.csv, Algebra, student" in str(fact.rows[0])


@pytest.mark.parametrize(
    ("standing", "wanted", "verdict"),
    [
        pytest.param(Standing(("csv",), True, True, HERS), True, explain.HAS, id="has it"),
        pytest.param(Standing(("csv",), True, True, HERS), False, explain.BY_HAND, id="by hand"),
        pytest.param(
            Standing(("csv",), True, True, HERS, HERS), False, explain.GOING, id="going"
        ),
        pytest.param(
            Standing(("csv",), True, True, frozenset(), HERS), True, explain.TAKEN, id="taken away"
        ),
        pytest.param(
            Standing(("csv",), True, True, frozenset(), HERS, True), True, explain.RESPECTED, id="respected"
        ),
        pytest.param(LINKED, True, explain.COMING, id="coming"),
        pytest.param(Standing(("csv",), True, False), True, explain.ABSENT, id="not on the server"),
        pytest.param(Standing(("csv",), False, False), True, explain.UNLINKED, id="not linked"),
        pytest.param(LINKED, False, explain.NOT_DUE, id="not due"),
    ],
)  # fmt: skip
def test_what_the_server_shows_is_told_apart(standing: Standing, wanted: bool, verdict: str) -> None:
    found = row() if wanted else row(suspended=True)
    assert explained(standing, found)[STUDENTS].verdict.template == verdict


def test_a_row_that_gives_a_role_hides_those_that_do_not() -> None:
    fact = explained(LINKED, row(suspended=True), row())[STUDENTS]
    assert [one.template for one in fact.rows] == [explain.GIVES]


@pytest.mark.parametrize(
    ("rows", "listed", "wanted"),
    [
        pytest.param([], ("csv",), True, id="listed without a course"),
        pytest.param([row()], ("csv",), True, id="in a course"),
        pytest.param([row(suspended=True)], ("csv",), False, id="in no course any more"),
        pytest.param([], (), False, id="in no list"),
    ],
)
def test_the_base_role_is_for_whoever_is_listed(
    rows: list[dict[str, Any]], listed: tuple[str, ...], wanted: bool
) -> None:
    assert explained(Standing(listed, True, True), *rows)[VERIFIED_ROLE].wanted is wanted


@pytest.mark.parametrize(
    ("found", "roles"),
    [
        pytest.param(row(groups=("7А",)), [STUDENTS, keys.group("csv:alg", "csv:7А", "role")], id="with a group"),
        pytest.param(row(role=CourseRole.ASSISTANT), [keys.course("csv:alg", "teachers")], id="an assistant teaches"),
        pytest.param(row(role=CourseRole.STAFF, course=""), [STAFF_ROLE], id="staff"),
        pytest.param(row(role=CourseRole.OBSERVER), [], id="an observer"),
    ],
)
def test_an_enrolment_is_about_roles(found: dict[str, Any], roles: list[str]) -> None:
    assert list(roles_of(found)) == roles


def test_an_explanation_is_one_line() -> None:
    line = said(explained(LINKED, row())[STUDENTS], "Algebra")
    assert line == "Algebra: lacks it: the next sync gives it - csv, enrolments.csv, Algebra, student gives it"

"""Whoever decides about removals is told what would go, whose it is, and why."""

from dataclasses import replace
from typing import Any

import pytest

from sync import causes, keys
from sync.audience import STAFF_ROLE, VERIFIED_ROLE
from sync.causes import Evidence, losses
from sync.ledger import Link
from sync.merge import Roster
from sync.phrases import Phrase
from sync.records import CourseRole
from sync.removals import Loss, Removal
from sync.resources import Channel, Member, Post, Resource, Role
from sync.words import KINDS
from tests.builders import (
    DAY,
    NOW,
    course,
    enrolled,
    group,
    guild,
    guild_member,
    material,
    module,
    person,
    roster,
    school,
    state,
)

STUDENTS = keys.course("algebra", "students")
LINKED = {"aru": Link("aru", "7", "command", NOW)}
ARU = person("aru", "Аружан Сейіт")


def words(removal: Removal, resource: Resource, found: Roster, **more: Any) -> Loss:
    """Word one removal."""
    given: dict[str, Any] = {
        "links": LINKED,
        "users": {"aru": "7"},
        "guild": guild(guild_member("7", "aru_s")),
        "now": NOW,
    }
    evidence = Evidence(found, zone=school().timezone, **(given | more))
    existing = state(resource, Role(STUDENTS, "Algebra 7"), Role(STAFF_ROLE, "Staff"), Role(VERIFIED_ROLE, "Verified"))
    return losses([removal], existing, evidence)[removal]


@pytest.mark.parametrize(
    ("records", "cause"),
    [
        pytest.param([ARU, course()], causes.NOT_LISTED, id="dropped from the course"),
        pytest.param([course()], causes.NOBODY, id="dropped from every list"),
        pytest.param([replace(ARU, suspended=True), course(), enrolled()], causes.SUSPENDED, id="suspended"),
        pytest.param([ARU, course(), enrolled(suspended=True)], causes.PAUSED, id="suspended in the course"),
        pytest.param([ARU, course(), enrolled(end=NOW - DAY)], causes.ENDED, id="ended"),
        pytest.param([ARU, course(), enrolled(start=NOW + DAY)], causes.NOT_BEGUN, id="not begun"),
        pytest.param([ARU, course(), enrolled(role=CourseRole.TEACHER)], causes.OTHER_ROLE, id="another role"),
    ],
)  # fmt: skip
def test_a_member_loses_a_role_for_a_cause(records: list[Any], cause: str) -> None:
    member = Member("member/7", "", frozenset({STUDENTS}), "7")
    found = words((member.key, STUDENTS), member, roster(*records))
    assert (found.what, found.cause.template) == ("Algebra 7", cause)  # type: ignore[attr-defined]


def test_a_date_is_said_in_the_schools_time_zone() -> None:
    member = Member("member/7", "", frozenset({STUDENTS}), "7")
    late = NOW.replace(hour=20)
    found = words((member.key, STUDENTS), member, roster(ARU, course(), enrolled(end=late)), now=late + DAY)
    assert found.cause == "the enrolment ended on 2026-09-02"


def test_a_member_without_a_link_is_called_by_what_the_server_shows() -> None:
    member = Member("member/7", "Ару С.", frozenset({STUDENTS}), "7")
    found = words((member.key, STUDENTS), member, roster(ARU, course()), links={}, users={})
    assert found == Loss("Ару С.", "Algebra 7", Phrase(causes.UNTIED))
    nameless = words((member.key, STUDENTS), replace(member, nick=""), roster(), links={}, users={})
    assert nameless.name == "aru_s"


@pytest.mark.parametrize(
    ("role", "records", "cause"),
    [
        pytest.param(STAFF_ROLE, [ARU], causes.NOT_LISTED, id="no longer staff"),
        pytest.param(VERIFIED_ROLE, [ARU, enrolled(end=NOW)], causes.ENDED, id="no course is left"),
    ],
)  # fmt: skip
def test_the_schools_own_roles_have_causes_too(role: str, records: list[Any], cause: str) -> None:
    member = Member("member/7", "", frozenset({role}), "7")
    found = words((member.key, role), member, roster(*records))
    assert found.cause.template == cause  # type: ignore[attr-defined]


PLACE = keys.module("algebra", "1")
POST = Post(keys.material("algebra", "m1"), PLACE, "d", title="Book")
CHANNEL = Channel(PLACE, "unit-1", "text")
GROUP = Role(keys.group("algebra", "g1", "role"), "7А")
FULL = (course(), module(), material(), group())


@pytest.mark.parametrize(
    ("resource", "records", "cause"),
    [
        pytest.param(POST, [course(), module()], causes.NO_MATERIAL, id="a material"),
        pytest.param(POST, [course(), module(), material(hidden=True)], causes.NOT_SHOWN, id="a hidden material"),
        pytest.param(POST, [], causes.NO_COURSE, id="a material of a course that went"),
        pytest.param(CHANNEL, [course()], causes.NO_MODULE, id="a module"),
        pytest.param(CHANNEL, FULL, causes.OTHER_LAYOUT, id="a module that is to be elsewhere"),
        pytest.param(GROUP, [course()], causes.NO_GROUP, id="a group"),
        pytest.param(Role(keys.group("", "g1", "role"), "7А"), [], causes.NO_GROUP, id="a cohort"),
    ],
)
def test_what_goes_from_the_server_goes_for_a_cause(resource: Any, records: Any, cause: str) -> None:
    found = words((resource.key, ""), resource, roster(*records))
    assert found.cause.template == cause  # type: ignore[attr-defined]
    assert found.what in KINDS.values()
    assert found.name in {"Book", "unit-1", "7А"}

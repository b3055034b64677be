"""A run of one course or of some members plans no more than its part."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sync import keys
from sync.diff import Action, Change
from sync.estimate import Estimate
from sync.guild import Guild, GuildMember, GuildRole
from sync.layout import Capacity
from sync.ledger import Binding, Link
from sync.merge import Roster
from sync.plan import Notice, Plan
from sync.records import Course, CourseRole, Enrolment, Group, Material, Module, Person
from sync.resources import Category, Member
from sync.scope import SCHOOL, Scope, bindings_of, narrow, roster_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ALG, BIO = keys.course("rosters:alg"), keys.course("rosters:bio")
STUDENT, READER, GIVEN = f"{ALG}/students", f"{BIO}/students", "school/role/verified"


def plan(*changes: Change, refusals: tuple[str, ...] = ()) -> Plan:
    notices = tuple(Notice(code, code, {}) for code in refusals)
    return Plan("one", changes, (), Capacity({}), notices, notices, Estimate(9, 9.0), "digest", (), {}, 0)


def course(key: str) -> Change:
    return Change(Action.CREATE, key, {"name": (None, "x")}, None, Category(key, "x"))


def member(user: str, before: set[str], after: set[str], nick: str | None = None) -> Change:
    key = keys.member(user)
    fields: dict[str, tuple[object, object]] = {}
    if before != after:
        fields["roles"] = (frozenset(before), frozenset(after))
    if nick:
        fields["nick"] = ("", nick)
    old, new = Member(key, "", frozenset(before), user), Member(key, nick, frozenset(after), user)
    return Change(Action.UPDATE, key, fields, old, new)


@pytest.mark.parametrize(
    ("wide", "narrower", "expected"),
    [
        (SCHOOL, Scope(course="alg"), True),
        (SCHOOL, Scope(members=frozenset("1")), True),
        (Scope(course="alg"), Scope(course="alg"), True),
        (Scope(course="alg"), Scope(course="bio"), False),
        (Scope(course="alg"), SCHOOL, False),
        (Scope(members=frozenset("12")), Scope(members=frozenset("1")), True),
        (Scope(members=frozenset("1")), Scope(members=frozenset("12")), False),
        (Scope(members=frozenset("1")), SCHOOL, False),
    ],
)
def test_a_scope_covers_what_lies_in_it(wide: Scope, narrower: Scope, expected: bool) -> None:
    assert wide.covers(narrower) is expected


def test_the_school_is_the_whole_plan() -> None:
    whole = plan(course(ALG))
    assert narrow(whole, SCHOOL) is whole


def test_a_course_is_its_places_and_the_members_whose_roles_in_it_change() -> None:
    here, there = course(ALG), course(BIO)
    joins, leaves = member("1", set(), {STUDENT}), member("2", {READER}, set())
    narrowed = narrow(plan(here, there, joins, leaves), Scope(course="rosters:alg"))
    assert narrowed.changes == (here, joins)
    assert narrowed.digest != "digest"
    assert narrowed.estimate.requests == 3


def gains(change: Change, *there: str) -> list[Change]:
    scope = Scope(members=frozenset({"1"}))
    return list(narrow(plan(change, course(ALG), member("2", set(), {STUDENT})), scope, there).changes)


def test_a_member_gains_the_roles_that_exist_and_the_nickname() -> None:
    [change] = gains(member("1", set(), {STUDENT, READER}, "Aigul"), STUDENT)
    assert change.fields == {"nick": ("", "Aigul"), "roles": (frozenset(), frozenset({STUDENT}))}
    assert isinstance(change.desired, Member)
    assert change.desired.roles == {STUDENT}


def test_a_member_loses_nothing_and_is_given_nothing_back() -> None:
    [change] = gains(member("1", {STUDENT, GIVEN}, {READER, GIVEN}), STUDENT, READER, GIVEN)
    assert change.lost_roles == frozenset()
    assert isinstance(change.desired, Member)
    assert change.desired.roles == {READER, GIVEN}


def test_a_member_who_would_only_lose_is_left_alone() -> None:
    assert gains(member("1", {STUDENT}, set()), STUDENT) == []


def test_what_is_no_member_is_passed_over() -> None:
    odd = replace(course(ALG), key=keys.member("1"))
    assert gains(odd) == []


def test_a_full_server_does_not_keep_a_member_from_their_roles_but_a_missing_permission_does() -> None:
    refused = plan(refusals=("over-capacity", "permissions"))
    narrowed = narrow(refused, Scope(members=frozenset({"1"})))
    assert [notice.code for notice in narrowed.refusals] == ["permissions"]
    assert narrowed.notices == ()


GUILD = Guild(
    "1",
    "2",
    "9",
    roles=(GuildRole("50", "Algebra", 0, False, 0, 1),),
    members=(GuildMember("9", "Kopir", bot=True), GuildMember("10", "Aigul")),
)
ROSTER = Roster(
    courses=(Course("r:alg", "Algebra"),),
    modules=(Module("m", "r:alg", "Module"),),
    materials=(Material("x", "r:alg", "m", "Text"),),
    people=(
        Person("r:1", "A", discord="@aigul"),
        Person("r:2", "B", discord="oleg"),
        Person("r:3", "C"),
        Person("r:4", "D", discord="kopir"),
    ),
    enrolments=tuple(Enrolment(f"r:{n}", "r:alg", CourseRole.STUDENT) for n in (1, 2, 3)),
    groups=(Group("r:7a", "r:alg", "7A"),),
)


def test_of_a_roster_only_the_people_behind_the_members_are_kept() -> None:
    few = roster_of(ROSTER, {"r:3": Link("r:3", "10", "command", NOW)}, GUILD)
    assert [person.id for person in few.people] == ["r:1", "r:3"]
    assert [enrolment.person for enrolment in few.enrolments] == ["r:1", "r:3"]
    assert (few.courses, few.groups) == (ROSTER.courses, ROSTER.groups)
    assert (few.modules, few.materials) == ((), ())


def test_of_the_bindings_only_living_roles_and_the_members_are_kept() -> None:
    bindings = {
        binding.key: binding
        for binding in (
            Binding("alive", "role", "50", None, "", NOW),
            Binding("deleted", "role", "51", None, "", NOW),
            Binding("intent", "role", None, None, "", NOW),
            Binding("place", "channel", "60", None, "", NOW),
            Binding("member/10", "member", "10", None, "", NOW),
            Binding("member/11", "member", "11", None, "", NOW),
        )
    }
    assert set(bindings_of(bindings, GUILD)) == {"alive", "member/10"}

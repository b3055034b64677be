"""Requests for runs merge: nothing asked for is lost, and nobody urgent waits for something long."""

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.serving.requests import Request, add, merge, take
from bot.transport.ratelimits import Priority
from sync.scope import SCHOOL, Scope

BULK, NOW = Priority.BULK, Priority.INTERACTIVE


def request(scope: Scope = SCHOOL, priority: Priority = BULK, reason: str = "", gone: str = "") -> Request:
    return Request(scope, priority, frozenset([reason] if reason else ()), frozenset([gone] if gone else ()))


def members(*users: str) -> Scope:
    return Scope(members=frozenset(users))


ALG, BIO = Scope(course="alg"), Scope(course="bio")


@pytest.mark.parametrize(
    ("asked", "pending"),
    [
        pytest.param([request(), request()], [request()], id="the same twice is one"),
        pytest.param([request(ALG), request()], [request()], id="a school absorbs a course"),
        pytest.param([request(), request(ALG)], [request()], id="a course is absorbed by a waiting school"),
        pytest.param([request(ALG), request(BIO)], [request(ALG), request(BIO)], id="two courses are two"),
        pytest.param([request(ALG), request(ALG, NOW)], [request(ALG, NOW)], id="the more urgent stays"),
        pytest.param([request(members("1")), request()], [request()], id="a school absorbs members in no hurry"),
        pytest.param(
            [request(), request(members("1"), NOW)],
            [request(), request(members("1"), NOW)],
            id="who just joined does not wait for the school",
        ),
        pytest.param(
            [request(members("1"), NOW), request(members("2"), NOW)],
            [request(members("1", "2"), NOW)],
            id="people who join together are one request",
        ),
        pytest.param(
            [request(members("1"), NOW), request(), request(SCHOOL, NOW)],
            [request(SCHOOL, NOW)],
            id="an urgent school absorbs everything",
        ),
    ],
)
def test_requests_merge(asked: list[Request], pending: list[Request]) -> None:
    assert list(merge(asked)) == pending


def test_reasons_and_deleted_messages_survive_merging() -> None:
    [one] = merge([request(reason="a", gone="1"), request(ALG, reason="b", gone="2")])
    assert one == Request(SCHOOL, BULK, frozenset("ab"), frozenset("12"))


def test_the_lane_of_people_and_the_other_do_not_take_from_each_other() -> None:
    pending = merge([request(ALG), request(members("1"), NOW), request(BIO, NOW)])
    first, rest = take(pending, people=False)
    assert first == request(BIO, NOW)
    person, rest = take(rest, people=True)
    assert person == request(members("1"), NOW)
    assert take(rest, people=True) == (None, rest)
    assert rest == (request(ALG),)


scopes = st.one_of(
    st.just(SCHOOL),
    st.sampled_from("abc").map(lambda course: Scope(course=course)),
    st.frozensets(st.sampled_from("123"), min_size=1).map(lambda users: Scope(members=users)),
)
words = st.frozensets(st.sampled_from("xyz"))


def what(pending: Iterable[Request]) -> set[tuple[Scope, Priority]]:
    return {(request.scope, request.priority) for request in pending}


requests = st.lists(st.builds(Request, scopes, st.sampled_from(Priority), words, words), max_size=8)


@given(requests)
def test_everything_asked_for_is_covered_in_time_and_nothing_twice(asked: list[Request]) -> None:
    pending = merge(asked)
    for one in asked:
        keeper = [kept for kept in pending if kept.covers(one) or one.scope.members]
        users = {user for kept in keeper for user in kept.scope.members}
        assert any(kept.covers(one) for kept in pending) or one.scope.members <= users
    assert frozenset().union(*(one.gone for one in asked)) == frozenset().union(*(one.gone for one in pending))
    assert not any(a.covers(b) for a in pending for b in pending if a is not b)


@given(requests, st.randoms())
def test_the_order_of_asking_does_not_matter(asked: list[Request], random: Random) -> None:
    shuffled = list(asked)
    random.shuffle(shuffled)
    assert what(merge(asked)) == what(merge(shuffled))


@given(requests)
def test_asking_again_changes_nothing(asked: list[Request]) -> None:
    pending = merge(asked)
    for one in asked:
        again = add(pending, one)
        assert what(again) == what(pending)


def test_a_member_who_is_asked_for_at_once_is_not_asked_for_again_later() -> None:
    both = [Request(Scope(members=frozenset({"1", "3"})), Priority.BULK)]
    urgent = Request(Scope(members=frozenset({"3"})), Priority.INTERACTIVE)
    expected = {(Scope(members=frozenset({"1"})), Priority.BULK), (urgent.scope, urgent.priority)}
    assert what(merge([*both, urgent])) == what(merge([urgent, *both])) == expected

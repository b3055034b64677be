"""Rate limits are kept by counting: what headers say, what a bucket still takes, how the global pace goes. Pure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.ratelimits import Announcement, Bucket, InvalidBudget, Lane, Ledger, Pace, Priority, announced

HEADERS = {
    "X-RateLimit-Bucket": "abc",
    "X-RateLimit-Limit": "5",
    "X-RateLimit-Remaining": "4",
    "X-RateLimit-Reset": "1000.5",
    "X-RateLimit-Reset-After": "2.5",
}
ROUTE = Lane("POST /channels/{channel_id}/messages", "channels/1")


def test_headers_are_read() -> None:
    assert announced(HEADERS, 10.0) == Announcement("abc", 5, 4, 1000.5, 2.5)


@pytest.mark.parametrize(
    "change",
    [{"X-RateLimit-Limit": "many"}, {"X-RateLimit-Reset-After": "nan"}, {"X-RateLimit-Reset-After": "-1"}],
    ids=str,
)
def test_senseless_headers_are_no_announcement(change: dict[str, str]) -> None:
    assert announced(HEADERS | change, 10.0) is None
    assert announced({}, 10.0) is None


def said(remaining: int, reset: float, after: float, limit: int = 5, bucket: str = "H") -> Announcement:
    return Announcement(bucket, limit, remaining, reset, after)


def test_an_unknown_bucket_is_probed_by_one_request() -> None:
    ledger = Ledger()
    assert ledger.bucket(ROUTE).pause(0) == 0
    permit = ledger.take(ROUTE)
    assert ledger.bucket(ROUTE).pause(0) == math.inf
    ledger.settle(permit, said(4, 105, 5), 0.1)
    assert [_taken(ledger, 0.1) for _ in range(5)] == [True, True, True, True, False]


def test_a_window_is_waited_for_exactly_as_announced() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(0, 105, 5), 0.1)
    assert ledger.bucket(ROUTE).pause(2.1) == pytest.approx(3.0, abs=0.002)
    assert ledger.bucket(ROUTE).pause(5.102) == 0


def test_answers_in_the_wrong_order_do_not_add_requests() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(4, 105, 5), 0.1)
    first, second = ledger.take(ROUTE), ledger.take(ROUTE)
    ledger.settle(second, said(2, 105, 4.5), 0.6)
    ledger.settle(first, said(3, 105, 4.6), 0.7)
    assert [_taken(ledger, 0.8) for _ in range(3)] == [True, True, False]


def test_a_late_answer_of_the_last_window_says_nothing_about_this_one() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(4, 105, 5), 0.1)
    late = ledger.take(ROUTE)
    assert ledger.bucket(ROUTE).pause(6) == 0
    ledger.settle(late, said(3, 105, 0.5), 6.0)
    assert [_taken(ledger, 6.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_request_without_an_answer_stays_charged() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(1, 105, 5), 0.1)
    ledger.lose(ledger.take(ROUTE))
    assert not _taken(ledger, 0.2)


def test_channels_do_not_share_a_limit_but_routes_of_one_bucket_do() -> None:
    other_channel, other_route = Lane(ROUTE.route, "channels/2"), Lane("PATCH /x", ROUTE.major)
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(0, 105, 5), 0.1)
    assert ledger.bucket(other_channel).pause(0.1) == 0
    ledger.settle(ledger.take(other_route), said(0, 105, 5), 0.1)
    assert ledger.bucket(other_route) is ledger.bucket(ROUTE)


def test_when_a_hash_changes_requests_in_flight_stay_counted() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(ROUTE), said(4, 105, 5), 0.1)
    first, _second = ledger.take(ROUTE), ledger.take(ROUTE)
    ledger.settle(first, said(2, 105, 4, bucket="NEW"), 0.5)
    assert ledger.bucket(ROUTE).pause(0.5) == 0
    assert [_taken(ledger, 0.5) for _ in range(2)] == [True, False]


def test_a_route_without_limits_is_not_held_up() -> None:
    ledger = Ledger()
    ledger.settle_unlimited(ledger.take(ROUTE))
    assert all(_taken(ledger, 0.0) for _ in range(100))
    assert ledger.bucket(Lane(ROUTE.route, "channels/2")).limit == math.inf


def test_idle_buckets_are_forgotten() -> None:
    ledger = Ledger()
    for number in range(5000):
        lane = Lane("POST /interactions/{interaction_id}", f"interactions/{number}/token")
        ledger.settle(ledger.take(lane), said(4, number + 1, 1), float(number))
    assert len(ledger._buckets) < 1100
    assert len(ledger._hashes) < 1100


def test_bulk_work_leaves_a_long_window_open_for_people_until_shortly_before_its_end() -> None:
    bucket = Bucket()
    bucket.learn(said(1, 110, 10, limit=10), 0.0)
    assert bucket.pause(1.0, Priority.INTERACTIVE, kept=1) == 0
    assert bucket.pause(1.0, Priority.BULK, kept=1) == pytest.approx(7.5, abs=0.01)
    assert bucket.pause(8.6, Priority.BULK, kept=1) == 0
    assert bucket.pause(1.0, Priority.BULK, kept=0) == 0


def _taken(ledger: Ledger, now: float) -> bool:
    if ledger.bucket(ROUTE).pause(now) > 0:
        return False
    ledger.take(ROUTE)
    return True


@given(st.lists(st.floats(0, 0.3), min_size=60, max_size=200))
def test_the_global_pace_never_lets_more_than_fifty_through_in_a_second(gaps: list[float]) -> None:
    pace, now, sent = Pace(45.0), 0.0, []
    for gap in gaps:
        now += gap * (gap > 0.2)
        now += pace.pause(now)
        pace.take(now)
        sent.append(now)
    assert all(sent[index + 50] - sent[index] >= 1.0 for index in range(len(sent) - 50))


def test_the_budget_of_refused_requests_recovers() -> None:
    budget = InvalidBudget(most=3)
    for now in (0.0, 100.0, 200.0):
        assert budget.spent(now) == 0
        budget.count(now)
    assert budget.spent(300.0) == 300.0
    assert budget.spent(600.0) == 0


def test_the_budget_stops_at_a_quarter_of_what_discord_allows_so_that_restarts_have_theirs() -> None:
    budget = InvalidBudget()
    for _ in range(2499):
        budget.count(0.0)
    assert budget.spent(1.0) == 0
    budget.count(1.0)
    assert budget.spent(1.0) == 599.0

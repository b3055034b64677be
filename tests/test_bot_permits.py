"""Requests wait their turn: the announced limits hold whatever the order and fate of the answers. In virtual time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.transport.permits import Gate, Request
from bot.transport.ratelimits import Announcement, Lane, Permit, Priority
from tests.virtual_time import run_virtually

ROUTE = Lane("POST /channels/{channel_id}/messages", "channels/1")


@dataclass
class FixedWindows:
    """Discord's side: windows opened by their first request, per bucket and major parameter."""

    limit: int
    seconds: float
    buckets: dict[str, str]
    open: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def count(self, lane: Lane, now: float) -> tuple[bool, Announcement]:
        name = self.buckets[lane.route]
        ends, used = self.open.get((name, lane.major), (-1.0, 0))
        if now >= ends:
            ends, used = now + self.seconds, 0
        allowed = used < self.limit
        self.open[name, lane.major] = (ends, used + allowed)
        # Discord's clock is not ours.
        said = Announcement(name, self.limit, self.limit - used - allowed, round(ends + 1e6, 3), round(ends - now, 3))
        return allowed, said


@dataclass(frozen=True)
class Job:
    """One request: when it is asked for, how long it travels, and what happens to it."""

    route: int
    major: int
    priority: Priority
    start: float
    there: float
    back: float
    answered: bool
    cancelled_after: float | None


JOBS = st.lists(
    st.builds(
        Job,
        route=st.integers(0, 1),
        major=st.integers(0, 1),
        priority=st.sampled_from(Priority),
        start=st.floats(0, 3),
        there=st.floats(0.001, 2),
        back=st.floats(0.001, 2),
        answered=st.sampled_from([True, True, True, False]),
        cancelled_after=st.none() | st.none() | st.floats(0, 6),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(jobs=JOBS, limit=st.integers(1, 5), seconds=st.floats(0.05, 5), shared=st.booleans(), kept=st.integers(0, 1))
def test_never_more_is_sent_than_announced_and_nothing_is_left_behind(
    jobs: list[Job], limit: int, seconds: float, shared: bool, kept: int
) -> None:
    run_virtually(_never_more(jobs, FixedWindows(limit, seconds, {"A": "H", "B": "H" if shared else "I"}), kept))


async def _never_more(jobs: list[Job], server: FixedWindows, kept: int) -> None:
    gate, known, lossy, excess = Gate(per_second=1e9), set[Lane](), set[str](), list[Lane]()
    heard: set[tuple[str, str, float]] = set()
    loop = asyncio.get_running_loop()

    def lose(permit: Permit) -> None:
        lossy.add(permit.lane.major)
        gate.lose(permit)

    async def send(job: Job) -> None:
        await asyncio.sleep(job.start)
        lane = Lane("AB"[job.route], str(job.major))
        permit = await gate.enter(Request(lane, job.priority, kept))
        heard_before, routes_known = set(heard), {Lane(route, lane.major) for route in server.buckets} <= known
        try:
            await asyncio.sleep(job.there)
            allowed, answer = server.count(lane, loop.time())
            window = (answer.bucket, lane.major, answer.reset)
            if not allowed and routes_known and (window in heard_before or lane.major not in lossy):
                excess.append(lane)
            await asyncio.sleep(job.back)
        except asyncio.CancelledError:
            lose(permit)
            raise
        if not job.answered:
            lose(permit)
            return
        known.add(lane)
        heard.add(window)
        gate.settle(permit, answer, at=loop.time(), well=allowed)

    tasks = [loop.create_task(send(job)) for job in jobs]
    for task, job in zip(tasks, jobs, strict=True):
        if job.cancelled_after is not None:
            loop.call_later(job.cancelled_after, task.cancel)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not excess
    assert all(task.cancelled() or task.exception() is None for task in tasks)
    assert not gate._queues
    assert not any(bucket.in_flight for bucket in gate._ledger._buckets.values())


def _in_window(limit: int, seconds: float) -> Callable[[Gate, Permit], None]:
    def settle(gate: Gate, permit: Permit) -> None:
        now = asyncio.get_running_loop().time()
        gate.settle(permit, Announcement("H", limit, 0, now + seconds, seconds), at=now, well=True)

    return settle


async def _exhaust(gate: Gate, seconds: float, lane: Lane = ROUTE) -> None:
    permit = await gate.enter(Request(lane))
    _in_window(1, seconds)(gate, permit)


def test_people_go_ahead_of_bulk_work_in_a_bucket_and_in_the_global_pace() -> None:
    async def scenario(same_lane: bool) -> None:
        gate, order = Gate(per_second=10), []
        await _exhaust(gate, 5.0)

        async def ask(name: str, priority: Priority) -> None:
            lane = ROUTE if same_lane else Lane(ROUTE.route + name, "")
            permit = await gate.enter(Request(lane, priority))
            order.append(name)
            _in_window(1, 0.01)(gate, permit)

        bulk = [asyncio.create_task(ask(f"bulk{n}", Priority.BULK)) for n in range(8)]
        await asyncio.sleep(0.01)
        person = asyncio.create_task(ask("person", Priority.INTERACTIVE))
        await asyncio.gather(person, *bulk)
        # One went at once through the global pace before the person came.
        assert order.index("person") == (0 if same_lane else 1)
        assert [name for name in order if name != "person"] == [f"bulk{n}" for n in range(8)]

    run_virtually(scenario(same_lane=True))
    run_virtually(scenario(same_lane=False))


def test_interaction_endpoints_do_not_wait_for_the_global_pace() -> None:
    async def scenario() -> None:
        gate, loop = Gate(per_second=0.001), asyncio.get_running_loop()
        gate.block_bot(1000)
        await gate.enter(Request(ROUTE, paced=False))
        assert loop.time() == 0
        gate.block_address(50)
        await gate.enter(Request(Lane("other", ""), paced=False))
        assert loop.time() == pytest.approx(50)

    run_virtually(scenario())


def test_a_permit_that_was_blocked_while_waiting_for_the_pace_is_not_used() -> None:
    async def scenario() -> None:
        gate, loop = Gate(per_second=1), asyncio.get_running_loop()
        permits = [await gate.enter(Request(Lane(str(n), ""))) for n in range(2)]
        waiting = asyncio.create_task(gate.enter(Request(Lane("0", "x"))))
        await asyncio.sleep(0)
        gate._ledger.bucket(Lane("0", "x")).block(loop.time() + 30)
        await waiting
        assert loop.time() >= 30
        assert len(permits) == 2

    run_virtually(scenario())


def test_a_long_wait_is_announced_once_and_may_be_refused_or_cancelled() -> None:
    heard: list[tuple[float, str]] = []

    class TooLong(Exception):
        pass

    def refuse(seconds: float, route: str) -> None:
        heard.append((seconds, route))
        if seconds > 3600:
            raise TooLong

    async def scenario() -> None:
        gate, loop = Gate(45, refuse), asyncio.get_running_loop()
        await _exhaust(gate, 9.0)
        await gate.enter(Request(ROUTE))
        assert heard == []
        gate = Gate(45, refuse)
        await _exhaust(gate, 60.0)
        began = loop.time()
        _in_window(1, 7200)(gate, await gate.enter(Request(ROUTE)))
        assert loop.time() - began == pytest.approx(60, abs=0.01)
        for _ in range(2):
            with pytest.raises(TooLong):
                await gate.enter(Request(ROUTE))
        gate = Gate(45, refuse)
        await _exhaust(gate, 60.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await gate.enter(Request(ROUTE))
        assert not any(bucket.in_flight for bucket in gate._ledger._buckets.values())

    run_virtually(scenario())
    assert [round(seconds) for seconds, _ in heard][:3] == [60, 7200, 7200]
    assert {route for _, route in heard} == {ROUTE.route}


def test_a_turn_granted_to_somebody_cancelled_in_the_same_instant_goes_to_the_next() -> None:
    async def scenario() -> None:
        gate: Gate = Gate(1e9)
        first = await gate.enter(Request(ROUTE))
        unlucky: asyncio.Task[Any] = asyncio.create_task(gate.enter(Request(ROUTE)))
        lucky = asyncio.create_task(gate.enter(Request(ROUTE)))
        await asyncio.sleep(0)
        gate.give_back(first)
        unlucky.cancel()
        await lucky
        assert unlucky.cancelled()

    run_virtually(scenario())


def test_cancelling_a_request_that_waits_for_the_global_pace_frees_its_bucket() -> None:
    async def scenario() -> None:
        gate = Gate(per_second=0.01)
        for number in range(2):
            await gate.enter(Request(Lane(f"other {number}", "")))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await gate.enter(Request(ROUTE))
        assert not gate._ledger.bucket(ROUTE).in_flight

    run_virtually(scenario())

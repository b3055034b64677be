"""Whatever two pulls say, the store keeps what was seen, leaves nothing dangling, and is at rest afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.records import Course, Enrolment, Group, Kind, Material, Module, Person, Snapshot
from sync.store import Store

AT = datetime(2026, 9, 1, tzinfo=UTC)
ORIGINS = st.sampled_from(["one", "two"])
COURSES = ("c1", "c2")
PEOPLE = ("p1", "p2")


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a snapshot that refers only to what it holds."""
    courses = [Course(c, "x", origin=draw(ORIGINS)) for c in COURSES if draw(st.booleans())]
    people = [Person(p, "x", origin=draw(ORIGINS)) for p in PEOPLE if draw(st.booleans())]
    ids = [course.id for course in courses]
    modules = [Module("m", c, "x", origin=draw(ORIGINS)) for c in ids if draw(st.booleans())]
    materials = [Material("x", m.course, "m", "x", origin=draw(ORIGINS)) for m in modules if draw(st.booleans())]
    groups = [Group(f"g{c}", c, "x", origin=draw(ORIGINS)) for c in ids if draw(st.booleans())]
    enrolments = [
        Enrolment(p.id, c, groups=tuple(g.id for g in groups if g.course == c), origin=draw(ORIGINS))
        for p in people
        for c in ("", *ids)
        if draw(st.booleans())
    ]
    return Snapshot(
        courses=tuple(courses),
        modules=tuple(modules),
        materials=tuple(materials),
        people=tuple(people),
        enrolments=tuple(enrolments),
        groups=tuple(groups),
        unknown=draw(st.frozensets(st.sampled_from(Kind))),
        unknown_in=draw(st.frozensets(st.tuples(ORIGINS, st.sampled_from(Kind)))),
        protected_people=draw(st.frozensets(st.sampled_from(PEOPLE))),
        protected_courses=draw(st.frozensets(st.sampled_from(COURSES))),
        missing=draw(st.frozensets(ORIGINS)),
    )


def dangling(snapshot: Snapshot) -> list[Any]:
    """Return the records whose person, course or module is not there."""
    courses = {course.id for course in snapshot.courses} | {""}
    people = {person.id for person in snapshot.people}
    modules = {(module.course, module.id) for module in snapshot.modules}
    return [
        *(module for module in snapshot.modules if module.course not in courses),
        *(group for group in snapshot.groups if group.course not in courses),
        *(m for m in snapshot.materials if (m.course, m.module) not in modules or m.course not in courses),
        *(e for e in snapshot.enrolments if e.course not in courses or e.person not in people),
    ]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Give one store for all examples; each takes a school of its own."""
    with Store.open("sqlite://") as opened:
        yield opened


@settings(deadline=None, max_examples=60)
@given(st.lists(snapshots(), min_size=1, max_size=4))
def test_what_was_seen_is_kept_and_nothing_dangles(store: Store, pulls: list[Snapshot]) -> None:
    school = uuid4().hex
    for number, pull in enumerate(pulls):
        stored = store.save_snapshot(school, "csv", pull, AT + timedelta(minutes=number))
        there, held = (store.load_snapshot(school, "csv", with_missing=held) for held in (False, True))
        for kind in Kind:
            assert set(getattr(pull, kind)) <= set(getattr(there, kind)) <= set(getattr(held, kind))
            assert stored.counts[kind] == len(getattr(there, kind))
        assert dangling(there) == []
        assert dangling(held) == []
        again = store.save_snapshot(school, "csv", pull, AT + timedelta(minutes=number, seconds=1))
        assert again.changes == {}


@settings(deadline=None, max_examples=60)
@given(snapshots(), snapshots())
def test_a_pull_that_knows_everything_replaces_what_was_there(store: Store, before: Snapshot, after: Snapshot) -> None:
    school = uuid4().hex
    named: dict[str, Any] = {kind.value: getattr(after, kind) for kind in Kind}
    certain = Snapshot(**named)
    store.save_snapshot(school, "csv", before, AT)
    store.save_snapshot(school, "csv", certain, AT + timedelta(minutes=1))
    there = store.load_snapshot(school, "csv")
    for kind in Kind:
        assert set(getattr(there, kind)) == set(getattr(certain, kind))

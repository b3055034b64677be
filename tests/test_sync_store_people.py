"""What the tables hold about one human: all of it, of every table, and nothing of anybody else or of another school."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sync.ledger import DISCARDED, Binding, Cause, Decision, Departure, Link, Refusal
from sync.ports import Entry
from sync.records import Course, CourseRole, Enrolment, Kind, Person, Snapshot
from sync.resources import Member
from sync.store import Store
from sync.subjects import Subject, Trace

from .databases import store, store_url

__all__ = ["store", "store_url"]

AT = datetime(2026, 9, 1, tzinfo=UTC)
COURSE = Course("c1", "Algebra")
ARU, OLEG = Person("1", "Aru", "aru@school.kz"), Person("2", "Oleg", "oleg@school.kz")
SUBJECT = Subject((Trace("csv", ARU),), ("csv:1",), frozenset({"11"}))


def enrolled(person: Person) -> Enrolment:
    return Enrolment(course="c1", person=person.id, role=CourseRole.STUDENT)


def fill(store: Store, school: str) -> None:
    """Store two people in every table; another source has somebody else under the id of the first."""
    both = Snapshot(courses=(COURSE,), people=(ARU, OLEG), enrolments=(enrolled(ARU), enrolled(OLEG)))
    store.save_snapshot(school, "csv", both, AT)
    namesake = replace(ARU, name="Another", email="another@school.kz")
    store.save_snapshot(school, "moodle", replace(both, people=(namesake,), enrolments=(enrolled(ARU),)), AT)
    store.save_links(school, [Link("csv:1", "11", "command", AT), Link("csv:2", "12", "command", AT)])
    for number, user in enumerate(("11", "12")):
        key = f"member/{user}"
        given = Entry("run", key, None, Member(key, "Name", frozenset()))
        store.save_bindings(school, [Binding(key, "member", user, None, "role", AT)], [given])
        store.save_refusals(school, [Refusal(key, "d", "s", "no", {}, AT)])
        gone = Departure(user, Cause.KICKED, AT, f"csv:{number + 1}", "99", "2026")
        store.note_departures(school, [gone])
        removal = (key, "course/csv:c1/students")
        store.save_decision(school, Decision(f"digest{number}", DISCARDED, user, AT, 1), [removal])


@pytest.fixture
def filled(store: Store) -> Store:
    for school in ("aqjol", "other"):
        fill(store, school)
    return store


def counts(store: Store, school: str) -> dict[str, int]:
    kinds = {kind.value: store.counts(school, "csv")[kind] for kind in (Kind.PEOPLE, Kind.ENROLMENTS)}
    named = [decision for decision in store.decisions(school) if decision.by in {"11", "12"}]
    return kinds | {
        "of others": store.counts(school, "moodle")[Kind.PEOPLE] + store.counts(school, "moodle")[Kind.ENROLMENTS],
        "links": len(store.links(school)),
        "bindings": len(store.bindings(school)),
        "refusals": len(store.refusals(school)),
        "discarded": len(store.discarded(school)),
        "decisions": len(named),
        "changes": len(store.journal(school, "run")),
        "departures": len(store.departures(school)),
    }


def test_all_about_somebody_is_found_and_nothing_else(filled: Store) -> None:
    found = filled.about("aqjol", SUBJECT)
    assert [row["name"] for row in found.people] == ["Aru"]
    assert [row["source"] for row in found.enrolments] == ["csv"]
    assert [row["user_id"] for row in found.links] == ["11"]
    assert [member.key for member in found.members] == ["member/11"]
    assert {name: len(rows) for name, rows in found.others.items()} == dict.fromkeys(found.others, 1)
    assert set(found.others) == {"approvals", "refusals", "discarded", "departures", "changes"}
    assert {row["school"] for rows in (found.people, *found.others.values()) for row in rows} == {"aqjol"}


def test_all_about_somebody_is_erased_and_nothing_else(filled: Store) -> None:
    filled.forget("aqjol", SUBJECT, AT)
    assert counts(filled, "aqjol") == dict.fromkeys(counts(filled, "aqjol"), 1) | {"of others": 2}
    assert set(counts(filled, "other").values()) == {2}
    left = filled.about("aqjol", SUBJECT)
    assert not any([left.people, left.enrolments, left.links, left.members, *left.others.values()])


def test_that_something_was_decided_stays_known_but_not_by_whom(filled: Store) -> None:
    filled.forget("aqjol", SUBJECT, AT)
    assert {decision.by for decision in filled.decisions("aqjol")} == {"somebody", "12"}


def test_who_threw_somebody_out_is_forgotten_too(filled: Store) -> None:
    thrown_out = Departure("12", Cause.KICKED, AT, "csv:2", "11", "2026")
    filled.note_departures("aqjol", [thrown_out])
    filled.forget("aqjol", SUBJECT, AT)
    assert [one.by for one in filled.departures("aqjol").values()] == ["somebody"]


def test_a_link_is_found_by_the_person_and_by_the_account(filled: Store) -> None:
    moved = Link("csv:1", "99", "command", AT)
    filled.save_link("aqjol", moved)
    assert [row["user_id"] for row in filled.about("aqjol", SUBJECT).links] == ["99"]

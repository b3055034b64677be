"""What is stored about one human, and what goes with them: theirs, all of it, and nobody else's."""

from dataclasses import fields

import pytest

from sync import keys
from sync.ledger import APPROVED, Binding, Decision, Link, Refusal
from sync.records import Snapshot
from sync.store import Store
from sync.store_people import Dossier
from sync.subjects import Subject, find
from tests.builders import NOW, course, enrolled, person
from tests.databases import store, store_url

__all__ = ["store", "store_url"]

ARU = Subject((), ("csv:s1",), frozenset({"100"}))
ABOUT_SOMEBODY = ("people", "enrolments", "links", "members", "approvals", "refusals", "discarded")


def filled(store: Store, school: str, title: str) -> None:
    """Store two sources that give one id to two people, with everything that is kept about each of them."""
    for source, user in (("csv", "100"), ("moodle", "200")):
        told = Snapshot(courses=(course("c", title),), people=(person("s1"),), enrolments=(enrolled("s1", "c"),))
        store.save_snapshot(school, source, told, NOW)
        member = keys.member(user)
        store.save_link(school, Link(f"{source}:s1", user, "command", NOW))
        store.save_refusals(school, [Refusal(member, "d", "s", "no", {}, NOW)])
        store.save_decision(school, Decision(f"by {user}", APPROVED, user, NOW), [(member, "r")])
        store.save_bindings(school, [Binding(member, "member", user, None, "r", NOW)])
    store.save_bindings(school, [Binding("r", "role", "7", None, f"{title}\n{title}", NOW)])


@pytest.fixture
def both(store: Store) -> Store:
    """Give a store with two schools whose people have the same ids and accounts."""
    for school in ("one", "two"):
        filled(store, school, school)
    return store


def sizes(dossier: Dossier) -> dict[str, int]:
    return {field.name: len(getattr(dossier, field.name)) for field in fields(dossier) if field.name in ABOUT_SOMEBODY}


def test_all_about_somebody_is_found_and_nothing_about_others(both: Store) -> None:
    found = both.about("one", ARU)
    assert sizes(found) == dict.fromkeys(ABOUT_SOMEBODY, 1)
    assert (found.people[0]["school"], found.people[0]["source"]) == ("one", "csv")
    assert {*found.titles.values(), *found.roles.values()} == {"one"}, "words of the own school"


def test_what_goes_with_somebody_is_theirs_alone(both: Store) -> None:
    before = [both.about("two", ARU), both.about("one", Subject((), ("moodle:s1",), frozenset({"200"})))]
    erased = both.forget("one", ARU, NOW)
    assert set(erased.values()) == {1}
    assert sizes(both.about("one", ARU)) == dict.fromkeys(ABOUT_SOMEBODY, 0)
    assert [decision.by for decision in both.decisions("one")] == ["somebody", "200"]
    after = [both.about("two", ARU), both.about("one", Subject((), ("moodle:s1",), frozenset({"200"})))]
    assert after == before


@pytest.mark.parametrize("by", [(("csv:s1",), frozenset[str]()), ((), frozenset({"100"}))], ids=["person", "account"])
def test_a_link_is_found_from_both_of_its_ends(both: Store, by: tuple[tuple[str, ...], frozenset[str]]) -> None:
    assert [row["person"] for row in both.about("one", Subject((), *by)).links] == ["csv:s1"]


def test_only_people_of_the_school_are_known(both: Store) -> None:
    filled(both, "three", "three")
    both.save_bindings("three", [Binding(keys.member("300"), "member", "300", None, "", NOW)])
    both.save_snapshot("three", "csv", Snapshot(people=(person("s3"),)), NOW)
    traces, links, members = both.known_people("one")
    assert [trace.id for trace in traces] == ["csv:s1", "moodle:s1"]
    assert members == {"100", "200"}, "neither members of other schools nor roles"
    assert find("csv:s1", traces, links, members).users == {"100"}

"""What stays, goes and comes back when a pull is stored over an earlier one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from sync.errors import Refused
from sync.records import (
    Course,
    CourseRole,
    Enrolment,
    File,
    Group,
    Kind,
    Material,
    Module,
    Person,
    Snapshot,
    Tally,
)
from sync.store import Store
from tests.databases import store, store_url

__all__ = ["store", "store_url"]

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
LAST = AT + timedelta(hours=2)
FILES = (File("а.pdf", 12, "application/pdf", "0a" * 20, AT, "https://e.kz/1/а.pdf"), File("b"))
FULL = Snapshot(
    courses=(Course("c1", "Алгебра", start=AT, origin="courses"), Course("c2", "Тарих", True, position=1)),
    modules=(Module("1", "c1", "Бөлім", origin="materials"), Module("2", "c1", "II", position=1)),
    materials=(
        Material(
            *("a", "c1", "1", "Есеп", "page", "мәтін", "https://e.kz/a", FILES, AT, LATER, AT, LATER, ("g1",)),
            *(True, 2, "materials"),
        ),
        Material("b", "c1", "2", "B", position=3),
    ),
    people=(
        Person("p1", "Айсұлу", "a@b.kz", "aisulu", True, "people", ("7", "a")),
        Person("p2", "Болат", origin="people"),
    ),
    enrolments=(
        Enrolment("p1", "", CourseRole.STAFF),
        Enrolment("p1", "c1", CourseRole.STUDENT, ("g1", "cohort"), AT, LATER, True, "enrolments", "ref 1"),
        Enrolment("p1", "c1", CourseRole.TEACHER),
        Enrolment("p2", "c2", origin="enrolments"),
    ),
    groups=(Group("cohort", "", "7"), Group("g1", "c1", "7A", "groups")),
    memo={"seen": "вчера"},
)
EMPTY = Snapshot()


def save(store: Store, snapshot: Snapshot, at: datetime = LATER) -> dict[Kind, int]:
    """Store a snapshot and return what was removed, by kind."""
    stored = store.save_snapshot("aqjol", "csv", snapshot, at)
    return {kind: stored.removed(kind) for kind in Kind if stored.removed(kind)}


def load(store: Store, with_missing: bool = False) -> Snapshot:
    return store.load_snapshot("aqjol", "csv", with_missing)


@pytest.fixture
def filled(store: Store) -> Store:
    """Give a store that holds FULL."""
    save(store, FULL, AT)
    return store


@contextmanager
def written_rows(store: Store) -> Iterator[list[int]]:
    """Count the rows that INSERT and UPDATE statements touch while the block runs."""
    rows: list[int] = []

    def count(_c: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            rows.append(cursor.rowcount)

    engine = store._database.engine
    event.listen(engine, "after_cursor_execute", count)
    yield rows
    event.remove(engine, "after_cursor_execute", count)


def test_what_is_stored_comes_back_in_every_field(filled: Store) -> None:
    assert load(filled) == FULL
    assert filled.counts("aqjol", "csv") == {
        Kind.COURSES: 2,
        Kind.MODULES: 2,
        Kind.MATERIALS: 2,
        Kind.PEOPLE: 2,
        Kind.ENROLMENTS: 4,
        Kind.GROUPS: 2,
    }


def test_the_order_of_records_is_stable(store: Store) -> None:
    turned = replace(FULL, **{kind.value: getattr(FULL, kind.value)[::-1] for kind in Kind})
    save(store, turned)
    assert load(store) == FULL


def test_ids_are_ordered_alike_on_both_engines(store: Store) -> None:
    ids = ["B", "_", "a", "b", "Ә", "а", "ә"]
    save(store, Snapshot(people=tuple(Person(one, "x") for one in reversed(ids))))
    assert [person.id for person in load(store).people] == sorted(ids)


def test_schools_and_sources_do_not_see_each_other(filled: Store) -> None:
    filled.save_snapshot("aqjol", "moodle", Snapshot(people=(Person("p1", "X"),)), AT)
    filled.save_snapshot("other", "csv", EMPTY, AT)
    assert load(filled) == FULL
    assert filled.sources("aqjol") == ("csv", "moodle")
    assert filled.sources("other") == ()
    assert filled.load_snapshot("other", "csv") == EMPTY


def test_changes_are_counted_per_origin_and_kind(filled: Store) -> None:
    people = (Person("p1", "Жаңа", origin="people"), Person("p3", "Дана", origin="new"))
    enrolments = FULL.enrolments[:3]
    stored = filled.save_snapshot("aqjol", "csv", replace(FULL, people=people, enrolments=enrolments), LATER)
    assert stored.changes == {
        ("people", Kind.PEOPLE): Tally(changed=1, removed=1),
        ("new", Kind.PEOPLE): Tally(added=1),
        ("enrolments", Kind.ENROLMENTS): Tally(removed=1),
    }
    assert stored.counts[Kind.PEOPLE] == 2


def test_unchanged_rows_are_not_rewritten(filled: Store) -> None:
    with written_rows(filled) as rows:
        stored = filled.save_snapshot("aqjol", "csv", FULL, LATER)
    assert rows == []
    assert stored.changes == {}


def test_only_what_changed_is_written(filled: Store) -> None:
    with written_rows(filled) as rows:
        save(filled, replace(FULL, people=(replace(FULL.people[0], name="Жаңа"), FULL.people[1])))
    assert rows == [1]


def test_the_same_instant_in_another_zone_is_no_change(filled: Store) -> None:
    from zoneinfo import ZoneInfo

    local = replace(FULL.courses[0], start=AT.astimezone(ZoneInfo("Asia/Almaty")))
    with written_rows(filled) as rows:
        save(filled, replace(FULL, courses=(local, FULL.courses[1])))
    assert rows == []


def test_no_query_is_sent_per_row(store: Store) -> None:
    statements: list[str] = []
    event.listen(store._database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    many = Snapshot(people=tuple(Person(f"p{n}", "x") for n in range(5_000)))
    for snapshot in (many, many, EMPTY):
        statements.clear()
        save(store, snapshot)
        assert len(statements) < 30


def test_of_a_record_given_twice_the_last_one_counts(store: Store) -> None:
    save(store, Snapshot(people=(Person("p", "one"), Person("p", "two"))))
    assert load(store).people == (Person("p", "two"),)


def test_what_is_absent_goes_and_comes_back_as_added(filled: Store) -> None:
    less = replace(FULL, people=FULL.people[:1], enrolments=FULL.enrolments[:3])
    assert save(filled, less) == {Kind.PEOPLE: 1, Kind.ENROLMENTS: 1}
    assert load(filled) == less
    assert load(filled, with_missing=True) == less
    assert save(filled, less) == {}
    stored = filled.save_snapshot("aqjol", "csv", FULL, LAST)
    assert stored.changes[("people", Kind.PEOPLE)] == Tally(added=1)
    assert load(filled) == FULL


@pytest.mark.parametrize(
    "less",
    [
        pytest.param(Snapshot(unknown=frozenset(Kind)), id="all kinds unknown"),
        pytest.param(
            Snapshot(unknown_in=frozenset((o, k) for k in Kind for o in ["", *(f"{k}" for k in Kind)])),
            id="unknown in their files",
        ),
        pytest.param(
            Snapshot(protected_people=frozenset({"p1", "p2"}), protected_courses=frozenset({"c1", "c2", ""})),
            id="protected",
        ),
    ],
)
def test_absence_that_proves_nothing_removes_nothing(store: Store, less: Snapshot) -> None:
    named: dict[str, Any] = {k.value: tuple(replace(record, origin=k) for record in getattr(FULL, k)) for k in Kind}
    saved = Snapshot(**named)
    save(store, saved, AT)
    assert save(store, less) == {}
    assert load(store) == saved


def test_unknown_in_one_file_says_nothing_of_another(filled: Store) -> None:
    less = replace(FULL, people=(), enrolments=(), unknown_in=frozenset({("people", Kind.ENROLMENTS)}))
    assert save(filled, less) == {Kind.PEOPLE: 2, Kind.ENROLMENTS: 4}


def test_records_of_a_missing_file_are_gone_but_marked(filled: Store) -> None:
    people = (Person("p9", "Жаңа", origin="new"),)
    missing = frozenset({"people", "enrolments"})
    assert save(filled, Snapshot(courses=FULL.courses, people=people, missing=missing)) == {
        Kind.PEOPLE: 2,
        Kind.ENROLMENTS: 4,
        Kind.MODULES: 2,
        Kind.MATERIALS: 2,
        Kind.GROUPS: 2,
    }
    assert load(filled).people == people
    held = load(filled, with_missing=True)
    assert held.people == (*FULL.people, *people)
    assert held.enrolments == (FULL.enrolments[1], FULL.enrolments[3])


def test_a_missing_file_stays_marked_until_it_is_read_again_or_agreed_on(filled: Store) -> None:
    missing = replace(FULL, people=(), enrolments=(), missing=frozenset({"people"}))
    save(filled, missing)
    save(filled, replace(missing, missing=frozenset()), LAST)
    assert load(filled, with_missing=True).people == FULL.people
    save(filled, replace(FULL, people=FULL.people[:1], enrolments=()), LAST)
    assert load(filled, with_missing=True).people == FULL.people[:1]
    save(filled, missing, LAST)
    filled.settle_missing("aqjol", "csv")
    assert load(filled, with_missing=True).people == ()


def test_children_of_a_removed_course_go_with_it_although_they_are_unknown(filled: Store) -> None:
    unknown = frozenset({Kind.MODULES, Kind.MATERIALS, Kind.GROUPS, Kind.ENROLMENTS})
    less = Snapshot(courses=FULL.courses[1:], people=FULL.people, unknown=unknown)
    assert save(filled, less) == {
        Kind.COURSES: 1,
        Kind.MODULES: 2,
        Kind.MATERIALS: 2,
        Kind.GROUPS: 1,
        Kind.ENROLMENTS: 2,
    }
    assert load(filled).enrolments == (FULL.enrolments[0], FULL.enrolments[3])


def test_unknown_children_of_what_a_missing_file_held_are_held_too(filled: Store) -> None:
    less = replace(FULL, people=(), enrolments=(), unknown=frozenset({Kind.ENROLMENTS}), missing=frozenset({"people"}))
    assert save(filled, less) == {Kind.PEOPLE: 2, Kind.ENROLMENTS: 4}
    assert load(filled, with_missing=True) == FULL


def test_a_protected_person_keeps_the_courses_and_groups_of_the_enrolments(filled: Store) -> None:
    save(filled, Snapshot(protected_people=frozenset({"p1"})))
    kept = load(filled)
    assert kept.people == FULL.people[:1]
    assert kept.enrolments == FULL.enrolments[:3]
    assert kept.courses == FULL.courses[:1]
    assert kept.groups == FULL.groups
    assert (kept.modules, kept.materials) == ((), ())


def test_a_protected_course_keeps_all_of_it_and_its_people(filled: Store) -> None:
    save(filled, Snapshot(protected_courses=frozenset({"c1"})))
    kept = load(filled)
    assert (kept.courses, kept.modules, kept.materials) == (FULL.courses[:1], FULL.modules, FULL.materials)
    assert (kept.people, kept.enrolments) == (FULL.people[:1], FULL.enrolments[1:3])
    assert kept.groups == FULL.groups


def test_what_is_still_referred_to_is_kept(filled: Store) -> None:
    less = Snapshot(enrolments=FULL.enrolments[3:], materials=FULL.materials[:1])
    save(filled, less)
    kept = load(filled)
    assert (kept.courses, kept.people, kept.modules) == (FULL.courses, FULL.people[1:], FULL.modules[:1])


def test_a_failing_save_changes_nothing(filled: Store) -> None:
    broken = replace(FULL, people=(Person("p1", "\ud800"),), courses=())
    with pytest.raises(Refused, match="encoding"):
        save(filled, broken)
    assert load(filled) == FULL


def test_a_character_that_the_engine_cannot_keep_is_refused_or_kept_whole(filled: Store) -> None:
    person = Person("p1", "a\x00b")
    if filled._database.engine.dialect.name == "sqlite":
        save(filled, Snapshot(people=(person,)))
        assert load(filled).people == (person,)
    else:
        with pytest.raises(Refused, match="NUL"):
            save(filled, Snapshot(people=(person,)))
        assert load(filled) == FULL

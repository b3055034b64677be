"""What is kept goes when its time is over, and not before; what is still needed never goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from sync.ledger import APPROVED, Binding, Decision, Link, PullRecord, Run
from sync.models import METADATA, ROSTER
from sync.records import Course, Enrolment, Group, Kind, Material, Module, Person, Snapshot
from sync.settings_privacy import Keeping
from sync.store import Store
from sync.store_retention import Standing
from tests.databases import store, store_url

__all__ = ["store", "store_url"]

KEEPING = Keeping(departed=timedelta(days=365), runs=timedelta(days=90))
BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FULL = Snapshot(
    courses=(Course("c1", "Алгебра", origin="courses.csv"),),
    modules=(Module("1", "c1", "Бөлім"),),
    materials=(Material("a", "c1", "1", "Есеп"),),
    people=(Person("p1", "Әсем", origin="people.csv"), Person("p2", "Олег", origin="people.csv")),
    enrolments=(Enrolment("p1", "c1"), Enrolment("p2", "c1")),
    groups=(Group("g1", "c1", "7А"),),
)
EMPTY = Snapshot()


def rows(store: Store, kind: Kind) -> int:
    """Count the rows of a kind, tombstones included."""
    with store._database.reading() as connection:
        return connection.execute(select(func.count()).select_from(ROSTER[kind])).scalar_one()


def all_rows(store: Store) -> int:
    with store._database.reading() as connection:
        tables = METADATA.sorted_tables
        return sum(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)


def pulled(store: Store, snapshot: Snapshot, at: datetime = BEGAN, source: str = "csv") -> None:
    store.save_snapshot("aqjol", source, snapshot, at)
    store.record_pull(PullRecord("aqjol", source, at, ok=True, counts={}, problems=0, seconds=0.1))


def prune(store: Store, at: datetime, sources: tuple[str, ...] = ("csv",), users: tuple[str, ...] = ()) -> None:
    store.prune("aqjol", KEEPING, Standing(sources, users), at)


def given(user: str, roles: str, at: datetime = BEGAN) -> Binding:
    return Binding(f"member/{user}", "member", user, None, roles, at)


def test_the_departed_stay_a_year_and_go_then(store: Store) -> None:
    pulled(store, FULL)
    pulled(store, EMPTY, BEGAN + DAY)
    prune(store, BEGAN + DAY + KEEPING.departed)
    assert [rows(store, kind) for kind in Kind] == [1, 1, 1, 2, 2, 1]
    prune(store, BEGAN + 2 * DAY + KEEPING.departed)
    assert [rows(store, kind) for kind in Kind] == [0] * 6


def test_who_is_still_listed_stays_for_ever(store: Store) -> None:
    pulled(store, FULL)
    prune(store, BEGAN + 3650 * DAY)
    assert store.load_snapshot("aqjol", "csv") == FULL


def test_what_waits_for_approval_stays_as_long_as_it_waits(store: Store) -> None:
    pulled(store, FULL)
    pulled(store, replace(FULL, people=(), enrolments=(), missing=frozenset({"people.csv", ""})), BEGAN + DAY)
    prune(store, BEGAN + 3650 * DAY)
    assert len(store.load_snapshot("aqjol", "csv", with_missing=True).people) == 2
    store.settle_missing("aqjol", "csv")
    prune(store, BEGAN + 3650 * DAY)
    assert rows(store, Kind.PEOPLE) == 0


def test_a_course_of_which_something_stands_on_the_server_keeps_its_records(store: Store) -> None:
    pulled(store, FULL)
    pulled(store, EMPTY, BEGAN + DAY)
    store.save_bindings("aqjol", [Binding("course/csv:c1/module/1", "channel", "9", None, "", BEGAN)])
    prune(store, BEGAN + 3650 * DAY)
    assert [rows(store, kind) for kind in Kind] == [1, 1, 1, 0, 0, 1]
    assert list(store.bindings("aqjol")) == ["course/csv:c1/module/1"]
    store.remove_bindings("aqjol", ["course/csv:c1/module/1"])
    prune(store, BEGAN + 3650 * DAY)
    assert all(rows(store, kind) == 0 for kind in Kind)


def test_a_course_of_the_same_id_in_another_source_goes_alone(store: Store) -> None:
    for source in ("csv", "moodle"):
        pulled(store, FULL, source=source)
        pulled(store, EMPTY, BEGAN + DAY, source)
    store.save_bindings("aqjol", [Binding("course/csv:c1", "category", "9", None, "", BEGAN)])
    prune(store, BEGAN + 3650 * DAY, ("csv", "moodle"))
    assert store.sources("aqjol") == ("csv",)
    assert [rows(store, kind) for kind in Kind] == [1, 1, 1, 0, 0, 1]


def test_a_link_goes_after_its_person(store: Store) -> None:
    pulled(store, FULL)
    store.save_links("aqjol", [Link("csv:p1", "1001", "command", BEGAN), Link("csv:p2", "1002", "command", BEGAN)])
    pulled(store, replace(FULL, people=FULL.people[:1], enrolments=FULL.enrolments[:1]), BEGAN + 300 * DAY)
    prune(store, BEGAN + 400 * DAY)
    assert len(store.links("aqjol")) == 2
    prune(store, BEGAN + 700 * DAY)
    assert [link.person for link in store.links("aqjol")] == ["csv:p1"]


def test_a_link_that_was_made_before_the_first_pull_is_waited_for(store: Store) -> None:
    store.save_link("aqjol", Link("csv:p9", "1009", "command", BEGAN))
    prune(store, BEGAN + 100 * DAY)
    assert len(store.links("aqjol")) == 1
    prune(store, BEGAN + 400 * DAY)
    assert not store.links("aqjol")


@pytest.mark.parametrize(
    ("binding", "linked", "stays"),
    [
        pytest.param(given("1", ""), False, False, id="nothing of ours is left"),
        pytest.param(given("1", "course/csv:c1/students"), False, True, id="our roles wait to be taken back"),
        pytest.param(given("2", "course/csv:c1/students"), False, False, id="who left the server"),
        pytest.param(given("2", "course/csv:c1/students"), True, True, id="who left, but is a pupil still"),
        pytest.param(given("1", "", BEGAN + 200 * DAY), False, True, id="not long ago"),
    ],
)
def test_what_somebody_was_given_is_forgotten_once_it_is_over(
    store: Store, binding: Binding, linked: bool, stays: bool
) -> None:
    pulled(store, FULL)
    store.save_bindings("aqjol", [binding])
    if linked:
        store.save_link("aqjol", Link("csv:p1", "2", "command", BEGAN))
    prune(store, BEGAN + 500 * DAY, users=("1",))
    assert (binding.key in store.bindings("aqjol")) is stays


def test_history_goes_after_its_own_time_but_for_the_last_pull(store: Store) -> None:
    for day in (0, 50, 60):
        pulled(store, FULL, BEGAN + day * DAY)
        started = BEGAN + day * DAY
        store.start_run(Run(f"run{day}", "aqjol", "sync", started, started, "", {}, ""))
        store.save_decision("aqjol", Decision(f"digest{day}", APPROVED, "command", started))
    prune(store, BEGAN + 145 * DAY)
    assert [run.id for run in store.runs("aqjol")] == ["run60"]
    assert not store.awaits_use("aqjol", "digest50")
    assert store.awaits_use("aqjol", "digest60")
    before = all_rows(store)
    prune(store, BEGAN + 3650 * DAY)
    assert store.last_pulls("aqjol")["csv"].at == BEGAN + 60 * DAY
    assert before - all_rows(store) == 2


def test_the_last_pull_of_each_source_stays(store: Store) -> None:
    pulled(store, FULL)
    pulled(store, FULL, BEGAN + 300 * DAY, "moodle")
    prune(store, BEGAN + 300 * DAY, ("csv", "moodle"))
    assert set(store.last_pulls("aqjol")) == {"csv", "moodle"}


def test_a_source_that_was_taken_out_of_the_settings_goes_too(store: Store) -> None:
    for day in (0, 1):
        pulled(store, replace(FULL, memo={"page": "1"}), BEGAN + day * DAY, source="old")
    pulled(store, replace(FULL, memo={"page": "1"}), source="csv")
    store.prune("aqjol", Keeping(departed=DAY, runs=3650 * DAY), Standing(("csv",), ()), BEGAN + 2 * DAY)
    prune(store, BEGAN + DAY + KEEPING.departed)
    assert store.sources("aqjol") == ("csv", "old")
    prune(store, BEGAN + 2 * DAY + KEEPING.departed)
    assert store.sources("aqjol") == ("csv",)
    assert set(store.last_pulls("aqjol")) == {"csv"}
    assert [store.load_snapshot("aqjol", name).memo for name in ("csv", "old")] == [{"page": "1"}, {}]


def departed(store: Store, school: str) -> None:
    """Store what is over in every table, with a source that the settings no longer name."""
    for source in ("csv", "old"):
        for day, snapshot in enumerate((FULL, EMPTY)):
            at = BEGAN + day * DAY
            store.save_snapshot(school, source, snapshot, at)
            store.record_pull(PullRecord(school, source, at, ok=True, counts={}, problems=0, seconds=0.1))
    store.start_run(Run(f"run of {school}", school, "sync", BEGAN, BEGAN, "", {}, ""))
    store.save_decision(school, Decision("digest", APPROVED, "command", BEGAN))
    store.save_link(school, Link("csv:p1", "1001", "command", BEGAN))
    store.save_bindings(school, [given("1001", ""), given("1002", "")])


def at_work(store: Store, school: str) -> None:
    """Store all that would keep the same from going."""
    for source in ("csv", "old"):
        store.save_snapshot(school, source, FULL, LATE)
        store.record_pull(PullRecord(school, source, LATE, ok=True, counts={}, problems=0, seconds=0.1))
    store.save_links(school, [Link("csv:p1", "1001", "command", LATE), Link("csv:p2", "1002", "command", LATE)])
    store.save_bindings(school, [Binding("course/csv:c1", "category", "9", None, "", LATE)])


LATE = BEGAN + 3650 * DAY


def test_schools_have_nothing_to_do_with_each_other(store: Store) -> None:
    departed(store, "other")
    at_work(store, "busy")
    before = all_rows(store)
    departed(store, "aqjol")
    store.save_bindings("aqjol", [given("1002", "", LATE)])
    prune(store, LATE)
    assert (store.sources("aqjol"), store.runs("aqjol"), store.links("aqjol")) == ((), (), ())
    assert list(store.last_pulls("aqjol")) == ["csv"]
    assert list(store.bindings("aqjol")) == ["member/1002"], "not long ago here"
    assert all_rows(store) - before == 2, "one pull and one member are left, and everything of others"

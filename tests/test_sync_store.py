"""What the store remembers beside rosters, and that it comes back as the same values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sync.ledger import APPROVED, DISCARDED, Binding, Decision, Link, PullRecord, Refusal, Run
from sync.store import Store
from sync.store_errors import LinkTaken
from tests.databases import store, store_url

__all__ = ["store", "store_url"]

NOW = datetime(2026, 9, 1, 8, 30, 0, 123456, tzinfo=UTC)
ALMATY = timezone(timedelta(hours=5))


def link(person: str, user: str) -> Link:
    return Link(person, user, "command", NOW)


def test_a_saved_link_comes_back(store: Store) -> None:
    store.save_link("aqjol", link("csv:p1", "1001"))
    store.save_link("other", link("csv:p1", "1001"))
    assert store.links("aqjol") == (link("csv:p1", "1001"),)


def test_saving_a_link_again_renews_its_proof(store: Store) -> None:
    store.save_link("aqjol", link("csv:p1", "1001"))
    newer = Link("csv:p1", "1001", "roster", NOW + timedelta(days=1))
    store.save_link("aqjol", newer)
    assert store.links("aqjol") == (newer,)


def test_a_second_person_for_a_discord_user_is_refused_and_the_first_is_named(store: Store) -> None:
    store.save_link("aqjol", link("csv:p1", "1001"))
    with pytest.raises(LinkTaken, match="unlink") as caught:
        store.save_link("aqjol", link("csv:p2", "1001"))
    assert (caught.value.person, caught.value.user_id) == ("csv:p1", "1001")
    assert store.links("aqjol") == (link("csv:p1", "1001"),)


def test_two_people_who_claim_one_user_at_once_are_refused(store: Store) -> None:
    with pytest.raises(LinkTaken):
        store.save_links("aqjol", [link("csv:p1", "1001"), link("csv:p2", "1001")])
    assert store.links("aqjol") == ()


def test_a_person_can_change_the_account_and_two_can_swap(store: Store) -> None:
    store.save_links("aqjol", [link("csv:p1", "1"), link("csv:p2", "2")])
    store.save_links("aqjol", [link("csv:p1", "2"), link("csv:p2", "1")])
    assert store.links("aqjol") == (link("csv:p1", "2"), link("csv:p2", "1"))
    store.save_link("aqjol", link("csv:p1", "3"))
    assert store.links("aqjol")[0] == link("csv:p1", "3")


def test_an_account_passes_from_a_person_who_went_to_another(store: Store) -> None:
    store.save_links("aqjol", [link("csv:p1", "1"), link("csv:p2", "2")])
    store.save_links("aqjol", [link("csv:p3", "1")], ["csv:p1"])
    assert store.links("aqjol") == (link("csv:p2", "2"), link("csv:p3", "1"))


def test_a_removed_link_frees_the_person_and_the_user(store: Store) -> None:
    store.save_link("aqjol", link("csv:p1", "1001"))
    assert store.remove_link("aqjol", "csv:p1")
    assert not store.remove_link("aqjol", "csv:p1")
    store.save_link("aqjol", link("csv:p2", "1001"))
    assert store.links("aqjol") == (link("csv:p2", "1001"),)


def test_bindings_come_back_by_key_and_intents_have_no_id(store: Store) -> None:
    intent = Binding("course/csv:c1/role", "role", None, None, "", NOW)
    post = Binding("course/csv:c1/material/m1", "post", "77", "55", "abc", NOW)
    store.save_bindings("aqjol", [intent, post])
    assert store.bindings("aqjol") == {intent.key: intent, post.key: post}
    store.save_bindings("aqjol", [replace(intent, discord_id="88")])
    assert store.bindings("aqjol")[intent.key].discord_id == "88"
    assert store.bindings("other") == {}


def test_many_bindings_are_saved_and_removed_together(store: Store) -> None:
    many = [Binding(f"key/{n}", "post", str(n), None, "", NOW) for n in range(5000)]
    store.save_bindings("aqjol", many)
    assert len(store.bindings("aqjol")) == 5000
    store.remove_bindings("aqjol", (binding.key for binding in many[1:]))
    assert list(store.bindings("aqjol")) == ["key/0"]


def test_a_run_is_unfinished_until_it_is_finished(store: Store) -> None:
    run = Run("r1", "aqjol", "sync", NOW, None, "d1", {}, "")
    store.start_run(run)
    assert store.runs("aqjol") == (run,)
    done = replace(run, finished=NOW + timedelta(seconds=3), outcomes={"applied": 4}, report='{"a": "Ә"}')
    store.finish_run(done)
    assert store.runs("aqjol") == (done,)
    assert store.runs("other") == ()


def test_runs_are_listed_from_the_newest(store: Store) -> None:
    for n in range(5):
        store.start_run(Run(f"r{n}", "aqjol", "plan", NOW + timedelta(minutes=n), None, "", {}, ""))
    assert [run.id for run in store.runs("aqjol", 2)] == ["r4", "r3"]


def test_the_last_pull_of_each_source_is_known(store: Store) -> None:
    old = PullRecord("aqjol", "moodle", NOW, True, {"people": 3}, 0, 1.5)
    new = replace(old, at=NOW + timedelta(minutes=5), ok=False, problems=2)
    csv = replace(old, source="rosters")
    for pull in (old, new, csv):
        store.record_pull(pull)
    assert store.last_pulls("aqjol") == {"moodle": new, "rosters": csv}


def test_an_approval_is_used_once(store: Store) -> None:
    approval = Decision("digest", APPROVED, "42", NOW, 3)
    store.save_decision("aqjol", approval)
    assert store.awaits_use("aqjol", "digest")
    assert not store.approved("aqjol", "another")
    assert not store.approved("other", "digest")
    assert store.approved("aqjol", "digest")
    assert not store.approved("aqjol", "digest")
    assert not store.awaits_use("aqjol", "digest")
    assert store.decisions("aqjol") == (replace(approval, used=True),)
    store.save_decision("aqjol", approval)
    assert store.approved("aqjol", "digest")


def test_what_was_discarded_is_no_leave_and_is_remembered_until_it_is_asked_again(store: Store) -> None:
    removals = {("member/1", "course/a/students"), ("course/a/module/1", "")}
    store.save_decision("aqjol", Decision("digest", DISCARDED, "42", NOW, 2), removals)
    assert not store.awaits_use("aqjol", "digest")
    assert not store.approved("aqjol", "digest")
    assert store.discarded("aqjol") == removals
    assert store.discarded("other") == frozenset()
    store.ask_again("aqjol", [("course/a/module/1", "")])
    assert store.discarded("aqjol") == {("member/1", "course/a/students")}


def test_times_of_other_zones_come_back_in_utc(store: Store) -> None:
    local = datetime(2026, 9, 1, 13, 0, tzinfo=ALMATY)
    store.save_link("aqjol", Link("csv:p1", "1", "command", local))
    stored = store.links("aqjol")[0].at
    assert stored == local
    assert stored.tzinfo is UTC


def test_a_time_without_a_zone_is_a_mistake(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.save_link("aqjol", Link("csv:p1", "1", "command", datetime(2026, 9, 1)))  # noqa: DTZ001


def refusal(key: str, digest: str = "d") -> Refusal:
    return Refusal(key, digest, "s", "Discord says {answer}.", {"answer": "жоқ"}, NOW)


def test_refusals_come_back_by_key_the_newest_only_and_are_forgotten_one_by_one_or_all(store: Store) -> None:
    store.save_refusals("aqjol", [refusal("a"), refusal("b"), refusal("c")])
    store.save_refusals("aqjol", [refusal("a", "newer")])
    store.save_refusals("other", [refusal("a")])
    assert list(store.refusals("aqjol").items()) == [
        ("a", refusal("a", "newer")),
        ("b", refusal("b")),
        ("c", refusal("c")),
    ]
    store.forget_refusals("aqjol", ["a", "nobody knows this one"])
    assert list(store.refusals("aqjol")) == ["b", "c"]
    store.forget_refusals("aqjol", [])
    assert list(store.refusals("aqjol")) == ["b", "c"]
    store.forget_refusals("aqjol")
    assert not store.refusals("aqjol")
    assert list(store.refusals("other")) == ["a"]

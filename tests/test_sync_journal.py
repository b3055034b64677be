"""What a run did is kept with what it bound, every kind as it was, and goes with the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from sync.journal import dump, load
from sync.ledger import Binding, Run
from sync.ports import Entry
from sync.records import File
from sync.resources import (
    Attachment,
    Category,
    Channel,
    Discussion,
    Index,
    Look,
    Member,
    Notice,
    Order,
    Overwrite,
    Pin,
    Post,
    Question,
    Resource,
    Role,
    Thread,
)
from sync.settings_privacy import Keeping
from sync.store import Store
from sync.store_retention import Standing
from tests.builders import NOW, binding
from tests.databases import store, store_url

__all__ = ["store", "store_url"]

words = st.text(max_size=9)
maybe = st.none() | words
numbers = st.integers(0, 2**53)
told = st.dictionaries(words, words, max_size=2)
overwrites = st.lists(st.builds(Overwrite, words, numbers, numbers), max_size=3).map(tuple)
roles = st.frozensets(words, max_size=3)
tags = st.none() | st.lists(words, max_size=2).map(tuple)
looks = st.builds(Look, words, words, words, words, numbers)
files = st.builds(File, words, numbers, words, words, st.none() | st.just(NOW), words)
attached = st.lists(st.builds(Attachment, words, files, words), max_size=2).map(tuple)
flags = st.none() | st.booleans()
RESOURCES = {
    Role: st.builds(Role, words, words, numbers, st.booleans(), numbers),
    Category: st.builds(Category, words, words, overwrites, told),
    Channel: st.builds(Channel, words, maybe, maybe, maybe, maybe, st.none() | overwrites, tags, told),
    Thread: st.builds(Thread, words, maybe, maybe, st.booleans(), tags, flags),
    Post: st.builds(Post, words, maybe, maybe, flags, words, looks, attached, looks),
    Index: st.builds(Index, words, words, words, words, looks),
    Pin: st.builds(Pin, words, words, maybe, words, flags),
    Discussion: st.builds(Discussion, words, words, maybe, flags, maybe),
    Notice: st.builds(Notice, words, words, words, words, words, looks, told=told),
    Question: st.builds(Question, words, maybe, maybe, st.booleans(), words, looks, words),
    Member: st.builds(Member, words, maybe, roles, words, roles),
    Order: st.builds(Order, words, st.lists(words, max_size=3).map(tuple)),
}


def test_no_kind_is_forgotten() -> None:
    assert set(RESOURCES) == set(get_args(Resource))


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.__name__)
def test_every_kind_comes_back_as_it_was(kind: type) -> None:
    @settings(max_examples=30, deadline=None)
    @given(RESOURCES[kind])
    def comes_back(resource: Any) -> None:
        again = load(resource.key, dump(resource))
        assert again == resource
        fields = [name for name in type(resource).__dataclass_fields__ if name != "entries"]
        assert [getattr(again, name) for name in fields] == [getattr(resource, name) for name in fields]

    comes_back()


def test_what_is_as_usual_is_not_written_down() -> None:
    assert dump(Role("course/a/students", "A")) == {"role": {"name": "A"}}
    assert dump(Category("course/a", "A")) == {"category": {"name": "A"}}
    assert dump(None) == {}


@contextmanager
def commits() -> Iterator[list[int]]:
    seen: list[int] = []
    count = lambda _: seen.append(1)  # noqa: E731
    event.listen(Engine, "commit", count)
    try:
        yield seen
    finally:
        event.remove(Engine, "commit", count)


ROOM = binding("course/a/module/1", "channel", "7")
MADE = Entry("run", ROOM.key, None, Channel(ROOM.key, "one", "text"))


def test_a_change_and_its_binding_are_kept_together_or_not_at_all(store: Store) -> None:
    with commits() as seen:
        store.save_bindings("aqjol", [ROOM], [MADE])
    assert len(seen) == 1
    assert (dict(store.bindings("aqjol")), store.journal("aqjol", "run")) == ({ROOM.key: ROOM}, (MADE,))
    with pytest.raises(KeyError):
        store.remove_bindings("aqjol", [ROOM.key], [replace(MADE, desired=object())])  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        store.save_bindings("aqjol", [replace(ROOM, discord_id="8")], [replace(MADE, desired=object())])  # type: ignore[arg-type]
    assert dict(store.bindings("aqjol")) == {ROOM.key: ROOM}


def test_the_journal_of_a_run_is_its_own_and_in_order(store: Store) -> None:
    gone = Entry("run", ROOM.key, MADE.desired, None)
    store.save_bindings("aqjol", [ROOM], [MADE, replace(MADE, run="other")])
    store.save_bindings("school 2", [ROOM], [MADE])
    store.remove_bindings("aqjol", [ROOM.key], [gone])
    assert store.journal("aqjol", "run") == (MADE, gone)
    assert store.written("aqjol", [ROOM.key, "x"]) == (MADE.desired, MADE.desired)


BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
KEEPING = Keeping(departed=timedelta(days=30), runs=timedelta(days=90))


def ran(store: Store, run: str, days: int, *resources: Resource) -> None:
    at = BEGAN + timedelta(days=days)
    store.start_run(Run(run, "aqjol", "sync", at, at, "", {}, ""))
    bound = [Binding(one.key, "post", "1", None, "", at) for one in resources]
    store.save_bindings("aqjol", bound, [Entry(run, one.key, None, one) for one in resources])


def prune(store: Store, days: int) -> None:
    store.prune("aqjol", KEEPING, Standing((), ()), BEGAN + timedelta(days=days))


def test_what_a_message_says_is_known_as_long_as_it_stands(store: Store) -> None:
    first, second = Post("m/1", "c", "d1", look=Look("one")), Post("m/1", "c", "d2", look=Look("two"))
    other, room = Post("m/2", "c", "d3"), Channel("c", "one", "text")
    ran(store, "a", 0, first, other, room)
    ran(store, "b", 1, second)
    prune(store, 90)
    assert len(store.journal("aqjol", "a")) == 3
    prune(store, 200)
    assert store.written("aqjol", ["m/1", "m/2", "c"]) == (other, second)
    store.remove_bindings("aqjol", ["m/2"])
    prune(store, 201)
    assert store.written("aqjol", ["m/1", "m/2", "c"]) == (second,)


def test_what_departed_people_were_given_goes_with_them(store: Store) -> None:
    ran(store, "a", 0, Member("member/7", "Aru", frozenset({"r"}), "7"))
    store.save_bindings("aqjol", [Binding("member/7", "member", "7", None, "", BEGAN)])
    prune(store, 31)
    assert store.journal("aqjol", "a") == ()

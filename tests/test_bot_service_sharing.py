"""Two runs side by side forget nothing of what either gave to a member."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.serving.sharing import SharedLedger
from sync.ledger import Binding
from sync.observe import granted
from sync.ports import Entry

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Kept:
    def __init__(self) -> None:
        self.bindings: dict[str, Binding] = {}

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        self.bindings.update((binding.key, binding) for binding in bindings)

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        for key in keys:
            self.bindings.pop(key, None)

    def roles(self) -> frozenset[str]:
        return granted(self.bindings["member/1"])


def gives(*roles: str, kind: str = "member") -> list[Binding]:
    return [Binding("member/1", kind, "1", None, "\n".join(sorted(roles)), NOW)]


def test_the_later_writer_adds_what_the_other_gave_meanwhile() -> None:
    kept = Kept()
    shared = SharedLedger(kept)
    long, short = shared.open(), shared.open()
    short.save_bindings("one", gives("new"))
    shared.close(short)
    long.save_bindings("one", gives("old"))
    assert kept.roles() == {"old", "new"}


def test_the_run_that_planned_first_and_writes_last_is_no_exception() -> None:
    kept = Kept()
    shared = SharedLedger(kept)
    long, short = shared.open(), shared.open()
    long.save_bindings("one", gives("old"))
    short.save_bindings("one", gives("new"))
    assert kept.roles() == {"old", "new"}


def test_a_run_alone_takes_back_what_it_gave_itself() -> None:
    kept = Kept()
    shared = SharedLedger(kept)
    run = shared.open()
    run.save_bindings("one", gives("a", "b"))
    run.save_bindings("one", gives("a"))
    assert kept.roles() == {"a"}


def test_a_run_that_only_gives_forgets_nothing_that_was_given_before() -> None:
    kept = Kept()
    run = SharedLedger(kept).open(only_gives=True)
    run.save_bindings("one", gives("old", "new"))
    run.save_bindings("one", gives("new"))
    assert kept.roles() == {"old", "new"}


def test_a_run_that_begins_later_starts_afresh() -> None:
    kept = Kept()
    shared = SharedLedger(kept)
    first = shared.open()
    first.save_bindings("one", gives("a"))
    shared.close(first)
    second = shared.open()
    second.save_bindings("one", gives("b"))
    assert kept.roles() == {"b"}


def test_what_is_no_member_is_kept_as_it_is() -> None:
    kept = Kept()
    shared = SharedLedger(kept)
    one, other = shared.open(), shared.open()
    one.save_bindings("one", gives("a", kind="role"))
    other.save_bindings("one", gives("b", kind="role"))
    assert kept.roles() == {"b"}
    other.remove_bindings("one", ["member/1"])
    assert not kept.bindings

"""Contacts at rest: with a key nothing in the database gives them away, and without the key nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import Refused
from sync.ledger import Link
from sync.records import Kind, Person, Snapshot, StoredPull
from sync.sealing import MARK, Seal, new_key
from sync.store import Store
from sync.store_sealing import drop_contacts

from .databases import store_url

__all__ = ["store_url"]

AT = datetime(2026, 9, 1, tzinfo=UTC)
OLD, NEW = new_key(), new_key()
ARU = Person("p1", "Aru", "aru.whisper@school.kz", "aru_whisper")
MUTE = Person("p2", "Mute")
LISTED = Snapshot(people=(ARU, MUTE))
PROVEN = Link("csv:p1", "11", "roster:aru_whisper", AT)
UNSEALED, SEALED = None, Seal([OLD])
PLAIN_AGAIN, RENEWED, ONLY_NEW = Seal([OLD], sealing=False), Seal([NEW, OLD]), Seal([NEW])


def pull(store: Store) -> StoredPull:
    return store.save_snapshot("aqjol", "csv", LISTED, AT)


def fill(url: str, seal: Seal | None) -> None:
    with Store.open(url, seal=seal) as store:
        pull(store)
        store.save_link("aqjol", PROVEN)


@contextmanager
def reading(url: str, seal: Seal | None) -> Iterator[Callable[[str], list[str]]]:
    with Store.open(url, seal=seal) as store, store._database.reading() as connection:
        yield lambda query: [str(value) for row in connection.exec_driver_sql(query) for value in row]


def raw(url: str, seal: Seal | None) -> str:
    """Return the contacts as they are kept, of people and of links."""
    with reading(url, seal) as values:
        return "\n".join(values("SELECT email, discord, digest FROM people") + values("SELECT proof FROM links"))


def known(url: str, seal: Seal | None) -> tuple[tuple[Person, ...], tuple[Link, ...]]:
    with Store.open(url, seal=seal) as store:
        return store.load_snapshot("aqjol", "csv").people, store.links("aqjol")


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize(
    ("first", "then"),
    [(SEALED, SEALED), (UNSEALED, SEALED), (SEALED, RENEWED)],
    ids=["from the beginning", "switched on", "key renewed"],
)
def test_no_contact_can_be_read_in_the_tables(store_url: str, first: Seal | None, then: Seal) -> None:
    fill(store_url, first)
    kept = raw(store_url, then)
    assert "whisper" not in kept
    assert all(value.startswith(MARK) for value in kept.splitlines() if value)
    assert known(store_url, then) == ((ARU, MUTE), (PROVEN,))


def test_no_file_of_the_database_gives_a_contact_away_once_it_is_encrypted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kopir.db'}"
    fill(url, UNSEALED)
    with Store.open(url) as beside:
        beside.counts("aqjol", "csv")
        assert b"whisper" in contents(tmp_path)
        Store.open(url, seal=SEALED).close()
        assert b"whisper" not in contents(tmp_path)


def test_a_renewed_key_needs_the_old_one_only_once(store_url: str) -> None:
    fill(store_url, SEALED)
    Store.open(store_url, seal=RENEWED).close()
    assert known(store_url, ONLY_NEW) == ((ARU, MUTE), (PROVEN,))


def test_switched_off_all_is_plain_and_needs_no_key(store_url: str) -> None:
    fill(store_url, SEALED)
    assert raw(store_url, PLAIN_AGAIN).count("whisper") == 3
    assert known(store_url, UNSEALED) == ((ARU, MUTE), (PROVEN,))


@pytest.mark.parametrize("seal", [UNSEALED, ONLY_NEW, Seal([NEW], sealing=False)], ids=["no key", "another", "off"])
def test_without_the_key_nothing_is_read_and_nothing_is_lost(store_url: str, seal: Seal | None) -> None:
    fill(store_url, SEALED)
    before = raw(store_url, SEALED)
    with pytest.raises(Refused, match="encryption_key"):
        Store.open(store_url, seal=seal)
    assert raw(store_url, SEALED) == before


@pytest.mark.parametrize("seal", [UNSEALED, SEALED, RENEWED], ids=["plain", "sealed", "renewed"])
def test_the_same_list_again_writes_nothing(store_url: str, seal: Seal | None) -> None:
    fill(store_url, SEALED if seal else UNSEALED)
    with Store.open(store_url, seal=seal) as store:
        assert not pull(store).changes


def test_a_service_that_runs_on_without_the_key_stops_at_the_first_sealed_row(store_url: str) -> None:
    fill(store_url, UNSEALED)
    with Store.open(store_url) as running:
        Store.open(store_url, seal=SEALED).close()
        with pytest.raises(Refused, match="encryption_key"):
            running.load_snapshot("aqjol", "csv")


def test_a_lost_key_costs_one_pull(store_url: str) -> None:
    fill(store_url, SEALED)
    assert drop_contacts(store_url) == 2
    with Store.open(store_url, seal=ONLY_NEW) as store:
        assert [link.user_id for link in store.links("aqjol")] == ["11"]
        pull(store)
        assert store.load_snapshot("aqjol", "csv").people == (ARU, MUTE)
        assert store.counts("aqjol", "csv")[Kind.PEOPLE] == 2


@given(st.text(st.characters(codec="utf-8", exclude_characters=MARK)))
def test_whatever_is_sealed_is_opened_again(text: str) -> None:
    assert SEALED.open(SEALED.close(text)) == text
    assert not text or text not in SEALED.close(text) or len(text) < 4


def test_two_people_with_one_address_cannot_be_told_by_it() -> None:
    assert SEALED.close("same@school.kz") != SEALED.close("same@school.kz")


@pytest.mark.parametrize("seal", [UNSEALED, PLAIN_AGAIN], ids=["no key", "off"])
@pytest.mark.parametrize("given_", [MARK + "x", f"a{MARK}b"], ids=["before", "within"])
def test_input_cannot_pass_for_sealed(store_url: str, given_: str, seal: Seal | None) -> None:
    with Store.open(store_url, seal=seal) as store:
        store.save_snapshot("aqjol", "csv", Snapshot(people=(Person("p1", "Aru", given_),)), AT)
        assert MARK not in store.load_snapshot("aqjol", "csv").people[0].email

"""Which account is whose: stated by the roster, proven before, or contested."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ledger import Link
from sync.linking import Linking, account, link
from sync.records import Person
from tests.builders import NOW, guild, guild_member, linked, person

SERVER = guild(
    guild_member("100", "aisulu"),
    guild_member("200", "bek.k"),
    guild_member("300", "helper", bot=True),
)


def tie(*people: Person, links: tuple[Link, ...] = ()) -> Linking:
    return link(people, {one.person: one for one in links}, SERVER, NOW)


@pytest.mark.parametrize(
    "stated",
    ["aisulu", "Aisulu", "  @aisulu ", "aisulu#0", "@Aisulu#0", "100", "<@100>", "<@!100>"],
)
def test_an_account_is_known_however_it_was_written(stated: str) -> None:
    assert tie(person("aru", discord=stated)).users == {"aru": "100"}


@pytest.mark.parametrize("stated", ["aisulu#1234", "nobody", "999", "@", "helper", "300", "kopir"])
def test_an_account_that_is_not_a_members_is_reported(stated: str) -> None:
    found = tie(person("aru", discord=stated))
    assert (found.users, found.found) == ({}, ())
    assert found.unknown == ("aru",)
    assert found.unlinked == ()


def test_somebody_who_states_nothing_is_unlinked() -> None:
    found = tie(person("aru", discord=""))
    assert (found.users, found.unlinked, found.unknown) == ({}, ("aru",), ())


def test_a_link_from_the_roster_is_kept_with_its_proof() -> None:
    assert tie(person("aru", discord="@Aisulu")).found == (Link("aru", "100", "roster:aisulu", NOW),)


def test_a_contested_account_ties_nobody() -> None:
    found = tie(person("aru", discord="aisulu"), person("dana", discord="100"))
    assert found.users == {}
    assert found.found == ()
    assert found.contested == ("aru", "dana")
    assert found.unknown == found.unlinked == ()


def test_a_proven_link_beats_a_later_claim() -> None:
    proven = linked("aru", "100")
    found = tie(person("aru", discord=""), person("dana", discord="aisulu"), links=(proven,))
    assert found.users == {"aru": "100"}
    assert found.contested == ("dana",)


@pytest.mark.parametrize(
    ("stated", "proof", "user"),
    [
        pytest.param("old_name", "roster:old_name", "100", id="the account's user name changed"),
        pytest.param("", "roster:aisulu", "100", id="the roster states nothing any more"),
        pytest.param("bek.k", "roster:aisulu", "200", id="the roster states another account"),
        pytest.param("bek.k", "command", "100", id="a person's command counts more than the roster"),
    ],
)
def test_a_proven_link_holds_until_the_roster_names_another_account(stated: str, proof: str, user: str) -> None:
    found = tie(person("aru", discord=stated), links=(linked("aru", "100", proof),))
    assert found.users == {"aru": user}
    assert [new.user_id for new in found.found] == ([] if user == "100" else [user])


def test_a_new_account_that_is_not_on_the_server_ends_the_old_link() -> None:
    found = tie(person("aru", discord="unheard_of"), links=(linked("aru", "100", "roster:aisulu"),))
    assert found.users == {}
    assert found.unknown == ("aru",)


def test_the_same_account_stated_another_way_renews_the_proof() -> None:
    """Or a later change of the user name would break a link that was proven by the id."""
    first = tie(person("aru", discord="aisulu"), links=(linked("aru", "100", "roster:100"),))
    assert first.found == (Link("aru", "100", "roster:aisulu", NOW),)
    assert tie(person("aru", discord="aisulu"), links=first.found).found == ()


def test_a_linked_person_who_left_the_server_is_reported_and_keeps_the_link() -> None:
    found = tie(person("aru", discord=""), links=(linked("aru", "777"),))
    assert found.users == {}
    assert found.unknown == ("aru",)
    assert found.found == ()


def test_one_account_proven_for_two_people_serves_both() -> None:
    """Brothers on one family account: a person linked each of them by command."""
    found = tie(
        person("aru", discord=""), person("dana", discord=""), links=(linked("aru", "100"), linked("dana", "100"))
    )
    assert found.users == {"aru": "100", "dana": "100"}


def test_nobody_is_moved_onto_an_account_that_is_proven_for_another() -> None:
    links = (linked("aru", "100"), linked("dana", "200", "roster:bek.k"))
    found = tie(person("aru", discord=""), person("dana", discord="aisulu"), links=links)
    assert found.users == {"aru": "100"}
    assert found.contested == ("dana",)


@pytest.mark.parametrize(
    "people",
    [
        pytest.param((person("new", discord="aisulu"),), id="the person came back under another id"),
        pytest.param((person("new", discord="aisulu"), person("aru", discord="unheard_of")), id="another account"),
    ],
)
def test_an_account_that_nobody_holds_any_more_passes_to_who_states_it(people: tuple[Person, ...]) -> None:
    found = tie(*people, links=(linked("aru", "100", "roster:aisulu"), linked("dana", "200", "roster:bek.k")))
    assert found.users["new"] == "100"
    assert [new.person for new in found.found] == ["new"]
    assert found.replaced == ("aru",)


def test_a_link_known_under_a_merged_persons_other_id_is_renewed_in_its_place() -> None:
    old = linked("csv:1", "100", "roster:100")
    found = link([person("moodle:9", discord="aisulu")], {"moodle:9": old}, SERVER, NOW)
    assert [new.person for new in found.found] == ["moodle:9"]
    assert found.replaced == ("csv:1",)


@given(st.text(st.sampled_from("aB10._"), max_size=20))
def test_an_account_is_normalised_once(text: str) -> None:
    assert account(f" <@{text}> ") == account(text)

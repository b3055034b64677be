"""Who is meant when somebody asks for their data: one human with all their records, or nobody."""

import pytest

from sync.errors import Refused
from sync.ledger import Link
from sync.subjects import Subject, Trace, find
from tests.builders import linked, person

ARU = Trace("rosters", person("s1", "Aru Seitova", discord="aru", email="Aru@School.kz"))
ARU_IN_MOODLE = Trace("moodle", person("17", "Seitova Aru", discord="", email="aru@school.kz"))
BEK = Trace("rosters", person("s2", "Bek Omarov", discord="", email="family@mail.kz"))
DANA = Trace("rosters", person("s3", "Dana Omarova", discord="", email="family@mail.kz"))
NAMESAKE = Trace("moodle", person("s2", "Oleg Kim", discord="", email="oleg@school.kz"))
TIMUR = Trace("rosters", person("s4", "Timur Abai", discord="500"))
MIRAS = Trace("rosters", person("s5", "Miras Abai", discord=""))
TRACES = (ARU, BEK, DANA, ARU_IN_MOODLE, NAMESAKE, TIMUR, MIRAS)
LINKS = (linked("rosters:s2", "200"), linked("rosters:left", "300"))


def found(text: str, links: tuple[Link, ...] = LINKS, members: frozenset[str] = frozenset()) -> Subject:
    return find(text, TRACES, links, members)


@pytest.mark.parametrize("text", ["rosters:s1", "moodle:17", "17", " ARU@school.KZ ", "@aru", "s1"])
def test_one_human_is_found_with_the_records_of_all_sources(text: str) -> None:
    assert found(text) == Subject((ARU, ARU_IN_MOODLE), ("rosters:s1", "moodle:17"), frozenset())


def test_a_discord_account_leads_to_its_person() -> None:
    assert found("200") == found("rosters:s2")
    assert found("200").users == {"200"}


def test_the_account_that_a_list_names_is_theirs_before_any_link() -> None:
    assert found("rosters:s4").users == {"500"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("family@mail.kz", "rosters:s2, rosters:s3", id="an e-mail that two share"),
        pytest.param("s2", "rosters:s2, moodle:s2", id="an id that two sources give to two people"),
    ],
)
def test_several_people_are_never_taken_for_one(text: str, ids: str) -> None:
    with pytest.raises(Refused, match=ids):
        found(text)


def test_who_shares_an_email_is_named_beside_the_one_who_is_meant() -> None:
    assert found("rosters:s2").alike == ("rosters:s3",)
    assert found("rosters:s1").alike == ()
    assert found("rosters:s4").alike == (), "no e-mail is not the same e-mail"


def test_somebody_of_whom_only_a_link_is_left_is_found() -> None:
    assert found("300") == found("rosters:left") == Subject((), ("rosters:left",), frozenset({"300"}))


def test_somebody_of_whom_only_our_roles_are_left_is_found() -> None:
    assert found("400", members=frozenset({"400"})) == Subject((), (), frozenset({"400"}))


@pytest.mark.parametrize("text", ["", " ", "400", "nobody@school.kz", "rosters:s9"])
def test_nobody_is_found_by_chance(text: str) -> None:
    with pytest.raises(Refused, match="Nothing is stored"):
        found(text)

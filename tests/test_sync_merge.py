"""People of several sources become one person only when nothing speaks against it, and nobody is lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.merge import Conflict, Roster, Tie, merge
from sync.records import Course, CourseRole, Enrolment, Group, Material, Module, Person, Snapshot

NOW = datetime(2026, 9, 1, tzinfo=UTC)
NO_LINKS: dict[str, str] = {}


def people(*sources: tuple[Person, ...], links: dict[str, str] = NO_LINKS) -> Roster:
    return merge([(name, Snapshot(people=given)) for name, given in zip("abcd", sources, strict=False)], links)


AISULU = Person("1", "Айсұлу Серікова", "aisulu@example.kz")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Person("1", "Серікова Айсұлу"), id="id, name the other way round"),
        pytest.param(Person("1", "", "AISULU@example.kz "), id="id, name unknown"),
        pytest.param(Person("7", "айсұлу серікова", "Aisulu@Example.kz"), id="e-mail in another case"),
        pytest.param(Person("7", "Айсұлу Серікова Ерланқызы", AISULU.email), id="e-mail, patronymic on one side"),
    ],
)
def test_people_who_match_become_one(other: Person) -> None:
    roster = people((AISULU,), (other,))
    assert roster.people == (replace(AISULU, id="a:1"),)
    assert roster.aliases == {"a:1": "a:1", f"b:{other.id}": "a:1"}
    assert roster.conflicts == ()


def test_a_source_with_numbers_of_its_own_ties_people_by_the_school_s_codes_only() -> None:
    moodle = (Person("1", "Айсұлу Серікова", codes=("s-7",)), Person("2", "Болат Ахметов", codes=()))
    roster = people(moodle, (Person("s-7", "Айсұлу Серікова", discord="aisulu"), Person("2", "Дана Ким")))
    assert {person.id: person.discord for person in roster.people} == {"a:1": "aisulu", "a:2": "", "b:2": ""}
    assert roster.conflicts == ()


@pytest.mark.parametrize(
    ("other", "kind", "field"),
    [
        pytest.param(Person("1", "Айсұлу Серікова", "other@example.kz"), Tie.ID, "email", id="one id, two e-mails"),
        pytest.param(Person("1", "Болат Ахметов"), Tie.ID, "name", id="one id, two names"),
        pytest.param(Person("7", "Болат Ахметов", AISULU.email), Tie.EMAIL, "name", id="one e-mail, two names"),
        pytest.param(Person("7", "Болат", "", "aisulu_s"), Tie.ACCOUNT, "name", id="one account, two names"),
    ],
)
def test_people_who_contradict_each_other_stay_apart_and_are_reported(other: Person, kind: Tie, field: str) -> None:
    roster = people((replace(AISULU, discord="Aisulu_S"),), (other,))
    assert len(roster.people) == 2
    (conflict,) = roster.conflicts
    assert (conflict.kind, conflict.field, conflict.people) == (kind, field, ("a:1", f"b:{other.id}"))
    assert len(conflict.values) == 2


def test_the_same_account_in_two_sources_is_one_person() -> None:
    roster = people((Person("1", "Айсұлу", "", "@Aisulu#0"),), (Person("x", "Айсұлу", "a@b.kz", "aisulu"),))
    assert roster.people == (Person("a:1", "Айсұлу", "a@b.kz", "@Aisulu#0"),)


def test_a_link_joins_with_the_id_that_another_source_states() -> None:
    sources = (Person("1", "Айсұлу"),), (Person("x", "Айсұлу", "", "1001"),)
    assert len(people(*sources).people) == 2
    assert people(*sources, links={"a:1": "1001"}).aliases["b:x"] == "a:1"


def test_two_links_of_one_person_are_a_conflict() -> None:
    roster = people((AISULU,), (replace(AISULU, id="7"),), links={"a:1": "1001", "b:7": "1002"})
    assert roster.conflicts == (Conflict(Tie.EMAIL, ("a:1", "b:7"), "discord", ("1001", "1002")),)


def test_two_people_of_one_source_are_never_merged_even_with_one_email() -> None:
    twins = (Person("1", "Асан Ахметов", "mother@example.kz"), Person("2", "Үсен Ахметов", "mother@example.kz"))
    roster = people(twins, (Person("x", "Асан Ахметов", "mother@example.kz"),))
    assert len(roster.people) == 3
    assert roster.conflicts[0].people == ("a:1", "a:2", "b:x")
    same = people((Person("1", "Асан", "m@example.kz"), Person("2", "Асан", "m@example.kz")))
    assert (len(same.people), same.conflicts[0].field) == (2, "id")


def test_every_field_is_the_first_that_is_not_empty_in_the_order_of_sources() -> None:
    first = Person("1", "", "aisulu@example.kz", "", False, "one.csv")
    second = Person("1", "Айсұлу", "", "aisulu", True, "two.csv")
    assert people((first,), (second,)).people == (
        Person("a:1", "Айсұлу", "aisulu@example.kz", "aisulu", True, "one.csv"),
    )
    assert people((second,), (first,)).people[0].origin == "two.csv"


def test_ids_are_qualified_and_the_school_itself_stays_empty() -> None:
    snapshot = Snapshot(
        courses=(Course("c", "Алгебра"),),
        modules=(Module("m", "c", "1"),),
        materials=(Material("x", "c", "m", "X"),),
        people=(Person("p", "А"),),
        groups=(Group("g", "c", "7A"), Group("h", "", "7")),
        enrolments=(Enrolment("p", "c", groups=("g",)), Enrolment("p", "", CourseRole.STAFF)),
    )
    roster = merge([("csv", snapshot)], {})
    assert roster.courses == (Course("csv:c", "Алгебра"),)
    assert roster.modules == (Module("m", "csv:c", "1"),)
    assert roster.materials == (Material("x", "csv:c", "m", "X"),)
    assert roster.groups == (Group("csv:h", "", "7"), Group("csv:g", "csv:c", "7A"))
    assert roster.enrolments == (
        Enrolment("csv:p", "", CourseRole.STAFF),
        Enrolment("csv:p", "csv:c", groups=("csv:g",)),
    )


def test_enrolments_follow_the_merged_person_and_the_first_source_decides_their_dates() -> None:
    one = Snapshot(people=(AISULU,), enrolments=(Enrolment("1", "", CourseRole.STAFF, ("g",), end=NOW),))
    two = Snapshot(people=(replace(AISULU, id="7"),), enrolments=(Enrolment("7", "", CourseRole.STAFF, ("h",)),))
    roster = merge([("a", one), ("b", two)], {})
    assert roster.enrolments == (Enrolment("a:1", "", CourseRole.STAFF, ("a:g", "b:h"), end=NOW),)


PERSON = st.builds(
    Person,
    id=st.sampled_from("123456"),
    name=st.sampled_from(["", "Асан", "Асан Ахметов", "Ахметов Асан", "Үсен"]),
    email=st.sampled_from(["", "a@b.kz", "A@B.kz", "c@d.kz"]),
    discord=st.sampled_from(["", "asan", "@Asan", "900"]),
    suspended=st.booleans(),
)
PEOPLE = st.lists(PERSON, max_size=6, unique_by=lambda person: person.id).map(tuple)
SOURCES = st.lists(PEOPLE, min_size=1, max_size=3)
LINKS = st.dictionaries(st.sampled_from(["a:1", "a:2", "b:1", "b:3", "c:1"]), st.sampled_from(["900", "901"]))


def joined(sources: list[tuple[Person, ...]], links: dict[str, str]) -> Roster:
    snapshots = [
        (name, Snapshot(people=given, enrolments=tuple(Enrolment(person.id, "c") for person in given)))
        for name, given in zip("abc", sources, strict=False)
    ]
    return merge(snapshots, links)


@given(SOURCES, LINKS, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(sources: list[tuple[Person, ...]], links: dict[str, str], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [tuple(random.sample(given, len(given))) for given in sources]
    assert joined(shuffled, links) == joined(sources, links)


@given(SOURCES, LINKS)
def test_nobody_is_lost_and_nobody_of_one_source_is_joined(
    sources: list[tuple[Person, ...]], links: dict[str, str]
) -> None:
    roster = joined(sources, links)
    ids = {f"{name}:{person.id}" for name, given in zip("abc", sources, strict=False) for person in given}
    assert set(roster.aliases) == ids
    assert {person.id for person in roster.people} == set(roster.aliases.values())
    assert {enrolment.person for enrolment in roster.enrolments} == set(roster.aliases.values())
    for name in "abc":
        merged = [merged for stated, merged in roster.aliases.items() if stated.startswith(name)]
        assert len(merged) == len(set(merged))


@given(SOURCES, LINKS)
def test_merging_what_is_merged_changes_nothing(sources: list[tuple[Person, ...]], links: dict[str, str]) -> None:
    once = joined(sources, links)
    again = merge([("x", Snapshot(people=once.people))], {})
    assert [replace(person, id=person.id.removeprefix("x:")) for person in again.people] == list(once.people)
    assert joined(sources, links) == once


@given(SOURCES, LINKS)
def test_people_in_conflict_are_known_and_apart(sources: list[tuple[Person, ...]], links: dict[str, str]) -> None:
    roster = joined(sources, links)
    for conflict in roster.conflicts:
        assert set(conflict.people) <= set(roster.aliases)
        assert len({roster.aliases[person] for person in conflict.people}) > 1

"""Who was forgotten is known again however a source lists them, and nobody else is taken for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.forgotten import Marker, without
from sync.records import Enrolment, Person, Snapshot
from sync.subjects import Subject, Trace
from tests.builders import enrolled, person

MARKER = Marker(b"k" * 32)
ARU = person("s1", "Сейтова Ару", discord="aru", email="aru@school.kz")
TRACE = Trace("rosters", ARU)
SUBJECT = Subject((TRACE,), ("rosters:s1",), frozenset({"100"}))
BEK = person("s2", "Bek Omarov", discord="", email="family@mail.kz")
DANA = person("s3", "Dana Omarova", discord="", email="family@mail.kz")


def kept(snapshot: Snapshot, source: str, subject: Subject = SUBJECT, *others: Trace) -> Snapshot:
    return without(snapshot, source, MARKER, MARKER.of_subject(subject, others))[0]


@pytest.mark.parametrize(
    ("source", "listed"),
    [
        pytest.param("rosters", ARU, id="as before"),
        pytest.param("rosters", Person("s1", "Another Name"), id="by the same id"),
        pytest.param("moodle", Person("17", "ару  СЕЙТОВА", "Aru@School.kz "), id="by e-mail, the name turned round"),
        pytest.param("moodle", Person("17", "", "aru@school.kz"), id="by e-mail, without a name"),
        pytest.param("moodle", Person("17", "A. S.", discord="@Aru#0"), id="by the account that was stated"),
        pytest.param("moodle", Person("17", "A. S.", discord="100"), id="by the account that was linked"),
    ],
)
def test_a_forgotten_person_is_passed_over_with_their_enrolments(source: str, listed: Person) -> None:
    other = person("s9")
    snapshot = Snapshot(people=(listed, other), enrolments=(enrolled(listed.id), enrolled("s9")))
    assert kept(snapshot, source) == Snapshot(people=(other,), enrolments=(enrolled("s9"),))


def test_enrolments_alone_do_not_bring_somebody_back() -> None:
    assert kept(Snapshot(enrolments=(Enrolment("s1", "algebra"),)), "rosters") == Snapshot()


@pytest.mark.parametrize(
    ("source", "listed"),
    [
        pytest.param("moodle", Person("s1", "Oleg Kim", "oleg@school.kz"), id="the same id in another source"),
        pytest.param("rosters", Person("s5", "Сейтова Әсем", "aru@school.kz"), id="the same e-mail, another name"),
        pytest.param("rosters", Person("s5", "Сейтова Ару", "aru2@school.kz"), id="the same name, another e-mail"),
        pytest.param("rosters", Person("s5", "Oleg Kim"), id="nothing in common"),
    ],
)
def test_nobody_else_is_taken_for_them(source: str, listed: Person) -> None:
    assert kept(Snapshot(people=(listed,)), source).people == (listed,)


def test_what_two_people_share_is_no_mark_of_one() -> None:
    nameless = Snapshot(people=(Person("p", "", "family@mail.kz"),))
    subject = Subject((Trace("rosters", BEK),), ("rosters:s2",), frozenset())
    assert kept(nameless, "moodle", subject, Trace("rosters", DANA)) == nameless
    assert kept(nameless, "moodle", subject) == Snapshot()


@given(st.text(min_size=1), st.binary(min_size=32, max_size=32))
def test_marks_of_two_schools_have_nothing_in_common(text: str, key: bytes) -> None:
    assert Marker(key).of_text(text).isdisjoint(MARKER.of_text(text)) or key == MARKER.key


@pytest.mark.parametrize("text", ["rosters:s1", " ARU@school.kz", "@aru", "100"])
def test_who_was_forgotten_is_found_again_by_what_one_knows_of_them(text: str) -> None:
    assert not MARKER.of_text(text).isdisjoint(MARKER.of_subject(SUBJECT, ()))
    assert MARKER.of_text(text).isdisjoint(
        MARKER.of_subject(replace(SUBJECT, traces=(), ids=(), users=frozenset()), ())
    )

"""What Moodle leaves out is not gone: nothing is removed until the site itself says that it does not exist."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.moodle import listing
from connectors.moodle.errors import Absent, BadRow, Closed, Forbidden
from connectors.moodle.source import MoodleSource
from sync.errors import KopirError, Refused, Retriable
from sync.records import Kind, Pulled, Snapshot
from sync.store import Store
from tests.fake_moodle import FakeMoodle, enrolled, module, section, user
from tests.moodle_stage import config

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Site:
    """A site in memory whose pulls are stored, as the service does."""

    def __init__(self, **options: str) -> None:
        self.moodle = FakeMoodle()
        self.now = NOW
        self.store = Store.open("sqlite://")
        self._options = options
        self.last = Pulled(None)

    def pull(self) -> dict[str, int]:
        """Pull and store; return what was removed, by kind."""
        source = MoodleSource(
            name="moodle",
            config=config(**self._options),
            language="kk",
            clock=lambda: self.now,
            client=lambda: self.moodle,
        )
        self.moodle.asked.clear()
        self.last = source.pull(lambda: self.store.load_snapshot("one", "moodle"))
        assert self.last.snapshot is not None
        stored = self.store.save_snapshot("one", "moodle", self.last.snapshot, self.now)
        return {kind.value: stored.removed(kind) for kind in Kind if stored.removed(kind)}

    @property
    def kept(self) -> Snapshot:
        return self.store.load_snapshot("one", "moodle")

    def codes(self) -> set[str]:
        return {problem.code for problem in self.last.problems}

    def lacks(self) -> set[str]:
        """Name the capabilities that the last pull missed."""
        return {problem.values["capability"] for problem in self.last.problems if problem.code == "capability"}


@pytest.fixture
def site() -> Site:
    made = Site()
    assert made.pull() == {}
    assert not made.last.problems
    return made


def unenrol(site: Site) -> None:
    site.moodle.rosters[2] = site.moodle.rosters[2][:-2]


def delete_course(site: Site) -> None:
    del site.moodle.courses[1], site.moodle.pages[3], site.moodle.rosters[3]


def delete_module(site: Site) -> None:
    site.moodle.pages[2][1]["modules"].pop()


def delete_section(site: Site) -> None:
    site.moodle.pages[2].pop()


def delete_group(site: Site) -> None:
    site.moodle.groups[2] = [1]
    for found in site.moodle.rosters[2]:
        found["groups"] = [group for group in found.get("groups", []) if group["id"] == 1]


@pytest.mark.parametrize(
    ("change", "removed"),
    [
        pytest.param(unenrol, {"enrolments": 2}, id="people left a course"),
        pytest.param(
            delete_course,
            {"courses": 1, "modules": 1, "materials": 1, "enrolments": 7, "people": 5},
            id="a course was deleted",
        ),
        pytest.param(delete_module, {"materials": 1}, id="a module was deleted"),
        pytest.param(delete_section, {"modules": 1, "materials": 1}, id="a section was deleted"),
        pytest.param(delete_group, {"groups": 1}, id="a group was deleted"),
    ],
)
def test_what_is_really_gone_is_removed(site: Site, change: Callable[[Site], None], removed: dict[str, int]) -> None:
    change(site)
    assert site.pull() == removed
    assert not site.last.problems


def hide_course(site: Site) -> None:
    site.moodle.unlisted = {3}
    site.moodle.fails[listing.ALL_COURSES] = Closed("x")


def hide_people(site: Site) -> None:
    site.moodle.unseen_people = set(range(13, 23))


def separate_groups(site: Site) -> None:
    site.moodle.courses[0]["groupmode"] = 1
    site.moodle.unseen_people = set(range(11, 18))


def hide_quizzes(site: Site) -> None:
    site.moodle.unseen_modules = {202}


def hide_section(site: Site) -> None:
    del site.moodle.pages[2][1]


def hide_restrictions(site: Site) -> None:
    for found in site.moodle.pages[2]:
        for one in found["modules"]:
            del one["availability"]


def shut_sections(site: Site) -> None:
    site.moodle.pages[2][2] |= {"visible": 0, "uservisible": False, "modules": []}


def refuse(function: str, error: type[KopirError], course: int) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        site.moodle.fails[f"{function} {course}"] = error("x")

    return change


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        pytest.param(hide_course, {"moodle/course:viewhiddencourses"}, id="hidden courses"),
        pytest.param(hide_people, {"moodle/user:viewdetails"}, id="other people"),
        pytest.param(separate_groups, {"moodle/site:accessallgroups"}, id="separate groups"),
        pytest.param(hide_quizzes, {"mod/quiz:view"}, id="a type of module"),
        pytest.param(hide_section, {"moodle/course:viewhiddensections"}, id="a section in the middle"),
        pytest.param(shut_sections, {"moodle/course:viewhiddensections"}, id="a section's modules"),
        pytest.param(hide_restrictions, {"moodle/course:viewhiddenactivities"}, id="restrictions"),
        pytest.param(
            refuse(listing.ENROLLED, Forbidden, 2), {"moodle/course:viewparticipants"}, id="the list of people"
        ),
    ],
)
def test_a_capability_that_was_taken_away_is_named_and_removes_nothing(
    site: Site, change: Callable[[Site], None], lacks: set[str]
) -> None:
    before = site.kept
    change(site)
    assert site.pull() == {}
    assert site.lacks() >= lacks
    for kind in Kind:
        assert {r.id for r in getattr(site.kept, kind.value) if hasattr(r, "id")} >= {
            r.id for r in getattr(before, kind.value) if hasattr(r, "id")
        }
    assert {(e.person, e.course) for e in site.kept.enrolments} >= {(e.person, e.course) for e in before.enrolments}


@pytest.mark.parametrize(
    ("function", "error", "code"),
    [
        (listing.ENROLLED, BadRow, "bad-row"),
        (listing.ENROLLED, Closed, "course-closed"),
        (listing.CONTENTS, BadRow, "answer-shape"),
        (listing.CONTENTS, Absent, "course-closed"),
        (listing.STATE, Forbidden, "answer-shape"),
    ],
)
def test_a_course_that_cannot_be_read_keeps_what_it_had_and_the_others_go_on(
    site: Site, function: str, error: type[KopirError], code: str
) -> None:
    site.moodle.fails[f"{function} 2"] = error("x")
    site.moodle.rosters[3].append(enrolled(15))
    assert site.pull() == {}
    assert code in site.codes()
    assert ("15", "3") in {(e.person, e.course) for e in site.kept.enrolments}


@pytest.mark.parametrize("error", [Retriable, Refused])
@pytest.mark.parametrize("function", [listing.COURSES, listing.ENROLLED, listing.CONTENTS, listing.USERS])
def test_a_site_that_fails_in_the_middle_changes_nothing(site: Site, function: str, error: type[KopirError]) -> None:
    site.moodle.rosters[2] = [enrolled(30)]
    site.moodle.users[30] = user(30)
    site.moodle.fails[function] = error("x")
    with pytest.raises(error):
        site.pull()


def test_a_broken_account_costs_only_itself(site: Site) -> None:
    site.moodle.users[15]["fullname"] = "<b>"
    site.now += timedelta(days=1)
    assert site.pull() == {}
    assert site.codes() == {"bad-account"}
    assert {person.id: person.name for person in site.kept.people}["15"] == "Person o15"


def test_a_deleted_account_is_removed_though_the_list_still_has_it(site: Site) -> None:
    site.moodle.users[22] |= {"username": "u22@example.kz.1795000000", "email": "0" * 32}
    site.now += timedelta(days=1)
    assert site.pull() == {"people": 1, "enrolments": 1}
    assert not site.last.problems


def test_a_newcomer_who_is_not_shown_gets_nothing(site: Site) -> None:
    site.moodle.rosters[2].append(enrolled(40))
    assert site.pull() == {}
    assert "person-unknown" in site.codes()
    assert "40" not in {enrolment.person for enrolment in site.kept.enrolments}


def test_a_list_shorter_than_moodle_s_own_count_adds_people_and_removes_nobody(site: Site) -> None:
    site.moodle.unseen_people = {14}
    site.moodle.rosters[3].append(enrolled(12))
    assert site.pull() == {}
    assert "roster-cut" in site.codes()
    assert ("12", "3") in {(e.person, e.course) for e in site.kept.enrolments}


def test_people_who_are_hidden_in_one_course_only_stay_there(site: Site) -> None:
    site.moodle.hidden_in = {3: {21}}
    site.moodle.rosters[2] = site.moodle.rosters[2][:-1]
    assert site.pull() == {"enrolments": 1}
    assert [problem.file for problem in site.last.problems] == ["C3"]
    assert ("21", "3") in {(e.person, e.course) for e in site.kept.enrolments}


def test_lists_that_are_suddenly_empty_remove_nobody(site: Site) -> None:
    site.moodle.answers_with[listing.ENROLLED] = []
    assert site.pull() == {}
    assert site.codes() == {"roster-cut"}


def test_an_e_mail_that_is_no_longer_shown_is_kept(site: Site) -> None:
    for found in site.moodle.users.values():
        del found["email"], found["username"]
    site.now += timedelta(days=1)
    assert site.pull() == {}
    assert site.lacks() == {"moodle/site:viewuseridentity", "moodle/user:viewalldetails"}
    assert {person.email for person in site.kept.people} == {f"user{n}@example.kz" for n in range(11, 23)}


def test_where_suspension_is_hidden_newcomers_get_nothing_and_the_others_keep_their_state(site: Site) -> None:
    site.moodle.users[30] = user(30)
    site.moodle.rosters[2].append(enrolled(30))
    for found in site.moodle.users.values():
        del found["suspended"]
    site.now += timedelta(days=1)
    assert site.pull() == {}
    assert site.lacks() == {"moodle/user:viewhiddendetails"}
    assert {person.id for person in site.kept.people if person.suspended} == {"30"}


def test_no_page_is_believed_while_hidden_sections_are_kept_from_us(site: Site) -> None:
    hide_section(site)
    site.moodle.pages[3].append(section(39, 2, module(399)))
    assert site.pull() == {}
    assert "399" not in {material.id for material in site.kept.materials}


def test_a_course_that_can_no_longer_be_entered_stays_as_it_was(site: Site) -> None:
    site.moodle.courses[1] |= {"visible": 0, "startdate": 1788213600}
    site.pull()
    before = site.kept.courses
    del site.moodle.courses[1]["visible"], site.moodle.courses[1]["startdate"]
    assert site.pull() == {}
    assert site.codes() == {"course-closed"}
    assert site.kept.courses == before
    assert before[1].hidden


def test_an_emptied_group_stays_as_long_as_moodle_has_it(site: Site) -> None:
    site.moodle.rosters[2] = [enrolled(11, role="editingteacher"), *(enrolled(n, 1) for n in range(12, 18))]
    assert site.pull() == {}
    assert {group.id for group in site.kept.groups} == {"1", "2"}


def test_without_any_course_nothing_is_read(site: Site) -> None:
    site.moodle.courses = []
    source = MoodleSource(name="m", config=config(), language="kk", client=lambda: site.moodle)
    pulled = source.pull(lambda: site.kept)
    assert pulled.snapshot is None
    assert [problem.code for problem in pulled.problems] == ["no-courses"]


def test_missing_functions_are_named_at_once(site: Site) -> None:
    site.moodle.info["functions"] = [{"name": listing.SITE_INFO}, {"name": listing.COURSES}]
    with pytest.raises(Refused, match=f"{listing.CONTENTS}.*{listing.USERS}"):
        site.pull()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "modules", "roles", "visible", "courses", "name"]), inner, max_size=4)
    ),
    max_leaves=10,
)
ASKED = (listing.CATEGORIES, listing.CONTENTS, listing.STATE, listing.ENROLLED, listing.USERS, listing.USERS_COURSES)


@given(st.sampled_from([*ASKED, listing.COURSES, listing.SITE_INFO, listing.MODULE]), JSON)
def test_no_answer_is_a_traceback_or_removes_people(function: str, answer: Any) -> None:
    made = Site()
    made.pull()
    made.moodle.answers_with[function] = answer
    people = {enrolment.person for enrolment in made.kept.enrolments}
    try:
        made.pull()
    except (KopirError, AssertionError):
        return
    assert {enrolment.person for enrolment in made.kept.enrolments} == people


def test_unused_and_orphaned_sections_make_no_modules(site: Site) -> None:
    site.moodle.pages[3] = [section(30, 0, module(301)), section(31, 1, hiddenbynumsections=1), section(32, 2)]
    site.pull()
    assert {m.id for m in site.kept.modules if m.course == "3"} == {"30", "32"}

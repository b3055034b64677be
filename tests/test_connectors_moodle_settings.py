"""The settings of a Moodle source, which courses they choose, and what is remembered between pulls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.moodle import shapes
from connectors.moodle.config import MoodleConfig, read_config
from connectors.moodle.memo import Memo, memo_of
from connectors.moodle.people import ROLES
from connectors.moodle.selection import Selection, chosen
from sync.records import CourseRole, Material
from sync.settings import Every, SourceSettings

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GOOD = {"url": "https://moodle.kz/", "token": "abc"}


def read(options: dict[str, str]) -> tuple[MoodleConfig, list[tuple[int, str]]]:
    lines = {"": 10, **{key: 11 + number for number, key in enumerate(options)}}
    config, problems = read_config(SourceSettings("one", "m", "moodle", Every(300), options, lines, 10))
    return config, [(problem.line, problem.message) for problem in problems]


def test_little_is_needed() -> None:
    config, problems = read(GOOD)
    assert not problems
    assert (config.url, config.token) == ("https://moodle.kz", "abc")
    assert (config.people_every, config.contents_every, config.parallel) == (21_600, 21_600, 2)
    assert config.selection == Selection()
    assert config.roles == ROLES
    assert not config.open_sections


def test_everything_can_be_chosen() -> None:
    config, problems = read(
        GOOD
        | {"categories": "3, 12", "courses": "7", "shortnames": "2026-*, club", "course_field": "kopir = yes"}
        | {"hidden": "no", "future": "no", "ended": "yes", "roles": "tutor=teacher, mentor = assistant"}
        | {"restricted_sections": "open", "people_every": "1d", "contents_every": "30m", "parallel": "4"}
        | {"discord_field": "discord_id"}
    )
    assert not problems
    assert config.selection == Selection(
        frozenset({3, 12}), frozenset({7}), ("2026-*", "club"), "kopir", "yes", hidden=False, future=False, ended=True
    )
    assert config.roles["tutor"] is CourseRole.TEACHER
    assert config.roles["mentor"] is CourseRole.ASSISTANT
    assert config.roles["student"] is CourseRole.STUDENT
    assert (config.people_every, config.contents_every, config.parallel) == (86_400, 1_800, 4)
    assert config.open_sections


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        pytest.param({}, [10, 10], id="nothing"),
        pytest.param(GOOD | {"url": "moodle.kz"}, [11], id="no scheme"),
        pytest.param(GOOD | {"url": "ftp://moodle.kz"}, [11], id="another protocol"),
        pytest.param(GOOD | {"url": "https://me:pw@moodle.kz"}, [11], id="a password in it"),
        pytest.param(GOOD | {"url": "https://moodle.kz/?a=1"}, [11], id="a query in it"),
        pytest.param(GOOD | {"url": "https://[moodle"}, [11], id="broken"),
        pytest.param(GOOD | {"url": "http://moodle.kz"}, [11], id="plain http"),
        pytest.param(GOOD | {"url": "http://moodle.kz", "allow_http": "yes"}, [], id="plain http, allowed"),
        pytest.param(GOOD | {"url": "http://127.0.0.1:8080/moodle"}, [], id="plain http on this machine"),
        pytest.param(GOOD | {"categories": "three", "courses": "1;2"}, [13, 14], id="no numbers"),
        pytest.param(GOOD | {"roles": "tutor=king, =teacher"}, [13, 13], id="no roles"),
        pytest.param(GOOD | {"parallel": "99", "people_every": "often"}, [13, 14], id="out of bounds"),
        pytest.param(GOOD | {"colour": "red", "hidden": "perhaps"}, [13, 14], id="unknown"),
    ],
)
def test_every_mistake_is_named_with_its_line(options: dict[str, str], lines: list[int]) -> None:
    assert [line for line, _ in read(options)[1]] == lines


def course(number: int, **more: Any) -> shapes.Course:
    values: dict[str, Any] = {"id": number, "shortname": f"C{number}", "sortorder": number, "visible": True}
    return shapes.Course(**(values | more))


SOON, PAST = int((NOW + timedelta(days=9)).timestamp()), int((NOW - timedelta(days=9)).timestamp())
FIELD = shapes.CustomField(shortname="kopir", value="Yes", valueraw=1)
COURSES = [
    course(1),
    course(2, categoryid=4),
    course(3, categoryid=3, visible=False),
    course(4, categoryid=9, startdate=SOON),
    course(5, categoryid=9, enddate=PAST),
    course(6, customfields=(FIELD,), enddate=SOON),
    course(7, customfields=(shapes.CustomField(shortname="kopir", value="No", valueraw=0),)),
]
CATEGORIES = {
    3: shapes.Category(id=3, path="/3"),
    4: shapes.Category(id=4, path="/3/4"),
    9: shapes.Category(id=9, path="/9", visible=True),
}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), [2, 3, 4, 6, 7], id="all but ended ones and the front page"),
        pytest.param(Selection(ended=True, hidden=False, future=False), [2, 5, 6, 7], id="states"),
        pytest.param(Selection(categories=frozenset({3})), [2, 3], id="a category and what is in it"),
        pytest.param(Selection(courses=frozenset({7}), categories=frozenset({4})), [2, 7], id="any of two rules"),
        pytest.param(Selection(shortnames=("C[23]", "C7*")), [2, 3, 7], id="short names"),
        pytest.param(Selection(field="kopir"), [6], id="a ticked field"),
        pytest.param(Selection(field="kopir", value="No"), [7], id="a field's value"),
        pytest.param(Selection(field="other"), [], id="a field that no course has"),
    ],
)
def test_courses_are_chosen_by_rules(selection: Selection, expected: list[int]) -> None:
    assert [found.id for found in chosen(COURSES, CATEGORIES, selection, NOW.timestamp())] == expected


class TestMemo:
    """What lets unchanged pages alone."""

    PAGE = course(2, cacherev=7)

    def knows(self, memo: Memo, page: shapes.Course, hours: float = 1, *past: Material) -> bool:
        return memo.knows_page(page, past, NOW + timedelta(hours=hours), 6 * 3600)

    def remembered(self) -> Memo:
        memo = Memo()
        memo.remember_page(self.PAGE, NOW, whole=True)
        return memo

    def test_the_same_mark_means_unchanged_until_it_is_old(self) -> None:
        memo = self.remembered()
        assert self.knows(memo, self.PAGE)
        assert not self.knows(memo, self.PAGE, 6)

    def test_any_other_mark_is_a_change_also_a_smaller_one(self) -> None:
        memo = self.remembered()
        assert not self.knows(memo, course(2, cacherev=6))
        assert not self.knows(memo, course(2))
        assert not self.knows(memo, course(3, cacherev=7))

    def test_a_time_that_passes_on_the_page_is_a_change(self) -> None:
        ends = Material("m", "2", "1", "T", visible_until=NOW + timedelta(hours=2))
        assert self.knows(self.remembered(), self.PAGE, 1, ends)
        assert not self.knows(self.remembered(), self.PAGE, 2, ends)

    def test_a_page_that_opens_by_itself_is_never_known(self) -> None:
        memo = self.remembered()
        memo.remember_page(self.PAGE, NOW, whole=False)
        assert not self.knows(memo, self.PAGE)

    def test_people_are_due_after_their_time(self) -> None:
        memo = Memo()
        assert memo.people_are_due(NOW, 60)
        memo.remember_people(NOW)
        assert not memo.people_are_due(NOW + timedelta(seconds=59), 60)
        assert memo.people_are_due(NOW + timedelta(seconds=60), 60)

    def test_damaged_memories_and_other_courses_are_forgotten(self) -> None:
        other = Memo()
        other.remember_page(course(9, cacherev=1), NOW, whole=True)
        (page,) = self.remembered().kept
        memo = memo_of({"people": "yesterday", page: "7 x", **other.kept}, [self.PAGE])
        assert memo.people_are_due(NOW, 60)
        assert not self.knows(memo, self.PAGE)
        assert set(memo.kept) == {"people", page}

    def test_a_page_that_an_older_kopir_read_in_its_way_is_read_again(self) -> None:
        memo = memo_of({"page/2": f"7 {NOW.isoformat()}"}, [self.PAGE])
        assert not self.knows(memo, self.PAGE)

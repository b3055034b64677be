"""Answers of another Moodle than ours, recorded by others: every one is sorted rightly, every record understood."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.moodle import answers, listing, shapes
from connectors.moodle.availability import CourseGroups
from connectors.moodle.contents import Outline, Rules, read_page
from connectors.moodle.errors import Absent, BadRow, Closed, Forbidden
from connectors.moodle.people import ROLES, is_deleted, read_account, read_members
from sync.errors import Refused, Retriable

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "moodle" / "recordings"
FILES = sorted(RECORDINGS.glob("*.json"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULES = Rules(NOW, open_sections=False, site="http://127.0.0.1:8081")
pytestmark = pytest.mark.skipif(not FILES, reason="the recordings are not part of the repository")

SHAPES: dict[str, type[shapes.Shape]] = {
    listing.COURSES: shapes.Course,
    listing.ALL_COURSES: shapes.Course,
    listing.CATEGORIES: shapes.Category,
    listing.CONTENTS: shapes.Section,
    listing.ENROLLED: shapes.Enrolled,
    listing.USERS_COURSES: shapes.UserCourse,
    listing.USERS: shapes.User,
    listing.COURSE_GROUPS: shapes.CourseGroup,
    listing.COURSE_GROUPINGS: shapes.GroupingGroups,
    listing.GROUPINGS: shapes.GroupingGroups,
}


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
    return found


def body(recorded: dict[str, Any]) -> bytes:
    response = recorded["response"]
    return (response if isinstance(response, str) else json.dumps(response)).encode()


def data(recorded: dict[str, Any]) -> Any:
    return answers.data(recorded["status"], recorded["headers"], body(recorded), "f")


def rows(name: str, shape: type[shapes.S]) -> list[shapes.S]:
    found, strange = shapes.read_all(shape, data(recording(name)))
    assert not strange
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_answer_is_data_or_a_sorted_failure(file: Path) -> None:
    recorded = recording(file.stem)
    response = recorded["response"]
    if isinstance(response, str) and recorded["status"] in {200, 206, 304}:
        assert answers.of_status(recorded["status"], recorded["headers"]) is None
        return
    failed = isinstance(response, dict) and bool({"exception", "errorcode"} & response.keys())
    try:
        found = data(recorded)
    except (Refused, Retriable):
        assert failed or recorded["status"] != 200
        return
    assert not failed
    shape = SHAPES.get(recorded["request"].get("params", {}).get("wsfunction", ""))
    if shape:
        listed = found["courses"] if isinstance(found, dict) else found
        assert shapes.read_all(shape, listed)[1] == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("err-bad-token", Refused),
        ("err-expired-token", Refused),
        ("err-function-not-in-service", Refused),
        ("err-ws-user-suspended", Refused),
        ("err-ws-user-must-change-password-contents", Refused),
        ("err-webservices-disabled", Refused),
        ("err-rest-protocol-disabled", Refused),
        ("err-http-404-path", Refused),
        ("courses-xml-format", Refused),
        ("err-maintenance-mode-admin-setting", Retriable),
        ("err-maintenance-mode-cli", Retriable),
        ("err-one-bad-user-breaks-enrolled-users", BadRow),
        ("err-course-not-found-contents", Absent),
        ("course-module-deleted-after", Absent),
        ("course-module-deletion-in-progress-after", Absent),
        ("capmissing-course-view-contents", Closed),
        ("capmissing-viewhiddencourses-courses", Closed),
        ("capmissing-viewparticipants", Forbidden),
        ("capmissing-enrolreview-onlyactive", Forbidden),
    ],
)
def test_failures_are_sorted_by_what_to_do(name: str, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        data(recording(name))
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("file-download-pdf-token-in-post", None),
        ("file-page-image-with-itemid", None),
        ("file-download-pdf-bad-token", Refused),
        ("file-download-pdf-service-without-file-downloads", Refused),
        ("file-plain-pluginfile-with-token", Refused),
        ("file-page-index-html", Refused),
        ("file-range-pdf", Refused),
        ("file-if-none-match-pdf", Refused),
        ("file-download-pdf-nocap-user", Closed),
        ("file-not-found", Absent),
    ],
)
def test_files_are_told_from_what_comes_in_their_place(name: str, kind: type[Exception] | None) -> None:
    recorded = recording(name)
    answer = recorded["status"], recorded["headers"], body(recorded), "application/pdf"
    if kind is None:
        assert answers.content(*answer) == body(recorded)
        return
    with pytest.raises(kind) as raised:
        answers.content(*answer)
    assert type(raised.value) is kind


def test_a_page_shows_what_students_see() -> None:
    sections = tuple(rows("contents-cs101", shapes.Section))
    groups = CourseGroups(frozenset({"1", "2"}), {"1": frozenset({"1"})})
    page = read_page("2", Outline(sections, frozenset(), groups), {}, RULES)
    materials = {material.title: material for material in page.materials}
    assert len(page.modules) == 7
    assert {module.title for module in page.modules if module.hidden} == {
        "Жасырын бөлім (hidden)",
        "Ашылу күні бар бөлім",
    }
    hidden = {title for title, material in materials.items() if material.hidden}
    assert hidden == {"Жасырын бет (hidden)", "Stealth PDF (қолжетімді, көрінбейді)"}
    assert materials["Тек А тобына (hidden entirely)"].groups == ("1",)
    assert materials["Тек Labs группировкасына"].groups == ("1",)
    assert materials["Ертең ашылады"].visible_from == datetime.fromtimestamp(1795480469, UTC)
    assert materials["YouTube: Python 10 минутта"].url == "https://www.youtube.com/watch?v=rfscVS0vtbw&t=42s"
    several = materials['Бірнеше файл & "тырнақша"']
    assert [file.name for file in several.files] == ["main.py", "data.csv", "README.txt", "img/схема.png"]
    assert [file.name for file in materials["Папка: үй тапсырмалары"].files][1] == "week1/main.py"
    assert materials["Тест 1 — Циклдер"].due == datetime.fromtimestamp(1795566869, UTC)
    assert materials["Тест 1 — Циклдер"].opens == datetime.fromtimestamp(1795480469, UTC)
    assert not page.unread


def test_people_keep_their_roles_groups_and_states() -> None:
    roster = rows("enrolled-users-cs101-lean-fields", shapes.Enrolled)
    inactive = {one.id for one in rows("enrolled-users-cs101-onlysuspended", shapes.Enrolled)}
    members = read_members(shapes.Course(id=2), roster, inactive, ROLES, "kk")
    by_person: dict[str, list[Any]] = {}
    for enrolment in members.enrolments:
        by_person.setdefault(enrolment.person, []).append(enrolment)
    assert by_person["3"][0].groups == ("1", "2")
    assert {person for person in ("48", "49", "50") if by_person[person][0].suspended} == {"48", "49", "50"}
    assert not by_person["5"][0].suspended
    assert len(by_person["5"]) == 1
    assert "51" not in by_person
    assert {enrolment.role for enrolment in by_person["59"]} == {"assistant", "student"}


def test_accounts_are_read_and_deleted_ones_told_apart() -> None:
    users = {user.id: user for user in rows("users-by-field-deleted-user-after", shapes.User)}
    assert {number for number, user in users.items() if is_deleted(user)} == {29} & users.keys()
    assert read_account(users[28], "discord").person.suspended
    known = {user.id: read_account(user, "discord") for user in rows("users-by-field-id", shapes.User)}
    assert known[4].person.discord == "gulnara.s"
    assert known[4].person.codes == ("24B00074", "nursultan.omarov")
    assert read_account(users[22], "discord_id").person.discord == "300000000024691340"


def names(found: Iterable[shapes.Function]) -> set[str]:
    return {function.name for function in found}


def test_the_site_tells_its_functions() -> None:
    site = shapes.read(shapes.Site, data(recording("site-info")))
    assert site
    assert listing.CONTENTS in names(site.functions)
    assert site.downloadfiles

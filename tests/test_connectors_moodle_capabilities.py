"""A real Moodle whose administrator took something away from Kopir: it is named, and nobody and nothing is removed."""

from datetime import timedelta

import pytest

from connectors.moodle.config import read_config
from sync.errors import KopirError, Refused, Retriable
from sync.records import Kind, Pulled, Snapshot
from sync.settings import Every, SourceSettings
from sync.store import Store
from tests.moodle_stage import NOW, TOKEN, pulled

LATER = NOW + timedelta(hours=7)  # when everybody's account is read again
CAPABILITIES = {
    "moodle/course:viewhiddencourses": Kind.COURSES,
    "moodle/course:viewhiddensections": Kind.MATERIALS,
    "moodle/course:viewhiddenactivities": Kind.MATERIALS,
    "moodle/course:ignoreavailabilityrestrictions": Kind.MATERIALS,
    "moodle/course:enrolreview": Kind.ENROLMENTS,
    "moodle/site:accessallgroups": Kind.ENROLMENTS,
    "moodle/user:viewdetails": Kind.ENROLMENTS,
    "moodle/site:viewuseridentity": None,
    "moodle/user:viewalldetails": None,
    "mod/assign:view": Kind.MATERIALS,
    "mod/bigbluebuttonbn:view": Kind.MATERIALS,
    "mod/quiz:view": Kind.MATERIALS,
}


@pytest.fixture(scope="module")
def before() -> Snapshot:
    snapshot = pulled("base").snapshot
    assert snapshot
    return snapshot


def unknown(found: Pulled) -> set[Kind]:
    assert found.snapshot
    return set(found.snapshot.unknown) | {kind for _, kind in found.snapshot.unknown_in}


def removed(before: Snapshot, now: Pulled) -> int:
    """Store one pull after the other; count what the second one removes, and compare people as they are then."""
    assert now.snapshot
    with Store.open("sqlite://") as store:
        store.save_snapshot("one", "moodle", before, NOW)
        stored = store.save_snapshot("one", "moodle", now.snapshot, LATER)
        assert store.load_snapshot("one", "moodle").people == tuple(sorted(before.people, key=lambda p: p.id))
    return sum(stored.removed(kind) for kind in Kind)


@pytest.mark.parametrize(("capability", "kind"), CAPABILITIES.items(), ids=CAPABILITIES)
def test_a_missing_capability_is_named_and_what_it_empties_is_unknown(
    before: Snapshot, capability: str, kind: Kind | None
) -> None:
    found = pulled(f"without:{capability}", before, LATER)
    assert capability in {problem.values.get("capability") for problem in found.problems}
    assert removed(before, found) == 0
    assert kind is None or kind in unknown(found)


def test_an_account_that_may_enter_no_course_keeps_them_all(before: Snapshot) -> None:
    found = pulled("without:moodle/course:view", before, LATER)
    assert "course-closed" in {problem.code for problem in found.problems}
    assert found.snapshot is None


def test_a_name_that_moodle_refuses_keeps_the_course_s_people(before: Snapshot) -> None:
    found = pulled("bad-name", before, LATER)
    assert {problem.file for problem in found.problems if problem.code == "bad-row"} == {"ALG7", "TARIH"}
    assert removed(before, found) == 0


def test_a_service_without_files_says_so_and_keeps_their_hashes(before: Snapshot) -> None:
    found = pulled("no-file-downloads", before, LATER)
    assert "no-files" in {problem.code for problem in found.problems}
    assert found.snapshot
    assert removed(before, found) == 0


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ("maintenance", Retriable, "maintenance"),
        ("service-off", Refused, "the service is disabled"),
        ("token-revoked", Refused, "token"),
        ("rest-off", Refused, "REST protocol"),
        ("function-removed", Refused, "core_course_get_contents"),
        ("account-suspended", Refused, "wsaccessusersuspended"),
    ],
)
def test_a_site_that_refuses_says_what_to_mend(change: str, error: type[KopirError], says: str) -> None:
    with pytest.raises(error, match=says) as raised:
        pulled(change)
    assert type(raised.value) is error
    assert TOKEN not in str(raised.value)


def test_the_token_cannot_be_printed() -> None:
    settings = SourceSettings("one", "m", "moodle", Every(1), {"url": "https://m.kz", "token": TOKEN}, {}, 1)
    assert TOKEN not in repr(read_config(settings)[0])

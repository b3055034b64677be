"""What a pull costs a Moodle: how many calls of which kind, when much, little or nothing changed."""

from datetime import timedelta

import pytest

from connectors.moodle import listing
from connectors.moodle.accounts import BATCH
from tests.fake_moodle import FakeMoodle, enrolled, user
from tests.test_connectors_moodle_doubts import Site

ONCE = {
    listing.SITE_INFO: 1,
    listing.COURSES: 1,
    listing.ALL_COURSES: 1,
    listing.CATEGORIES: 1,
    listing.USERS_COURSES: 1,
}
COURSES = 2
ROSTERS = {listing.ENROLLED: 2 * COURSES}
PAGES = {listing.CONTENTS: COURSES, listing.STATE: COURSES}


@pytest.fixture
def site() -> Site:
    made = Site()
    for course in made.moodle.courses:
        course["cacherev"] = 7
    made.pull()
    return made


def test_a_first_pull_asks_for_everything_once(site: Site) -> None:
    assert site.moodle.asked == ONCE | ROSTERS | PAGES | {listing.USERS: 1}


def test_an_unchanged_poll_reads_lists_of_people_only(site: Site) -> None:
    site.pull()
    assert site.moodle.asked == ONCE | ROSTERS


def test_without_moodle_s_mark_every_page_is_read(site: Site) -> None:
    for course in site.moodle.courses:
        del course["cacherev"]
    site.pull()
    assert site.moodle.asked == ONCE | ROSTERS | PAGES


def test_a_changed_page_is_read_alone(site: Site) -> None:
    site.moodle.courses[0]["cacherev"] = 8
    site.pull()
    assert site.moodle.asked == ONCE | ROSTERS | {listing.CONTENTS: 1, listing.STATE: 1}


def test_newcomers_are_asked_for_at_once_and_alone(site: Site) -> None:
    site.moodle.users[30] = user(30)
    site.moodle.rosters[2].append(enrolled(30))
    site.pull()
    assert site.moodle.people_asked == [30]
    assert site.moodle.asked == ONCE | ROSTERS | {listing.USERS: 1}


def test_accounts_and_pages_are_read_anew_in_time(site: Site) -> None:
    site.now += timedelta(hours=6)
    site.pull()
    assert site.moodle.asked == ONCE | ROSTERS | PAGES | {listing.USERS: 1}


def test_people_who_left_cost_two_questions(site: Site) -> None:
    site.moodle.rosters[2] = site.moodle.rosters[2][:-2]
    site.pull()
    assert site.moodle.asked == ONCE | ROSTERS | {listing.USERS: 1, listing.USERS_COURSES: 2}


def test_accounts_are_asked_for_in_batches_below_php_s_limit() -> None:
    made = Site()
    many = range(1000, 1000 + 2 * BATCH + 1)
    made.moodle.users |= {number: user(number) for number in many}
    made.moodle.rosters[2] += [enrolled(number) for number in many]
    made.pull()
    assert made.moodle.asked[listing.USERS] == 3
    assert BATCH < 1000


def test_a_file_is_looked_at_once_and_again_only_when_it_looks_new() -> None:
    made = Site()
    file = {"type": "file", "filename": "a.pdf", "filesize": 10, "timemodified": 5, "fileurl": "https://x/a.pdf"}
    made.moodle.pages[2][1]["modules"][0] |= {"modname": "resource", "contents": [file]}
    made.pull()
    assert made.moodle.asked["file"] == 1
    made.pull()
    assert made.moodle.asked["file"] == 0
    file["timemodified"] = 6
    made.moodle.pages[2][1]["modules"][0]["contents"] = [file]
    made.pull()
    assert made.moodle.asked["file"] == 1


def test_the_cost_is_told(site: Site) -> None:
    site.pull()
    fresh: FakeMoodle = site.moodle
    assert site.last.calls == fresh.traffic.calls
    assert site.last.bytes == fresh.traffic.bytes

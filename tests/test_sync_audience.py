"""Who may do what in which place: computed for every kind of person, on a server as Discord makes it."""

from dataclasses import replace

import pytest

from sync import keys
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE, Audience
from sync.permissions import Permission
from sync.records import CourseRole
from sync.resources import Overwrite
from tests.builders import BOT_USER, DAY, NOW, course, enrolled, group, material, module, person, roster, school
from tests.stage import Stage, places

R, P = CourseRole, Permission
SEE, SEND, PIN, MANAGE, THREAD = (
    P.VIEW_CHANNEL,
    P.SEND_MESSAGES,
    P.PIN_MESSAGES,
    P.MANAGE_MESSAGES,
    P.CREATE_PUBLIC_THREADS,
)
STRANGERS = {"stranger", "mod", "watcher", "bio_student", "suspended", "banned", "ended", "future", "newcomer"}
INSIDE = {"student", "second", "teacher", "helper", "staff"}
EVERYBODY = STRANGERS | INSIDE


@pytest.fixture(scope="module")
def stage() -> Stage:
    """Build a school with somebody of every kind; `newcomer` is on the server and in no roster."""
    made = Stage(
        roster(
            course("alg", "Algebra"),
            course("bio", "Biology"),
            course("secret", "Draft", hidden=True),
            module("1", "alg"),
            module("2", "alg", hidden=True),
            module("1", "secret"),
            material("m", "1", "alg"),
            group("g", "alg", "7A"),
            *(person(name) for name in sorted(EVERYBODY - {"newcomer", "suspended"})),
            person("suspended", suspended=True),
            enrolled("student", "alg"),
            enrolled("second", "alg", R.STUDENT, "g"),
            enrolled("student", "secret"),
            enrolled("teacher", "alg", R.TEACHER),
            enrolled("helper", "alg", R.ASSISTANT),
            enrolled("teacher", "secret", R.TEACHER),
            enrolled("watcher", "alg", R.OBSERVER, "g"),
            enrolled("bio_student", "bio"),
            enrolled("suspended", "alg"),
            enrolled("banned", "alg", suspended=True),
            enrolled("ended", "alg", end=NOW),
            enrolled("future", "alg", start=NOW + DAY),
            enrolled("staff", "", R.STAFF),
            enrolled("mod", "", R.MODERATOR),
        )
    )
    made.server.join(made.member("newcomer"))
    made.sync()
    return made


def who_can(stage: Stage, what: int, key: str) -> set[str]:
    return {who for who in EVERYBODY if stage.can(who, key) & what == what}


ALG = keys.course("alg")


@pytest.mark.parametrize(
    ("key", "seers"),
    [
        pytest.param(ALG, INSIDE, id="the course's category"),
        pytest.param(keys.module("alg", "1"), INSIDE, id="a module"),
        pytest.param(keys.module("alg", "2"), INSIDE - {"student", "second"}, id="a hidden module"),
        pytest.param(keys.course("alg", "voice"), INSIDE, id="its voice channel"),
        pytest.param(keys.group("alg", "g", "channel"), INSIDE - {"student"}, id="a group's channel"),
        pytest.param(keys.course("bio"), {"bio_student", "staff"}, id="another course"),
        pytest.param(keys.course("secret"), {"teacher", "staff"}, id="a hidden course"),
        pytest.param(keys.module("secret", "1"), {"teacher", "staff"}, id="a hidden course's module"),
        pytest.param(keys.base_channel("rules"), EVERYBODY, id="the rules"),
        pytest.param(keys.base_channel("sorting"), EVERYBODY, id="the sorting room"),
        pytest.param(keys.base_channel("staff"), {"staff"}, id="the staff's room"),
        pytest.param(
            keys.base_channel("general"),
            EVERYBODY - {"newcomer", "suspended", "banned", "ended", "future"},
            id="general",
        ),
    ],
)
def test_places_are_seen_by_their_people_and_nobody_else(stage: Stage, key: str, seers: set[str]) -> None:
    assert who_can(stage, SEE, key) == seers


def test_newcomers_see_only_the_rules_and_the_sorting_room(stage: Stage) -> None:
    seen = {key for key in places(stage) if stage.sees("newcomer", key)}
    assert seen == {keys.base_channel("rules"), keys.base_channel("sorting")}


@pytest.mark.parametrize("who", sorted({"suspended", "banned", "ended", "future"}))
def test_people_without_a_standing_see_what_a_newcomer_sees(stage: Stage, who: str) -> None:
    assert stage.roles_of(who) == set()
    assert {key for key in places(stage) if stage.sees(who, key)} == {
        keys.base_channel("rules"),
        keys.base_channel("sorting"),
    }


def test_the_bot_works_in_every_place(stage: Stage) -> None:
    needed = SEE | SEND | PIN | MANAGE | P.READ_MESSAGE_HISTORY | P.MANAGE_THREADS | P.CONNECT
    assert {key for key in places(stage) if stage.server.can(BOT_USER, stage.id(key)) & needed != needed} == set()


@pytest.mark.parametrize(
    ("what", "people"),
    [
        pytest.param(SEND, INSIDE, id="write"),
        pytest.param(THREAD | P.SEND_MESSAGES_IN_THREADS, INSIDE, id="start threads"),
        pytest.param(P.ATTACH_FILES | P.EMBED_LINKS, INSIDE, id="attach files"),
        pytest.param(PIN, INSIDE - {"student", "second"}, id="pin"),
        pytest.param(MANAGE, INSIDE - {"student", "second"}, id="manage messages"),
        pytest.param(P.MANAGE_CHANNELS, set(), id="change the channel"),
        pytest.param(P.MANAGE_ROLES, set(), id="change permissions"),
    ],
)
def test_in_a_course_students_write_and_teachers_lead(stage: Stage, what: int, people: set[str]) -> None:
    assert who_can(stage, what, keys.module("alg", "1")) == people


@pytest.mark.parametrize(
    ("channel", "writers"),
    [
        pytest.param("rules", {"staff"}, id="rules"),
        pytest.param("announcements", {"staff"}, id="announcements"),
        pytest.param("sorting", EVERYBODY, id="sorting room"),
        pytest.param("support", {"student", "second", "teacher", "helper", "staff", "mod"}, id="support"),
    ],
)
def test_writing_is_for_those_the_template_names(stage: Stage, channel: str, writers: set[str]) -> None:
    insiders = who_can(stage, SEND, keys.base_channel(channel))
    assert insiders - {"stranger", "watcher", "bio_student"} == writers - {"stranger", "watcher", "bio_student"}


@pytest.mark.parametrize("channel", ["rules", "announcements"])
def test_nobody_starts_threads_where_they_may_not_write(stage: Stage, channel: str) -> None:
    assert who_can(stage, THREAD, keys.base_channel(channel)) == {"staff"}


def test_what_a_course_lost_is_for_the_staff_to_read_only() -> None:
    people = (person("student"), person("teacher"), person("staff"))
    roles = (enrolled("student", "alg"), enrolled("teacher", "alg", R.TEACHER), enrolled("staff", "", R.STAFF))
    stage = Stage(roster(course("alg"), module("1", "alg"), *people, *roles))
    stage.sync()
    stage.sync(replace(stage.roster, modules=()))
    old = keys.module("alg", "1")
    assert stage.server.channels[stage.id(old)].parent_id == stage.id(keys.ARCHIVE)
    assert {who for who in ("student", "teacher", "staff") if stage.sees(who, old)} == {"staff"}
    assert not stage.can("staff", old) & (SEND | THREAD | P.SEND_MESSAGES_IN_THREADS | P.ADD_REACTIONS)


@pytest.mark.parametrize("groups", ["off", "roles"])
def test_without_group_channels_nobody_gets_one(groups: str) -> None:
    people = (person("aru"), enrolled("aru", "alg", R.STUDENT, "g"))
    stage = Stage(roster(course("alg"), group("g", "alg"), *people), school(groups=groups))
    stage.sync()
    assert keys.group("alg", "g", "channel") not in stage.ledger.bindings
    assert (keys.group("alg", "g", "role") in stage.roles_of("aru")) == (groups == "roles")


@pytest.mark.parametrize("who", ["everyone", "verified", "moderators", "staff"])
@pytest.mark.parametrize("writes", ["everyone", "verified", "moderators", "staff"])
def test_overwrites_name_only_what_the_bot_may_grant(who: str, writes: str) -> None:
    grantable = SEE | SEND
    audience = Audience(grantable)
    made = [
        *audience.base(who, writes),
        *audience.course("students", "teachers", hidden=False),
        *audience.archive(["students"]),
    ]
    assert {(o.allow | o.deny) & ~grantable for o in made} == {0}


def test_overwrites_are_sorted_and_each_target_stands_once() -> None:
    made = Audience(sum(P)).course("course/a/students", "course/a/teachers", hidden=False)
    assert list(made) == sorted(made)
    assert [o.target for o in made] == ["@bot", "@everyone", "course/a/students", "course/a/teachers", STAFF_ROLE]
    assert all(isinstance(o, Overwrite) for o in made)
    assert VERIFIED_ROLE not in {o.target for o in made} | {MODERATOR_ROLE}

"""A course that is over moves to the archive: its people read there, nobody writes, and it comes back as it was."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sync import keys
from sync.audience import VERIFIED_ROLE
from sync.desired import next_moment
from sync.ledger import Link
from sync.permissions import Permission
from sync.phrases import Phrase
from sync.plan import Plan
from sync.records import Course, CourseRole, Person
from sync.resources import Member
from sync.settings import Limits
from sync.settings_archive import ArchiveSettings
from sync.settings_posts import PostSettings
from tests.builders import DAY, NOW, course, enrolled, group, material, module, person, roster, school
from tests.stage import Stage, places, user_id

STUDENTS, TEACHERS = keys.course("algebra", "students"), keys.course("algebra", "teachers")
MODULE, VOICE = keys.module("algebra", "1"), keys.course("algebra", "voice")
SEE = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
WRITING = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.ADD_REACTIONS
    | Permission.SPEAK
)
LEADING = Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.PIN_MESSAGES
AFTER = timedelta(days=14)
OF_COURSE: tuple[Any, ...] = (
    module("1"),
    module("2", hidden=True),
    material("m", due=NOW + DAY, type="quiz"),
    group("g"),
    *(person(name) for name in ("aru", "bek", "teacher", "staff", "dana")),
    enrolled("aru", "algebra", CourseRole.STUDENT, "g"),
    enrolled("bek"),
    enrolled("teacher", "algebra", CourseRole.TEACHER),
    enrolled("staff", "", CourseRole.STAFF),
)
EVERYBODY = ("aru", "bek", "teacher", "staff", "dana")


def term(*courses: Course, but: Iterable[Any] = ()) -> Any:
    return roster(*courses, *(record for record in OF_COURSE if record not in tuple(but)))


def stage_of(first: Course | None = None, **settings: Any) -> Stage:
    shown = PostSettings(quiet=None)
    stage = Stage(term(first or course()), school(**{"posts": shown} | settings))
    stage.sync()
    return stage


def readers(stage: Stage, key: str) -> set[str]:
    return {who for who in EVERYBODY if stage.can(who, key) & SEE == SEE}


def writers(stage: Stage, key: str) -> set[str]:
    """Name who may do more than read; what the staff may do everywhere is up to the school."""
    return {who for who in EVERYBODY if stage.can(who, key) & (WRITING | (0 if who == "staff" else LEADING))}


def in_archive(stage: Stage, key: str) -> bool:
    return stage.server.channels[stage.id(key)].parent_id == stage.id(keys.ARCHIVE)


def at(stage: Stage, moment: datetime, *courses: Course) -> Plan:
    stage.now = moment
    return stage.sync(term(*courses))


ENDED = course(end=NOW + DAY)
LAYOUTS = [
    pytest.param("channels", MODULE, id="channels"),
    pytest.param("forum", keys.course("algebra", "forum"), id="forum"),
]


@pytest.mark.parametrize(("layout", "place"), LAYOUTS)
@pytest.mark.parametrize("courses", [pytest.param((ENDED,), id="ended"), pytest.param((), id="dropped")])
def test_its_people_read_on_and_nobody_writes(courses: tuple[Course, ...], layout: str, place: str) -> None:
    stage = stage_of(ENDED, layout=layout)
    own = keys.group("algebra", "g", "channel")
    at(stage, NOW + DAY + AFTER, *courses)
    for key, who in ((place, {"aru", "bek"}), (VOICE, {"aru", "bek"}), (own, {"aru"})):
        assert in_archive(stage, key)
        assert readers(stage, key) == who | {"teacher", "staff"}
        assert writers(stage, key) == set()
    assert keys.course("algebra") not in places(stage)
    assert stage.plan().changes == ()


def test_what_students_did_not_see_stays_closed_to_them() -> None:
    stage = stage_of(ENDED)
    at(stage, NOW + DAY + AFTER, ENDED)
    assert readers(stage, keys.module("algebra", "2")) == {"teacher", "staff"}


@pytest.mark.parametrize(("layout", "place"), LAYOUTS)
def test_what_was_posted_stays_as_it_was_and_nobody_is_told(layout: str, place: str) -> None:
    stage = stage_of(ENDED, layout=layout)
    server = stage.server
    before = dict(server.messages), dict(server.pins), {id_: replace(t) for id_, t in server.threads.items()}
    server.writes.clear()
    plan = at(stage, NOW + DAY + AFTER, ENDED)
    assert (server.messages, server.pins) == before[:2]
    assert {id_: replace(t) for id_, t in server.threads.items()} == before[2]
    assert {change.kind for change in server.writes} == {"category", "channel"}
    assert not [change for change in plan.changes if isinstance(change.desired, Member)]


@pytest.mark.parametrize(
    ("settings", "moment", "over"),
    [
        pytest.param(ArchiveSettings(), NOW + DAY + AFTER - timedelta(seconds=1), False, id="two weeks are not over"),
        pytest.param(ArchiveSettings(), NOW + DAY + AFTER, True, id="two weeks are over"),
        pytest.param(ArchiveSettings(after=timedelta()), NOW + DAY, True, id="at once"),
        pytest.param(ArchiveSettings(frozenset()), NOW + 999 * DAY, False, id="never"),
        pytest.param(ArchiveSettings(frozenset({"hidden"})), NOW + 999 * DAY, False, id="only hidden ones"),
    ],
)
def test_a_course_is_over_some_days_after_its_end(settings: ArchiveSettings, moment: datetime, over: bool) -> None:
    stage = stage_of(ENDED, archive=settings)
    at(stage, moment, ENDED)
    assert (keys.ARCHIVE in places(stage)) == over
    assert (keys.course("algebra") in places(stage)) != over


def test_enrolments_that_end_with_the_course_hold_as_long_as_it_stands() -> None:
    people = [record for record in OF_COURSE if record != enrolled("bek")]
    with_end = roster(ENDED, *people, enrolled("bek", end=NOW + DAY), enrolled("dana", end=NOW + DAY - DAY / 2))
    stage = Stage(with_end, school())
    stage.sync()
    stage.now = NOW + 2 * DAY
    stage.sync()
    assert writers(stage, MODULE) == {"aru", "bek", "teacher", "staff"}
    stage.now = NOW + DAY + AFTER
    stage.sync()
    assert readers(stage, MODULE) == {"aru", "bek", "teacher", "staff"}


def test_the_service_wakes_up_when_a_course_is_over() -> None:
    silent = school(posts=PostSettings(notices="off"))
    assert next_moment(roster(ENDED), silent, NOW + 2 * DAY) == NOW + DAY + AFTER
    assert next_moment(roster(course(end=datetime.max.replace(tzinfo=NOW.tzinfo))), silent, NOW) is None


@pytest.mark.parametrize(("layout", "place"), LAYOUTS)
@pytest.mark.parametrize("courses", [pytest.param((ENDED,), id="ended"), pytest.param((), id="dropped")])
@pytest.mark.parametrize("auto", [True, False])
def test_a_course_that_goes_on_comes_back_as_it_was(
    courses: tuple[Course, ...], layout: str, place: str, auto: bool
) -> None:
    stage = stage_of(ENDED, layout=layout)
    server = stage.server
    ids = {key: b.discord_id for key, b in stage.ledger.bindings.items() if b.kind != "category"}
    before = dict(server.messages), dict(server.pins), {id_: replace(t) for id_, t in server.threads.items()}
    channels = {id_: (c.name, c.topic, c.overwrites) for id_, c in server.channels.items() if c.type != "category"}
    if auto:
        stage.settings = replace(stage.settings, layout="auto")
    at(stage, NOW + DAY + AFTER, *courses)
    at(stage, NOW + DAY + AFTER, course(end=NOW + 99 * DAY))
    assert stage.plan().changes == ()
    assert (server.messages, server.pins) == before[:2]
    assert {id_: replace(t) for id_, t in server.threads.items()} == before[2]
    assert {key: b.discord_id for key, b in stage.ledger.bindings.items() if b.kind != "category"} == ids
    assert {
        id_: (c.name, c.topic, c.overwrites) for id_, c in server.channels.items() if c.type != "category"
    } == channels
    assert keys.ARCHIVE not in places(stage)
    assert "aru" in writers(stage, place)


def test_a_course_that_was_never_shown_is_being_prepared_however_long() -> None:
    stage = stage_of(course(hidden=True))
    at(stage, NOW + 999 * DAY, course(hidden=True))
    assert keys.course("algebra") in places(stage)


def test_a_course_that_is_put_away_by_hiding_it_is_over_for_its_teachers_to_read() -> None:
    hidden = course(hidden=True)
    stage = stage_of()
    at(stage, NOW + 99 * DAY, hidden)
    at(stage, NOW + 99 * DAY + AFTER - timedelta(seconds=1), hidden)
    assert keys.course("algebra") in places(stage)
    assert readers(stage, MODULE) == {"teacher", "staff"}
    at(stage, NOW + 99 * DAY + AFTER, hidden)
    assert in_archive(stage, MODULE)
    assert (readers(stage, MODULE), writers(stage, MODULE)) == ({"teacher", "staff"}, set())
    at(stage, NOW + 99 * DAY + AFTER + DAY, hidden)
    assert stage.plan().changes == ()
    at(stage, NOW + 99 * DAY + AFTER + DAY, course())
    assert "aru" in writers(stage, MODULE)


def test_one_that_is_hidden_in_the_archive_is_hidden_there_and_shown_there_again() -> None:
    stage = stage_of(ENDED)
    at(stage, NOW + DAY + AFTER, ENDED)
    at(stage, NOW + DAY + AFTER, replace(ENDED, hidden=True))
    assert readers(stage, MODULE) == {"teacher", "staff"}
    at(stage, NOW + DAY + AFTER, ENDED)
    assert "aru" in readers(stage, MODULE)


def test_one_that_was_over_before_it_could_be_built_is_not_built() -> None:
    stage = Stage(term(course(end=NOW - 99 * DAY)))
    plan = stage.sync()
    assert not [change for change in plan.changes if keys.course_of(change.key)]
    assert [notice.values["count"] for notice in plan.notices if notice.code == "finished"] == ["1"]


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        pytest.param({"people": lambda p: replace(p, suspended=p.id == "aru")}, False, id="a person who is suspended"),
        pytest.param(
            {"enrolments": lambda e: replace(e, suspended=e.person == "aru")}, False, id="suspended in the course"
        ),
        pytest.param({"courses": lambda c: c}, True, id="nothing changed"),
    ],
)
def test_who_is_suspended_does_not_read_on(change: dict[str, Any], reads: bool) -> None:
    stage = stage_of(ENDED)
    at(stage, NOW + DAY + AFTER, ENDED)
    changed = {name: tuple(map(make, getattr(stage.roster, name))) for name, make in change.items()}
    stage.sync(replace(stage.roster, **changed))  # type: ignore[arg-type]
    assert ("aru" in readers(stage, MODULE)) == reads


@pytest.mark.parametrize("linked", [True, False])
def test_who_is_in_no_list_any_more_reads_on_until_untied(linked: bool) -> None:
    """Where a term is over, a source may know nobody any more: its courses are dropped with everybody in them."""
    stage = stage_of()
    stage.links = {"aru": Link("aru", user_id("aru"), "roster:aru", NOW)} if linked else {}
    stage.sync(roster())
    assert ("aru" in readers(stage, MODULE)) == linked
    assert VERIFIED_ROLE not in stage.roles_of("aru")
    assert stage.plan().changes == ()


def test_a_role_taken_by_hand_stays_taken() -> None:
    stage = stage_of()
    stage.sync(roster(*(record for record in OF_COURSE if isinstance(record, Person))))
    assert "bek" in readers(stage, MODULE)
    member = stage.server.members[user_id("bek")]
    stage.server.members[user_id("bek")] = replace(member, roles=member.roles - {stage.id(STUDENTS)})
    assert stage.plan().changes == ()
    assert "bek" not in readers(stage, MODULE)


def test_archived_channels_name_their_course() -> None:
    stage = stage_of(ENDED)
    at(stage, NOW + DAY + AFTER)
    assert stage.server.channels[stage.id(MODULE)].topic == "Algebra 7 · Module 1"


def test_what_is_in_the_archive_stays_in_its_part() -> None:
    """Each move would cost a request, for nothing."""
    many = [module(str(number), "late") for number in range(60)]
    stage = Stage(roster(course("late"), *many), school(voice=False))
    stage.sync()
    stage.sync(roster(course("early"), module("1", "early")))
    parts = {key: stage.server.channels[stage.id(key)].parent_id for key in places(stage)}
    plan = stage.sync(roster())
    moved = {change.key for change in plan.changes if change.kind == "channel"}
    assert {keys.course_of(key) for key in moved} == {"early"}
    assert {key: parts[key] for key in parts if "late" in key and "module" in key}.items() <= {
        key: stage.server.channels[stage.id(key)].parent_id for key in places(stage)
    }.items()


def test_many_courses_that_end_at_once_wait_for_approval() -> None:
    courses = [course(str(n), end=NOW + DAY) for n in range(6)]
    modules = [module(m, str(n)) for n in range(6) for m in "12"]
    stage = Stage(roster(*courses, *modules), school(limits=Limits(20, 10), voice=False))
    stage.sync()
    stage.now = NOW + DAY + AFTER
    plan = stage.plan()
    assert {change.kind for change in plan.changes} == {"question"}
    assert {loss.cause for loss in plan.losses.values()} == {Phrase("the course is over")}
    report = stage.apply(stage.plan(approved=plan.digest))
    assert {o.status.value for o in report.outcomes} == {"applied"}
    assert stage.plan().changes == ()

"""What a roster asks for: when, where and for whom."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync import keys
from sync.audience import VERIFIED_ROLE
from sync.desired import is_active, next_moment
from sync.merge import Roster
from sync.records import CourseRole, Enrolment, Material
from sync.resources import Channel, Member, Pin, Post
from sync.settings_posts import PostSettings
from tests.builders import DAY, NOW, course, enrolled, group, guild_role, material, module, person, roster, school
from tests.stage import Stage, user_id

SOON = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("enrolment", "active"),
    [
        pytest.param(enrolled(), True, id="no dates"),
        pytest.param(enrolled(start=NOW), True, id="starts now"),
        pytest.param(enrolled(start=NOW + SOON), False, id="starts in a second"),
        pytest.param(enrolled(end=NOW), False, id="ends now"),
        pytest.param(enrolled(end=NOW + SOON), True, id="ends in a second"),
        pytest.param(enrolled(suspended=True), False, id="suspended"),
    ],
)
def test_an_enrolment_gives_something_only_in_its_time(enrolment: Enrolment, active: bool) -> None:
    assert is_active(enrolment, NOW) == active


def test_the_next_moment_is_the_earliest_start_end_or_release() -> None:
    past, far = enrolled("a", start=NOW - DAY, end=NOW + 9 * DAY), enrolled("b", start=NOW + 5 * DAY)
    later = material(visible_from=NOW + 3 * DAY)
    silent = school()
    assert next_moment(roster(past, far, later), silent, NOW) == NOW + 3 * DAY
    assert next_moment(roster(past, far), silent, NOW) == NOW + 5 * DAY
    assert next_moment(roster(past), silent, NOW) == NOW + 9 * DAY
    assert next_moment(roster(enrolled(start=NOW)), silent, NOW) is None


def test_the_next_moment_may_be_the_end_of_the_quiet_hours() -> None:
    """Nothing else changes then, but what waited is told."""
    quiet = school(posts=PostSettings())  # until seven in the morning in Almaty
    assert next_moment(roster(), quiet, NOW) == NOW.replace(hour=2) + DAY
    assert next_moment(roster(material(visible_from=NOW + SOON)), quiet, NOW) == NOW + SOON
    assert next_moment(roster(), school(posts=PostSettings(notices="off")), NOW) is None


def posted(*items: Material, now_later: timedelta = timedelta(), hidden: bool = False) -> set[str]:
    stage = Stage(roster(course(), module(hidden=hidden), *items), now=NOW + now_later)
    return {change.key.rpartition("/")[2] for change in stage.plan().changes if change.kind == "post"}


def test_materials_are_posted_when_they_are_released() -> None:
    items = (material("now"), material("later", visible_from=NOW + DAY), material("hidden", hidden=True))
    assert posted(*items) == {"now"}
    assert posted(*items, now_later=DAY) == {"now", "later"}
    assert posted(material("now"), hidden=True) == set()


def test_materials_are_retired_when_their_time_is_over() -> None:
    stage = Stage(roster(course(), module(), material("short", visible_until=NOW + DAY)))
    assert next_moment(stage.roster, stage.settings, NOW) == NOW + DAY
    stage.sync()
    stage.now = NOW + DAY
    (retired,) = [change for change in stage.sync().changes if change.kind == "post"]
    assert retired.key == keys.material("algebra", "short")
    assert isinstance(retired.desired, Post)
    assert retired.desired.retired


def test_a_material_for_a_group_is_posted_in_that_group_s_channel_and_named_nowhere_else() -> None:
    people = (person(), enrolled("aru", "algebra", CourseRole.STUDENT, "g1"), person("ber"), enrolled("ber"))
    stage = Stage(roster(course(), module(), group("g1"), group("g2"), material("own", groups=("g1",)), *people))
    stage.sync()
    post = stage.ledger.bindings[keys.material("algebra", "own", "g1")]
    assert post.parent_id == stage.id(keys.group("algebra", "g1", "channel"))
    assert stage.sees("aru", keys.group("algebra", "g1", "channel"))
    assert not stage.sees("ber", keys.group("algebra", "g1", "channel"))
    assert [id_ for id_, m in stage.server.messages.items() if m.look.head] == [post.discord_id]
    assert "Material own" not in {text for m in stage.server.messages.values() for text, _ in m.lines}
    assert keys.pin(post.key) in stage.ledger.bindings


def test_a_material_that_becomes_a_group_s_leaves_the_module_s_channel() -> None:
    stage = Stage(roster(course(), module(), group("g1"), material("m"), person(), enrolled()))
    stage.sync()
    stage.sync(replace(stage.roster, materials=(material("m", groups=("g1",)),)))
    assert keys.pin(keys.material("algebra", "m")) not in stage.ledger.bindings
    assert keys.material("algebra", "m", "g1") in stage.ledger.bindings
    assert keys.index("algebra", "1") not in {change.key for change in stage.plan().changes}
    assert not stage.plan().changes


@pytest.mark.parametrize("groups", ["roles", "off"])
def test_without_group_channels_a_group_s_material_is_not_posted_and_that_is_said(groups: str) -> None:
    only = roster(course(), module(), group("g1"), material("m", groups=("g1",)))
    stage = Stage(only, school(groups=groups))
    plan = stage.sync()
    assert {message.look.head for message in stage.server.messages.values()} == {""}, "the overview alone"
    assert [notice.values for notice in plan.notices if notice.code == "group-material"] == [{"count": "1"}]


def test_a_module_without_materials_has_no_index() -> None:
    stage = Stage(roster(course(), module("1"), module("2"), material("m", "2")))
    lists = {change.key for change in stage.plan().changes if change.kind == "index"}
    assert lists == {keys.overview("algebra"), keys.index("algebra", "2")}


def test_the_index_lists_materials_in_the_sources_order() -> None:
    items = [material(id_, title=title, position=place) for id_, title, place in (("a", "Last", 2), ("b", "First", 1))]
    stage = Stage(roster(course(), module(), *items))
    stage.sync()
    index = stage.server.messages[stage.id(keys.index("algebra", "1"))]
    wanted = [("First", keys.material("algebra", "b")), ("Last", keys.material("algebra", "a"))]
    assert index.lines == tuple((title, stage.id(key)) for title, key in wanted)


def test_hiding_a_module_hides_its_channel_and_leaves_what_was_posted() -> None:
    open_ = roster(course(), module(), material("old"), person(), enrolled())
    stage = Stage(open_)
    stage.sync()
    shut = replace(open_, modules=(module(hidden=True),), materials=(material("old"), material("new")))
    stage.sync(shut)
    assert not stage.sees("aru", keys.module("algebra", "1"))
    assert keys.material("algebra", "old") in stage.ledger.bindings
    assert keys.material("algebra", "new") not in stage.ledger.bindings
    stage.sync(replace(shut, modules=(module(),)))
    assert stage.sees("aru", keys.module("algebra", "1"))
    assert keys.material("algebra", "new") in stage.ledger.bindings


def test_a_material_that_goes_is_unpinned_and_marked() -> None:
    full = roster(course(), module(), material("a"), material("b"))
    stage = Stage(full)
    stage.sync()
    gone = stage.id(keys.material("algebra", "a"))
    assert gone in stage.server.pins
    stage.sync(replace(full, materials=(material("b"),)))
    assert gone not in stage.server.pins
    marked = stage.server.messages[gone].look
    assert (marked.head, marked.title, marked.text) == ("", "~~Material a~~", "-# no longer part of the course")
    stage.sync(full)
    assert stage.server.messages[gone].look.title == "Material a"
    assert gone in stage.server.pins


def test_a_material_that_moves_is_posted_in_its_new_module() -> None:
    units = (course(), module("1"), module("2"))
    stage = Stage(roster(*units, material("m", "1")))
    stage.sync()
    old = stage.id(keys.material("algebra", "m"))
    stage.sync(roster(*units, material("m", "2")))
    new = stage.id(keys.material("algebra", "m"))
    assert stage.server.messages[old].look.text == "-# moved to: Module 2"
    assert stage.server.messages[new].channel == stage.id(keys.module("algebra", "2"))
    assert {stage.server.pins[message] for message in (new, stage.id(keys.index("algebra", "2")))} == {
        stage.id(keys.module("algebra", "2"))
    }
    assert old not in stage.server.pins


def test_a_removed_module_is_archived_with_everything_in_it() -> None:
    units = (course(), module("1"), module("2"))
    stage = Stage(roster(*units, material("m", "1")))
    stage.sync()
    server, inside = stage.server, [keys.material("algebra", "m"), keys.index("algebra", "1")]
    before = [(server.messages[stage.id(key)], server.pins[stage.id(key)]) for key in inside]
    old = stage.server.channels[stage.id(keys.module("algebra", "1"))]
    stage.sync(roster(course(), module("2")))
    now = stage.server.channels[old.id]
    assert (now.name, now.topic, now.parent_id) == (old.name, old.topic, stage.id(keys.ARCHIVE))
    assert [(server.messages[stage.id(key)], server.pins[stage.id(key)]) for key in inside] == before
    stage.sync(roster(*units, material("m", "1")))
    assert stage.server.channels[old.id].parent_id == stage.id(keys.course("algebra"))
    assert keys.ARCHIVE not in stage.ledger.bindings
    assert [(server.messages[stage.id(key)], server.pins[stage.id(key)]) for key in inside] == before


def test_the_archive_is_split_at_fifty_channels() -> None:
    stage = Stage(roster(course(), *(module(str(number)) for number in range(45))))
    stage.sync()
    stage.sync(roster(course("b", "B"), *(module(str(number), "b") for number in range(8))))
    stage.sync(roster())
    parents = [c.parent_id for c in stage.server.channels.values()]
    assert parents.count(stage.id(keys.ARCHIVE)) == 50
    assert parents.count(stage.id(keys.nth(keys.ARCHIVE, 2))) == 45 + 8 + 2 - 50
    assert stage.plan().changes == ()


def test_a_course_without_modules_has_one_channel_to_talk_in() -> None:
    stage = Stage(roster(course()))
    stage.sync()
    general = stage.server.channels[stage.id(keys.course("algebra", "general"))]
    assert (general.name, general.type) == ("algebra-7", "text")
    stage.sync(roster(course(), module()))
    assert stage.server.channels[general.id].parent_id == stage.id(keys.course("algebra"))


@pytest.mark.parametrize("layout", ["channels", "forum"])
def test_a_forum_is_made_only_for_modules(layout: str) -> None:
    stage = Stage(roster(course("a", "A"), course("b", "B"), module("1", "a")), school(layout=layout))
    stage.sync()
    forums = [c.parent_id for c in stage.server.channels.values() if c.type == "forum"]
    assert forums == ([stage.id(keys.course("a"))] if layout == "forum" else [])


def roles(stage: Stage, who: str = "aru") -> set[str]:
    stage.sync()
    return stage.roles_of(who)


STUDENTS, TEACHERS = keys.course("algebra", "students"), keys.course("algebra", "teachers")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([person()], {VERIFIED_ROLE}, id="in the roster, in no course yet"),
        pytest.param([person(), enrolled()], {VERIFIED_ROLE, STUDENTS}, id="student"),
        pytest.param([person(), enrolled(role=CourseRole.TEACHER)], {VERIFIED_ROLE, TEACHERS}, id="teacher"),
        pytest.param([person(), enrolled(role=CourseRole.ASSISTANT)], {VERIFIED_ROLE, TEACHERS}, id="assistant"),
        pytest.param([person(), enrolled(role=CourseRole.OBSERVER)], {VERIFIED_ROLE}, id="observer"),
        pytest.param(
            [person(), enrolled(role=CourseRole.STAFF, course_id="")],
            {VERIFIED_ROLE, keys.base_role("staff")},
            id="staff",
        ),
        pytest.param(
            [person(), enrolled(), enrolled(role=CourseRole.TEACHER)], {VERIFIED_ROLE, STUDENTS, TEACHERS}, id="both"
        ),
        pytest.param([person(), enrolled(end=NOW)], set(), id="all of it over"),
        pytest.param([person(suspended=True), enrolled()], set(), id="suspended person"),
        pytest.param([person(), enrolled("aru", "unknown")], {VERIFIED_ROLE}, id="a course that is not there"),
        pytest.param(
            [person(), group(), Enrolment("aru", "algebra", CourseRole.STUDENT, ("g1", "nowhere"))],
            {VERIFIED_ROLE, STUDENTS, keys.group("algebra", "g1", "role")},
            id="a group",
        ),
        pytest.param(
            [person(), group("club", ""), Enrolment("aru", "", CourseRole.STUDENT, ("club",))],
            {VERIFIED_ROLE, keys.group("", "club", "role")},
            id="a cohort of the school",
        ),
        pytest.param(
            [person(), group("club", ""), Enrolment("aru", "algebra", CourseRole.STUDENT, ("club",))],
            {VERIFIED_ROLE, STUDENTS, keys.group("", "club", "role")},
            id="a cohort, stated with a course",
        ),
    ],
)
def test_roles_follow_enrolments(records: list[object], expected: set[str]) -> None:
    assert roles(Stage(roster(course(), *records))) == expected  # type: ignore[arg-type]


def enrolled_stage(*more: Enrolment) -> Stage:
    stage = Stage(roster(course(), course("bio", "Bio"), person(), enrolled(), *more))
    stage.sync()
    return stage


def without_enrolments(stage: Stage) -> Roster:
    return replace(stage.roster, enrolments=(enrolled("aru", "bio"),))


def test_a_role_given_by_hand_stays_when_the_roster_takes_others() -> None:
    stage = enrolled_stage()
    stage.server.give(user_id("aru"), stage.id(TEACHERS))
    stage.sync(without_enrolments(stage))
    assert stage.roles_of("aru") == {VERIFIED_ROLE, TEACHERS, keys.course("bio", "students")}


def test_a_role_taken_by_hand_comes_back_while_the_roster_states_it() -> None:
    stage = enrolled_stage()
    aru = stage.server.members[user_id("aru")]
    stage.server.join(replace(aru, roles=frozenset()))
    stage.sync()
    assert stage.roles_of("aru") == {VERIFIED_ROLE, STUDENTS}


def test_somebody_who_leaves_the_roster_loses_what_we_gave_and_keeps_the_name() -> None:
    stage = enrolled_stage()
    stage.server.roles["900"] = guild_role("900", "Chess", 1)
    stage.server.give(user_id("aru"), "900")
    stage.sync(replace(stage.roster, people=(), enrolments=()))
    assert stage.roles_of("aru") == {"900"}
    assert stage.server.members[user_id("aru")].nick == "Aru"


def test_somebody_who_comes_back_to_the_server_gets_everything_again() -> None:
    stage = enrolled_stage()
    del stage.server.members[user_id("aru")]
    assert stage.plan().changes == ()
    stage.server.join(stage.member("aru"))
    stage.sync()
    assert stage.roles_of("aru") == {VERIFIED_ROLE, STUDENTS}


def test_the_owner_and_people_above_the_bot_keep_their_names() -> None:
    stage = Stage(roster(course(), person("owner", "The Director"), person("boss", "The Boss"), enrolled("owner")))
    stage.server.roles["900"] = guild_role("900", "Boss", 500)
    stage.server.give(user_id("boss"), "900")
    owner = stage.member("owner")
    stage.server.members["2"] = replace(stage.server.members["2"], username="owner")
    del stage.server.members[owner.user_id]
    stage.sync()
    assert stage.server.members["2"].nick == ""
    assert stage.server.members[user_id("boss")].nick == ""
    assert len(stage.server.members["2"].roles) == 2


def test_roles_are_ranked_school_first_and_the_base_role_last() -> None:
    everybody = (group(), person(), Enrolment("aru", "algebra", CourseRole.STUDENT, ("g1",)))
    stage = Stage(roster(course(), *everybody))
    stage.sync()
    ours = {b.discord_id: key for key, b in stage.ledger.bindings.items() if b.kind == "role"}
    ranked = sorted(stage.server.roles.values(), key=lambda role: -role.position)
    assert [ours[role.id] for role in ranked if role.id in ours] == [
        keys.base_role("staff"),
        keys.base_role("moderator"),
        TEACHERS,
        STUDENTS,
        keys.group("algebra", "g1", "role"),
        VERIFIED_ROLE,
    ]


def test_a_new_role_has_no_permissions_of_its_own() -> None:
    """A role that is created without them would copy those of @everyone."""
    stage = enrolled_stage()
    assert {stage.server.roles[stage.id(key)].permissions for key in (STUDENTS, TEACHERS, VERIFIED_ROLE)} == {0}


def test_unmanaged_fields_of_archived_things_stay_as_they_are() -> None:
    stage = Stage(roster(course(), module(), material()))
    stage.sync()
    stage.roster = stage.kept = roster()
    for change in stage.plan().changes:
        if change.key in (keys.module("algebra", "1"), keys.course("algebra", "voice")):
            assert isinstance(change.desired, Channel)
            topic = {"topic"} if change.key == keys.module("algebra", "1") else set()
            assert set(change.fields) == {"parent", "overwrites"} | topic
        assert not isinstance(change.desired, Post | Pin)
        assert not isinstance(change.desired, Member)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_long_titles_fit_everywhere(language: str) -> None:
    title = "Қазақстан тарихы және әлемдік өркениеттер " * 6
    records = (course(title=title), module(title=title), material(title=title), group(title=title))
    stage = Stage(roster(*records), school(language=language))
    stage.sync()
    assert max(len(role.name) for role in stage.server.roles.values()) <= 100
    assert max(len(channel.name) for channel in stage.server.channels.values()) <= 100
    assert max(len(channel.topic) for channel in stage.server.channels.values()) <= 1024
    assert stage.plan().changes == ()

"""Whatever the roster says, one sync makes the server equal to it, and the next finds nothing to do."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sync import keys
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE
from sync.desired import is_active
from sync.diff import Action
from sync.merge import Roster
from sync.permissions import Permission
from sync.plan import Plan
from sync.records import CourseRole, Enrolment, File
from sync.settings import GROUPS, LAYOUTS
from sync.settings_archive import ArchiveSettings
from sync.settings_posts import NOTICES, PostSettings
from tests.builders import (
    BOT_USER,
    DAY,
    NOW,
    course,
    enrolled,
    group,
    guild_channel,
    guild_role,
    material,
    module,
    person,
    roster,
    school,
)
from tests.stage import Stage, places, user_id

COURSES, PEOPLE = ("alg", "bio", "chem"), ("aru", "bek", "dana", "erlan")
moments = st.sampled_from([None, None, None, NOW - DAY, NOW + DAY])
hidden = st.sampled_from([False, False, False, True])
discussed = st.sampled_from([frozenset[str](), frozenset({"quiz"}), None])
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def enrolments(draw: st.DrawFn) -> Enrolment:
    where = draw(st.sampled_from(COURSES))
    role = draw(st.sampled_from(list(CourseRole)))
    in_groups = draw(st.lists(st.sampled_from(["g1", "g2"]), unique=True, max_size=2))
    place = "" if role in {CourseRole.STAFF, CourseRole.MODERATOR} else where
    dates = {"start": draw(moments), "end": draw(moments)}
    return enrolled(draw(st.sampled_from(PEOPLE)), place, role, *in_groups, suspended=draw(hidden), **dates)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Draw a small school; ids stay while titles, places and people change from draw to draw."""
    records: list[Any] = [
        person(name, name.title() * draw(st.integers(1, 9)), suspended=draw(hidden)) for name in PEOPLE
    ]
    for c in draw(st.lists(st.sampled_from(COURSES), unique=True)):
        records.append(course(c, draw(st.sampled_from([c, f"{c} 7", "Same title"])), hidden=draw(hidden)))
        units = draw(st.lists(st.sampled_from("123"), unique=True))
        records += [module(m, c, draw(st.sampled_from(["Intro", "Ж" * 120])), hidden=draw(hidden)) for m in units]
        inside = [r.id for r in records if getattr(r, "course", "") == c]
        items = draw(st.lists(st.sampled_from("xyz"), unique=True)) if inside else []
        places = [draw(st.sampled_from(inside)) for _ in items]
        records += [
            material(
                item,
                place,
                c,
                hidden=draw(hidden),
                visible_from=draw(moments),
                type=draw(st.sampled_from(["", "file", "quiz"])),
                groups=draw(st.sampled_from([(), (), ("g1",), ("g1", "g2")])),
                text=draw(st.sampled_from(["", "Read this"])),
                files=draw(st.sampled_from([(), (File("a.pdf", 9, hash="1"),), (File("a.pdf", 9, hash="2"),)])),
            )
            for item, place in zip(items, places, strict=True)
        ]
        records += [group(g, c) for g in draw(st.lists(st.sampled_from(["g1", "g2"]), unique=True))]
    records += draw(st.lists(enrolments(), max_size=6, unique_by=lambda e: (e.person, e.course, e.role)))
    return roster(*records, *([group("club", "")] if draw(st.booleans()) else []))


class Killed(Exception):
    """The process ends here."""


def changes(plan: Plan) -> list[object]:
    return [(change.action.value, change.key, dict(change.fields)) for change in plan.changes]


@quick
@given(st.lists(rosters(), min_size=2, max_size=3), st.data())
def test_a_second_sync_finds_nothing_to_do(years: list[Roster], data: st.DataObject) -> None:
    stage = Stage(years[0])
    for year in years:
        layout, groups = data.draw(st.sampled_from(LAYOUTS)), data.draw(st.sampled_from(GROUPS))
        shown = PostSettings(discussed=data.draw(discussed), notices=data.draw(st.sampled_from(NOTICES)), quiet=None)
        stage.settings = school(layout=layout, groups=groups, voice=data.draw(st.booleans()), posts=shown)
        stage.sync(year)
        again = stage.plan()
        assert changes(again) == []
        assert again.held == ()
        assert again.estimate.requests == 0


@st.composite
def terms(draw: st.DrawFn) -> Roster:
    """Draw a roster whose courses may be over."""
    drawn = draw(rosters())
    return replace(drawn, courses=tuple(replace(one, end=draw(moments)) for one in drawn.courses))


@quick
@given(terms(), st.lists(terms(), min_size=1, max_size=3), st.sampled_from(LAYOUTS), st.sampled_from(GROUPS))
def test_courses_go_to_the_archive_and_come_back_as_they_were(
    first: Roster, later: list[Roster], layout: str, groups: str
) -> None:
    """Whatever happened meanwhile, the same term gives the same channels, each once, and all that was written."""
    stage = Stage(first, school(layout=layout, groups=groups, archive=ArchiveSettings(after=timedelta())))
    stage.sync()
    built = {key: stage.id(key) for key in places(stage) if stage.server.channels[stage.id(key)].type != "category"}
    messages, threads = set(stage.server.messages), set(stage.server.threads)
    for term in [*later, first]:
        stage.sync(term)
        again = stage.plan()
        assert (changes(again), again.held) == ([], ())
    assert built.items() <= {key: stage.id(key) for key in places(stage)}.items()
    assert messages <= set(stage.server.messages)
    assert threads <= set(stage.server.threads)
    for key in built:
        over = keys.course_of(key) and keys.course(keys.course_of(key)) not in places(stage)
        if over:
            for who in PEOPLE:
                assert not stage.can(who, key) & Permission.SEND_MESSAGES


@quick
@given(rosters(), rosters(), st.sampled_from(LAYOUTS), st.sampled_from(GROUPS))
def test_what_is_not_ours_is_never_touched(before: Roster, after: Roster, layout: str, groups: str) -> None:
    stage = Stage(before, school(layout=layout, groups=groups))
    server = stage.server
    server.roles["900"] = guild_role("900", "Chess club", 2, int(Permission.SEND_MESSAGES))
    server.channels["901"] = guild_channel("901", "Their own", "category")
    server.channels["902"] = guild_channel("902", "chess", parent_id="901", topic="Tuesdays")
    server.join(stage.member("stranger"))
    server.give(user_id("aru"), "900")
    server.give(user_id("stranger"), "900")
    theirs = {id_: server.channels[id_] for id_ in ("901", "902")}, server.members[user_id("stranger")]
    stage.sync()
    stage.sync(after)
    now = (
        {id_: replace(server.channels[id_], position=0) for id_ in ("901", "902")},
        server.members[user_id("stranger")],
    )
    assert now == theirs
    assert replace(server.roles["900"], position=2) == guild_role("900", "Chess club", 2, int(Permission.SEND_MESSAGES))
    assert "900" in server.members[user_id("aru")].roles


@quick
@given(rosters(), rosters(), st.sampled_from(LAYOUTS), st.sampled_from(GROUPS))
def test_nothing_people_wrote_in_is_ever_deleted(before: Roster, after: Roster, layout: str, groups: str) -> None:
    stage = Stage(before, school(layout=layout, groups=groups))
    stage.sync()
    written = {id_ for id_, channel in stage.server.channels.items() if channel.type != "category"}
    messages, threads = set(stage.server.messages), set(stage.server.threads)
    stage.sync(after)
    assert written <= set(stage.server.channels)
    assert messages <= set(stage.server.messages)
    assert threads <= set(stage.server.threads)


def entitled(who: str, role: str, roster: Roster) -> bool:
    """Say by the words of the design, not by the code, whether somebody has a course's role now."""
    teaching = {CourseRole.TEACHER, CourseRole.ASSISTANT}
    wanted = teaching if role.endswith("/teachers") else {CourseRole.STUDENT}
    return not {p.id: p for p in roster.people}[who].suspended and any(
        e.person == who and keys.course(e.course) == role.rpartition("/")[0] and e.role in wanted and is_active(e, NOW)
        for e in roster.enrolments
    )


@quick
@given(rosters(), rosters(), st.sampled_from(LAYOUTS), st.sampled_from(GROUPS))
def test_who_sees_what_follows_the_roster(before: Roster, after: Roster, layout: str, groups: str) -> None:
    """Computed with Discord's own algorithm for every person in every channel of every course."""
    assume(after.courses)
    stage = Stage(before, school(layout=layout, groups=groups))
    stage.server.join(stage.member("stranger"))
    stage.sync()
    stage.sync(after)
    hidden_courses = {keys.course(c.id) for c in after.courses if c.hidden}
    hidden_modules = {keys.module(m.course, m.id) for m in after.modules if m.hidden}
    live = {c.id for c in after.courses}
    for key, binding in stage.ledger.bindings.items():
        if binding.kind not in {"category", "channel"} or not keys.course_of(key):
            continue
        if keys.course_of(key) not in live or stage.server.channels[stage.id(key)].parent_id in archives(stage):
            continue
        home = keys.course(keys.course_of(key))
        shut = home in hidden_courses or key in hidden_modules
        room = f"{key.removesuffix('/channel')}/role" if "/group/" in key else f"{home}/students"
        for who in (*PEOPLE, "stranger"):
            roles = stage.roles_of(who)
            leads = f"{home}/teachers" in roles or STAFF_ROLE in roles
            studies = room in roles and not shut
            assert stage.sees(who, key) == (leads or studies), (who, key)
            can = Permission(stage.can(who, key))
            assert bool(can & Permission.PIN_MESSAGES) == leads
            assert bool(can & Permission.MANAGE_MESSAGES) == leads
            assert bool(can & Permission.SEND_MESSAGES) == (leads or studies)
            assert bool(can & Permission.CREATE_PUBLIC_THREADS) == (leads or studies)
        assert stage.server.can(BOT_USER, stage.id(key)) & Permission.PIN_MESSAGES


def archives(stage: Stage) -> set[str]:
    return {stage.id(key) for key in stage.ledger.bindings if key.startswith(keys.ARCHIVE)}


@quick
@given(rosters(), rosters(), st.sampled_from(GROUPS))
def test_people_hold_exactly_the_roles_of_their_enrolments(before: Roster, after: Roster, groups: str) -> None:
    stage = Stage(before, school(groups=groups))
    stage.sync()
    stage.sync(after)
    for who in PEOPLE:
        roles = stage.roles_of(who)
        for c in after.courses:
            for role in (keys.course(c.id, "students"), keys.course(c.id, "teachers")):
                assert (role in roles) == entitled(who, role, after)
        if {p.id: p for p in after.people}[who].suspended:
            assert roles == set()
        of_now = {role for role in roles if keys.course_of(role) in {"", *(c.id for c in after.courses)}}
        assert of_now <= {VERIFIED_ROLE} or VERIFIED_ROLE in roles
        active = {e.role for e in after.enrolments if e.person == who and is_active(e, NOW)}
        allowed = set() if VERIFIED_ROLE not in roles else active
        assert (STAFF_ROLE in roles) == (CourseRole.STAFF in allowed)
        assert (MODERATOR_ROLE in roles) == (CourseRole.MODERATOR in allowed)


@pytest.mark.parametrize("hide", [True, False])
@pytest.mark.parametrize("built", ["channels", "forum"])
def test_auto_leaves_a_course_as_it_was_built(built: str, hide: bool) -> None:
    stage = Stage(roster(course(), module("1"), module("2"), material()), school(layout=built))
    stage.sync()
    stage.settings = school(layout="auto")
    stage.sync(roster(course(), module("1", hidden=hide), module("2", hidden=hide), material(hidden=hide)))
    assert changes(stage.plan()) == []
    forum = stage.ledger.bindings.get(keys.course("algebra", "forum"))
    assert bool(forum) == (built == "forum")


@pytest.mark.parametrize("layout", ["channels", "forum"])
def test_renames_are_updates(layout: str) -> None:
    first = (module("1", title="Powers"), material("m", title="Book", type="quiz"), group("g", title="7A"))
    quiet = PostSettings(notices="off")
    stage = Stage(roster(course(title="Algebra"), *first, person(), enrolled()), school(layout=layout, posts=quiet))
    stage.sync()
    renamed = (module("1", title="Roots"), material("m", title="Course book", type="quiz"), group("g", title="7B"))
    stage.roster = stage.kept = roster(course(title="Geometry"), *renamed, person("aru", "Aru A."), enrolled())
    plan = stage.plan()
    assert {change.action for change in plan.changes} == {Action.UPDATE}
    assert {"category", "role", "post", "index", "member"} <= {change.kind for change in plan.changes}
    before = set(stage.server.channels) | set(stage.server.threads) | set(stage.server.messages)
    stage.apply(plan)
    assert set(stage.server.channels) | set(stage.server.threads) | set(stage.server.messages) == before
    assert changes(stage.plan()) == []


@pytest.mark.parametrize("cut_after", range(0, 28, 3))
def test_a_run_cut_anywhere_ends_in_the_same_server(cut_after: int) -> None:
    """Kill the process right after Discord did something and before Kopir could remember it."""
    records = roster(course(), module(), module("2"), material(), material("m2"), person(), enrolled(), group())
    whole = Stage(records, school())
    whole.sync()
    stage = Stage(records, school())
    plan, write = stage.plan(), stage.server.write

    async def cut(change: Any, bindings: Any) -> Any:
        sent = await write(change, bindings)
        if len(stage.server.writes) > cut_after:
            raise Killed
        return sent

    stage.server.write = cut  # type: ignore[method-assign]
    with pytest.raises(Killed):
        asyncio.run(stage._apply(plan))
    stage.server.write = write  # type: ignore[method-assign]
    stage.recover()
    stage.sync()
    assert changes(stage.plan()) == []
    for ended in (stage, whole):
        assert not [b for b in ended.ledger.bindings.values() if b.discord_id is None]
    names = [sorted((r.name) for r in s.server.roles.values()) for s in (stage, whole)]
    assert names[0] == names[1]
    assert len(stage.server.channels) == len(whole.server.channels)
    assert len(stage.server.messages) == len(whole.server.messages)

"""What is told to whom and when: each thing once, nobody by night, nothing at the first sync."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import keys
from sync.ledger import Binding
from sync.merge import Roster
from sync.news import ALL_BEFORE, NEWS, known, next_notice
from sync.records import File
from sync.settings_posts import PostSettings
from sync.texts import LANGUAGES, texts
from tests.builders import DAY, NOW, bound, course, enrolled, group, material, module, person, roster, school
from tests.stage import Stage

ALMATY = ZoneInfo("Asia/Almaty")  # NOW is 13:00 there
HOUR = timedelta(hours=1)
EACH = PostSettings(quiet=None)
UNITS = (course(), module("1"), module("2"))
STUDENTS = keys.course("algebra", "students")
HOME = keys.module("algebra", "1")


def stage_of(*records: object, shown: PostSettings = EACH, **more: str) -> Stage:
    stage = Stage(roster(*records), school(posts=shown, **more))  # type: ignore[arg-type]
    stage.sync()
    assert told(stage) == [], "the first sync is silent"
    return stage


def told(stage: Stage) -> list[tuple[str, str, list[str]]]:
    """List the notices so far: in which place, to which role, what."""
    names = {b.discord_id: b.key for b in stage.ledger.bindings.values() if b.kind in {"channel", "thread", "role"}}
    notices = [m for m in stage.server.messages.values() if m.content]
    notices = [m for m in notices if m.content.startswith("<@&")]
    return [(names[m.channel], names[m.content[3:-1]], [text for text, _ in m.lines]) for m in notices]


def lines(stage: Stage) -> list[list[str]]:
    return [said for _, _, said in told(stage)]


def later(stage: Stage, *records: object, by: timedelta = timedelta()) -> list[list[str]]:
    """Go on with other records at a later time, and list what is newly told; a second sync must be quiet."""
    before = len(told(stage))
    stage.now += by
    stage.sync(roster(*records) if records else None)  # type: ignore[arg-type]
    said = lines(stage)[before:]
    assert not stage.plan().changes
    return said


def test_a_new_material_is_told_once_to_the_courses_students_in_its_first_channel() -> None:
    stage = stage_of(*UNITS, material("old"))
    stage.sync(roster(*UNITS, material("old"), material("new", "2", type="quiz", due=NOW + DAY)))
    assert told(stage) == [(HOME, STUDENTS, ["🆕 ❓ Material new"])]
    (notice,) = [m for m in stage.server.messages.values() if m.content]
    assert notice.look.title == "News: Algebra 7"
    assert [id_ for _, id_ in notice.lines] == [stage.id(keys.material("algebra", "new"))]
    assert not stage.plan().changes


def test_a_line_names_the_day_on_which_something_is_due() -> None:
    stage = stage_of(*UNITS)
    stage.roster = stage.kept = roster(*UNITS, material("m", due=NOW + DAY), material("n"))
    (notice,) = [change.desired for change in stage.plan().changes if change.kind == "notice"]
    assert [entry.behind for entry in notice.entries] == [f" · <t:{int((NOW + DAY).timestamp())}:d>", ""]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"title": "Course book"}, id="title"),
        pytest.param({"text": "Read chapter 2"}, id="text"),
        pytest.param({"due": NOW + DAY}, id="due"),
        pytest.param({"files": (File("b.pdf", 5, hash="2"),)}, id="file"),
        pytest.param({"url": "https://x.kz/2"}, id="link"),
    ],
)
def test_a_change_that_matters_is_told(changed: Mapping[str, object]) -> None:
    book = material("m", title="Book", text="Read chapter 1", files=(File("a.pdf", 5, hash="1"),))
    stage = stage_of(*UNITS, book)
    new = replace(book, **changed)  # type: ignore[arg-type]
    assert later(stage, *UNITS, new) == [[f"✏️ 📌 {new.title}"]]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"text": "**Read** chapter 1!"}, id="formatting"),
        pytest.param({"module": "2"}, id="moved"),
        pytest.param({"type": "book"}, id="another kind"),
        pytest.param({"position": 7}, id="another place in the list"),
    ],
)
def test_a_change_that_does_not_is_not(changed: Mapping[str, object]) -> None:
    book = material("m", text="Read chapter 1")
    stage = stage_of(*UNITS, book)
    assert later(stage, *UNITS, replace(book, **changed)) == []  # type: ignore[arg-type]


def test_a_change_taken_back_is_told_again_and_so_is_the_change_done_again() -> None:
    """Who read the first notice must learn that it holds no more; the Key of the notice is an old one."""
    one, two = material("m", text="Page 1"), material("m", text="Page 2")
    stage = stage_of(*UNITS, one)
    for item in (two, one, two, one):
        assert later(stage, *UNITS, item, by=HOUR) == [["✏️ 📌 Material m"]]
    assert len([b for b in stage.ledger.bindings.values() if b.kind == "notice"]) == 1, "older ones are folded into it"


def test_what_is_released_by_date_is_new_on_that_day() -> None:
    item = material("m", visible_from=NOW + DAY)
    stage = stage_of(*UNITS, item)
    assert later(stage, by=HOUR) == []
    assert later(stage, by=DAY) == [["🆕 📌 Material m"]]


def test_what_was_hidden_is_new_when_it_is_shown() -> None:
    stage = stage_of(*UNITS, material("m", hidden=True), module("3", hidden=True), material("n", "3"))
    assert later(stage, *UNITS, material("m"), module("3", hidden=True), material("n", "3")) == [["🆕 📌 Material m"]]
    assert later(stage, *UNITS, material("m"), module("3"), material("n", "3")) == [["🆕 📌 Material n"]]


def test_what_is_hidden_and_shown_again_is_told_only_if_it_changed() -> None:
    stage = stage_of(*UNITS, material("m", text="Page 1"), material("other"))
    assert later(stage, *UNITS, material("m", text="Page 1", hidden=True), material("other")) == []
    assert later(stage, *UNITS, material("m", text="Page 1"), material("other"), by=HOUR) == []
    assert later(stage, *UNITS, material("other"), by=HOUR) == []
    assert later(stage, *UNITS, material("m", text="Page 2"), material("other"), by=HOUR) == [["✏️ 📌 Material m"]]


def test_what_changes_where_nobody_sees_it_is_told_when_it_is_seen() -> None:
    shut = (course(), module("1"), module("2", hidden=True))
    stage = stage_of(*UNITS, material("m", "2", text="Page 1"))
    assert later(stage, *shut, material("m", "2", text="Page 2")) == []
    assert later(stage, *UNITS, material("m", "2", text="Page 2"), by=HOUR) == [["✏️ 📌 Material m"]]


def test_a_hidden_course_is_silent_until_it_is_shown() -> None:
    shut = (course(hidden=True), module("1"))
    stage = stage_of(*shut, material("m"))
    assert later(stage, *shut, material("m"), material("n")) == []
    assert later(stage, course(), module("1"), material("m"), material("n")) == [
        ["🆕 📌 Material m", "🆕 📌 Material n"]
    ]


def test_however_many_changed_there_is_one_notice_per_course_and_run() -> None:
    many = [material(f"m{n:02}", position=n) for n in range(40)]
    stage = stage_of(*UNITS, course("bio", "Bio"), module("1", "bio"), *many[:5])
    stage.sync(
        roster(
            *UNITS,
            course("bio", "Bio"),
            module("1", "bio"),
            *(replace(item, text="changed") for item in many),
            material("b", "1", "bio"),
        )
    )
    assert [(place, role, len(said)) for place, role, said in told(stage)] == [
        (HOME, STUDENTS, 40),
        (keys.module("bio", "1"), keys.course("bio", "students"), 1),
    ]
    assert lines(stage)[0][:6] == [*(f"✏️ 📌 Material m{n:02}" for n in range(5)), "🆕 📌 Material m05"]
    assert not stage.plan().changes


pages = st.none() | st.sampled_from(["Page 1", "Page 2"])  # what a material says; none while it is not there
terms = st.lists(st.dictionaries(st.sampled_from("abc"), pages), min_size=2, max_size=6)


@given(terms, st.sampled_from(["channels", "forum"]), st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_happens_each_change_is_told_exactly_once(
    years: list[dict[str, str | None]], layout: str, data: st.DataObject
) -> None:
    def records(year: dict[str, str | None]) -> list[object]:
        shown = [material(id_, data.draw(st.sampled_from("12")), text=text) for id_, text in year.items() if text]
        return [*UNITS, *shown, *(material(id_, hidden=True) for id_, text in year.items() if not text)]

    stage = stage_of(*records(years[0]), layout=layout)
    heard = {id_: text for id_, text in years[0].items() if text}
    for year in years[1:]:
        news = {id_: text for id_, text in year.items() if text and heard.get(id_) != text}
        expected = {f"{'✏️' if id_ in heard else '🆕'} 📌 Material {id_}" for id_ in news}
        said = later(stage, *records(year), by=HOUR)
        assert [set(notice) for notice in said] == ([expected] if expected else [])
        assert sum(map(len, said)) == len(expected)
        heard |= news


GROUPS = (group("g1"), group("g2"), person(), enrolled("aru"))


def test_a_groups_material_is_told_to_the_group_alone_in_its_channel() -> None:
    stage = stage_of(*UNITS, *GROUPS)
    stage.sync(roster(*UNITS, *GROUPS, material("m", groups=("g1",)), material("all")))
    own = keys.group("algebra", "g1", "channel"), keys.group("algebra", "g1", "role")
    assert sorted(told(stage)) == sorted([(*own, ["🆕 📌 Material m"]), (HOME, STUDENTS, ["🆕 📌 Material all"])])
    titles = {m.look.title for m in stage.server.messages.values() if m.content}
    assert titles == {"News: Algebra 7", "News: Algebra 7 · Group g1"}


def test_places_do_not_share_what_they_were_told() -> None:
    """The same material of two groups is told in both; told to one group it is still news for the course."""
    stage = stage_of(*UNITS, *GROUPS)
    assert later(stage, *UNITS, *GROUPS, material("m", groups=("g1",))) == [["🆕 📌 Material m"]]
    assert later(stage, *UNITS, *GROUPS, material("m", groups=("g1", "g2"))) == [["🆕 📌 Material m"]]
    assert later(stage, *UNITS, *GROUPS, material("m")) == [["🆕 📌 Material m"]]
    assert [place for place, _, _ in told(stage)] == [
        keys.group("algebra", "g1", "channel"),
        keys.group("algebra", "g2", "channel"),
        HOME,
    ]


def test_a_group_that_gets_a_channel_is_not_told_of_what_stood_there() -> None:
    records = (*UNITS, *GROUPS, material("m", groups=("g1",)))
    stage = stage_of(*records, groups="roles")
    stage.settings = school(posts=EACH, groups="channels")
    assert later(stage, *records) == []
    assert later(stage, *records, material("n", groups=("g1",))) == [["🆕 📌 Material n"]]


def test_a_course_without_a_module_to_see_has_nowhere_to_tell() -> None:
    stage = stage_of(course(), module("1", hidden=True))
    assert later(stage, course(), module("1", hidden=True), material("m")) == []


def test_in_a_forum_news_stand_in_the_overviews_post() -> None:
    stage = stage_of(*UNITS, layout="forum")
    stage.sync(roster(*UNITS, material("m")))
    assert told(stage) == [(keys.overview_thread("algebra"), STUDENTS, ["🆕 📌 Material m"])]


def test_news_follow_the_overview_to_the_next_module() -> None:
    stage = stage_of(*UNITS)
    shut = (course(), module("1", hidden=True), module("2"))
    stage.sync(roster(*shut, material("m", "2")))
    assert told(stage) == [(keys.module("algebra", "2"), STUDENTS, ["🆕 📌 Material m"])]


@pytest.mark.parametrize("gone", ["category", "channel", "both"])
def test_a_place_made_anew_forgets_nothing_and_repeats_nothing(gone: str) -> None:
    stage = stage_of(*UNITS, material("old"))
    assert later(stage, *UNITS, material("old"), material("new"), by=HOUR) == [["🆕 📌 Material new"]]
    for key in {"category": [keys.course("algebra")], "channel": [HOME], "both": [keys.course("algebra"), HOME]}[gone]:
        del stage.server.channels[stage.id(key)]
    before = len(told_ids(stage))
    stage.sync()
    stage.sync()
    assert len(told_ids(stage)) == before


def told_ids(stage: Stage) -> list[str]:
    return [id_ for id_, m in stage.server.messages.items() if m.content]


def test_a_course_that_comes_back_from_the_archive_begins_in_silence() -> None:
    stage = stage_of(*UNITS, material("old"))
    stage.sync(roster())
    assert later(stage, *UNITS, material("old"), material("new"), by=HOUR) == []
    assert later(stage, *UNITS, material("old"), material("new"), material("newer")) == [["🆕 📌 Material newer"]]


def test_in_a_course_older_than_notices_only_what_comes_later_is_told() -> None:
    stage = stage_of(*UNITS, material("a"), material("b"))
    place = keys.course("algebra")
    stage.ledger.bindings[place] = replace(stage.ledger.bindings[place], memo={ALL_BEFORE: ""})
    assert later(stage, *UNITS, material("a", text="New words"), material("b")) == []
    assert later(stage, *UNITS, material("a", text="New words"), material("b"), material("c")) == [["🆕 📌 Material c"]]
    assert later(stage, *UNITS, material("a", text="Newer"), material("b"), material("c")) == [["✏️ 📌 Material a"]]


def test_a_notice_that_could_not_be_sent_is_sent_by_the_next_run() -> None:
    stage = stage_of(*UNITS)
    stage.roster = stage.kept = roster(*UNITS, material("m"))
    plan = stage.plan()
    kept = tuple(change for change in plan.changes if change.kind != "notice")
    stage.apply(replace(plan, changes=kept))
    assert later(stage) == [["🆕 📌 Material m"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_speak_the_schools_language(language: str) -> None:
    stage = stage_of(*UNITS, language=language)
    stage.sync(roster(*UNITS, material("m")))
    (title,) = [m.look.title for m in stage.server.messages.values() if m.content]
    assert title == texts(language).text(NEWS).format(course="Algebra 7")


def test_off_is_off_and_switched_on_again_tells_what_was_missed() -> None:
    stage = stage_of(*UNITS, shown=replace(EACH, notices="off"))
    assert later(stage, *UNITS, material("m")) == []
    stage.settings = school(posts=EACH)
    assert later(stage, by=HOUR) == [["🆕 📌 Material m"]]


def at(clock: str, day: int = 1) -> datetime:
    """A moment of a day in September 2026 by a clock in Almaty."""
    return datetime.combine(datetime(2026, 9, day, tzinfo=ALMATY).date(), time.fromisoformat(clock), ALMATY).astimezone(
        UTC
    )


@pytest.mark.parametrize(
    ("quiet", "clock", "tells"),
    [
        pytest.param("21:00-07:00", "20:59", True, id="in the evening"),
        pytest.param("21:00-07:00", "21:00", False, id="from its beginning"),
        pytest.param("21:00-07:00", "23:59", False, id="before midnight"),
        pytest.param("21:00-07:00", "00:00", False, id="at midnight"),
        pytest.param("21:00-07:00", "06:59", False, id="until its end"),
        pytest.param("21:00-07:00", "07:00", True, id="at its end"),
        pytest.param("08:00-14:00", "07:59", True, id="within a day: before"),
        pytest.param("08:00-14:00", "08:00", False, id="within a day: from its beginning"),
        pytest.param("08:00-14:00", "13:59", False, id="within a day: until its end"),
        pytest.param("08:00-14:00", "14:00", True, id="within a day: at its end"),
        pytest.param("08:00-14:00", "00:00", True, id="within a day: by night"),
    ],
)
def test_nobody_is_called_in_quiet_hours(quiet: str, clock: str, tells: bool) -> None:
    start, end = map(time.fromisoformat, quiet.split("-"))
    stage = stage_of(*UNITS, shown=replace(EACH, quiet=(start, end)))
    stage.now = at(clock, 2)
    stage.sync(roster(*UNITS, material("m")))
    assert keys.material("algebra", "m") in stage.ledger.bindings, "it is posted all the same"
    assert bool(told(stage)) == tells
    stage.now = at(end.isoformat(), 3)
    stage.sync()
    assert lines(stage) == [["🆕 📌 Material m"]]


def test_quiet_hours_are_those_of_the_schools_time_zone() -> None:
    stage = stage_of(*UNITS, shown=replace(EACH, quiet=(time(21), time(7))))
    stage.now = datetime(2026, 9, 1, 17, tzinfo=UTC)  # 22:00 in Almaty
    assert later(stage, *UNITS, material("m")) == []
    stage.settings = replace(stage.settings, timezone=ZoneInfo("Europe/London"))
    assert later(stage) == [["🆕 📌 Material m"]]


DIGEST = PostSettings(notices="digest", digest_at=time(16), quiet=(time(21), time(7)))


def test_a_digest_tells_at_its_hour_what_was_new_since_the_last_one() -> None:
    stage = stage_of(*UNITS, shown=DIGEST)
    stage.now = at("14:00")
    assert later(stage, *UNITS, material("a")) == []
    assert later(stage, *UNITS, material("a"), material("b"), by=HOUR) == []
    stage.now = at("16:00")
    assert later(stage) == [["🆕 📌 Material a", "🆕 📌 Material b"]]
    assert later(stage, *UNITS, material("a"), material("b"), material("c"), by=HOUR) == []
    assert later(stage, by=12 * HOUR) == []
    stage.now = at("15:59", 2)
    assert later(stage) == []
    stage.now = at("16:00", 2)
    assert later(stage) == [["🆕 📌 Material c"]]


def test_a_digest_that_was_missed_is_made_up_for_without_what_came_after_its_hour() -> None:
    stage = stage_of(*UNITS, shown=DIGEST)
    stage.now = at("15:00")
    assert later(stage, *UNITS, material("a")) == []
    stage.now = at("17:30")
    assert later(stage, *UNITS, material("a"), material("b")) == [["🆕 📌 Material a"]]
    assert later(stage, by=HOUR) == []
    stage.now = at("16:00", 2)
    assert later(stage) == [["🆕 📌 Material b"]]


def test_what_changed_waits_for_the_digest_too() -> None:
    stage = stage_of(*UNITS, material("m", text="Page 1"), material("n"), shown=DIGEST)
    stage.now = at("10:00", 3)
    assert later(stage, *UNITS, material("m", text="Page 2"), material("n")) == []
    stage.now = at("12:00", 3)
    assert later(stage, *UNITS, material("m", text="Page 3"), material("n")) == []
    stage.now = at("16:00", 3)
    assert later(stage) == [["✏️ 📌 Material m"]]


def test_a_groups_change_waits_for_the_digest_too() -> None:
    item = material("m", groups=("g1",), text="Page 1")
    stage = stage_of(*UNITS, *GROUPS, item, shown=DIGEST)
    stage.now = at("10:00", 3)
    assert later(stage, *UNITS, *GROUPS, replace(item, text="Page 2")) == []
    stage.now = at("16:00", 3)
    assert later(stage) == [["✏️ 📌 Material m"]]


@pytest.mark.parametrize(
    ("shown", "now", "expected"),
    [
        pytest.param(PostSettings(notices="off"), at("12:00"), None, id="off"),
        pytest.param(EACH, at("12:00"), None, id="at any time"),
        pytest.param(PostSettings(), at("23:00"), at("07:00", 2), id="the end of the quiet hours, tomorrow"),
        pytest.param(PostSettings(), at("02:00"), at("07:00"), id="the end of the quiet hours, today"),
        pytest.param(PostSettings(), at("07:00"), at("07:00", 2), id="never now"),
        pytest.param(DIGEST, at("12:00"), at("16:00"), id="today's digest"),
        pytest.param(
            DIGEST, at("17:00"), at("07:00", 2), id="the end of the quiet hours, for a digest that was missed"
        ),
        pytest.param(replace(DIGEST, quiet=None), at("16:00"), at("16:00", 2), id="tomorrow's digest"),
    ],
)
def test_the_next_time_for_news_is_known(shown: PostSettings, now: datetime, expected: datetime | None) -> None:
    assert next_notice(shown, ALMATY, now) == expected


def test_a_digest_that_was_missed_waits_for_the_end_of_the_quiet_hours() -> None:
    stage = stage_of(*UNITS, shown=DIGEST)
    stage.sync(roster(*UNITS, material("m")))
    stage.now = at("02:00", 2)
    assert later(stage) == []
    stage.now = at("07:00", 2)
    assert later(stage) == [["🆕 📌 Material m"]]


def test_a_clock_that_is_changed_moves_the_digest_with_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # from +02:00 to +01:00 on 25 October 2026
    before = datetime(2026, 10, 24, 15, tzinfo=UTC)
    assert next_notice(replace(DIGEST, quiet=None), berlin, before) == datetime(2026, 10, 25, 15, tzinfo=UTC)


def place(key: str, memo: Mapping[str, str], kind: str = "category", hour: int = 0, id_: str | None = "1") -> Binding:
    return Binding(key, kind, id_, None, "", NOW + hour * HOUR, memo=memo)


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [
        pytest.param([place("course/a", {"m": "1"})], {"course/a": {"m": "1"}}, id="when the place was made"),
        pytest.param(
            [place("course/a/notice/x", {"m": "2", "n": "1"}, "notice", 1), place("course/a", {"m": "1"})],
            {"course/a": {"m": "2", "n": "1"}},
            id="and by a notice since",
        ),
        pytest.param(
            [
                place("course/a/notice/x", {"m": "3"}, "notice", 2),
                place("course/a/notice/y", {"m": "2"}, "notice", 1),
                place("course/a", {"m": "1"}, hour=3),
            ],
            {"course/a": {"m": "3"}},
            id="the newest notice counts, even when the place was written since",
        ),
        pytest.param(
            [place("course/a/group/g/channel", {"m": "1"}, "channel"), place("course/a", {"m": "2"})],
            {"course/a": {"m": "2"}, "course/a/group/g/channel": {"m": "1"}},
            id="each place for itself",
        ),
        pytest.param([place("course/a/notice/x", {"m": "1"}, "notice", id_=None)], {}, id="a notice never sent"),
        pytest.param([place("course/a/material/m", {"file": "7"}, "post")], {}, id="files are not news"),
    ],
)
def test_what_people_know_is_gathered_by_place(
    bindings: list[Binding], expected: Mapping[str, Mapping[str, str]]
) -> None:
    assert known(bound(*bindings)) == expected


def test_nothing_is_told_before_its_course_stands() -> None:
    stage = Stage(Roster(courses=(course(),)), school(posts=EACH))
    assert [change for change in stage.plan().changes if change.kind == "notice"] == []

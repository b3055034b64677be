"""What becomes of a course's materials: posts, discussions, lists, an overview, and pins that never fill a channel."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import keys
from sync.desired_posts import local_materials, visible
from sync.errors import Retriable
from sync.layout import MAX_PINS, MAX_TAGS, OUR_PINS
from sync.ledger import Binding
from sync.looks import kind_name
from sync.records import CourseRole, Material
from sync.resources import Discussion, Index, Pin, Resource
from sync.settings_posts import PostSettings
from sync.texts import LANGUAGES, texts
from sync.words import MATERIALS
from tests.builders import DAY, NOW, bound, course, enrolled, group, material, module, person, roster, school
from tests.fake_guild import FakeMessage, FakeThread
from tests.stage import Stage

SILENT = PostSettings(notices="off", quiet=None)
PLACE = keys.module("algebra", "1")
UNITS = (course(), module("1"), module("2"))
OVERVIEW = keys.overview("algebra")


def stage_of(*records: object, layout: str = "channels", shown: PostSettings = SILENT) -> Stage:
    stage = Stage(roster(*records), school(layout=layout, posts=shown))  # type: ignore[arg-type]
    stage.sync()
    return stage


def many(count: int, module_id: str = "1") -> list[Material]:
    return [material(f"m{n:03}", module_id, position=n) for n in range(count)]


def message(stage: Stage, key: str) -> FakeMessage:
    return stage.server.messages[stage.id(key)]


def wanted(stage: Stage) -> Mapping[str, Resource]:
    """Give what a plan would make on an empty server."""
    return {c.key: c.desired for c in stage.plan().changes if c.desired is not None}


def pinned(stage: Stage, place: str) -> list[str]:
    """List the Keys of what is pinned in a place, as Discord shows it: the newest pin on top."""
    names = {b.discord_id: b.key for b in stage.ledger.bindings.values() if b.kind in {"post", "index", "local"}}
    return [names[id_] for id_, channel in reversed(stage.server.pins.items()) if channel == stage.id(place)]


@pytest.mark.parametrize(
    ("item", "seen"),
    [
        pytest.param(material(), True, id="always"),
        pytest.param(material(hidden=True), False, id="hidden"),
        pytest.param(material(visible_from=NOW), True, id="from now on"),
        pytest.param(material(visible_from=NOW + timedelta(seconds=1)), False, id="in a second"),
        pytest.param(material(visible_until=NOW), False, id="until now"),
        pytest.param(material(visible_until=NOW + timedelta(seconds=1)), True, id="for a second more"),
        pytest.param(material(visible_from=NOW - DAY, visible_until=NOW + DAY, hidden=True), False, id="all at once"),
    ],
)
def test_a_material_is_seen_in_its_time(item: Material, seen: bool) -> None:
    assert visible(item, NOW) == seen


def test_a_module_has_its_posts_a_list_of_them_and_pins_in_that_order() -> None:
    stage = stage_of(*UNITS, material("a", due=NOW + DAY, type="quiz", position=1), material("b", position=2))
    a, b = keys.material("algebra", "a"), keys.material("algebra", "b")
    assert message(stage, keys.index("algebra", "1")).lines == (
        ("Material a", stage.id(a)),
        ("Material b", stage.id(b)),
    )
    assert pinned(stage, PLACE) == [OVERVIEW, keys.index("algebra", "1"), a, b]
    (entry, _) = wanted(Stage(stage.roster, stage.settings))[keys.index("algebra", "1")].entries  # type: ignore[union-attr]
    assert (entry.before, entry.behind) == ("1. ❓ ", f" · <t:{int((NOW + DAY).timestamp())}:d>")


FULL = 35  # lines of short titles that one message takes


@pytest.mark.parametrize(
    ("count", "pages"),
    [(1, [1]), (FULL, [FULL]), (FULL + 1, [FULL, 1]), (80, [FULL, FULL, 10])],
    ids=["one", "full", "one more", "three"],
)
def test_a_long_list_has_pages_of_its_own(count: int, pages: list[int]) -> None:
    stage = stage_of(*UNITS, *many(count))
    lists = [message(stage, keys.index("algebra", "1", page)) for page in range(1, len(pages) + 1)]
    assert [len(one.lines) for one in lists] == pages
    assert [one.look.title for one in lists] == [
        "Module 1",
        *(f"Module 1 ({page})" for page in range(2, len(pages) + 1)),
    ]
    assert keys.index("algebra", "1", len(pages) + 1) not in stage.ledger.bindings
    assert [text for one in lists for text, _ in one.lines] == [f"Material m{n:03}" for n in range(count)]
    assert pinned(stage, PLACE)[1 : len(pages) + 1] == [keys.index("algebra", "1", n) for n in range(1, len(pages) + 1)]


def test_a_page_that_is_no_longer_needed_is_retired_and_comes_back() -> None:
    stage = stage_of(*UNITS, *many(FULL + 1))
    second = keys.index("algebra", "1", 2)
    before = stage.id(second)
    stage.sync(roster(*UNITS, *many(FULL)))
    assert message(stage, second).look.title == "~~Module 1 (2)~~"
    assert second not in pinned(stage, PLACE)
    stage.sync(roster(*UNITS, *many(FULL + 1)))
    assert (stage.id(second), message(stage, second).look.title) == (before, "Module 1 (2)")
    assert not stage.plan().changes


def test_a_material_that_moves_says_where_it_went_and_both_lists_follow() -> None:
    stage = stage_of(*UNITS, material("m", "1", type="quiz"), material("stays", "1"))
    key = keys.material("algebra", "m")
    old = stage.id(key)
    stage.sync(roster(*UNITS, material("m", "2", type="quiz"), material("stays", "1")))
    assert (stage.server.messages[old].look.title, stage.server.messages[old].look.text) == (
        "~~Material m~~",
        "-# moved to: Module 2",
    )
    assert [text for text, _ in message(stage, keys.index("algebra", "1")).lines] == ["Material stays"]
    assert message(stage, keys.index("algebra", "2")).lines == (("Material m", stage.id(key)),)
    assert pinned(stage, keys.module("algebra", "2")) == [keys.index("algebra", "2"), key]
    assert stage.server.threads[stage.id(keys.discussion(key))].parent == stage.id(keys.module("algebra", "2"))
    assert old in stage.server.threads, "what people wrote stays"
    assert not stage.plan().changes


@pytest.mark.parametrize("count", [224, 300])
def test_pins_leave_room_for_those_of_people(count: int) -> None:
    """Three hundred materials have several pages of a list; older ones give way, but stay in it."""
    stage = stage_of(*UNITS, *many(count))
    pins = pinned(stage, PLACE)
    pages = sum(
        b.key.startswith(keys.index("algebra", "1")) for b in stage.ledger.bindings.values() if b.kind == "index"
    )
    assert len(pins) == min(OUR_PINS, 1 + pages + count) < MAX_PINS
    assert pins[: 1 + pages] == [OVERVIEW, *(keys.index("algebra", "1", page) for page in range(1, pages + 1))]
    newest = [keys.material("algebra", item.id) for item in many(count)][count - (OUR_PINS - 1 - pages) :]
    assert pins[1 + pages :] == newest
    assert sum(len(message(stage, key).lines) for key in pins[1 : 1 + pages]) == count
    assert not stage.plan().changes


def test_a_new_material_takes_the_place_of_the_oldest_pin() -> None:
    stage = stage_of(*UNITS, *many(230))
    before = set(pinned(stage, PLACE))
    plan = stage.sync(roster(*UNITS, *many(231)))
    posts = [keys.material("algebra", item.id) for item in many(230)]
    assert before - set(pinned(stage, PLACE)) == {next(key for key in posts if key in before)}
    assert len(pinned(stage, PLACE)) == OUR_PINS
    lists = [key for key in pinned(stage, PLACE) if key not in posts][:-1]
    assert Counter((c.kind, c.action.value) for c in plan.changes) == {
        ("index", "update"): 1,
        ("pin", "create"): 1,
        ("pin", "update"): len(lists),
        ("pin", "delete"): 1,
        ("post", "create"): 1,
    }


def test_lists_rise_above_what_is_pinned_later_and_only_then() -> None:
    stage = stage_of(*UNITS, *many(2))
    stage.now += DAY
    plan = stage.sync(roster(*UNITS, *many(3)))
    assert pinned(stage, PLACE)[:2] == [OVERVIEW, keys.index("algebra", "1")]
    assert [c.key for c in plan.changes if c.kind == "pin" and c.action.value == "update"] == [
        keys.pin(keys.index("algebra", "1")),
        keys.pin(OVERVIEW),
    ]
    stage.now += DAY
    assert not [c for c in stage.sync(roster(*UNITS, *many(2))).changes if c.action.value == "create"]
    assert not stage.plan().changes


def test_lists_that_could_not_be_lifted_rise_with_the_next_run() -> None:
    stage = stage_of(*UNITS, *many(2))
    stage.now += DAY
    stage.server.fail = lambda change: (
        Retriable("later") if change.kind == "pin" and "lifted" in change.fields else None
    )
    stage.roster = stage.kept = roster(*UNITS, *many(3))
    stage.apply(stage.plan())
    assert pinned(stage, PLACE)[0] == keys.material("algebra", "m002")
    stage.server.fail = lambda _: None
    stage.sync()
    assert pinned(stage, PLACE)[:2] == [OVERVIEW, keys.index("algebra", "1")]
    assert not stage.plan().changes


@given(st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=15, deadline=None)
def test_no_mix_of_materials_and_teachers_messages_fills_a_channel(count: int, taught: int) -> None:
    stage = Stage(roster(*UNITS), school(posts=SILENT))
    stage.sync()
    stage.ledger.bindings |= bound(*(local(stage, f"{n:03}") for n in range(taught)))
    stage.roster = stage.kept = roster(*UNITS, *many(count))
    new = [c for c in stage.plan().changes if c.action.value == "create" and isinstance(c.desired, Pin)]
    assert len([c for c in new if isinstance(c.desired, Pin) and c.desired.channel == PLACE]) <= OUR_PINS - 1
    assert not stage.plan().refusals


def local(stage: Stage, number: str, module_id: str = "1", title: str = "") -> Binding:
    """A teacher's message in a module's channel that somebody made a material."""
    key = keys.local(keys.module("algebra", module_id), f"9{number}")
    parent = stage.id(keys.module("algebra", module_id))
    return Binding(
        key, "local", f"9{number}", parent, "", NOW + timedelta(seconds=int(number)), title or f"Note {number}"
    )


def with_notes(*numbers: str, materials: int = 1) -> Stage:
    stage = stage_of(*UNITS, *many(materials))
    for number in numbers:
        note = local(stage, number)
        stage.ledger.bindings[note.key] = note
        stage.server.messages[note.discord_id or ""] = FakeMessage(note.parent_id or "", "a teacher's words")
    return stage


def test_a_teachers_message_is_listed_below_and_pinned_below_the_sources_materials() -> None:
    stage = with_notes("2", "1", materials=0)
    stage.sync(roster(*UNITS, *many(1)))
    assert message(stage, keys.index("algebra", "1")).lines[1:] == (("Note 1", "91"), ("Note 2", "92"))
    notes = [keys.local(keys.module("algebra", "1"), "91"), keys.local(keys.module("algebra", "1"), "92")]
    lists = [OVERVIEW, keys.index("algebra", "1")]
    assert pinned(stage, PLACE) == [*lists, keys.material("algebra", "m000"), *notes]
    assert stage.server.messages["91"].content == "a teacher's words"
    assert not stage.plan().changes


def test_a_module_that_only_has_a_teachers_message_has_a_list() -> None:
    stage = with_notes("1", materials=0)
    stage.sync()
    assert message(stage, keys.index("algebra", "1")).lines == (("Note 1", "91"),)


def test_a_teachers_message_that_is_no_material_any_more_is_unpinned_and_left_alone() -> None:
    stage = with_notes("1", "2")
    stage.sync()
    del stage.ledger.bindings[keys.local(keys.module("algebra", "1"), "91")]
    stage.sync()
    assert "91" not in stage.server.pins
    assert "92" in stage.server.pins
    assert [text for text, _ in message(stage, keys.index("algebra", "1")).lines] == ["Material m000", "Note 2"]
    assert stage.server.messages["91"].content == "a teacher's words"


def test_a_teachers_message_goes_with_its_place() -> None:
    """In a channel made anew it cannot be found, so nothing leads to it; the archive keeps it as it was."""
    stage = with_notes("1")
    stage.sync()
    del stage.server.channels[stage.id(PLACE)]
    stage.server.pins.clear()
    stage.sync()
    assert [text for text, _ in message(stage, keys.index("algebra", "1")).lines] == ["Material m000"]
    assert keys.local(keys.module("algebra", "1"), "91") not in pinned(stage, PLACE)
    assert not stage.plan().changes

    stage = with_notes("1")
    stage.sync()
    stage.sync(roster(course(), module("2")))
    assert "91" in stage.server.pins
    assert not stage.plan().changes


def test_teachers_messages_are_gathered_by_module_oldest_first() -> None:
    stage = stage_of(*UNITS)
    notes = [local(stage, "3"), local(stage, "1"), local(stage, "2", "2")]
    found = local_materials(bound(*notes, *stage.ledger.bindings.values()), stage.server.channels)
    assert {key: [b.discord_id for b in those] for key, those in found.items()} == {
        keys.module("algebra", "1"): ["91", "93"],
        keys.module("algebra", "2"): ["92"],
    }
    assert local_materials(bound(*notes), {}) == {}


def test_the_overview_leads_to_every_module_that_is_seen() -> None:
    stage = stage_of(*UNITS, module("3", hidden=True), material("m", "2"))
    assert message(stage, OVERVIEW).look.title == "Course overview: Algebra 7"
    assert message(stage, OVERVIEW).lines == (
        ("Module 1", stage.id(keys.module("algebra", "1"))),
        ("Module 2", stage.id(keys.module("algebra", "2"))),
    )
    assert pinned(stage, PLACE) == [OVERVIEW]
    stage.sync(roster(*UNITS, module("3"), material("m", "2")))
    assert [text for text, _ in message(stage, OVERVIEW).lines] == ["Module 1", "Module 2", "Module 3"]


def test_the_overview_moves_to_the_next_module_when_the_first_is_hidden_and_back() -> None:
    stage = stage_of(*UNITS, material("m", "2"))
    old = stage.id(OVERVIEW)
    stage.sync(roster(course(), module("1", hidden=True), module("2"), material("m", "2")))
    left = stage.server.messages[old].look
    assert (left.title, left.text) == ("~~Course overview: Algebra 7~~", "-# moved to: Module 2")
    assert old not in stage.server.pins
    assert pinned(stage, keys.module("algebra", "2"))[0] == OVERVIEW
    assert not stage.plan().changes
    stage.sync(roster(*UNITS, material("m", "2")))
    assert pinned(stage, PLACE) == [OVERVIEW]
    assert not stage.plan().changes


def test_a_course_without_a_module_to_see_has_no_overview() -> None:
    assert OVERVIEW not in stage_of(course()).ledger.bindings
    stage = stage_of(course(), module("1", hidden=True))
    assert OVERVIEW not in stage.ledger.bindings
    stage.sync(roster(course(), module("1")))
    stage.sync(roster(course(), module("1", hidden=True)))
    assert message(stage, OVERVIEW).look.title == "~~Course overview: Algebra 7~~"
    assert not stage.plan().changes


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_speaks_the_schools_language(language: str) -> None:
    made = wanted(Stage(roster(*UNITS), school(language=language)))[OVERVIEW]
    assert isinstance(made, Index)
    assert made.look.title == texts(language).text("Course overview: {course}").format(course="Algebra 7")


@pytest.mark.parametrize(
    ("discussed", "kinds"),
    [
        pytest.param(frozenset({"assignment", "quiz"}), {"assignment", "quiz"}, id="some kinds"),
        pytest.param(frozenset[str](), set(), id="none"),
        pytest.param(None, {"assignment", "quiz", "file", ""}, id="all"),
    ],
)
def test_materials_of_some_kinds_are_discussed(discussed: frozenset[str] | None, kinds: set[str]) -> None:
    items = [material(f"m-{kind}", type=kind) for kind in ("assignment", "quiz", "file", "")]
    stage = Stage(roster(*UNITS, *items), school(posts=replace(SILENT, discussed=discussed)))
    made = [r for r in wanted(stage).values() if isinstance(r, Discussion)]
    assert {one.post.rpartition("m-")[2] for one in made} == kinds
    assert all(one.name == f"Material m-{one.post.rpartition('m-')[2]}" for one in made)


def test_a_discussion_is_woken_by_a_change_alone_and_kept_when_its_material_goes() -> None:
    records = (*UNITS, material("m", type="quiz"))
    stage = stage_of(*records)
    key = keys.discussion(keys.material("algebra", "m"))
    thread = stage.server.threads[stage.id(key)]
    thread.locked = True  # folded away: not in the list of active threads
    assert not stage.plan().changes
    stage.sync(roster(*UNITS, material("m", type="quiz", text="Now with an answer")))
    assert not thread.locked
    thread.locked = True
    stage.sync(roster(*UNITS))
    assert thread.locked
    assert (thread.name, stage.ledger.bindings[key].discord_id) == ("Material m", stage.id(key))
    assert not stage.plan().changes


def test_a_discussion_follows_its_materials_title_even_when_folded_away() -> None:
    stage = stage_of(*UNITS, material("m", title="Test", type="quiz"))
    thread = stage.server.threads[stage.id(keys.discussion(keys.material("algebra", "m")))]
    stage.sync(roster(*UNITS, material("m", title="Test 1", type="quiz")))
    assert thread.name == "Test 1"
    thread.locked = True
    stage.sync(roster(*UNITS, material("m", title="Test 2", type="quiz")))
    assert thread.name == "Test 2"
    thread.name = "Renamed by hand"
    stage.sync()
    assert thread.name == "Test 2"


def test_a_kind_that_is_no_longer_discussed_keeps_its_threads() -> None:
    stage = stage_of(*UNITS, material("m", "1", type="quiz"))
    stage.settings = school(posts=replace(SILENT, discussed=frozenset()))
    assert not stage.plan().changes
    stage.sync(roster(*UNITS, material("m", "2", type="quiz")))
    assert not stage.plan().changes, "no thread without a name on the message that moved"
    assert len(stage.server.threads) == 1


def test_a_groups_material_stands_in_its_channel_and_no_list_names_it() -> None:
    people = (person(), enrolled("aru", "algebra", CourseRole.STUDENT, "g1"))
    own = [material(f"own{n}", groups=("g1",), type="quiz", position=n) for n in range(3)]
    stage = stage_of(*UNITS, group("g1"), material("all"), *own, *people)
    channel = keys.group("algebra", "g1", "channel")
    posts = [keys.material("algebra", item.id, "g1") for item in own]
    assert pinned(stage, channel) == posts
    assert {message(stage, post).channel for post in posts} == {stage.id(channel)}
    assert {stage.server.threads[stage.id(keys.discussion(post))].parent for post in posts} == {stage.id(channel)}
    named = {text for one in stage.server.messages.values() for text, _ in one.lines}
    assert named == {"Module 1", "Module 2", "Material all"}
    assert not stage.plan().changes


def test_a_groups_pins_stop_at_the_ceiling_too() -> None:
    own = [replace(item, groups=("g1",)) for item in many(240)]
    stage = stage_of(*UNITS, group("g1"), *own)
    assert pinned(stage, keys.group("algebra", "g1", "channel")) == [
        keys.material("algebra", item.id, "g1") for item in own[240 - OUR_PINS :]
    ]


FORUM = keys.course("algebra", "forum")
HOME = keys.overview_thread("algebra")


def tags(stage: Stage, key: str) -> set[str]:
    forum = stage.server.channels[stage.id(FORUM)]
    names = dict(forum.tags)
    return {names[tag] for tag in stage.server.threads[stage.id(key)].tags}


def test_a_forum_has_a_post_for_each_module_and_the_overview_pinned_above_them() -> None:
    stage = stage_of(*UNITS, module("3", hidden=True), material("m", "2", type="quiz"), layout="forum")
    threads = {keys.thread("algebra", n): stage.server.threads[stage.id(keys.thread("algebra", n))] for n in "12"}
    assert [thread.pinned for thread in threads.values()] == [False, False]
    home = stage.server.threads[stage.id(HOME)]
    assert (home.name, home.pinned, home.tags) == ("Course overview: Algebra 7", True, ())
    assert stage.id(OVERVIEW) == stage.id(HOME), "it opens the post"
    assert message(stage, OVERVIEW).lines == tuple((f"Module {n}", stage.id(keys.thread("algebra", n))) for n in "12")
    assert pinned(stage, HOME) == [OVERVIEW]
    assert keys.thread("algebra", "3") not in stage.ledger.bindings
    assert not [key for key in stage.ledger.bindings if key.startswith("discussion/")], "the post is the discussion"
    assert not stage.plan().changes


def test_modules_are_opened_last_first_and_the_overview_after_them() -> None:
    stage = stage_of(*UNITS, layout="forum")
    opened = [change.key for change in stage.server.writes if change.kind == "thread"]
    assert opened == [keys.thread("algebra", "2"), keys.thread("algebra", "1"), HOME]


def test_an_overview_that_was_unpinned_by_hand_is_pinned_again() -> None:
    stage = stage_of(*UNITS, layout="forum")
    stage.server.threads[stage.id(HOME)].pinned = False
    stage.sync()
    assert stage.server.threads[stage.id(HOME)].pinned


def test_a_post_that_people_pinned_in_the_forum_stays_the_pinned_one() -> None:
    """A forum has one pinned post at most."""
    stage = stage_of(*UNITS, layout="forum")
    stage.server.threads["9"] = FakeThread("Read me first", stage.id(FORUM), pinned=True)
    home = stage.server.threads[stage.id(HOME)]
    home.pinned = False
    assert not stage.plan().changes
    del stage.server.threads["9"]
    stage.sync()
    assert home.pinned


@pytest.mark.parametrize("name", ["index", "overview"])
def test_a_material_by_the_name_of_a_list_does_not_open_the_forum_post(name: str) -> None:
    stage = stage_of(*UNITS, material(name, title=name.title()), layout="forum")
    place = stage.id(keys.thread("algebra", "1"))
    assert stage.id(keys.index("algebra", "1")) == place
    assert stage.id(keys.material("algebra", name)) != place


def test_a_forum_posts_tags_are_the_kinds_in_it() -> None:
    items = [material("a", type="quiz"), material("b", type="file"), material("c", "2", type="file")]
    stage = stage_of(*UNITS, *items, layout="forum")
    assert {name for _, name in stage.server.channels[stage.id(FORUM)].tags} == {"Quiz", "File"}
    assert tags(stage, keys.thread("algebra", "1")) == {"Quiz", "File"}
    assert tags(stage, keys.thread("algebra", "2")) == {"File"}
    stage.sync(roster(*UNITS, *items[1:]))
    assert tags(stage, keys.thread("algebra", "1")) == {"File"}
    assert not stage.plan().changes


def test_a_forum_takes_the_kinds_of_most_modules_and_a_post_its_own_most_frequent_ones() -> None:
    kinds = sorted(MATERIALS)
    items = [material(f"{kind}{n}", type=kind) for rank, kind in enumerate(kinds) for n in range(rank + 1)]
    items += [material(f"{kind} too", "2", type=kind) for kind in kinds[-6:]]
    stage = stage_of(*UNITS, *items, layout="forum")
    words = texts("en")
    offered = {name for _, name in stage.server.channels[stage.id(FORUM)].tags}
    assert len(kinds) > len(offered) == MAX_TAGS
    assert offered >= {kind_name(kind, words) for kind in kinds[-6:]}
    assert tags(stage, keys.thread("algebra", "1")) == {kind_name(kind, words) for kind in kinds[-5:]}
    assert not stage.plan().changes


def test_a_forum_posts_tags_are_settled_when_it_has_a_kind_that_found_no_room_in_the_forum() -> None:
    items = [material(kind, type=kind) for kind in sorted(MATERIALS)]
    items += [material(f"w{n}", "2", type="workshop") for n in range(3)]
    stage = stage_of(*UNITS, *items, layout="forum")
    assert not stage.plan().changes


def test_tags_that_people_made_stay_and_leave_less_room_for_ours() -> None:
    items = [material(kind, type=kind) for kind in sorted(MATERIALS)[:3]]
    stage = stage_of(*UNITS, *items, layout="forum")
    forum = stage.server.channels[stage.id(FORUM)]
    theirs = tuple((f"8{n}", f"Theirs {n}") for n in range(15))
    stage.server.channels[forum.id] = replace(forum, tags=(*forum.tags, *theirs))
    assert not stage.plan().changes
    stage.sync(roster(*UNITS, *(material(kind, type=kind) for kind in sorted(MATERIALS))))
    now = stage.server.channels[forum.id].tags
    assert set(theirs) < set(now)
    assert len(now) == MAX_TAGS
    assert not stage.plan().changes


def test_a_tag_of_ours_that_somebody_renamed_gets_its_name_back_and_stays_on_its_posts() -> None:
    stage = stage_of(*UNITS, material("a", type="quiz"), layout="forum")
    forum = stage.server.channels[stage.id(FORUM)]
    ((tag, _),) = forum.tags
    stage.server.channels[forum.id] = replace(forum, tags=((tag, "Test"),))
    stage.sync()
    assert stage.server.channels[forum.id].tags == ((tag, "Quiz"),)
    assert not stage.plan().changes


def test_a_course_that_becomes_a_forum_leaves_word_where_its_materials_went() -> None:
    stage = stage_of(*UNITS, material("m"))
    old = stage.id(keys.material("algebra", "m"))
    stage.settings = school(layout="forum", posts=SILENT)
    stage.sync()
    assert stage.server.messages[old].look.text == "-# moved to: Module 1"
    assert message(stage, keys.material("algebra", "m")).channel == stage.id(keys.thread("algebra", "1"))
    assert not stage.plan().changes

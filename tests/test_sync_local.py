"""Which messages may become materials of a module, by whose wish, and what they are called in the list."""

from dataclasses import replace

import pytest

from sync import keys
from sync.audience import STAFF_ROLE
from sync.errors import Refused
from sync.local import ALREADY, ELSEWHERE, NO_PERSON, NOT_ONE, NOT_TEACHING, PER_MODULE, Asked, adopt, release
from tests.builders import DAY, NOW, binding, bound

MODULE = keys.module("algebra", "1")
PLACES = (
    binding(MODULE, "channel", "20"),
    binding(keys.thread("algebra", "2"), "thread", "21"),
    binding(keys.course("algebra", "general"), "channel", "22"),
    binding(keys.course("algebra", "teachers"), "role", "30"),
    binding(keys.course("biology", "teachers"), "role", "31"),
    binding(STAFF_ROLE, "role", "32"),
    binding(keys.material("algebra", "m"), "post", "40", "20"),
)
KNOWN = bound(*PLACES)
ASKED = Asked("20", "50", frozenset({"30"}), "Formulas")


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        pytest.param(ASKED, f"{MODULE}/local/50", id="a teacher in the module's channel"),
        pytest.param(replace(ASKED, roles=frozenset({"32", "9"})), f"{MODULE}/local/50", id="staff"),
        pytest.param(replace(ASKED, channel_id="21"), "course/algebra/module/2/local/50", id="in a forum post"),
        pytest.param(replace(ASKED, type=19), f"{MODULE}/local/50", id="a reply"),
    ],
)
def test_those_who_teach_choose_materials_in_a_module_s_place(asked: Asked, key: str) -> None:
    made = adopt(asked, KNOWN, NOW)
    assert (made.key, made.kind, made.discord_id, made.parent_id) == (key, "local", "50", asked.channel_id)
    assert release(asked, bound(*PLACES, made)) == made


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param(replace(ASKED, roles=frozenset()), NOT_TEACHING, id="a pupil"),
        pytest.param(replace(ASKED, roles=frozenset({"31"})), NOT_TEACHING, id="a teacher of another course"),
        pytest.param(replace(ASKED, channel_id="22"), ELSEWHERE, id="not a module's channel"),
        pytest.param(replace(ASKED, channel_id="99"), ELSEWHERE, id="a channel of somebody else"),
        pytest.param(replace(ASKED, message_id="40"), ALREADY, id="a post of ours"),
        pytest.param(replace(ASKED, type=6), NO_PERSON, id="a message of Discord itself"),
    ],
)
def test_everything_else_is_refused_with_the_reason(asked: Asked, refusal: str) -> None:
    with pytest.raises(Refused, match=refusal):
        adopt(asked, KNOWN, NOW)


def test_a_module_takes_so_many_and_one_more_only_in_place_of_another() -> None:
    full = [binding(f"{MODULE}/local/{n}", "local", str(n), "20") for n in range(1000, 1000 + PER_MODULE)]
    with pytest.raises(Refused, match=f": {PER_MODULE}, and no more"):
        adopt(ASKED, bound(*PLACES, *full), NOW)
    assert adopt(replace(ASKED, message_id="1000", text="New title"), bound(*PLACES, *full), NOW).title == "New title"


def test_choosing_again_renames_and_keeps_the_place_in_the_list() -> None:
    first = adopt(ASKED, KNOWN, NOW)
    again = adopt(replace(ASKED, text="Better name"), bound(*PLACES, first), NOW + DAY)
    assert (again.title, again.at) == ("Better name", NOW)


def test_what_is_no_teacher_s_material_cannot_be_released() -> None:
    with pytest.raises(Refused, match=NOT_ONE):
        release(ASKED, KNOWN)


@pytest.mark.parametrize(
    ("text", "files", "title"),
    [
        pytest.param("**Formulas** _to learn_\nmore", (), "Formulas to learn", id="the first line, without its format"),
        pytest.param("\n\n# Week 3\nx", (), "Week 3", id="the first line with words"),
        pytest.param("", ("plan.pdf",), "plan.pdf", id="a file"),
        pytest.param("***", (), "50", id="nothing to call it by"),
        pytest.param("word " * 100, (), "word " * 18 + "word…", id="a long line"),
    ],
)
def test_a_material_is_called_by_its_first_words(text: str, files: tuple[str, ...], title: str) -> None:
    assert adopt(replace(ASKED, text=text, files=files), KNOWN, NOW).title == title

"""What students see of a course becomes modules and materials: sections, subsections, hidden and stealth ones."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.moodle import shapes
from connectors.moodle.availability import CourseGroups
from connectors.moodle.contents import Outline, Page, Rules, read_page
from sync.records import File, Material
from tests.fake_moodle import module, section

NOW = datetime(2026, 11, 26, tzinfo=UTC)
RULES = Rules(NOW, open_sections=False, site="https://moodle.example.kz", language="kk")


def page(*sections: dict[str, Any], past: tuple[Material, ...] = (), rules: Rules = RULES, **more: Any) -> Page:
    read, strange = shapes.read_all(shapes.Section, list(sections))
    assert not strange
    outline = Outline(tuple(read), more.get("restricted", frozenset()), CourseGroups(), more.get("format", "topics"))
    return read_page("2", outline, {material.id: material for material in past}, rules)


def shown(found: Page) -> list[tuple[str, str]]:
    return [(material.module, material.id) for material in found.materials if not material.hidden]


def subsection(number: int, place: int, instance: int, *modules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return section(number, place, *modules, component="mod_subsection", itemid=instance, **more)


HOLDER = module(50, "subsection", instance=9)


def test_a_subsection_s_modules_stand_where_it_stands() -> None:
    found = page(section(1, 1, module(10), HOLDER, module(11)), subsection(2, 2, 9, module(20), module(21)))
    assert [one.id for one in found.modules] == ["1"]
    assert shown(found) == [("1", "10"), ("1", "20"), ("1", "21"), ("1", "11")]
    assert [material.position for material in found.materials] == [0, 1, 2, 3]


RESTRICTED = '{"op":"&","c":[{"type":"date","d":"<","t":1}],"showc":[true]}'


@pytest.mark.parametrize(
    ("holder", "nested"),
    [
        pytest.param(HOLDER | {"visible": 0}, {}, id="its module is hidden"),
        pytest.param(HOLDER | {"availability": RESTRICTED}, {}, id="its module is restricted"),
        pytest.param(HOLDER, {"visible": 0}, id="it is hidden"),
        pytest.param(HOLDER, {"availabilityinfo": "Not available"}, id="it is restricted"),
    ],
)
def test_a_closed_subsection_shows_nothing(holder: dict[str, Any], nested: dict[str, Any]) -> None:
    found = page(section(1, 1, module(10), holder), subsection(2, 2, 9, module(20), **nested))
    assert shown(found) == [("1", "10")]
    assert {material.id for material in found.materials} == {"10", "20"}


def test_a_subsection_without_its_section_is_left_out() -> None:
    assert shown(page(section(1, 1, HOLDER, module(10)))) == [("1", "10")]


def test_hidden_and_stealth_modules_are_not_shown() -> None:
    found = page(section(1, 1, module(10, visible=0), module(11, visibleoncoursepage=0), module(12)))
    assert shown(found) == [("1", "12")]


def test_in_a_hidden_section_a_module_is_what_it_was_before() -> None:
    before = page(section(1, 1, module(10), module(11, visible=0)))
    after = page(section(1, 1, module(10, visible=0), module(11, visible=0), visible=0), past=tuple(before.materials))
    assert after.modules[0].hidden
    assert [material.hidden for material in after.materials] == [False, True]


def test_a_restricted_section_is_hidden_and_reported_unless_it_counts_as_open() -> None:
    found = page(section(1, 1), restricted=frozenset({1}))
    assert found.modules[0].hidden
    assert found.unread == {"Section 1": ("section",)}
    opened = page(section(1, 1), restricted=frozenset({1}), rules=replace(RULES, open_sections=True))
    assert not opened.modules[0].hidden
    assert not opened.unread


def test_a_section_that_moodle_still_keeps_shut_is_hidden_without_a_word() -> None:
    found = page(section(1, 1, availabilityinfo="From <b>March</b>"), restricted=frozenset({1}))
    assert found.modules[0].hidden
    assert not found.unread


def test_pages_without_sections_have_no_empty_modules() -> None:
    assert not page(section(1, 1), section(2, 2), format="social").modules
    assert [one.id for one in page(section(1, 0, summary="<p>Қош келдіңіз</p>"), format="social").modules] == ["1"]


def test_a_label_is_called_by_its_text_and_leads_to_the_page() -> None:
    label = module(10, "label", url=None, name="glued", description="<p>Маңызды</p><p>хабар</p>")
    long = module(11, "label", url=None, description="<p>" + "сөз " * 50 + "</p>")
    first, second = page(section(1, 1, label, long)).materials
    assert (first.title, first.text) == ("Маңызды", "Маңызды\n\nхабар")
    assert first.url == "https://moodle.example.kz/course/view.php?id=2#module-10"
    assert len(second.title) <= 80


@pytest.mark.parametrize(
    ("description", "text"),
    [
        pytest.param("<p>Маңызды</p>", "", id="nothing but its title"),
        pytest.param("<h4><b>Маңызды!</b></h4>", "", id="its title in bold"),
        pytest.param("<a href='/x'>Маңызды</a>", "[Маңызды](https://moodle.example.kz/x)", id="a link besides"),
        pytest.param("<p>Маңызды</p><p><b>хабар</b></p>", "Маңызды\n\n**хабар**", id="more"),
    ],
)
def test_a_label_s_text_is_kept_where_it_says_more_than_its_title(description: str, text: str) -> None:
    (found,) = page(section(1, 1, module(10, "label", description=description))).materials
    assert found.title.startswith("Маңызды")
    assert found.text == text


def test_a_description_is_markdown_in_the_school_s_language() -> None:
    description = (
        '<p><span lang="kk" class="multilang"><b>Оқы</b> @everyone</span>'
        '<span lang="en" class="multilang">Read</span> <a href="mod/x?sesskey=1">x</a></p>'
    )
    (found,) = page(section(1, 1, module(10, "page", name="T", description=description))).materials
    assert found.text == "**Оқы** \\@everyone [x](https://moodle.example.kz/mod/x)"


def test_files_that_cannot_be_seen_now_are_those_that_were_there() -> None:
    file = File("a.pdf", 3)
    past = Material("10", "2", "1", "T", files=(file,))
    (found,) = page(section(1, 1, module(10, "resource", uservisible=False)), past=(past,)).materials
    assert found.files == (file,)


def test_a_plugin_s_type_is_what_the_site_calls_it() -> None:
    (found,) = page(section(1, 1, module(10, "attendance", modplural="Қатысу"))).materials
    assert found.type == "Қатысу"

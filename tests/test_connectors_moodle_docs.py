"""The page for Moodle's administrator tells every function, capability and code that the connector knows."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from connectors.moodle import listing
from connectors.moodle.config import OPTIONS
from connectors.moodle.problems import TEMPLATES

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "moodle.md").read_text("utf-8")
SETTINGS = (DOCS / "settings.md").read_text("utf-8")
ROLE = ET.fromstring((DOCS / "moodle-role.xml").read_text("utf-8"))  # noqa: S314  our own file


def test_every_code_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", PAGE.split("## When something is wrong")[1], re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"[a-z-]+", row)} == set(TEMPLATES)


@pytest.mark.parametrize("function", [*listing.NEEDED, listing.COURSE_GROUPS, listing.GROUPINGS])
def test_every_function_is_documented(function: str) -> None:
    assert f"`{function}`" in PAGE


def test_the_role_preset_allows_what_the_page_explains_and_nothing_more() -> None:
    allowed = {found.text or "" for found in ROLE.iter("allow")}
    table = PAGE.split("## The role")[1].split("### More")[0]
    explained = set(re.findall(r"`((?:webservice|moodle)/[a-z:/]+)`", table))
    types = re.search(r"for (`assign`.*?) \|", table)
    assert types
    explained -= {"moodle/user:viewhiddendetails"}  # only for sites that hide more than usual
    explained |= {f"mod/{name}:view" for name in re.findall(r"`(\w+)`", types[1])}
    assert allowed == explained


def test_the_role_preset_only_reads() -> None:
    write = {"moodle/course:update", "moodle/course:managegroups", "moodle/site:sendmessage"}
    assert not write & {found.text for found in ROLE.iter("allow")}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"^\| `{option}` \|", SETTINGS, re.MULTILINE)

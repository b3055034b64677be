"""The sandbox's page about limits and faults says what the code does."""

import re
from pathlib import Path

import pytest

from sandbox.buckets import Limit
from sandbox.faults import Fault, Kind
from sandbox.limits import ROUTES

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "rehearsing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("route", "limit"), ROUTES.items(), ids=ROUTES.keys())
def test_every_limit_is_on_the_page(route: str, limit: Limit) -> None:
    assert f"| `{route}` | {limit.count} per {limit.window:g} s |" in PAGE


def test_the_page_lists_no_limit_that_is_gone() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| \d+ per \d+ s", PAGE, flags=re.MULTILINE)
    assert set(listed) == set(ROUTES)


@pytest.mark.parametrize("name", [*Kind, *Fault.__dataclass_fields__])
def test_every_fault_and_setting_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE

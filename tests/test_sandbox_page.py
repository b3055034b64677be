"""The sandbox's page lists exactly the routes there are."""

import re
from pathlib import Path

import pytest

from sandbox import control
from sandbox.__main__ import main
from sandbox.server import REST

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_the_table_has_every_route_and_no_other() -> None:
    rows = re.findall(r"^\| `(/[^`]+)` \| ([A-Z ]+) \|$", PAGE, flags=re.MULTILINE)
    listed = {(method, path) for path, methods in rows for method in methods.split()}
    assert listed == {(route.method, route.path) for route in REST}


def test_every_control_route_is_on_the_page() -> None:
    starts = [re.split(r"/\{(?:user|message)_id\}", route.path)[0] for route in control.ROUTES]
    assert [start for start in starts if start not in PAGE] == []


def test_every_flag_is_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    flags = re.findall(r"--[a-z-]+", capsys.readouterr().out)
    assert [flag for flag in set(flags) - {"--help"} if f"`{flag}" not in PAGE] == []

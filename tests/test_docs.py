"""The pages of the documentation say all that there is, and nothing that is not."""

import re
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

import connectors
from bot.cli import app
from sync.errors import SettingsInvalid
from sync.settings_file import load

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
COMMANDS = typer.main.get_command(app)
assert isinstance(COMMANDS, TyperGroup)
SUBCOMMANDS = sorted(COMMANDS.commands.items())
OPTIONS = [
    (name, option)
    for name, command in [("kopir", COMMANDS), *SUBCOMMANDS]
    for parameter in command.params
    if parameter.param_type_name == "option"
    for option in [*parameter.opts, *parameter.secondary_opts]
    if option != "--help"
]
SECTIONS = {
    "kopir": "[kopir]",
    "discord": "[discord]",
    "school": "[school:a]",
    "source": "[school:a]\n[source:a/b]\ntype = csv\npath = .",
}
MOODLE = "[school:a]\n[source:a/b]\ntype = moodle\nurl = https://m.kz\ntoken = x"


def _known_keys(tmp_path: Path, section: str) -> set[str]:
    """Let the reader of settings list its keys, as it does for somebody who mistyped one."""
    file = tmp_path / "settings.ini"
    file.write_text(f"{section}\nno_such_key = 1\n", encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load(file, {}, connectors.check)
    listed = re.search(r"known are (.*)", str(refused.value))
    assert listed
    return set(listed[1].split(", "))


@pytest.mark.parametrize(("section", "opening"), SECTIONS.items(), ids=SECTIONS)
def test_every_settings_key_has_its_row(tmp_path: Path, section: str, opening: str) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    part = re.split(r"^## ", page, flags=re.MULTILINE)
    (rows,) = [chapter for chapter in part if chapter.startswith(f"`[{section}")]
    documented = set(re.findall(r"^\| `(\w+)`", rows, flags=re.MULTILINE))
    known = _known_keys(tmp_path, opening)
    if section == "source":
        known |= {"type", "every", "cron"} | _known_keys(tmp_path, MOODLE)
    assert documented == known


@pytest.mark.parametrize("name", [name for name, _ in SUBCOMMANDS])
def test_every_command_is_documented(name: str) -> None:
    assert f"`kopir {name}" in TEXT


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda value: value)
def test_every_option_is_documented(command: str, option: str) -> None:
    lines = [line for line in TEXT.splitlines() if re.search(rf"`{re.escape(option)}[` ]", line)]
    assert any(f"`{command}`" in line or "all but" in line for line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_linked_exists(page: Path) -> None:
    linked = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    linked += re.findall(r"`(docs/[\w./-]+\.md)`", page.read_text(encoding="utf-8"))
    local = [target for target in linked if not target.startswith("http")]
    missing = [t for t in local if not (page.parent / t).exists() and not (ROOT / t).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`((?:bot|sync|connectors|sandbox|tests)/[\w/.]+)`", page.read_text(encoding="utf-8"))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_the_example_settings_are_right_and_lead_to_the_sample() -> None:
    settings = load(ROOT / "settings.ini", {}, connectors.check)
    (source,) = settings.schools[0].sources
    assert (ROOT / source.options["path"] / "people.csv").exists()


def test_every_promise_names_tests_that_there_are() -> None:
    promised = re.findall(r"`(test_\w+)`", (ROOT / "docs" / "promises.md").read_text("utf-8"))
    written = "\n".join(file.read_text("utf-8") for file in (ROOT / "tests").glob("test_*.py"))
    assert [name for name in promised if f"def {name}(" not in written] == []
    assert len(promised) > 40

"""The page for coordinators tells every code, dialect, column and role that the connector knows."""

import re
from pathlib import Path

import pytest

from connectors.csv.config import OPTIONS
from connectors.csv.dialects import KINDS, kopir
from connectors.csv.kinds import FileKind
from connectors.csv.problems import TEMPLATES, problem
from connectors.csv.receipts import DIALECT_WORDS
from connectors.csv.words import COURSE_COLUMNS, MATERIAL_COLUMNS, PERSON_COLUMNS, ROLES, SCHOOL_COLUMNS, key

PAGE = (Path(__file__).parent.parent / "docs" / "csv.md").read_text("utf-8")


def test_every_code_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.split("## What the receipt may say")[1], re.MULTILINE))
    assert documented == set(TEMPLATES)


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_problem_says_what_to_do(code: str) -> None:
    made = problem(code, "a.csv", 1, "name", "x" * 500, "y")
    text = made.template.format(**made.values)
    assert len(text) < 400
    assert text.count(". ") >= 1 or "; " in text


def test_every_dialect_is_documented_and_has_words() -> None:
    names = {kind.dialect for kind in KINDS}
    assert names == set(DIALECT_WORDS)
    assert not [name for name in names if f"`{name}`" not in PAGE]


@pytest.mark.parametrize("kind", kopir.KINDS, ids=lambda kind: kind.part)
def test_every_column_of_kopirs_own_format_is_documented(kind: FileKind) -> None:
    assert not [name for name in kind.columns if name not in {"family", "given", "middle"} and f"`{name}`" not in PAGE]


def test_every_documented_word_is_known() -> None:
    table = PAGE.split("| column | Kazakh | Russian |")[1].split("\n\n")[0]
    known = set().union(
        *(
            keys
            for columns in (PERSON_COLUMNS, SCHOOL_COLUMNS, COURSE_COLUMNS, MATERIAL_COLUMNS)
            for keys in columns.values()
        )
    )
    rows = [row.split("|") for row in table.splitlines()[2:]]
    words = [word for row in rows for cell in row[2:4] for word in cell.split(",") if word.strip()]
    assert len(words) > 60
    assert not [word for word in words if key(word) not in known]


def test_every_documented_role_is_known() -> None:
    paragraph = PAGE.split("Roles: ")[1].split("\n\n")[0]
    words = [word for group in re.findall(r"\(([^)]*)\)", paragraph) for word in re.split("[,;]", group)]
    assert not [word for word in words if key(word) not in ROLES]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"^{option} = ", PAGE, re.MULTILINE)

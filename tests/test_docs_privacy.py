"""docs/privacy.md tells of every table, and of every column that says something about a person."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sync.models import METADATA
from sync.store_people import conditions
from sync.subjects import Subject

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = {row[1]: row[0] for row in re.finditer(r"^\| `(\w+)`.*$", PAGE, flags=re.MULTILINE)}
TABLES = sorted(METADATA.tables)
NAMING = {"person", "user_id", "by", "discord", "email"}  # a column of this name is about somebody
# The words of the page for each column about a person; None for what tells of the row, not of the person.
WORDS: Mapping[str, Mapping[str, str | None]] = {
    "people": {
        **dict.fromkeys(("school", "source", "digest", "changed_at", "gone_at", "gone_cause")),
        "id": "id in the source",
        "origin": "the file it came from",
        "name": "name",
        "email": "e-mail",
        "discord": "Discord account",
        "suspended": "whether suspended",
        "codes": "codes of other sources",
    },
    "enrolments": {
        "origin": "the file it came from",
        **dict.fromkeys(("school", "source", "digest", "changed_at", "gone_at", "gone_cause")),
        "ref": "own number of the enrolment",
        "person": "id",
        "course": "course",
        "role": "role",
        "groups": "groups",
        "start": "dates",
        "end": "dates",
        "suspended": "whether suspended",
    },
    "links": {
        "school": None,
        "person": "id",
        "user_id": "Discord user id",
        "proof": "how it was proven",
        "at": "when",
    },
    "bindings": {
        **dict.fromkeys(("school", "key", "kind", "parent_id", "title")),
        "discord_id": "Discord user id",
        "digest": "which roles Kopir gave",
        "sent": "a checksum of the nickname",
        "memo": "in which stay on the server",
        "at": "since when",
    },
    "approvals": {
        **dict.fromkeys(("school", "digest", "used")),
        "by": "who",
        "verdict": "approved or discarded",
        "at": "when",
        "removals": "how many removals",
    },
    "changes": {
        **dict.fromkeys(("school", "id", "kind")),
        "run": "each run that changed them",
        "key": "Discord user id",
        "existing": "nickname and roles before and after",
        "desired": "nickname and roles before and after",
    },
    "departures": {
        "school": None,
        "user_id": "Discord user id",
        "cause": "how",
        "at": "when",
        "person": "id",
        "by": "who kicked, banned or unlinked them",
        "stay": "in which stay",
    },
    "forgotten": {"school": None, "entry": "marks", "mark": "marks", "at": "when"},
}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", WORDS)
def test_every_column_about_a_person_is_told(name: str) -> None:
    assert set(METADATA.tables[name].columns.keys()) == set(WORDS[name])
    untold = {column for column, words in WORDS[name].items() if words is not None and words not in ROWS[name]}
    assert not untold


def test_whatever_is_kept_about_people_is_exported_and_forgotten() -> None:
    covered = {table.name for table in conditions("one", Subject((), (), frozenset(), ()))}
    naming = {name for name in TABLES if NAMING & set(METADATA.tables[name].columns.keys())}
    assert naming <= covered
    assert set(WORDS) - {"forgotten"} <= covered

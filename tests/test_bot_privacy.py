"""What somebody gets who asks for their data, and what is left of somebody who asks to be forgotten."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot import privacy
from sync.errors import Refused
from tests.rehearsal import ENROLMENTS, PEOPLE, Rehearsal, rehearsal

WITHOUT_OLEG = {
    "people.csv": "".join(line for line in PEOPLE.splitlines(keepends=True) if not line.startswith("s2")),
    "enrolments.csv": "".join(line for line in ENROLMENTS.splitlines(keepends=True) if not line.startswith("s2")),
}


def exported(stage: Rehearsal, person: str, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    privacy.export(stage.app, person)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("gone", [False, True], ids=["who is there", "who left"])
async def test_everything_about_somebody_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], gone: bool
) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        if gone:
            await stage.sync(WITHOUT_OLEG)
        found = exported(stage, "oleg@school.kz", capsys)
        assert found == exported(stage, "rosters:s2", capsys) == exported(stage, stage.users["oleg"], capsys)
    (person,) = found["people"]
    assert (person["name"], person["email"], person["discord"]) == ("Олег Петров", "oleg@school.kz", "oleg")
    assert (person["gone_at"] is not None) is gone
    (enrolment,) = found["enrolments"]
    assert enrolment["course"] == {"id": "alg", "title": "Алгебра"}
    assert [group["title"] for group in enrolment["groups"]] == ["7Ә"]
    assert [(one["person"], one["user_id"]) for one in found["links"]] == [("rosters:s2", stage.users["oleg"])]
    (member,) = found["discord"]
    assert member["user_id"] == stage.users["oleg"]
    given = {role["name"] for role in member["roles"]}
    assert ("Алгебра" in given) is not gone
    assert "Айман" not in json.dumps(found, ensure_ascii=False)


async def test_somebody_unknown_gets_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path) as stage:
        with pytest.raises(Refused, match=r"Nothing is stored about who@school\.kz"):
            exported(stage, "who@school.kz", capsys)

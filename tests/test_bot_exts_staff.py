"""The staff decide about held removals by buttons: once, for the very plan they saw, and it is on record who did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sync import keys
from sync.audience import STAFF_ROLE
from sync.questions import STAFF_CHANNEL
from tests.rehearsal import Rehearsal, rehearsal, writes
from tests.service_stage import Serving, at_work, people, ready_for_commands, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")

COUNT = 12
LISTED = people(COUNT)
HALF = {**LISTED, "enrolments.csv": people(COUNT // 2)["enrolments.csv"]}
STUDENTS = keys.course("rosters:alg", "students")


@asynccontextmanager
async def truncated(folder: Path, language: str = "en") -> AsyncIterator[Serving]:
    """Serve a school whose class list was cut in half after the first sync; the head has the staff role."""
    members = [*(f"p{n}" for n in range(COUNT)), "head"]
    async with rehearsal(folder, LISTED, members, options="notices = off", language=language) as stage:
        await stage.sync()
        role = stage.id_of(STAFF_ROLE)
        await stage.by_hand("PUT", f"{stage.guild}/members/{stage.users['head']}/roles/{role}")
        await stage.sync(HALF)
        async with at_work(stage) as serving:
            await ready_for_commands(stage)
            stage.sent()
            yield serving


async def questions(stage: Rehearsal) -> list[dict[str, Any]]:
    """Return the messages of the staff channel, oldest first."""
    found: list[dict[str, Any]] = await stage.by_hand("GET", f"/channels/{stage.id_of(STAFF_CHANNEL)}/messages")
    return found[::-1]


def buttons(message: dict[str, Any]) -> dict[str, str]:
    return {one["label"]: one["custom_id"] for row in message["components"] for one in row["components"]}


async def press(stage: Rehearsal, who: str, label: str, message: dict[str, Any]) -> dict[str, Any]:
    """Press a button of a message; return what the person is told, and only that person."""
    body = {
        "user": stage.users[who],
        "channel": stage.id_of(STAFF_CHANNEL),
        "message": message["id"],
        "custom_id": buttons(message)[label],
    }
    report = await stage.ask("POST", "/_sandbox/interactions/components", body)
    assert report["state"] == "answered", report
    (told,) = report["messages"]
    assert told["ephemeral"]
    stage.sent()  # how the library words an answer is not ours to check
    return dict(told)


async def pupils(stage: Rehearsal) -> int:
    role = stage.id_of(STUDENTS)
    members = await stage.by_hand("GET", f"{stage.guild}/members?limit=1000")
    return sum(role in member["roles"] for member in members)


async def test_a_list_cut_in_half_takes_no_role_but_asks_the_staff_once(tmp_path: Path) -> None:
    async with truncated(tmp_path) as serving:
        stage = serving.stage
        assert await pupils(stage) == COUNT
        (message,) = await questions(stage)
        assert list(buttons(message)) == ["Approve", "Discard", "Show all"]
        lines = message["embeds"][0]["description"].split("\n")
        names = ", ".join(f"Student Number {n}" for n in (10, 11, 6, 7, 8, 9))
        assert lines[0] == "Algebra: 6 of 12 would go (members), more than 20 %"
        assert lines[1] == f"- Algebra (no longer in this class list): {names}"
        await stage.sync()
        assert writes(stage.sent()) == {}


async def test_a_truncated_list_that_comes_back_withdraws_the_question(tmp_path: Path) -> None:
    async with truncated(tmp_path) as serving:
        await serving.stage.sync(LISTED)
        (message,) = await questions(serving.stage)
        assert message["content"].startswith("Withdrawn")
        assert message["components"] == []
        assert message["embeds"], "what was asked stays for the record"
        assert await pupils(serving.stage) == COUNT


async def test_an_approval_is_carried_out_and_recorded(tmp_path: Path) -> None:
    async with truncated(tmp_path) as serving:
        stage = serving.stage
        (message,) = await questions(stage)
        told = await press(stage, "head", "Approve", message)
        assert told["content"] == "Approved. The removals begin now; this takes a moment."
        await until(lambda: _are(stage, COUNT // 2))
        await until(lambda: _says(stage, f"Approved by <@{stage.users['head']}>."))
        (decision,) = stage.app.store.decisions("one")
        assert (decision.verdict, decision.by, decision.used) == ("approved", stage.users["head"], True)
        assert decision.removals == COUNT // 2


async def test_what_is_discarded_stays_and_nobody_is_asked_again(tmp_path: Path) -> None:
    async with truncated(tmp_path) as serving:
        stage = serving.stage
        (message,) = await questions(stage)
        assert (await press(stage, "head", "Discard", message))["content"] == "Discarded. Everything stays as it is."
        await until(lambda: _says(stage, f"Discarded by <@{stage.users['head']}>: everything stays as it is."))
        again = await stage.sync()
        assert (again.plan.held, again.plan.changes) == ((), ())
        assert [notice.code for notice in again.plan.notices if notice.code == "discarded"] == ["discarded"]
        assert await pupils(stage) == COUNT
        await stage.sync(LISTED)
        assert stage.app.store.discarded("one") == frozenset(), "should they be dropped once more, that is news"
        assert (await stage.sync(HALF)).plan.held


async def test_an_answer_to_an_old_question_is_refused(tmp_path: Path) -> None:
    async with truncated(tmp_path) as serving:
        stage = serving.stage
        (message,) = await questions(stage)
        stage.write({"enrolments.csv": people(COUNT // 2 - 1)["enrolments.csv"]})
        stage.pull()
        told = await press(stage, "head", "Approve", message)
        assert told["content"].startswith("This decision is about another plan")
        await until(lambda: _says(stage, "Withdrawn"))
        old, new = await questions(stage)
        assert (buttons(old), list(buttons(new))) == ({}, ["Approve", "Discard", "Show all"])
        assert await pupils(stage) == COUNT
        assert stage.app.store.decisions("one") == ()


@pytest.mark.parametrize("label", ["Approve", "Discard", "Show all"])
async def test_not_even_the_owner_decides_without_the_staff_role(tmp_path: Path, label: str) -> None:
    async with truncated(tmp_path) as serving:
        stage = serving.stage
        (message,) = await questions(stage)
        stage.users["owner"] = str(stage.sandbox.guild.owner_id)
        told = await press(stage, "owner", label, message)
        assert told["content"] == "Only people with the school's staff role decide about this."
        assert stage.app.store.decisions("one") == ()


async def test_all_is_shown_in_the_schools_language_to_whoever_asked(tmp_path: Path) -> None:
    async with truncated(tmp_path, "kk") as serving:
        (message,) = await questions(serving.stage)
        told = await press(serving.stage, "head", "Бәрін көрсету", message)
        assert all(f"Student Number {n}" in told["content"] for n in range(6, 12))
        assert "would go" not in told["content"]


async def _are(stage: Rehearsal, count: int) -> bool:
    return await pupils(stage) == count


async def _says(stage: Rehearsal, text: str) -> bool:
    return str((await questions(stage))[0]["content"]).startswith(text)

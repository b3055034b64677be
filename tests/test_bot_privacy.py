"""What somebody gets who asks for their data, and what is left of somebody who asks to be forgotten."""

import asyncio
import json
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot import privacy
from bot.runs import Task, run_held
from sync.errors import Busy, KopirError, Refused
from sync.records import Kind, Person, Snapshot
from sync.scope import Scope
from sync.store import Store
from tests.rehearsal import ENROLMENTS, PEOPLE, Rehearsal, rehearsal, writes
from tests.service_stage import at_work
from tests.test_bot_commands import Desk, desk, discord

__all__ = ["desk", "discord"]

WITHOUT_OLEG = {
    "people.csv": "".join(line for line in PEOPLE.splitlines(keepends=True) if not line.startswith("s2")),
    "enrolments.csv": "".join(line for line in ENROLMENTS.splitlines(keepends=True) if not line.startswith("s2")),
}


TOLD = ("people", "enrolments", "links", "discord", "approvals", "refusals", "discarded", "departures", "changes")


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
    assert set(found) == {"school", "ids", "alike", *TOLD}
    assert not {"school", "digest"} & person.keys()
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


async def forget(stage: Rehearsal, person: str, *, tables_only: bool = False) -> None:
    await asyncio.to_thread(privacy.forget, stage.app, person, yes=True, tables_only=tables_only)


def kept(stage: Rehearsal) -> bytes:
    """Return every byte that the database keeps, deleted or not, while others have it open."""
    return b"".join(file.read_bytes() for file in stage.inbox.parent.glob("kopir.db*"))


TRACES = ("Олег Петров", "oleg@school.kz", "oleg")


async def test_a_forgotten_person_is_nowhere_any_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        user = stage.users["oleg"]
        assert all(trace.encode() in kept(stage) for trace in (*TRACES, user))
        assert (await stage.nick("oleg"), len(await stage.roles("oleg"))) == ("Олег Петров", 3)
        await forget(stage, "oleg@school.kz")
        assert (await stage.nick("oleg"), await stage.roles("oleg")) == (None, set())
        assert not [trace for trace in (*TRACES, user) if trace.encode() in kept(stage)]
        printed = capsys.readouterr().out
        assert "roles: 3, nicknames: 1" in printed
        assert "people: 1, enrolments: 1, links: 1" in printed
        assert "These sources still list them: rosters." in printed
        assert len(await stage.roles("asem")) == 3


async def test_no_pull_brings_a_forgotten_person_back(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100") as stage:
        await stage.sync()
        await forget(stage, "rosters:s2")
        (report,) = await asyncio.to_thread(stage.pull)
        assert [problem.code for problem in report.pulled.problems] == ["forgotten"]
        assert report.counts[Kind.PEOPLE] == 3
        plan = await stage.plan()
        assert [change.key for change in plan.changes if change.kind == "member"] == []
        await stage.sync(
            {"people.csv": PEOPLE.replace("s2,", "new7,"), "enrolments.csv": ENROLMENTS + "new7,bio,,,,\n"}
        )
        assert (await stage.nick("oleg"), await stage.roles("oleg")) == (None, set())


async def test_who_is_remembered_again_comes_back_with_the_next_pull(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        await forget(stage, stage.users["oleg"])
        await asyncio.to_thread(stage.pull)
        privacy.remember(stage.app, "oleg@school.kz")
        await stage.sync()
        assert (await stage.nick("oleg"), len(await stage.roles("oleg"))) == ("Олег Петров", 3)
        with pytest.raises(Refused, match="was not forgotten"):
            privacy.remember(stage.app, "oleg@school.kz")


async def test_what_people_gave_by_hand_stays(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        member = f"{stage.guild}/members/{stage.users['oleg']}"
        role = await stage.by_hand("POST", f"{stage.guild}/roles", {"name": "Captain"})
        await stage.by_hand("PUT", f"{member}/roles/{role['id']}")
        await stage.by_hand("PUT", f"{member}/roles/{stage.id_of('school/role/moderator')}")
        await stage.by_hand("PATCH", member, {"nick": "Captain Oleg"})
        given = await stage.roles("oleg")
        await forget(stage, "oleg@school.kz")
        assert await stage.nick("oleg") == "Captain Oleg"
        assert {"Captain"} < await stage.roles("oleg") < given
        assert len(await stage.roles("oleg")) == 2


async def test_nothing_is_erased_while_discord_cannot_be_cleaned(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        fault = {"kind": "error", "status": 403, "method": "PATCH", "route": "/guilds/{guild_id}/members/{user_id}"}
        await stage.ask("POST", "/_sandbox/faults", fault)
        with pytest.raises(KopirError, match="nothing was erased from the tables"):
            await forget(stage, "oleg@school.kz")
        assert len(stage.app.store.links("one")) == 4
        await stage.ask("DELETE", "/_sandbox/faults")
        await forget(stage, "oleg@school.kz")
        assert await stage.roles("oleg") == set()


async def test_a_crash_before_the_tables_were_erased_is_put_right_by_repeating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise MemoryError

    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        with monkeypatch.context() as patch:
            patch.setattr("sync.store.Store.forget", crash)
            with pytest.raises(MemoryError):
                await forget(stage, "oleg@school.kz")
        assert await stage.roles("oleg") == set()
        stage.sent()
        await forget(stage, "oleg@school.kz")
        assert writes(stage.sent()) == {}
        assert not [trace for trace in TRACES if trace.encode() in kept(stage)]


async def test_nobody_is_erased_beside_a_run_which_would_remember_them_again(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        with stage.app.store.hold("one"), pytest.raises(Busy):
            await forget(stage, "oleg@school.kz")
        assert len(stage.app.store.links("one")) == 4


async def test_what_a_pull_stored_while_the_question_was_answered_is_erased_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = Store.hold

    def after_a_pull(store: Store, school: str) -> AbstractContextManager[None]:
        moodle = Snapshot(people=(Person("17", "Олег Петров", "oleg@school.kz"),))
        store.save_snapshot(school, "moodle", moodle, datetime.now(UTC))
        return hold(store, school)

    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        monkeypatch.setattr(Store, "hold", after_a_pull)
        await forget(stage, "rosters:s2")
        assert not [trace for trace in TRACES if trace.encode() in kept(stage)]


async def test_somebody_who_was_given_nothing_is_erased_without_discord(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, members=()) as stage:
        await stage.sync()
        stage.sent()
        await forget(stage, "oleg@school.kz")
        assert stage.sent() == {}


async def test_the_tables_are_erased_alone_when_that_is_wanted(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        stage.sent()
        await forget(stage, "oleg@school.kz", tables_only=True)
        assert stage.sent() == {}
        assert not [trace for trace in TRACES if trace.encode() in kept(stage)]


async def test_forgetting_twice_is_forgetting_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        for name in ("oleg@school.kz", "rosters:s2", stage.users["oleg"]):
            await forget(stage, name)
        assert capsys.readouterr().out.count("was forgotten before") == 2
        with pytest.raises(Refused, match="Nothing is stored"):
            await forget(stage, "who@school.kz")


async def test_a_service_at_work_forgets_too(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        async with at_work(stage) as serving:
            await serving.run()
            await forget(stage, "oleg@school.kz")
            await stage.by_hand("DELETE", f"{stage.guild}/members/{stage.users['oleg']}")
            await stage.join("oleg")
            await serving.run()
            await serving.run()
        assert (await stage.nick("oleg"), await stage.roles("oleg")) == (None, set())
        assert "rosters:s2" not in {link.person for link in stage.app.store.links("one")}


def test_nobody_is_erased_without_a_word(desk: Desk) -> None:
    assert desk.run("sync").code == 0
    ran = desk.run("forget", "p3@school.kz")
    assert (ran.code, "--yes" in ran.err) == (1, True)
    assert "Person 3" in desk.run("export", "p3@school.kz").out
    ran = desk.run("forget", "p3@school.kz", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert desk.run("export", "p3@school.kz").code == 1
    assert desk.run("sync").code == 0
    assert desk.run("export", "p3@school.kz").code == 1
    assert desk.run("forget", "p3@school.kz", "--undo").code == 0


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("y\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_asks(desk: Desk, answer: str, code: int) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    assert desk.run("pull").code == 0
    desk.monkeypatch.setattr(sys, "stdin", Terminal(answer))
    ran = desk.run("forget", "p3@school.kz")
    assert (ran.code, "Person 3" in ran.out) == (code, True)
    assert desk.run("export", "p3@school.kz").code == 1 - code


async def test_a_run_deletes_what_was_kept_long_enough(tmp_path: Path) -> None:
    keep = "removal_limit = 100\nkeep_departed = 1s\nkeep_runs = 1s"
    async with rehearsal(tmp_path, options=keep) as stage:
        await stage.sync()
        await stage.sync(WITHOUT_OLEG)
        await asyncio.sleep(1.1)
        await stage.sync()
        await stage.sync()
        assert not [trace for trace in TRACES if trace.encode() in kept(stage)]
        assert len(stage.app.store.runs("one")) == 2
        assert len(await stage.roles("asem")) == 3


async def test_a_run_for_somebody_who_joined_forgets_nothing_about_others(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100\nkeep_departed = 1s") as stage:
        await stage.sync()
        stage.write(WITHOUT_OLEG)
        await asyncio.to_thread(stage.pull)
        stage.app.store.remove_link("one", "rosters:s2")
        await asyncio.sleep(1.1)
        joined = Task(command="run", scope=Scope(members=frozenset({stage.users["asem"]})), files=stage.files)
        with stage.app.store.hold("one"):
            await run_held(stage.school, stage.app.store, stage.http, joined)
        await stage.apply()
        assert await stage.roles("oleg") == set(), "what was given is still known, and taken back"

"""`kopir undo` on the sandbox: a dropped course comes back with all it had, and the next sync leaves it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.purging import Wish
from bot.runs import guild_of
from bot.undoing import carry_out, prepare, undo
from bot.wire import Wire
from bot.writer import DiscordWriter
from sync.diff import Change
from sync.errors import Refused
from sync.journal import Journal
from sync.ledger import Binding
from sync.permissions import Permission
from sync.ports import Sent
from tests.rehearsal import MATERIALS, PEOPLE, SCHOOL, Rehearsal, rehearsal
from tests.test_bot_archive import FORUM, MODULE, WITHOUT, place_of_posts, purged
from tests.test_sync_journal import commits

OPTIONS = "removal_limit = 100\nlayout = channels"
LAYOUTS = pytest.mark.parametrize("layout", ["channels", "forum"])
DROPPED = WITHOUT | {  # and one leaves the other course, another comes to it
    "enrolments.csv": "person,course,role,group,start,end\ns2,bio,student,,,\n",
    "people.csv": PEOPLE.replace("Дана Ким", "Дана Кимова"),
}
STRUCK = {"materials.csv": "".join(line for line in MATERIALS.splitlines(keepends=True) if "Үй" not in line)}


async def command(stage: Rehearsal, run: str = "last", yes: str = "", *, as_json: bool = False) -> int:
    return await asyncio.to_thread(undo, stage.app, run, yes=yes, as_json=as_json, everything=True)


async def undone(stage: Rehearsal, capsys: pytest.CaptureFixture[str], run: str = "last") -> Any:
    """Look at the plan, carry it out, and give the plan."""
    capsys.readouterr()
    code = await command(stage, run, as_json=True)
    plan = json.loads(capsys.readouterr().out)
    assert code == 2, plan
    assert await command(stage, run, plan["digest"], as_json=True) == 0, capsys.readouterr().out
    return plan


async def seen(stage: Rehearsal) -> Any:
    """Give the server as people see it; what was deleted and made anew has the same name."""
    server = await stage.server()
    names = {one["id"]: one["name"] for one in server["channels"]}
    channels = [
        (
            one["name"] if one["type"] == 4 else one["id"],
            one["name"],
            names.get(one["parent_id"] or ""),
            sorted(map(str, ((o["id"], o["allow"], o["deny"]) for o in one["permission_overwrites"]))),
        )
        for one in sorted(server["channels"], key=lambda one: (str(one["parent_id"]), one["position"]))
    ]
    talk = {}
    for key, bound in stage.app.store.bindings(stage.school.id).items():
        if bound.kind in {"channel", "thread"} and not key.endswith(("voice", "forum")):
            messages = await stage.by_hand("GET", f"/channels/{bound.discord_id}/messages")
            talk[key] = [(m["id"], m["content"], m["embeds"], m["pinned"]) for m in messages]
    people = {name: (await stage.nick(name), await stage.roles(name)) for name in stage.users}
    return {"channels": sorted(map(str, channels)), "talk": talk, "people": people}


@LAYOUTS
async def test_a_dropped_course_comes_back_with_all_it_had_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str
) -> None:
    async with rehearsal(tmp_path, options=OPTIONS.replace("channels", layout)) as stage:
        await stage.sync()
        await stage.by_hand(
            "POST",
            f"/channels/{stage.id_of(place_of_posts(layout))}/messages",
            {"content": "сұрақ"},
            stage.users["asem"],
        )
        before = await seen(stage)
        result = await stage.sync(DROPPED)
        dropped = await seen(stage)
        assert (
            await stage.permissions("asem", MODULE if layout == "channels" else FORUM) & Permission.SEND_MESSAGES == 0
        )
        plan = await undone(stage, capsys, result.id)
        assert await seen(stage) == before
        assert {p["code"] for p in plan["problems"]} == {"undone-in-vain"}  # the name, and who came
        await stage.sync()
        after = await seen(stage)
        dana, oleg = after["people"].pop("dana"), after["people"].pop("oleg")
        assert dana == ("Дана Кимова", before["people"].pop("dana")[1])
        assert oleg[1] == before["people"].pop("oleg")[1] | {"Биология"}
        assert after == before
        assert not (await stage.plan()).changes
        stage.app.store.ask_again(stage.school.id, stage.app.store.discarded(stage.school.id))
        await stage.sync()
        again = await seen(stage)
        assert again["talk"] == dropped["talk"]
        assert again["people"] == dropped["people"]


@LAYOUTS
async def test_a_material_says_again_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str
) -> None:
    async with rehearsal(tmp_path, options=OPTIONS.replace("channels", layout)) as stage:
        await stage.sync()
        before = await seen(stage)
        await stage.sync(STRUCK)
        assert await seen(stage) != before
        await undone(stage, capsys)
        assert await seen(stage) == before
        await stage.sync()
        assert await seen(stage) == before


@LAYOUTS
async def test_an_undo_can_be_undone(tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str) -> None:
    async with rehearsal(tmp_path, options=OPTIONS.replace("channels", layout)) as stage:
        first = await stage.sync()
        before = await seen(stage)
        await undone(stage, capsys)
        with pytest.raises(Refused, match="was undone by run"):
            await command(stage, first.id)
        gone = await seen(stage)
        assert gone["talk"].keys() == before["talk"].keys()
        assert gone["talk"] == before["talk"]
        assert not any(roles for _, roles in gone["people"].values())
        await undone(stage, capsys)
        again = await seen(stage)
        assert again == before
        assert await command(stage, first.id) == 2


async def test_what_somebody_changed_since_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        await stage.sync({"people.csv": PEOPLE.replace("Олег Петров", "Олег Сидоров"), **STRUCK})
        await stage.by_hand("PATCH", f"{stage.guild}/members/{stage.users['oleg']}", {"nick": "Олежка"})
        plan = await undone(stage, capsys)
        assert await stage.nick("oleg") == "Олежка"
        said = [p["message"] for p in plan["problems"] if p["code"] == "left-alone"]
        assert said == ["left as it is, because it was changed since: members 1"]


async def test_who_left_since_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        await stage.sync(DROPPED)
        await stage.by_hand("DELETE", f"{stage.guild}/members/{stage.users['dana']}")
        stage.users.pop("dana")
        plan = await undone(stage, capsys)
        (left,) = [p for p in plan["problems"] if p["code"] == "left-alone"]
        assert len(left["people"]) == 1


async def test_only_what_was_shown_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        result = await stage.sync(DROPPED)
        assert await command(stage) == 2
        printed = capsys.readouterr().out
        assert f"kopir undo {result.id} --yes " in printed
        digest = printed.rpartition("--yes ")[2].strip()
        await stage.by_hand("PATCH", f"{stage.guild}/members/{stage.users['dana']}", {"nick": "Дана"})
        with pytest.raises(Refused, match="another plan"):
            await command(stage, result.id, digest)
        assert stage.app.store.discarded(stage.school.id) == frozenset()


async def test_what_cannot_be_undone_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        with pytest.raises(Refused, match="no run yet"):
            await command(stage)
        await stage.sync()
        idle = await stage.sync()
        with pytest.raises(Refused, match="changed nothing"):
            await command(stage, idle.id)
        with pytest.raises(Refused, match=f"no run never.*{idle.id}"):
            await command(stage, "never")
        for name in ("forget", "purge"):
            store, (run, *_) = stage.app.store, stage.app.store.runs(stage.school.id)
            store.start_run(type(run)(name, run.school, name, run.started, run.finished, "", {"applied": 1}, ""))
            with pytest.raises(Refused, match="annot be undone"):
                await command(stage, name)


async def test_once_the_list_is_mended_nothing_is_left_to_do_and_nothing_is_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        before = await seen(stage)
        await stage.sync(DROPPED)
        await undone(stage, capsys)
        result = await stage.sync(SCHOOL)
        assert result.plan.changes == ()
        assert await seen(stage) == before
        assert stage.app.store.discarded(stage.school.id) == frozenset()


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("after", [0, 3, 7])
async def test_an_undo_that_is_killed_is_finished_by_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        before = await seen(stage)
        result = await stage.sync(DROPPED)
        written: list[str] = []
        write = DiscordWriter.write

        async def dying(self: DiscordWriter, change: Change, bindings: Mapping[str, Binding]) -> Sent:
            sent = await write(self, change, bindings)
            written.append(change.key)
            if len(written) > after:
                raise Killed
            return sent

        run, store = stage.app.store.runs(stage.school.id)[0], stage.app.store
        assert run.id == result.id
        plan = (await prepare(stage.school, store, Wire(stage.http, guild_of(stage.school)), run)).planned.plan
        monkeypatch.setattr(DiscordWriter, "write", dying)
        with pytest.raises(Killed):
            await carry_out(stage.school, store, stage.http, run, plan.digest, stage.files)
        monkeypatch.setattr(DiscordWriter, "write", write)
        await asyncio.sleep(0.1)
        await undone(stage, capsys, result.id)
        assert await seen(stage) == before
        await stage.sync()
        assert (await seen(stage))["talk"] == before["talk"]


async def test_the_journal_costs_no_request_and_no_transaction(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for kept in (True, False):
        if not kept:
            monkeypatch.setattr(Journal, "of", lambda *_: ())
        async with rehearsal(tmp_path_factory.mktemp("school"), options=OPTIONS) as stage:
            with commits() as seen:
                await stage.sync()
                result = await stage.sync(DROPPED)
            costs.append((len(seen), stage.sent()))
            assert bool(stage.app.store.journal(stage.school.id, result.id)) is kept
    assert costs[0] == costs[1]


@pytest.mark.parametrize("by", ["purge", "undo"])
async def test_a_run_with_a_plan_of_its_own_agrees_to_no_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    async with rehearsal(tmp_path, options=f"{OPTIONS}\nverify_every = 1d") as stage:
        await stage.sync()
        run = (await stage.sync(WITHOUT)).id
        (stage.inbox / "enrolments.csv").unlink()
        held = (await stage.sync()).plan.held
        assert held
        (*_, first) = stage.app.store.runs("one")
        stage.app.store.start_run(replace(first, started=first.started - timedelta(days=2)))
        if by == "purge":
            await purged(stage, Wish("Алгебра"))
        else:
            await undone(stage, capsys, run)
        assert stage.app.store.runs("one")[0].command.startswith(by), "nor does it become the verification that is due"
        assert (await stage.plan()).held == held

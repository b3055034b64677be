"""People who go and come back: by themselves, kicked, banned, unlinked, dropped; with the real client on a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import explaining, people
from bot.checking import check
from sandbox.faults import Fault, Kind
from sync.errors import KopirError, Refused
from sync.ledger import Cause, Departure
from sync.permissions import Permission
from sync.reconcile import Status
from sync.store import Store
from tests.rehearsal import ENROLMENTS, PEOPLE, Rehearsal, rehearsal, writes
from tests.service_stage import at_work, until

LOG = "GET /guilds/{guild_id}/audit-logs"
ASK_ALL = "\n".join(f"return_{cause} = ask" for cause in Cause)
RESTORE_ALL = "\n".join(f"return_{cause} = restore" for cause in Cause)


@asynccontextmanager
async def served(folder: Path, options: str = "") -> AsyncIterator[Rehearsal]:
    """Give a school in which Oleg has his roles."""
    async with rehearsal(folder, options=f"removal_limit = 100\n{options}") as stage:
        await stage.sync()
        assert await stage.roles("oleg")
        stage.sent()
        yield stage


async def go(stage: Rehearsal, cause: Cause) -> None:
    """Let Oleg go."""
    oleg = stage.users["oleg"]
    if cause is Cause.LEFT:
        await stage.ask("DELETE", f"/_sandbox{stage.guild}/members/{oleg}")
    elif cause is Cause.KICKED:
        await stage.by_hand("DELETE", f"{stage.guild}/members/{oleg}")
    elif cause is Cause.BANNED:
        await stage.by_hand("PUT", f"{stage.guild}/bans/{oleg}", {})
        await stage.by_hand("DELETE", f"{stage.guild}/bans/{oleg}")
    elif cause is Cause.UNLINKED:
        await asyncio.to_thread(people.unlink, stage.app, "rosters:s2")


async def come(stage: Rehearsal) -> None:
    """Let Oleg join again, with the same account."""
    await stage.ask("POST", f"/_sandbox{stage.guild}/members", {"username": "oleg", "id": stage.users["oleg"]})


def remembered(stage: Rehearsal) -> bool:
    """Tell whether Kopir remembers what it gave to Oleg."""
    return f"member/{stage.users['oleg']}" in stage.app.store.bindings("one")


async def blind(stage: Rehearsal) -> None:
    """Take the right to see the audit log from the bot."""
    (role,) = [r for r in await stage.by_hand("GET", f"{stage.guild}/roles") if r.get("tags", {}).get("bot_id")]
    less = {"permissions": str(int(role["permissions"]) & ~Permission.VIEW_AUDIT_LOG)}
    await stage.by_hand("PATCH", f"{stage.guild}/roles/{role['id']}", less)


async def complaints(stage: Rehearsal) -> list[str]:
    """Return what `kopir check` finds wrong with the server."""
    found = await asyncio.to_thread(check, stage.app, stage.school, quiet=True)
    return [notice.code for notice in found.notices]


GONE = [Cause.LEFT, Cause.KICKED, Cause.BANNED]
seen = pytest.mark.parametrize("noticed", [True, False], ids=["noticed in time", "noticed when back"])


@seen
@pytest.mark.parametrize("cause", GONE)
async def test_who_comes_back_gets_everything_where_the_settings_say_so(
    tmp_path: Path, cause: Cause, noticed: bool
) -> None:
    async with served(tmp_path, f"{RESTORE_ALL}\nrespect = member-roles") as stage:
        before = (await stage.roles("oleg"), await stage.nick("oleg"))
        await go(stage, cause)
        if noticed:
            await stage.sync()
        await come(stage)
        await stage.sync()
        assert (await stage.roles("oleg"), await stage.nick("oleg")) == before
        assert not stage.app.store.departures("one")


@seen
@pytest.mark.parametrize("cause", GONE)
async def test_who_comes_back_waits_until_let_in_where_the_settings_say_so(
    tmp_path: Path, cause: Cause, noticed: bool
) -> None:
    async with served(tmp_path, ASK_ALL) as stage:
        before = (await stage.roles("oleg"), await stage.nick("oleg"))
        await go(stage, cause)
        if noticed:
            await stage.sync()
        await come(stage)
        for _ in range(2):
            stage.sent()
            plan = (await stage.sync()).plan
            assert (await stage.roles("oleg"), await stage.nick("oleg")) == (set(), None)
            assert [notice.people for notice in plan.notices if notice.code == "returned"] == [("rosters:s2",)]
            assert not remembered(stage), "what was given in the stay before is void"
        assert LOG not in stage.sent(), "who waits is not asked about again"
        known = stage.app.store.departures("one")[stage.users["oleg"]]
        assert (known.cause, known.person, bool(known.by)) == (cause, "rosters:s2", cause is not Cause.LEFT)
        await asyncio.to_thread(people.readmit, stage.app, "oleg@school.kz")
        await stage.sync()
        assert (await stage.roles("oleg"), await stage.nick("oleg")) == before
        with pytest.raises(Refused, match="did not go"):
            await asyncio.to_thread(people.readmit, stage.app, "oleg@school.kz")


async def test_by_default_only_who_left_by_themselves_is_let_in_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        for cause, roles in ((Cause.LEFT, True), (Cause.KICKED, False)):
            await go(stage, cause)
            await come(stage)
            await stage.sync()
            assert bool(await stage.roles("oleg")) is roles


@pytest.mark.parametrize("cause", [Cause.KICKED, Cause.LEFT])
async def test_a_join_that_the_service_serves_at_once_follows_the_same_rules(tmp_path: Path, cause: Cause) -> None:
    async with served(tmp_path) as stage, at_work(stage) as serving:
        await serving.run()
        await go(stage, cause)
        await come(stage)

        async def let_in() -> bool:
            return bool(await stage.roles("oleg"))

        if cause is Cause.LEFT:
            await until(let_in)
        else:
            await until(lambda: asyncio.to_thread(lambda: bool(stage.app.store.departures("one"))))
            await until(lambda: asyncio.to_thread(lambda: not remembered(stage)))
            await serving.run()
            assert not await let_in()
            await asyncio.to_thread(people.readmit, stage.app, "rosters:s2")
            await serving.run()
            assert await let_in()


@pytest.mark.parametrize("cause", [Cause.LEFT, Cause.KICKED])
async def test_a_role_by_hand_does_not_hide_that_somebody_was_thrown_out(tmp_path: Path, cause: Cause) -> None:
    async with served(tmp_path) as stage:
        await go(stage, cause)
        await come(stage)
        role = stage.id_of("course/rosters:alg/students")
        await stage.by_hand("PUT", f"{stage.guild}/members/{stage.users['oleg']}/roles/{role}")
        await stage.sync()
        assert (await stage.roles("oleg") == {"Алгебра"}) is (cause is Cause.KICKED), "what a person gave stays"
        stage.sent()
        await stage.sync()
        assert LOG not in stage.sent()


async def test_somebody_to_whom_a_person_gave_everything_back_is_missed_once(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        before = await stage.by_hand("GET", f"{stage.guild}/members/{stage.users['oleg']}")
        await go(stage, Cause.LEFT)
        await come(stage)
        given = {"roles": before["roles"], "nick": before["nick"]}
        await stage.by_hand("PATCH", f"{stage.guild}/members/{stage.users['oleg']}", given)
        stage.sent()
        await stage.sync()
        assert stage.sent()[LOG] == 2
        await stage.sync()
        assert LOG not in stage.sent()


@pytest.mark.parametrize("killed_at", ["note_departures", "remove_bindings"])
async def test_a_run_that_is_killed_while_it_takes_note_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    def killed(*_: object) -> None:
        raise InterruptedError

    async with served(tmp_path) as stage:
        await go(stage, Cause.KICKED)
        await come(stage)
        with monkeypatch.context() as patch:
            patch.setattr(Store, killed_at, killed)
            with pytest.raises(InterruptedError):
                await stage.apply()
        await stage.sync()
        assert not await stage.roles("oleg")


async def test_leaving_does_not_wash_a_kick_away(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        for cause in (Cause.KICKED, Cause.LEFT):
            await go(stage, cause)
            await stage.sync()
            await come(stage)
            await stage.sync()
        assert not await stage.roles("oleg")


async def test_a_ban_of_somebody_who_had_left_counts_when_they_are_back(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        await go(stage, Cause.LEFT)
        await stage.sync()
        await go(stage, Cause.BANNED)
        await come(stage)
        await stage.sync()
        assert not await stage.roles("oleg")


@pytest.mark.parametrize("cause", GONE)
async def test_who_is_let_in_while_away_gets_everything_when_they_come(tmp_path: Path, cause: Cause) -> None:
    async with served(tmp_path, ASK_ALL) as stage:
        await go(stage, cause)
        await stage.sync()
        await asyncio.to_thread(people.readmit, stage.app, "rosters:s2")
        await stage.sync()
        await come(stage)
        await stage.sync()
        assert await stage.roles("oleg")


async def test_who_is_kicked_and_back_during_a_run_gets_nothing_of_it(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        stage.write({"people.csv": PEOPLE.replace("Олег Петров", "Олег Иванов")})
        await asyncio.to_thread(stage.pull)
        one = "/guilds/{guild_id}/members/{user_id}"
        stage.sandbox.faults.arm(Fault(Kind.SLOW, "GET", one, delay=2.0))

        async def planned() -> bool:
            return f"GET {one}" in stage.sandbox.counts.routes

        running = asyncio.create_task(stage.apply())
        await until(planned)
        await go(stage, Cause.KICKED)
        await come(stage)
        outcomes = (await running).report.outcomes
        assert [one.message for one in outcomes if one.status is not Status.APPLIED] == []
        assert (await stage.roles("oleg"), await stage.nick("oleg")) == (set(), None)
        await stage.sync()
        assert (await stage.roles("oleg"), await stage.nick("oleg")) == (set(), None)


async def test_the_service_notices_within_seconds_who_goes(tmp_path: Path) -> None:
    async with served(tmp_path) as stage, at_work(stage) as serving:
        await serving.run()
        await go(stage, Cause.KICKED)

        async def noticed() -> bool:
            known = await asyncio.to_thread(stage.app.store.departures, "one")
            return [one.cause for one in known.values()] == [Cause.KICKED]

        await until(noticed)


async def test_a_check_says_that_kicks_cannot_be_told_from_leaving(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        assert "audit-log" not in await complaints(stage)
        await blind(stage)
        assert "audit-log" in await complaints(stage)


async def test_unlinking_lasts_though_the_list_names_the_account(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        await go(stage, Cause.UNLINKED)
        for _ in range(2):
            await stage.sync()
            assert not await stage.roles("oleg")
        await asyncio.to_thread(people.link, stage.app, "rosters:s2", stage.users["oleg"])
        await stage.sync()
        assert await stage.roles("oleg")


async def test_unlinking_lasts_until_the_next_sync_where_the_settings_say_so(tmp_path: Path) -> None:
    async with served(tmp_path, "return_unlinked = restore") as stage:
        await go(stage, Cause.UNLINKED)
        await stage.sync()
        assert await stage.roles("oleg")


@pytest.mark.parametrize(("rule", "back"), [("restore", True), ("ask", False)])
async def test_who_is_in_the_lists_again_follows_the_settings(tmp_path: Path, rule: str, back: bool) -> None:
    without = "".join(line for line in ENROLMENTS.splitlines(keepends=True) if not line.startswith("s2"))
    nobody = "".join(line for line in PEOPLE.splitlines(keepends=True) if not line.startswith("s2"))
    async with served(tmp_path, f"return_dropped = {rule}") as stage:
        await stage.sync({"people.csv": nobody, "enrolments.csv": without})
        await stage.sync()
        assert not await stage.roles("oleg")
        await stage.sync({"people.csv": PEOPLE, "enrolments.csv": ENROLMENTS})
        assert bool(await stage.roles("oleg")) is back
        if not back:
            await asyncio.to_thread(people.readmit, stage.app, "rosters:s2")
            await stage.sync()
            assert await stage.roles("oleg")


async def test_the_log_is_asked_once_and_only_when_somebody_is_missed(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        await stage.sync()
        assert LOG not in stage.sent()
        await go(stage, Cause.LEFT)
        await stage.sync()
        assert stage.sent()[LOG] == 2
        await stage.sync()
        assert LOG not in stage.sent()


async def test_a_bot_that_may_not_see_the_log_does_not_ask(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        await blind(stage)
        await go(stage, Cause.KICKED)
        stage.sent()
        await stage.sync()
        assert LOG not in stage.sent()
        assert stage.app.store.departures("one")[stage.users["oleg"]].cause is Cause.LEFT


@pytest.mark.parametrize("status", [403, 500])
async def test_a_log_that_cannot_be_read_lets_nobody_in_by_mistake(tmp_path: Path, status: int) -> None:
    async with served(tmp_path) as stage:
        await go(stage, Cause.KICKED)
        fault = Fault(Kind.ERROR, "GET", "/guilds/{guild_id}/audit-logs", count=40, status=status)
        stage.sandbox.faults.arm(fault)
        if status == 403:
            await stage.sync()
            assert stage.app.store.departures("one")[stage.users["oleg"]].cause is Cause.LEFT
        else:
            with pytest.raises(KopirError):
                await stage.sync()
            stage.sandbox.faults.clear()
            await stage.sync()
            assert stage.app.store.departures("one")[stage.users["oleg"]].cause is Cause.KICKED


async def test_what_a_bad_reading_pretended_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as stage:
        before = stage.app.store.bindings("one")
        key = f"member/{stage.users['oleg']}"
        stay = before[key].memo["joined"]
        gone = Departure(stage.users["oleg"], Cause.LEFT, before[key].at, "rosters:s2", "", stay)
        stage.app.store.note_departures("one", [gone])
        await stage.sync()
        assert not writes(stage.sent())
        assert stage.app.store.bindings("one")[key] == before[key]
        assert not stage.app.store.departures("one")


@pytest.mark.parametrize("cause", [*GONE, Cause.UNLINKED])
async def test_why_somebody_waits_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], cause: Cause) -> None:
    async with served(tmp_path, ASK_ALL) as stage:
        await go(stage, cause)
        if cause is not Cause.UNLINKED:
            await come(stage)
        await stage.sync()
        capsys.readouterr()
        await asyncio.to_thread(explaining.explain, stage.app, "rosters:s2", as_json=False)
        told = capsys.readouterr().out
    words = {Cause.LEFT: "left the server", Cause.KICKED: "was kicked", Cause.BANNED: "was banned"}
    assert words.get(cause, "was unlinked") in told
    assert "lacks it: gets nothing until somebody lets them in with `kopir readmit`" in told

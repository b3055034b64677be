"""The main job while Discord fails, people interfere and the bot loses its rights: honest, and whole one sync later."""

from pathlib import Path

import pytest

from sandbox.bits import Permission
from sandbox.faults import Fault, Headers, Kind, Scope
from sandbox.rest import channels, members, roles
from sandbox.world import Guild, Role
from sync import keys
from sync.errors import KopirError, Refused, UnsafePlan
from tests import openapi_bodies
from tests.rehearsal import ENROLMENTS, MATERIALS, Rehearsal, rehearsal, writes
from tests.trouble import (
    CHANNELS,
    MEMBER,
    MEMBERS,
    MESSAGE,
    MESSAGES,
    PIN,
    ROLES,
    THREADS,
    by_hand,
    content,
    counts,
    disturbed,
    refused,
    undisturbed,
    when,
)

FORUM = "layout = forum"
STUDENTS = "course/rosters:alg/students"
MODULE = keys.module("rosters:alg", "дәрежелер")
BOOK = keys.material("rosters:alg", "оқулық")
BOOKS_LINE = "alg,Дәрежелер,Оқулық"

# Every one of these is over at some time, or leaves enough attempts: the run itself gets through.
WEATHER = {
    "429 in every third answer": Fault(Kind.RATE_LIMIT, count=None, probability=0.3, retry_after=0.01),
    "429 with lying headers": Fault(
        Kind.RATE_LIMIT, count=None, probability=0.3, retry_after=0.01, headers=Headers.LYING
    ),
    "429 as a page": Fault(Kind.RATE_LIMIT, count=20, probability=0.5, retry_after=0.01, html=True),
    "429 for the whole bot": Fault(Kind.RATE_LIMIT, count=5, retry_after=0.01, scope=Scope.GLOBAL),
    "a storm with an end": Fault(Kind.RATE_LIMIT, count=None, seconds=0.3),
    "500 now and then": Fault(Kind.ERROR, count=None, probability=0.1, status=500, method="PATCH"),
    "502 at reading": Fault(Kind.ERROR, count=3, status=502, method="GET"),
    "503 now and then": Fault(Kind.ERROR, count=None, probability=0.1, status=503),
    "504 as a page": Fault(Kind.ERROR, count=3, status=504, method="GET", html=True),
    "dropped connections at reading": Fault(Kind.DROP, count=3, method="GET"),
    "slow answers": Fault(Kind.SLOW, count=30, delay=0.02),
    "a lost answer to a message": Fault(Kind.LOSE, "POST", MESSAGES, count=3),
    "a lost answer to a pin": Fault(Kind.LOSE, "PUT", PIN, count=3),
    "a lost answer to a member": Fault(Kind.LOSE, "PATCH", MEMBER, count=2),
    "a lost answer to the roles' order": Fault(Kind.LOSE, "PATCH", ROLES),
    "a lost answer to the channels' order": Fault(Kind.LOSE, "PATCH", CHANNELS),
    "a lost answer to an edit": Fault(Kind.LOSE, "PATCH", MESSAGE),
    "a lost answer to clearing notices": Fault(Kind.LOSE, "POST", f"{MESSAGES}/bulk-delete"),
}


EDITS = ("429 in every third answer", "500 now and then", "503 now and then", "a lost answer to an edit")
CASES = [pytest.param(fault, False, id=f"first sync, {name}") for name, fault in WEATHER.items()]
CASES += [pytest.param(WEATHER[name], True, id=f"changing sync, {name}") for name in EDITS]


@pytest.mark.parametrize(("fault", "changing"), CASES)
async def test_a_sync_gets_through_bad_weather_as_if_nothing_had_been(
    tmp_path: Path, fault: Fault, changing: bool
) -> None:
    wanted = await undisturbed(tmp_path, "", changing=changing)
    async with rehearsal(tmp_path) as stage:
        result = await disturbed(stage, [fault], changing=changing)
        assert counts(result.report) == {"applied": len(result.plan.changes), "failed": 0, "skipped": 0}
        assert content(await stage.server()) == wanted
        assert not (await stage.plan()).changes
        assert not openapi_bodies.problems(stage.sandbox.counts.records)


LOST = [
    pytest.param(Kind.LOSE, "POST", ROLES, "", False, id="role"),
    pytest.param(Kind.LOSE, "POST", CHANNELS, "", False, id="category and channel"),
    pytest.param(Kind.LOSE, "POST", CHANNELS, "", True, id="channel of a changing sync"),
    pytest.param(Kind.LOSE, "POST", MESSAGES, "", False, id="message"),
    pytest.param(Kind.LOSE, "POST", MESSAGES, "", True, id="message of a changing sync"),
    pytest.param(Kind.LOSE, "POST", THREADS, FORUM, False, id="forum post"),
    pytest.param(Kind.LOSE, "POST", MESSAGES, FORUM, False, id="message in a forum post"),
    pytest.param(Kind.LOSE, "POST", f"{MESSAGES}/bulk-delete", "", False, id="clearing of notices"),
    pytest.param(Kind.LOSE, "GET", MESSAGES, "", False, id="look for notices"),
    pytest.param(Kind.LOSE, "PUT", PIN, "", False, id="pin"),
    pytest.param(Kind.LOSE, "PATCH", MEMBER, "", True, id="member"),
    pytest.param(Kind.LOSE, "PATCH", MESSAGE, "", True, id="edit"),
    pytest.param(Kind.LOSE, "PATCH", MESSAGE, FORUM, False, id="index in a forum post"),
    pytest.param(Kind.DROP, "POST", CHANNELS, "", False, id="category and channel never made"),
    pytest.param(Kind.DROP, "POST", MESSAGES, "", False, id="message never posted"),
    pytest.param(Kind.DROP, "POST", MESSAGES, FORUM, False, id="message never posted in a forum post"),
    pytest.param(Kind.DROP, "POST", f"{MESSAGES}/bulk-delete", "", False, id="notices never cleared"),
    pytest.param(Kind.DROP, "PATCH", MEMBER, "", True, id="member never changed"),
]


@pytest.mark.parametrize(("mishap", "method", "route", "options", "changing"), LOST)
async def test_what_could_not_be_finished_is_told_and_is_whole_after_the_next_sync(
    tmp_path: Path, mishap: Kind, method: str, route: str, options: str, changing: bool
) -> None:
    wanted = await undisturbed(tmp_path, options, changing=changing)
    async with rehearsal(tmp_path, options=options) as stage:
        result = await disturbed(stage, [Fault(mishap, method, route, count=None)], changing=changing)
        outcomes = counts(result.report)
        assert outcomes["failed"]
        assert sum(outcomes.values()) == len(result.plan.changes), "each change has one outcome"
        await stage.sync()
        assert content(await stage.server()) == wanted
        assert not (await stage.plan()).changes


@pytest.mark.parametrize("after", range(0, 12, 3))
async def test_one_thing_that_fails_among_many_is_made_up_for(tmp_path: Path, after: int) -> None:
    """Six failures in a row are one request given up; which one depends on what runs beside it."""
    wanted = await undisturbed(tmp_path, "", changing=False)
    async with rehearsal(tmp_path) as stage:
        fault = Fault(Kind.DROP, "POST", MESSAGES, count=8, after=after)
        result = await disturbed(stage, [fault, Fault(Kind.LOSE, "POST", CHANNELS, after=after)], changing=False)
        assert counts(result.report)["failed"]
        await stage.sync()
        assert content(await stage.server()) == wanted
        assert not (await stage.plan()).changes


@pytest.mark.parametrize("mishap", [Kind.LOSE, Kind.DROP], ids=["done, answer lost", "never done"])
@pytest.mark.parametrize(("method", "route"), [("POST", MESSAGES), ("PATCH", MESSAGE), ("DELETE", PIN)])
async def test_a_material_that_moves_is_posted_once_even_after_discord_forgot_the_nonce(
    tmp_path: Path, method: str, route: str, mishap: Kind
) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        stage.write({"materials.csv": MATERIALS.replace(BOOKS_LINE, "alg,Функция,Оқулық")})
        stage.pull()
        stage.sandbox.faults.arm(Fault(mishap, method, route, count=None))
        assert counts((await stage.apply()).report)["failed"]
        stage.sandbox.faults.clear()
        stage.sandbox.world.nonces.clear()
        await stage.sync()
        assert not (await stage.plan()).changes
        messages = [m for c in (await stage.server())["channels"] for m in c["messages"]]
        titles = [message["embeds"][0]["title"] for message in messages if message["embeds"]]
        assert sorted(title for title in titles if "Оқулық" in title) == ["~~Оқулық~~", "Оқулық"]


@pytest.mark.parametrize("kind", [Kind.ERROR, Kind.DROP], ids=["502", "dropped"])
@pytest.mark.parametrize("route", ["/guilds/{guild_id}", MEMBERS, ROLES, CHANNELS, "/guilds/{guild_id}/threads/active"])
async def test_a_list_that_cannot_be_read_is_an_error_and_changes_nothing(
    tmp_path: Path, route: str, kind: Kind
) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        stage.pull()
        before = await stage.server()
        stage.sandbox.faults.arm(Fault(kind, "GET", route, count=None))
        stage.sent()
        with pytest.raises(KopirError, match=r"GET /guilds/\{guild_id\}"):
            await stage.apply()
        assert not writes(stage.sent())
        assert await stage.server() == before


async def test_the_second_page_of_members_that_cannot_be_read_removes_nobody(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.join(*(f"guest{n}" for n in range(1000)))
        await stage.sync()
        stage.sandbox.faults.arm(Fault(Kind.ERROR, "GET", MEMBERS, count=None, after=1, status=500))
        with pytest.raises(KopirError, match="members"):
            await stage.apply()
        assert "Алгебра" in await stage.roles("asem")


async def test_a_member_who_leaves_during_the_run_is_nobodys_failure(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        stage.pull()
        when(stage, "MESSAGE_CREATE", lambda: by_hand(stage, members.kick, user_id=stage.users["asem"]))
        when(stage, "GUILD_MEMBER_UPDATE", lambda: by_hand(stage, members.kick, user_id=stage.users["dana"]))
        result = await stage.apply()
        assert counts(result.report)["failed"] == 0
        assert not (await stage.plan()).changes


def named(found: Guild, name: str) -> Role:
    return next(role for role in found.roles.values() if role.name == name)


async def test_a_role_deleted_by_hand_during_the_run_is_made_again_by_the_next(tmp_path: Path) -> None:
    wanted = await undisturbed(tmp_path, "", changing=False)
    async with rehearsal(tmp_path) as stage:
        stage.pull()
        guild = stage.sandbox.guild
        when(stage, "CHANNEL_CREATE", lambda: by_hand(stage, roles.delete_role, role_id=named(guild, "Алгебра").id))
        result = await stage.apply()
        failed = {o.change.key for o in result.report.outcomes if o.status == "failed"}
        assert "course/rosters:alg" in failed
        assert not any("bio" in key for key in failed), "the other course is not touched by it"
        await stage.sync()
        assert content(await stage.server()) == wanted


@pytest.mark.parametrize("options", ["", FORUM], ids=["channels", "forum"])
async def test_a_message_deleted_by_hand_is_posted_anew_once_its_material_changes(tmp_path: Path, options: str) -> None:
    async with rehearsal(tmp_path, options=f"notices = off\n{options}") as stage:
        await stage.sync()
        place = MODULE if not options else keys.thread("rosters:alg", "дәрежелер")
        await stage.by_hand("DELETE", f"/channels/{stage.id_of(place)}/messages/{stage.id_of(BOOK)}")
        stage.write({"materials.csv": MATERIALS.replace("example.org/book", "example.org/new")})
        stage.pull()
        assert counts((await stage.apply()).report)["failed"] == 1
        await stage.sync()
        assert not (await stage.plan()).changes
        pins = (await stage.by_hand("GET", f"/channels/{stage.id_of(place)}/messages/pins"))["items"]
        assert any(pin["message"]["embeds"][0].get("url") == "https://example.org/new" for pin in pins)


async def test_a_forum_post_deleted_by_hand_is_made_anew_once_its_module_changes(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=FORUM) as stage:
        await stage.sync()
        old = stage.id_of(keys.thread("rosters:alg", "дәрежелер"))
        await stage.by_hand("DELETE", f"/channels/{old}")
        stage.write({"materials.csv": MATERIALS + "alg,Дәрежелер,Тест,https://example.org/t,,,,\n"})
        stage.pull()
        assert counts((await stage.apply()).report)["failed"]
        await stage.apply()
        await stage.sync()
        assert not (await stage.plan()).changes
        new = stage.id_of(keys.thread("rosters:alg", "дәрежелер"))
        assert len((await stage.by_hand("GET", f"/channels/{new}/messages/pins"))["items"]) == 4


def demote(stage: Rehearsal) -> None:
    guild = stage.sandbox.guild
    for role in guild.roles.values():
        role.position = 1 if role.bot_id else role.position + (role.position > 0)


def take(stage: Rehearsal, permission: Permission) -> None:
    role = next(role for role in stage.sandbox.guild.roles.values() if role.bot_id)
    role.permissions &= ~permission


def throw_out(stage: Rehearsal) -> None:
    by_hand(stage, members.kick, user_id=stage.sandbox.application.id)


async def stopped(stage: Rehearsal, sentence: str) -> None:
    """Apply while the bot loses its rights: no change is refused twice, what follows is skipped, the reason is said."""
    stage.pull()
    stage.sent()
    result = await stage.apply()
    assert sentence in result.report.stopped
    outcomes = counts(result.report)
    assert outcomes["skipped"]
    assert sum(outcomes.values()) == len(result.plan.changes)
    assert outcomes["failed"] == sum(count for route, count in refused(stage).items() if not route.startswith("GET "))


async def test_a_bot_role_dragged_below_ours_stops_the_run_and_the_next_says_why(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        when(stage, "CHANNEL_CREATE", lambda: demote(stage))
        await stopped(stage, "role is below roles that Kopir made")
        stage.sent()
        with pytest.raises(UnsafePlan, match="to the top"):
            await stage.apply()
        assert not writes(stage.sent())


async def test_a_permission_taken_during_the_run_stops_it_and_the_run_after_giving_it_back_completes(
    tmp_path: Path,
) -> None:
    wanted = await undisturbed(tmp_path, "", changing=False)
    async with rehearsal(tmp_path) as stage:
        when(stage, "CHANNEL_CREATE", lambda: take(stage, Permission.MANAGE_CHANNELS), nth=3)
        await stopped(stage, "Manage Channels")
        next(
            role for role in stage.sandbox.guild.roles.values() if role.bot_id
        ).permissions |= Permission.MANAGE_CHANNELS
        await stage.sync()
        assert content(await stage.server()) == wanted


async def test_a_bot_thrown_off_the_server_stops_at_once(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        when(stage, "CHANNEL_CREATE", lambda: throw_out(stage), nth=6)
        await stopped(stage, "The bot is not on the server")
        assert sum(count for route, count in refused(stage).items() if route.startswith("GET ")) <= 2
        stage.sent()
        with pytest.raises(Refused, match="not on the server"):
            await stage.apply()
        assert sum(stage.sent().values()) == 1


async def test_foreign_channels_that_fill_the_server_during_the_run_cost_one_refusal_each(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        stage.pull()
        guild = stage.sandbox.guild

        def fill() -> None:
            while len(guild.channels) < 498:
                by_hand(stage, channels.create_channel, {"name": "foreign"})

        when(stage, "GUILD_ROLE_CREATE", fill)
        stage.sent()
        result = await stage.apply()
        outcomes = counts(result.report)
        made = 500 - 498
        assert outcomes["failed"] == stage.sent()["POST /guilds/{guild_id}/channels"] - made, "one refusal each"
        assert sum(outcomes.values()) == len(result.plan.changes)
        assert "Алгебра" in await stage.roles("asem"), "members get their roles all the same"
        with pytest.raises(UnsafePlan, match=r"channels: \d+ needed, Discord allows 500"):
            await stage.apply()


async def test_one_channel_closed_to_the_bot_costs_one_refusal_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off\ndiscussion = off") as stage:
        await stage.sync()
        bot, everyone = stage.sandbox.application.id, stage.sandbox.guild_id
        for target, kind in ((bot, 1), (everyone, 0)):
            body = {"type": kind, "allow": "0", "deny": str(int(Permission.VIEW_CHANNEL))}
            await stage.by_hand("PUT", f"/channels/{stage.id_of(MODULE)}/permissions/{target}", body)
        stage.write({"materials.csv": MATERIALS.replace("https://example.org", "https://example.kz")})
        stage.pull()
        stage.sent()
        result = await stage.apply()
        failed = sorted(o.change.key for o in result.report.outcomes if o.status == "failed")
        assert failed == sorted([MODULE, BOOK, keys.material("rosters:alg", "үй жұмысы")])
        assert sum(refused(stage).values()) == 1
        assert counts(result.report)["applied"] == 2, "the other modules' posts"
        assert not result.report.stopped
        for target in (bot, everyone):
            await stage.by_hand("DELETE", f"/channels/{stage.id_of(MODULE)}/permissions/{target}")
        await stage.sync()
        assert not (await stage.plan()).changes


async def test_what_a_cut_run_had_deleted_is_forgotten_and_not_asked_for_for_ever(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="removal_limit = 100\ngroups = roles") as stage:
        await stage.sync()
        (group,) = [key for key in stage.app.store.bindings("one") if key.endswith("/group/7ә/role")]
        await stage.by_hand("DELETE", f"{stage.guild}/roles/{stage.id_of(group)}")
        await stage.sync({"enrolments.csv": ENROLMENTS.replace("7Ә", "7А")})
        assert group not in stage.app.store.bindings("one")
        stage.sent()
        await stage.plan()
        assert "GET /guilds/{guild_id}/roles/{role_id}" not in stage.sent()

"""What people change by hand is put back, or left as they made it where the settings say so."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync import keys
from sync.observe import granted
from tests.rehearsal import COURSES, ENROLMENTS, PEOPLE, Rehearsal, rehearsal, writes
from tests.trouble import content

PLACE = keys.module("rosters:alg", "дәрежелер")
STUDENTS = keys.course("rosters:alg", "students")
Act = Callable[[Rehearsal], Awaitable[object]]


async def rename_role(stage: Rehearsal) -> None:
    await stage.by_hand("PATCH", f"{stage.guild}/roles/{stage.id_of(STUDENTS)}", {"name": "Heroes", "color": 255})


async def rename_channel(stage: Rehearsal) -> None:
    body = {"name": "powers", "topic": "Our room"}
    await stage.by_hand("PATCH", f"/channels/{stage.id_of(PLACE)}", body)


async def close_channel(stage: Rehearsal) -> None:
    body = {"type": 0, "allow": "0", "deny": "1024"}
    await stage.by_hand("PUT", f"/channels/{stage.id_of(PLACE)}/permissions/{stage.id_of(STUDENTS)}", body)


async def drag(stage: Rehearsal) -> None:
    moved = [{"id": stage.id_of(keys.module("rosters:alg", "функция")), "position": 0}]
    await stage.by_hand("PATCH", f"{stage.guild}/channels", moved)
    await stage.by_hand("PATCH", f"/channels/{stage.id_of(PLACE)}", {"parent_id": None})


async def call_otherwise(stage: Rehearsal) -> None:
    await stage.by_hand("PATCH", f"{stage.guild}/members/{stage.users['asem']}", {"nick": "Асемка"})


async def take_role(stage: Rehearsal) -> None:
    path = f"{stage.guild}/members/{stage.users['asem']}/roles/{stage.id_of(STUDENTS)}"
    await stage.by_hand("DELETE", path)


CHANGES = [
    pytest.param("roles", rename_role, id="a role"),
    pytest.param("channels", rename_channel, id="a channel"),
    pytest.param("overwrites", close_channel, id="who sees a channel"),
    pytest.param("order", drag, id="the order"),
    pytest.param("nicknames", call_otherwise, id="a nickname"),
    pytest.param("member-roles", take_role, id="a member's role"),
]


async def shown(stage: Rehearsal) -> Any:
    """Return the server with the order of its channels."""
    server = await stage.server()
    topics = [(channel["name"], channel.get("topic"), channel.get("position")) for channel in server["channels"]]
    return content(server), topics


@pytest.mark.parametrize(("kind", "act"), CHANGES)
async def test_it_is_put_back(tmp_path: Path, kind: str, act: Act) -> None:
    async with rehearsal(tmp_path, options="notices = off") as stage:
        await stage.sync()
        before = content(await stage.server())
        await act(stage)
        assert (await stage.sync()).plan.changes, kind
        assert content(await stage.server()) == before
        assert (await stage.sync()).plan.changes == ()


@pytest.mark.parametrize(("kind", "act"), CHANGES)
async def test_it_stays_where_the_settings_respect_it(tmp_path: Path, kind: str, act: Act) -> None:
    async with rehearsal(tmp_path, options=f"notices = off\nrespect = {kind}") as stage:
        await stage.sync()
        before = await shown(stage)
        await act(stage)
        left = await shown(stage)
        assert left != before
        stage.sent()
        for _ in range(2):
            assert (await stage.sync()).plan.changes == ()
        assert (writes(stage.sent()), await shown(stage)) == ({}, left)


async def test_it_stays_when_something_else_about_it_changes(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off\nrespect = roles") as stage:
        await stage.sync()
        await rename_role(stage)
        left = await stage.roles("asem")
        role = f"{stage.guild}/roles/{stage.id_of(keys.course('rosters:alg', 'students'))}"
        await stage.by_hand("PATCH", role, {"permissions": "8192"})
        bindings = stage.app.store.bindings("one")
        key = keys.course("rosters:alg", "students")
        stage.app.store.save_bindings("one", [replace(bindings[key], sent={**bindings[key].sent, "permissions": "-"})])
        assert [change.key for change in (await stage.sync()).plan.changes] == [key]
        assert (await stage.sync()).plan.changes == ()
        assert await stage.roles("asem") == left


async def test_the_sources_new_word_counts_again(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off\nrespect = roles, nicknames") as stage:
        await stage.sync()
        await rename_role(stage)
        await call_otherwise(stage)
        people = PEOPLE.replace("Әсем Қ", "Әсия Қ")
        await stage.sync({"courses.csv": COURSES.replace("Алгебра", "Алгебра 7"), "people.csv": people})
        assert "Алгебра 7" in await stage.roles("asem")
        assert await stage.nick("asem") == "Әсия Қайратқызы"


async def test_a_role_that_was_taken_comes_back_with_the_persons_return_to_the_list(tmp_path: Path) -> None:
    students = keys.course("rosters:bio", "students")
    async with rehearsal(tmp_path, options="notices = off\nrespect = member-roles") as stage:
        await stage.sync()
        await stage.by_hand("DELETE", f"{stage.guild}/members/{stage.users['dana']}/roles/{stage.id_of(students)}")
        await stage.sync({"enrolments.csv": ENROLMENTS.replace("s3,bio,student,,,\n", "")})
        member = stage.app.store.bindings("one")[keys.member(stage.users["dana"])]
        assert students not in granted(member)
        await stage.sync({"enrolments.csv": ENROLMENTS})
        assert "Биология" in await stage.roles("dana")


async def test_a_role_that_was_taken_survives_another_change_of_the_member(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off\nrespect = member-roles") as stage:
        await stage.sync()
        await take_role(stage)
        await stage.sync({"people.csv": PEOPLE.replace("Әсем Қ", "Әсия Қ")})
        assert await stage.nick("asem") == "Әсия Қайратқызы"
        await stage.sync()
        assert "Алгебра" not in await stage.roles("asem")


async def test_a_role_given_by_hand_again_is_no_longer_missing(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off\nrespect = member-roles") as stage:
        await stage.sync()
        await take_role(stage)
        await stage.sync()
        path = f"{stage.guild}/members/{stage.users['asem']}/roles/{stage.id_of(STUDENTS)}"
        await stage.by_hand("PUT", path)
        assert (await stage.sync()).plan.changes == ()
        assert "Алгебра" in await stage.roles("asem")

"""What people change by hand where a plan does not look is found, by an event or by a verification, and put back."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.runs import RunResult, apply_school
from sync import keys
from sync.verify import EVERYWHERE
from tests.rehearsal import SCHOOL, Rehearsal, rehearsal, writes
from tests.service_stage import at_work, until
from tests.trouble import content

BOOK = keys.material("rosters:alg", "оқулық")
PLACE = keys.module("rosters:alg", "дәрежелер")
INDEX = keys.index("rosters:alg", "дәрежелер")
OPTIONS = "notices = off"
ID = re.compile(r"\d{15,}")


async def verify(stage: Rehearsal) -> RunResult:
    """Do what `kopir sync --verify` does on Discord."""
    return await apply_school(stage.school, stage.app.store, stage.http, "sync", stage.files, doubt=EVERYWHERE)


async def unpin(stage: Rehearsal, key: str) -> None:
    await stage.by_hand("DELETE", f"/channels/{stage.id_of(PLACE)}/messages/pins/{stage.id_of(key)}")


async def delete(stage: Rehearsal, key: str) -> None:
    await stage.by_hand("DELETE", f"/channels/{stage.id_of(PLACE)}/messages/{stage.id_of(key)}")


async def hide_embed(stage: Rehearsal, key: str) -> None:
    await stage.by_hand("PATCH", f"/channels/{stage.id_of(PLACE)}/messages/{stage.id_of(key)}", {"flags": 4})


async def shown(stage: Rehearsal) -> Any:
    """Return the server as people see it, in no order of messages: what is posted anew stands below."""
    server = await stage.server()
    messages = [message for channel in server["channels"] for message in channel["messages"]]
    return content(server) | {"hidden": sum(bool(message["flags"] & 4) for message in messages)}


DAMAGE = [
    pytest.param(unpin, BOOK, id="a pin"),
    pytest.param(unpin, INDEX, id="the pin of a list"),
    pytest.param(delete, BOOK, id="a post"),
    pytest.param(delete, INDEX, id="a list"),
    pytest.param(hide_embed, BOOK, id="a post whose text was hidden"),
]


@pytest.mark.parametrize(("damage", "key"), DAMAGE)
async def test_a_verification_finds_what_a_sync_does_not_look_at(tmp_path: Path, damage: Any, key: str) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        before = await shown(stage)
        await damage(stage, key)
        assert (await stage.apply()).plan.changes == ()
        assert await shown(stage) != before
        await verify(stage)
        assert await shown(stage) == before
        assert (await verify(stage)).plan.changes == ()


@pytest.mark.parametrize(("damage", "key"), DAMAGE)
async def test_the_gateway_brings_it_back_within_seconds(tmp_path: Path, damage: Any, key: str) -> None:
    async with rehearsal(tmp_path, options=OPTIONS) as stage:
        await stage.sync()
        before = await shown(stage)
        async with at_work(stage) as serving:
            serving.desk.echoes.grace = 0.0  # what the sync wrote is long ago
            await damage(stage, key)

            async def back() -> bool:
                return bool(await shown(stage) == before)

            await until(back)
            reads = {route: n for route, n in stage.sent().items() if route.endswith("/messages/pins")}
            assert sum(reads.values()) <= 1, "only the channel in doubt is looked at"


@pytest.mark.parametrize(
    ("respected", "damage", "key"),
    [
        pytest.param("pins", unpin, BOOK, id="a pin"),
        pytest.param("posts", delete, BOOK, id="a post"),
        pytest.param("posts", hide_embed, BOOK, id="a hidden text"),
    ],
)
async def test_what_the_settings_respect_stays_as_people_made_it(
    tmp_path: Path, respected: str, damage: Any, key: str
) -> None:
    async with rehearsal(tmp_path, options=f"{OPTIONS}\nrespect = {respected}") as stage:
        await stage.sync()
        await damage(stage, key)
        left = await shown(stage)
        result = await verify(stage)
        assert (result.plan.changes, await shown(stage)) == ((), left)


def many(modules: int) -> Mapping[str, str]:
    pages = [f"alg,Unit {n},Page {n}.{m},https://example.org/{n}/{m},link,,\n" for n in range(modules) for m in (1, 2)]
    return {**SCHOOL, "materials.csv": f"course,module,title,url,type,due,visible_from\n{''.join(pages)}"}


async def test_a_verification_reads_each_channel_with_messages_once_and_nothing_else(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, many(30), options=OPTIONS) as stage:
        await stage.sync()
        stage.sent()
        await stage.apply()
        plain = stage.sent()
        await verify(stage)
        sent = stage.sent()
        more = {route: n - plain.get(route, 0) for route, n in sent.items() if n != plain.get(route, 0)}
        assert more == {"GET /channels/{channel_id}/messages/pins": 30}
        assert writes(sent) == {}


async def test_the_weekly_verification_comes_by_itself_and_only_then(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=f"{OPTIONS}\nverify_every = 1s") as stage:
        await stage.sync()
        before = await shown(stage)
        await unpin(stage, BOOK)
        [first] = stage.app.store.runs("one")

        async def back() -> bool:
            await stage.apply()
            return bool(await shown(stage) == before)

        await until(back)
        commands = [run.command for run in stage.app.store.runs("one", 1000)]
        assert commands.count("verify") == 1
        verified = stage.app.store.verified("one", "verify")
        assert verified is not None
        assert verified > first.started


async def test_a_forum_post_that_somebody_deleted_is_opened_again_with_all_in_it(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options=f"{OPTIONS}\nlayout = forum") as stage:
        await stage.sync()
        before = json.dumps(await forum(stage), sort_keys=True)
        thread = stage.id_of(keys.thread("rosters:alg", "дәрежелер"))
        await stage.by_hand("DELETE", f"/channels/{thread}")
        await verify(stage)
        assert json.dumps(await forum(stage), sort_keys=True) == before
        assert (await verify(stage)).plan.changes == ()


async def forum(stage: Rehearsal) -> list[Any]:
    """Return what stands in the forum posts, by name."""
    server = await stage.server()
    threads = [t for c in server["channels"] for t in c.get("threads", ())]
    found = [(t["name"], sorted(ID.sub("#", str(m["embeds"])) for m in t["messages"])) for t in threads]
    return sorted(found)

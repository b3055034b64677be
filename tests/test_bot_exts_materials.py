"""Teachers make messages materials by the menu of the message: listed, pinned, kept by every sync."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sync import keys
from tests.rehearsal import MATERIALS, Rehearsal, rehearsal, writes
from tests.service_stage import Serving, at_work, ready_for_commands, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:interactions")

MODULE = keys.module("rosters:alg", "дәрежелер")
INDEX = keys.index("rosters:alg", "дәрежелер")
PIN, UNPIN = "Pin as material", "Remove from materials"


@asynccontextmanager
async def served(folder: Path, options: str = "notices = off", language: str = "en") -> AsyncIterator[Serving]:
    """Serve a school whose commands are registered."""
    async with rehearsal(folder, options=options, language=language) as stage:
        await stage.sync()
        async with at_work(stage) as serving:
            await ready_for_commands(stage)
            stage.sent()
            yield serving


async def say(stage: Rehearsal, who: str, place: str, text: str) -> str:
    """Write a message as a person."""
    body = {"user_id": stage.users[who], "content": text}
    message = await stage.ask("POST", f"/_sandbox/channels/{stage.id_of(place)}/messages", body)
    return str(message["id"])


async def choose(stage: Rehearsal, who: str, place: str, name: str, message: str) -> str:
    """Choose a command from the menu of a message; return what the person is told, and only that person."""
    body = {"user": stage.users[who], "channel": stage.id_of(place), "name": name, "message": message}
    report = await stage.ask("POST", "/_sandbox/interactions/commands", body)
    assert report["state"] == "answered", report
    (told,) = report["messages"]
    assert told["ephemeral"]
    return str(told["content"])


async def listed(stage: Rehearsal, index: str = INDEX, place: str = MODULE) -> list[str]:
    path = f"/channels/{stage.id_of(place)}/messages/{stage.id_of(index)}"
    (embed,) = (await stage.by_hand("GET", path))["embeds"]
    lines: list[str] = embed["description"].split("\n")
    return lines


async def pinned(stage: Rehearsal, message: str, place: str = MODULE) -> bool:
    found: dict[str, Any] = await stage.by_hand("GET", f"/channels/{stage.id_of(place)}/messages/{message}")
    return bool(found["pinned"])


async def test_a_teacher_s_message_joins_the_list_and_is_pinned_within_seconds(tmp_path: Path) -> None:
    async with served(tmp_path) as serving:
        stage = serving.stage
        message = await say(stage, "aiman", MODULE, "**Formulas** to learn by heart\nx² …")
        told = await choose(stage, "aiman", MODULE, PIN, message)
        assert told == "“Formulas to learn by heart” is now one of the materials. The list is ready in a moment."
        await serving.runs.get()
        assert (await listed(stage))[-1].startswith("📍 [Formulas")
        assert (await listed(stage))[-1].endswith(f"/{stage.id_of(MODULE)}/{message})")
        assert await pinned(stage, message)
        assert writes(stage.sent()) == {
            "PATCH /channels/{channel_id}/messages/{message_id}": 1,
            "PUT /channels/{channel_id}/messages/pins/{message_id}": 3,
            "DELETE /channels/{channel_id}/messages/pins/{message_id}": 2,
            "POST /channels/{channel_id}/messages/bulk-delete": 1,
            "POST /interactions/{interaction_id}/{interaction_token}/callback": 1,
            "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": 1,
        }


async def test_it_survives_every_sync_and_leaves_by_the_opposite_command(tmp_path: Path) -> None:
    async with served(tmp_path) as serving:
        stage = serving.stage
        message = await say(stage, "aiman", MODULE, "Formulas")
        await choose(stage, "aiman", MODULE, PIN, message)
        await serving.runs.get()
        stage.sent()  # the library's own answers carry keys that Discord's description does not have
        await stage.sync({"materials.csv": MATERIALS.replace("Оқулық", "Жаңа оқулық")})
        assert (await listed(stage))[-1].startswith("📍 [Formulas]")
        assert await pinned(stage, message)
        told = await choose(stage, "aiman", MODULE, UNPIN, message)
        assert told == "“Formulas” is no longer one of the materials. The message stays."

        async def gone() -> bool:
            return len(await listed(stage)) == 2 and not await pinned(stage, message)

        await until(gone)


@pytest.mark.parametrize(
    ("who", "place", "command", "answer"),
    [
        pytest.param("asem", MODULE, PIN, "Only those who teach this course", id="a student"),
        pytest.param("aiman", keys.base_channel("general"), PIN, "Only messages in the channel", id="elsewhere"),
        pytest.param("aiman", MODULE, UNPIN, "This message is not among", id="not a material"),
    ],
)
async def test_what_is_not_to_be_done_is_told_and_changes_nothing(
    tmp_path: Path, who: str, place: str, command: str, answer: str
) -> None:
    async with served(tmp_path) as serving:
        stage = serving.stage
        message = await say(stage, who, place, "Look at this")
        assert (await choose(stage, who, place, command, message)).startswith(answer)
        assert not [b for b in stage.app.store.bindings("one").values() if b.kind == "local"]


async def test_a_post_of_ours_is_a_material_already(tmp_path: Path) -> None:
    async with served(tmp_path) as serving:
        post = serving.stage.id_of(keys.material("rosters:alg", "оқулық"))
        told = await choose(serving.stage, "aiman", MODULE, PIN, post)
        assert told == "This message is a material already."


async def test_a_message_that_its_author_deletes_leaves_the_list(tmp_path: Path) -> None:
    async with served(tmp_path) as serving:
        stage = serving.stage
        message = await say(stage, "aiman", MODULE, "Formulas")
        await choose(stage, "aiman", MODULE, PIN, message)
        await serving.runs.get()
        path = f"/_sandbox/channels/{stage.id_of(MODULE)}/messages/{message}?user_id={stage.users['aiman']}"
        await stage.ask("DELETE", path)
        await serving.runs.get()
        assert len(await listed(stage)) == 2
        assert [b.key for b in stage.app.store.bindings("one").values() if message in b.key] == []


async def test_it_works_in_a_forum_post_too(tmp_path: Path) -> None:
    place = keys.thread("rosters:alg", "дәрежелер")
    async with served(tmp_path, "notices = off\nlayout = forum") as serving:
        stage = serving.stage
        message = await say(stage, "aiman", place, "Formulas")
        await choose(stage, "aiman", place, PIN, message)
        await serving.runs.get()
        assert (await listed(stage, place=place))[-1].startswith("📍 [Formulas]")
        assert await pinned(stage, message, place)


@pytest.mark.parametrize(
    ("language", "name"), [("kk", "Материал ретінде бекіту"), ("ru", "Сделать материалом")], ids=["kk", "ru"]
)
async def test_the_commands_are_named_in_the_school_s_language(tmp_path: Path, language: str, name: str) -> None:
    async with served(tmp_path, language=language) as serving:
        (known,) = [
            commands for guild, commands in serving.stage.sandbox.application.commands.items() if guild is not None
        ]
        assert name in {command["name"] for command in known.values()}

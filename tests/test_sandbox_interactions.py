"""Commands in the sandbox: who is told what, which replies fit, and what the tester gets to see."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.bits import MessageFlag, Permission
from sandbox.world import Overwrite
from tests.interaction_stage import CHOICES, DEFERRED, EPHEMERAL, MESSAGE, MODAL, PING, UPDATE, Stage, on_stage

FORM = {"custom_id": "form", "title": "Who are you?", "components": [{"type": 1, "components": []}]}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as ready:
        yield ready


async def test_a_command_tells_the_bot_who_asked_and_what_they_may_do(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping", locale="ru")
    told = await stage.told()
    await stage.reply(told, MESSAGE, content="pong")
    await acting
    assert (told["type"], told["data"]["name"], told["locale"]) == (2, "ping", "ru")
    assert told["member"]["user"]["id"] == stage.person
    assert Permission.SEND_MESSAGES in Permission(int(told["member"]["permissions"]))
    assert Permission.MANAGE_ROLES in Permission(int(told["app_permissions"]))
    assert (told["guild_id"], told["channel_id"]) == (str(stage.sandbox.guild_id), stage.channel)


async def test_an_answer_is_a_message_that_everybody_in_the_channel_sees(stage: Stage) -> None:
    report = await stage.answered("commands", MESSAGE, PING, content="pong")
    event = await stage.bot.hear_event("MESSAGE_CREATE")
    assert (report["state"], report["messages"][0]["content"]) == ("answered", "pong")
    assert event["interaction_metadata"]["user"]["id"] == stage.person
    assert [m["content"] for m in await stage.listed()] == ["pong"]


async def test_an_ephemeral_answer_is_seen_by_one_person_only(stage: Stage) -> None:
    report = await stage.answered("commands", MESSAGE, PING, content="psst", flags=EPHEMERAL)
    assert report["messages"][0]["ephemeral"] is True
    assert await stage.listed() == []
    for viewer, seen in ((stage.person, ["psst"]), (stage.sandbox.guild.owner_id, [])):
        shown = await stage.http.get("/_sandbox/interactions", params={"user": str(viewer)})
        assert [message["content"] for message in await shown.json()] == seen
    assert await stage.bot.is_quiet()


async def test_a_bot_that_stays_silent_has_failed_and_may_not_answer_later(stage: Stage) -> None:
    stage.sandbox.interactions.deadline = 0.03
    _, report = await stage.act("commands", name="ping")
    status, body = await stage.reply(await stage.told(), MESSAGE, content="too late")
    assert report["state"] == "failed"
    assert (status, body["code"]) == (404, 10062)


async def test_only_the_first_answer_counts(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    await stage.reply(told, MESSAGE, content="first")
    status, body = await stage.reply(told, MESSAGE, content="second")
    await acting
    assert (status, body["code"]) == (400, 40060)


async def test_the_token_is_the_authorisation(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    status, body = await stage.reply(told | {"token": "guessed"}, MESSAGE, content="?")
    assert (status, body["code"]) == (404, 10062)
    status, body = await stage.hook(told, "GET", "/messages/@original")
    assert (status, body["code"]) == (404, 10015)
    await stage.reply(told, MESSAGE, content="pong")
    await acting


async def test_a_token_ends_after_its_time(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    await stage.reply(told, MESSAGE, content="pong")
    await acting
    stage.sandbox.interactions.token_life = 0
    status, body = await stage.hook(told, "PATCH", "/messages/@original", content="later")
    assert (status, body["code"]) == (401, 50027)


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/messages/@original"), ("POST", "")], ids=["edit", "follow-up"]
)
async def test_a_deferred_answer_is_filled_by_an_edit_or_the_first_follow_up(
    stage: Stage, method: str, path: str
) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    await stage.reply(told, DEFERRED)
    waiting = await stage.bot.hear_event("MESSAGE_CREATE")
    assert waiting["flags"] == MessageFlag.LOADING
    status, filled = await stage.hook(told, method, path, content="done")
    _, report = await acting
    assert (status, filled["id"], filled["flags"]) == (200, waiting["id"], 0)
    assert (report["state"], [m["content"] for m in report["messages"]]) == ("answered", ["done"])


async def test_a_tester_need_not_wait_for_a_deferred_answer(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping", wait=0)
    told = await stage.told()
    await stage.reply(told, DEFERRED, flags=EPHEMERAL)
    _, report = await acting
    assert (report["state"], report["messages"][0]["ephemeral"]) == ("thinking", True)
    await stage.hook(told, "PATCH", "/messages/@original", content="done")
    shown = await (await stage.http.get(f"/_sandbox/interactions/{report['interaction']}")).json()
    assert (shown["state"], shown["messages"][0]["content"]) == ("answered", "done")
    assert await stage.listed() == []


async def test_follow_ups_can_be_sent_shown_edited_and_deleted(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    await stage.reply(told, MESSAGE, content="pong")
    await acting
    _, more = await stage.hook(told, "POST", content="and more")
    path = f"/messages/{more['id']}"
    await stage.hook(told, "PATCH", path, content="and less")
    assert (await stage.hook(told, "GET", path))[1]["content"] == "and less"
    assert (await stage.hook(told, "DELETE", "/messages/@original"))[0] == 204
    assert (await stage.hook(told, "GET", "/messages/@original"))[0] == 404
    assert [m["content"] for m in await stage.listed()] == ["and less"]


async def test_a_callback_can_return_the_message_it_made(stage: Stage) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    path = f"interactions/{told['id']}/{told['token']}/callback?with_response=true"
    status, body = await stage.call("POST", path, type=MESSAGE, data={"content": "pong"})
    await acting
    assert status == 200
    assert body["resource"]["message"]["content"] == "pong"
    assert body["interaction"]["response_message_id"] == body["resource"]["message"]["id"]


BAD_REPLIES = {
    "an update where there is no message": ({"type": UPDATE, "data": {"content": "x"}}, 50035),
    "choices for a command": ({"type": CHOICES, "data": {"choices": []}}, 50035),
    "a type that does not exist": ({"type": 99}, 50035),
    "an empty message": ({"type": MESSAGE, "data": {}}, 50006),
    "too much text": ({"type": MESSAGE, "data": {"content": "x" * 2001}}, 50035),
    "a modal without a title": ({"type": MODAL, "data": FORM | {"title": ""}}, 50035),
    "a modal with too long a title": ({"type": MODAL, "data": FORM | {"title": "x" * 46}}, 50035),
    "a modal without fields": ({"type": MODAL, "data": FORM | {"components": []}}, 50035),
}


@pytest.mark.parametrize(("body", "code"), BAD_REPLIES.values(), ids=BAD_REPLIES.keys())
async def test_a_reply_that_does_not_fit_is_refused_and_can_be_made_good(
    stage: Stage, body: dict[str, Any], code: int
) -> None:
    acting = stage.begin("commands", name="ping")
    told = await stage.told()
    path = f"interactions/{told['id']}/{told['token']}/callback"
    status, refusal = await stage.call("POST", path, **body)
    assert (status, refusal["code"]) == (400, code)
    assert (await stage.reply(told, MESSAGE, content="pong"))[0] == 204
    assert (await acting)[1]["state"] == "answered"


async def test_completions_are_offered_while_the_person_types(stage: Stage) -> None:
    asked = {"name": "course", "options": {"title": "al"}, "focused": "title"}
    acting = stage.begin("commands", **asked)
    told = await stage.told()
    await stage.reply(told, CHOICES, choices=[{"name": "Algebra", "value": "1"}])
    _, report = await acting
    assert told["data"]["options"] == [{"name": "title", "type": 3, "value": "al", "focused": True}]
    assert report["choices"] == [{"name": "Algebra", "value": "1"}]


async def test_people_cannot_run_what_they_have_no_permission_for(stage: Stage) -> None:
    status, body = await stage.act("commands", name="staff")
    assert (status, body["code"]) == (403, 50013)
    owner = {"name": "staff", "user": str(stage.sandbox.guild.owner_id)}
    assert (await stage.answered("commands", MESSAGE, owner, content="ok"))["state"] == "answered"


async def test_people_who_cannot_see_a_channel_cannot_use_a_bot_there(stage: Stage) -> None:
    guild, channel = stage.sandbox.guild, stage.sandbox.guild.channels[int(stage.channel)]
    channel.overwrites[guild.id] = Overwrite(guild.id, 0, Permission(0), Permission.VIEW_CHANNEL)
    status, body = await stage.act("commands", name="ping")
    assert (status, body["code"]) == (403, 50001)


async def test_people_need_the_permission_to_use_commands_at_all(stage: Stage) -> None:
    guild, channel = stage.sandbox.guild, stage.sandbox.guild.channels[int(stage.channel)]
    denied = Permission.USE_APPLICATION_COMMANDS
    channel.overwrites[guild.id] = Overwrite(guild.id, 0, Permission(0), denied)
    status, body = await stage.act("commands", name="ping")
    assert (status, body["code"]) == (403, 50013)


async def test_a_command_that_nobody_registered_does_not_exist(stage: Stage) -> None:
    status, body = await stage.act("commands", name="pong")
    assert (status, body["code"]) == (404, 10063)


async def test_a_tester_who_forgets_a_field_is_told_which(stage: Stage) -> None:
    status, body = await stage.act("commands")
    assert status == 400
    assert "name" in body["message"]

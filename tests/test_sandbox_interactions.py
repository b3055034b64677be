"""Interactions in the sandbox: a tester acts as a person, a bare gateway client answers as the bot."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from sandbox.bits import ChannelType, MessageFlag, Permission
from sandbox.errors import ApiError
from sandbox.options import typed
from sandbox.server import Sandbox, Settings, running
from sandbox.world import Overwrite
from tests.gateway_clients import Client, identified

EPHEMERAL = int(MessageFlag.EPHEMERAL)
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
BUTTONS = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"},
            {"type": 2, "style": 2, "label": "No", "custom_id": "no", "disabled": True},
        ],
    }
]
MENU = [
    {
        "type": 1,
        "components": [
            {
                "type": 3,
                "custom_id": "pick",
                "max_values": 2,
                "options": [{"label": one, "value": one} for one in "abc"],
            }
        ],
    }
]
FORM = {
    "custom_id": "form",
    "title": "Who are you?",
    "components": [
        {"type": 18, "label": "Code", "component": {"type": 4, "custom_id": "code", "style": 1}},
        {
            "type": 1,
            "components": [{"type": 4, "custom_id": "note", "style": 1, "label": "Note", "required": False}],
        },
    ],
}
COMMANDS = [
    {"name": "ping", "description": "Answers", "type": 1},
    {"name": "staff", "description": "For staff", "type": 1, "default_member_permissions": str(1 << 28)},
    {
        "name": "course",
        "description": "Courses",
        "type": 1,
        "options": [{"name": "title", "description": "Title", "type": 3, "autocomplete": True, "required": True}],
    },
]


@dataclass
class Stage:
    """A person, a bot and the channel both are in."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    bot: Client
    person: str
    channel: str

    async def act(self, what: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Act as the person and return what the tester is told."""
        known = {} if what == "modals" else {"user": self.person, "channel": self.channel}
        answer = await self.http.post(f"/_sandbox/interactions/{what}", json=known | body)
        return answer.status, await answer.json()

    def begin(self, what: str, **body: Any) -> asyncio.Task[tuple[int, dict[str, Any]]]:
        return asyncio.create_task(self.act(what, **body))

    async def told(self) -> dict[str, Any]:
        """Return what the bot is told of the interaction."""
        data: dict[str, Any] = await self.bot.hear_event("INTERACTION_CREATE")
        return data

    async def reply(self, told: dict[str, Any], kind: int, **data: Any) -> tuple[int, Any]:
        return await self.call("POST", f"interactions/{told['id']}/{told['token']}/callback", type=kind, data=data)

    async def hook(self, told: dict[str, Any], method: str, path: str = "", **body: Any) -> tuple[int, Any]:
        return await self.call(method, f"webhooks/{told['application_id']}/{told['token']}{path}", **body)

    async def call(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = await self.http.request(method, f"/api/v10/{path}", json=body or None)
        return answer.status, await answer.json() if answer.status != 204 else None

    async def answered(self, what: str, kind: int, asked: dict[str, Any], **data: Any) -> dict[str, Any]:
        """Act, answer with one reply, and return what the tester is told."""
        acting = self.begin(what, **asked)
        status, body = await self.reply(await self.told(), kind, **data)
        assert status == 204, body
        status, report = await acting
        assert status == 200, report
        return report

    async def listed(self) -> list[dict[str, Any]]:
        url = f"/_sandbox/as/owner/channels/{self.channel}/messages"
        messages: list[dict[str, Any]] = await (await self.http.get(url)).json()
        return messages


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with (
        running(Settings(hurry=0)) as sandbox,
        aiohttp.ClientSession(base_url=sandbox.url) as http,
        identified(sandbox) as bot,
    ):
        url = f"/_sandbox/guilds/{sandbox.guild_id}/members"
        [person] = (await (await http.post(url, json={"username": "aigul"})).json())["ids"]
        channels = sandbox.guild.channels.values()
        channel = next(str(c.id) for c in channels if c.type is ChannelType.TEXT)
        commands = f"/api/v10/applications/{sandbox.application.id}/guilds/{sandbox.guild_id}/commands"
        answer = await http.put(commands, json=COMMANDS, headers={"Authorization": f"Bot {sandbox.token}"})
        assert answer.status == 200, await answer.text()
        yield Stage(sandbox, http, bot, person, channel)


PING = {"name": "ping"}


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
    assert [m.content for m in stage.sandbox.interactions.hidden_for(int(stage.person))] == ["psst"]
    assert stage.sandbox.interactions.hidden_for(stage.sandbox.guild.owner_id) == []
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


async def with_buttons(stage: Stage, components: list[dict[str, Any]], flags: int = 0) -> str:
    report = await stage.answered("commands", MESSAGE, PING, content="Sure?", components=components, flags=flags)
    return str(report["messages"][0]["id"])


async def test_pressing_a_button_shows_the_bot_its_message_which_it_may_change(stage: Stage) -> None:
    message = await with_buttons(stage, BUTTONS)
    acting = stage.begin("components", message=message, custom_id="yes")
    told = await stage.told()
    assert (told["type"], told["message"]["id"], told["data"]["component_type"]) == (3, message, 2)
    await stage.reply(told, UPDATE, content="Done", components=[])
    _, report = await acting
    assert [(m["id"], m["content"]) for m in report["messages"]] == [(message, "Done")]
    assert [(m["content"], m["components"]) for m in await stage.listed()] == [("Done", [])]


async def test_a_deferred_update_is_finished_by_editing_the_original(stage: Stage) -> None:
    message = await with_buttons(stage, BUTTONS)
    acting = stage.begin("components", message=message, custom_id="yes")
    told = await stage.told()
    await stage.reply(told, DEFERRED_UPDATE)
    _, edited = await stage.hook(told, "PATCH", "/messages/@original", content="Later")
    _, report = await acting
    assert edited["id"] == message
    assert (report["state"], report["messages"][0]["content"]) == ("answered", "Later")


async def test_buttons_of_an_ephemeral_message_are_for_its_person_alone(stage: Stage) -> None:
    message = await with_buttons(stage, BUTTONS, EPHEMERAL)
    asked = {"message": message, "custom_id": "yes"}
    owner = str(stage.sandbox.guild.owner_id)
    status, _ = await stage.act("components", **asked, user=owner)
    assert status == 404
    report = await stage.answered("components", UPDATE, asked, content="Done", components=[])
    assert (report["messages"][0]["content"], report["messages"][0]["ephemeral"]) == ("Done", True)
    assert await stage.bot.is_quiet()


async def test_a_menu_takes_what_it_offers(stage: Stage) -> None:
    message = await with_buttons(stage, MENU)
    acting = stage.begin("components", message=message, custom_id="pick", values=["a", "c"])
    told = await stage.told()
    await stage.reply(told, DEFERRED_UPDATE)
    await stage.hook(told, "POST", content="thanks")
    await acting
    assert told["data"]["values"] == ["a", "c"]


IMPOSSIBLE = {
    "a button that is not there": (BUTTONS, {"custom_id": "maybe"}),
    "a disabled button": (BUTTONS, {"custom_id": "no"}),
    "a choice that is not offered": (MENU, {"custom_id": "pick", "values": ["z"]}),
    "too many choices": (MENU, {"custom_id": "pick", "values": ["a", "b", "c"]}),
    "no choice": (MENU, {"custom_id": "pick"}),
}


@pytest.mark.parametrize(("components", "asked"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
async def test_a_person_cannot_do_what_the_client_does_not_offer(
    stage: Stage, components: list[dict[str, Any]], asked: dict[str, Any]
) -> None:
    message = await with_buttons(stage, components)
    status, body = await stage.act("components", message=message, **asked)
    assert (status, body["code"]) == (400, 50035)


async def open_form(stage: Stage) -> str:
    report = await stage.answered("commands", MODAL, PING, **FORM)
    assert report["modal"]["title"] == "Who are you?"
    return str(report["interaction"])


async def test_a_modal_comes_back_in_the_shape_it_was_sent(stage: Stage) -> None:
    opened_by = await open_form(stage)
    acting = stage.begin("modals", interaction=opened_by, values={"code": "7Б"})
    told = await stage.told()
    await stage.reply(told, MESSAGE, content="welcome", flags=EPHEMERAL)
    _, report = await acting
    assert (told["type"], told["data"]["custom_id"]) == (5, "form")
    assert told["data"]["components"] == [
        {"type": 18, "component": {"type": 4, "custom_id": "code", "value": "7Б"}},
        {"type": 1, "components": [{"type": 4, "custom_id": "note", "value": ""}]},
    ]
    assert report["messages"][0]["content"] == "welcome"


@pytest.mark.parametrize("values", [{}, {"code": "1", "colour": "red"}], ids=["required", "unknown"])
async def test_a_modal_must_be_filled_as_it_asks(stage: Stage, values: dict[str, str]) -> None:
    opened_by = await open_form(stage)
    status, _ = await stage.act("modals", interaction=opened_by, values=values)
    assert status == 400


async def test_a_modal_cannot_answer_a_modal(stage: Stage) -> None:
    opened_by = await open_form(stage)
    acting = stage.begin("modals", interaction=opened_by, values={"code": "1"})
    told = await stage.told()
    status, body = await stage.reply(told, MODAL, **FORM)
    assert (status, body["code"]) == (400, 50035)
    await stage.reply(told, MESSAGE, content="ok")
    await acting


async def test_without_an_open_modal_there_is_nothing_to_submit(stage: Stage) -> None:
    report = await stage.answered("commands", MESSAGE, PING, content="pong")
    status, _ = await stage.act("modals", interaction=report["interaction"], values={})
    assert status == 400


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


async def test_a_command_that_nobody_registered_does_not_exist(stage: Stage) -> None:
    status, body = await stage.act("commands", name="pong")
    assert (status, body["code"]) == (404, 10063)


async def test_a_tester_who_forgets_a_field_is_told_which(stage: Stage) -> None:
    status, body = await stage.act("commands")
    assert status == 400
    assert "name" in body["message"]


TYPES: dict[str, Any] = {
    "options": [
        {"name": "text", "type": 3, "required": True},
        {"name": "colour", "type": 3, "choices": [{"name": "Red", "value": "r"}]},
        {"name": "count", "type": 4, "min_value": 1, "max_value": 9},
        {"name": "sure", "type": 5},
        {"name": "who", "type": 6},
        {"name": "share", "type": 10},
    ]
}
NESTED: dict[str, Any] = {
    "options": [{"name": "class", "type": 2, "options": [{"name": "show", "type": 1, "options": TYPES["options"]}]}]
}


def test_options_carry_their_types_and_point_out_the_people_among_them() -> None:
    values = {"text": "t", "colour": "r", "count": 9, "sure": True, "who": "42", "share": 0.5}
    use = typed(TYPES, [], values)
    assert [(o["name"], o["type"], o["value"]) for o in use.options] == [
        ("text", 3, "t"),
        ("colour", 3, "r"),
        ("count", 4, 9),
        ("sure", 5, True),
        ("who", 6, "42"),
        ("share", 10, 0.5),
    ]
    assert use.ids == [42]


def test_subcommands_wrap_their_options() -> None:
    use = typed(NESTED, ["class", "show"], {"text": "t"})
    inner = [{"name": "text", "type": 3, "value": "t"}]
    shown = [{"name": "show", "type": 1, "options": inner}]
    assert use.options == [{"name": "class", "type": 2, "options": shown}]


WRONG: dict[str, tuple[dict[str, Any], list[str], dict[str, Any]]] = {
    "a required option is missing": (TYPES, [], {}),
    "an option does not exist": (TYPES, [], {"text": "t", "size": 1}),
    "text instead of a number": (TYPES, [], {"text": "t", "count": "9"}),
    "a yes instead of a number": (TYPES, [], {"text": "t", "count": True}),
    "a number out of bounds": (TYPES, [], {"text": "t", "count": 10}),
    "a choice that is not offered": (TYPES, [], {"text": "t", "colour": "blue"}),
    "a subcommand that does not exist": (NESTED, ["group"], {}),
    "a subcommand is missing": (NESTED, ["class"], {}),
}


@pytest.mark.parametrize(("command", "path", "values"), WRONG.values(), ids=WRONG.keys())
def test_a_command_can_be_typed_only_as_it_is_defined(
    command: dict[str, Any], path: list[str], values: dict[str, Any]
) -> None:
    with pytest.raises(ApiError, match="a person could not send this"):
        typed(command, path, values)

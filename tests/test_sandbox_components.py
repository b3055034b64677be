"""Buttons, menus and modals in the sandbox: what a person can do with them and what the bot can do about it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.interaction_stage import (
    DEFERRED_UPDATE,
    EPHEMERAL,
    MESSAGE,
    MODAL,
    PING,
    UPDATE,
    Stage,
    on_stage,
)

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


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as ready:
        yield ready


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


async def test_a_button_in_direct_messages_works_without_a_guild(stage: Stage) -> None:
    headers = {"Authorization": f"Bot {stage.sandbox.token}"}
    opened = await stage.http.post("/api/v10/users/@me/channels", json={"recipient_id": stage.person}, headers=headers)
    channel = (await opened.json())["id"]
    question = {"content": "Is it you?", "components": BUTTONS}
    sent = await stage.http.post(f"/api/v10/channels/{channel}/messages", json=question, headers=headers)
    message = (await sent.json())["id"]
    acting = stage.begin("components", channel=channel, message=message, custom_id="yes")
    told = await stage.told()
    await stage.reply(told, UPDATE, content="It is", components=[])
    _, report = await acting
    assert told["user"]["id"] == stage.person
    assert "guild_id" not in told
    assert report["messages"][0]["content"] == "It is"

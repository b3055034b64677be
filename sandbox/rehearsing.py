"""`/_sandbox/interactions/…`: a tester acts as a person and is told what the bot replied. `asking` does the acting."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox import messageviews
from sandbox.asking import Asking
from sandbox.guarding import Endpoint, for_testers
from sandbox.interactions import Interaction, Interactions, Reply, is_hidden
from sandbox.world import Json, Message, World

PATIENCE_SECONDS = 5.0
"""How long a tester waits after a deferral if the request does not say (`wait`)."""

_Start = Callable[[Json], Interaction]


@dataclass(frozen=True, slots=True)
class _Starts:
    """Reads a tester's JSON and starts what it describes."""

    asking: Asking

    def command(self, body: Json) -> Interaction:
        person = self.asking.person(int(body["user"]), int(body["channel"]), body.get("locale", "en-US"))
        if "message" in body:
            return self.asking.use_on(person, body["name"], int(body["message"]))
        return self.asking.command(person, body["name"], body.get("options") or {}, body.get("focused"))

    def component(self, body: Json) -> Interaction:
        person = self.asking.person(int(body["user"]), int(body["channel"]), body.get("locale", "en-US"))
        return self.asking.press(person, int(body["message"]), body["custom_id"], body.get("values"))

    def modal(self, body: Json) -> Interaction:
        opened_by = self.asking.interactions.by_id(int(body["interaction"]))
        return self.asking.submit(opened_by, body.get("values") or {}, body.get("locale", "en-US"))


def add_routes(app: web.Application, asking: Asking) -> None:
    """Serve POST `/_sandbox/interactions/{commands,components,modals}`, GET `…/{id}`, and GET with `?user=`."""
    starts, interactions = _Starts(asking), asking.interactions

    async def show(request: web.Request) -> web.Response:
        wanted = request.match_info["interaction_id"]
        interaction = interactions.by_id(int(wanted) if wanted.isdecimal() else 0)
        return web.json_response(report(asking.world, interaction))

    async def hidden(request: web.Request) -> web.Response:
        messages = interactions.hidden_for(int(request.query["user"]))
        return web.json_response([messageviews.message(asking.world, message) for message in messages])

    root = "/_sandbox/interactions"
    app.router.add_get(root, for_testers(hidden))
    app.router.add_post(f"{root}/commands", for_testers(_acting(starts.command, interactions)))
    app.router.add_post(f"{root}/components", for_testers(_acting(starts.component, interactions)))
    app.router.add_post(f"{root}/modals", for_testers(_acting(starts.modal, interactions)))
    app.router.add_get(f"{root}/{{interaction_id}}", for_testers(show))


def report(world: World, interaction: Interaction) -> Json:
    """Return what became of an interaction, as its person sees it."""
    shown: Json = {
        "interaction": str(interaction.id),
        "state": _state(interaction),
        "reply": None if interaction.reply is None else int(interaction.reply),
        "messages": [_message(world, interaction, message) for message in _seen(interaction)],
    }
    if interaction.reply is Reply.MODAL:
        shown["modal"] = interaction.reply_data
    if interaction.reply is Reply.CHOICES:
        shown["choices"] = interaction.reply_data["choices"]
    return shown


def _acting(start: _Start, interactions: Interactions) -> Endpoint:
    async def act(request: web.Request) -> web.Response:
        body = await request.json()
        interaction = start(body)
        await interaction.wait_until(lambda: interaction.reply is not None, interactions.deadline)
        if interaction.is_pending:
            patience = float(body.get("wait", PATIENCE_SECONDS))
            await interaction.wait_until(lambda: not interaction.is_pending, patience)
        return web.json_response(report(interactions.world, interaction))

    return act


def _state(interaction: Interaction) -> str:
    """Say it in a person's words: "failed" is what Discord's client shows after three seconds."""
    if interaction.reply is None:
        return "failed"
    return "thinking" if interaction.is_pending else "answered"


def _seen(interaction: Interaction) -> list[Message]:
    seen = dict(interaction.messages)
    if interaction.original is not None:
        seen.setdefault(interaction.original.id, interaction.original)
    return [message for _, message in sorted(seen.items())]


def _message(world: World, interaction: Interaction, message: Message) -> dict[str, Any]:
    extras = {"ephemeral": is_hidden(message), "original": message is interaction.original}
    return messageviews.message(world, message) | extras

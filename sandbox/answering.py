"""The endpoints with which a bot answers interactions; the token in the path is the authorisation. `replies` acts."""

from typing import Any

from aiohttp import web

from sandbox import messageviews
from sandbox.calls import read_body
from sandbox.errors import unknown
from sandbox.guarding import guarded
from sandbox.interactions import Interaction, Interactions
from sandbox.replies import Replies
from sandbox.world import Json, Message, World

_CALLBACK = "/api/v10/interactions/{interaction_id}/{interaction_token}/callback"
_HOOK = "/api/v10/webhooks/{webhook_id}/{webhook_token}"
_MESSAGE = _HOOK + "/messages/{message_id}"


def add_routes(app: web.Application, interactions: Interactions, replies: Replies) -> None:
    """Serve the callback, `@original` and the follow-ups."""

    async def callback(request: web.Request) -> web.Response:
        interaction_id = _number(request, "interaction_id")
        interaction = interactions.to_answer(interaction_id, request.match_info["interaction_token"])
        replies.first(interaction, *await read_body(request))
        if request.query.get("with_response") != "true":
            return web.Response(status=204)
        return web.json_response(_callback_response(interactions.world, interaction))

    async def follow(request: web.Request) -> web.Response:
        message = replies.follow(_interaction(interactions, request), *await read_body(request))
        return _shown(interactions.world, message)

    async def show(request: web.Request) -> web.Response:
        interaction = _interaction(interactions, request)
        return _shown(interactions.world, _message(replies, interaction, request))

    async def edit(request: web.Request) -> web.Response:
        interaction = _interaction(interactions, request)
        message = _message(replies, interaction, request)
        return _shown(interactions.world, replies.edit(interaction, message, *await read_body(request)))

    async def delete(request: web.Request) -> web.Response:
        interaction = _interaction(interactions, request)
        replies.delete(interaction, _message(replies, interaction, request))
        return web.Response(status=204)

    app.router.add_post(_CALLBACK, guarded(callback))
    app.router.add_post(_HOOK, guarded(follow))
    app.router.add_get(_MESSAGE, guarded(show))
    app.router.add_patch(_MESSAGE, guarded(edit))
    app.router.add_delete(_MESSAGE, guarded(delete))


def _interaction(interactions: Interactions, request: web.Request) -> Interaction:
    return interactions.to_follow(_number(request, "webhook_id"), request.match_info["webhook_token"])


def _message(replies: Replies, interaction: Interaction, request: web.Request) -> Message:
    if request.match_info["message_id"] == "@original":
        return replies.original(interaction)
    message = interaction.messages.get(_number(request, "message_id"))
    if message is None:
        raise unknown(10008)
    return message


def _number(request: web.Request, name: str) -> int:
    value = request.match_info[name]
    if not value.isdecimal():
        raise unknown(10008)
    return int(value)


def _shown(world: World, message: Message) -> web.Response:
    return web.json_response(messageviews.message(world, message))


def _callback_response(world: World, interaction: Interaction) -> Json:
    shown: dict[str, Any] = {
        "interaction": {"id": str(interaction.id), "type": int(interaction.kind)},
        "resource": {"type": int(interaction.reply or 0)},
    }
    if interaction.original is not None:
        shown["interaction"]["response_message_id"] = str(interaction.original.id)
        shown["resource"]["message"] = messageviews.message(world, interaction.original)
    return shown

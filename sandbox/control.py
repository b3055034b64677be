"""What a person or a tester does, under `/_sandbox`: join, leave, write, look at everything, revoke a token.

Whatever a person does in Discord's client goes through the REST handlers with that person as the actor.
"""

from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox import views
from sandbox.access import Seat
from sandbox.bits import Intent
from sandbox.calls import WORLD, Call, Route
from sandbox.dump import dump, permissions_of, visible_to
from sandbox.errors import refused, unknown
from sandbox.forms import array, bits, flag, integer, nullable, obj, read, snowflake, text
from sandbox.founding import add_application, add_bot, add_person, found_guild
from sandbox.rest import invites, members, messages
from sandbox.tree import tree
from sandbox.world import Guild, Json, Member, User

_PERSON = {"username": text(1, 32), "global_name": nullable(text(1, 32)), "id": nullable(snowflake)}
_PEOPLE = {**_PERSON, "users": array(obj(_PERSON, required=["username"]), 250_000), "invite": text(1, 40)}
_GUILD = {
    "name": text(2, 100),
    "owner": obj(_PERSON, required=["username"]),
    "id": nullable(snowflake),
    "bot": flag,
    "permissions": bits,
}
_TOKEN = {
    "application_id": snowflake,
    "token": text(1, 200),
    "name": text(1, 32),
    "revoke": flag,
    "intents": integer(0, sum(Intent)),
}


def create_guild(call: Call) -> Json:
    """Found a server, with the first bot in it unless `bot` is false."""
    values = read(call.body, _GUILD)
    owner = _person(call, values.get("owner", {"username": "owner"}))
    guild = found_guild(call.world, values.get("name", "A new server"), owner, values.get("id"))
    application = next(iter(call.world.applications.values()), None)
    if application is not None and values.get("bot", True):
        add_bot(call.world, guild, application, values.get("permissions", application.permissions))
        call.publish("GUILD_CREATE", guild.id, views.guild(guild))
    return {"guild_id": str(guild.id), "owner_id": str(owner.id)}


def join(call: Call) -> Json:
    """Let one person or many join, by an invite if its `invite` code is given; banned people are 40007."""
    guild, values = _guild(call), read(call.body, _PEOPLE)
    people = [_person(call, one) for one in values.get("users", [values])]
    for user in people:
        roles = invites.accept(call, guild, values["invite"]) if "invite" in values else []
        _join(call, guild, user, roles)
    return {"ids": [str(user.id) for user in people]}


def leave(call: Call) -> None:
    """Let a member leave."""
    guild = _guild(call)
    members.remove(call, guild, _member(call, guild))


def edit_member(call: Call) -> Json:
    """Change a member's nickname or roles by the owner's hand."""
    return members.update_member(replace(call, user=call.world.users[_guild(call).owner_id]))


def write(call: Call) -> Json:
    """Write into a channel as the person `user_id`, with that person's permissions."""
    return messages.create_message(_as_person(call))


def unwrite(call: Call) -> None:
    """Delete a message as the person `user_id`."""
    messages.delete_message(_as_person(call))


def show_guild(call: Call) -> Json:
    """Return everything in the guild, for comparison; with `?names=1` names stand for ids."""
    return dump(call.world, _guild(call), by_name=call.query.get("names") == "1")


def show_permissions(call: Call) -> Json:
    """Return what one member, or every member, may do in each channel."""
    guild, user_id = _guild(call), call.query_id("user")
    if user_id is None:
        return {str(m.user.id): permissions_of(Seat(call.world, guild, m)) for m in guild.members.values()}
    return permissions_of(Seat(call.world, guild, _member(call, guild, user_id)))


def show_visible(call: Call) -> Json:
    """Return what one person sees of a guild: channels and messages."""
    guild_id = call.query_id("guild") or next(iter(call.world.guilds))
    guild = call.world.guilds.get(guild_id)
    if guild is None:
        raise unknown(10004)
    return visible_to(Seat(call.world, guild, _member(call, guild, call.query_id("user") or 0)))


def change_token(call: Call) -> Json:
    """Revoke a bot's token, give it a new one, switch its privileged intents, or register another bot."""
    values = read(call.body, _TOKEN)
    if "name" in values:
        application = add_application(call.world, values["name"], values.get("token", values["name"]))
    else:
        first = next(iter(call.world.applications))
        application = call.world.applications[values.get("application_id", first)]
    application.token = values.get("token", application.token)
    application.revoked = values.get("revoke", False)
    application.intents = values.get("intents", application.intents)
    return {"application_id": str(application.id), "token": application.token, "revoked": application.revoked}


async def show_tree(request: web.Request) -> web.Response:
    """Answer with the guild as a text tree."""
    world = request.app[WORLD]
    wanted = request.match_info["guild_id"]
    guild = world.guilds.get(next(iter(world.guilds)) if wanted == "first" else int(wanted))
    return web.Response(status=404) if guild is None else web.Response(text=tree(guild))


async def show_file(request: web.Request) -> web.Response:
    """Answer with the bytes of an attachment."""
    channel = request.app[WORLD].channels.get(int(request.match_info["channel_id"]))
    wanted = int(request.match_info["attachment_id"])
    for message in channel.messages.values() if channel else ():
        for file in message.attachments:
            if file.id == wanted:
                return web.Response(body=file.data, headers={"Content-Type": file.content_type})
    return web.Response(status=404)


def _guild(call: Call) -> Guild:
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None:
        raise unknown(10004)
    return guild


def _member(call: Call, guild: Guild, user_id: int | None = None) -> Member:
    member = guild.members.get(call.id("user_id") if user_id is None else user_id)
    if member is None:
        raise unknown(10007)
    return member


def _person(call: Call, values: dict[str, Any]) -> User:
    return add_person(call.world, values["username"], values.get("global_name"), values.get("id"))


def _join(call: Call, guild: Guild, user: User, roles: list[int]) -> None:
    if user.id in guild.bans:
        raise refused(40007, "The user is banned from this guild.", 403)
    if user.id in guild.members:
        return
    member = guild.members[user.id] = Member(user, call.world.now(), roles=set(roles))
    call.publish("GUILD_MEMBER_ADD", guild.id, views.member(member) | {"guild_id": str(guild.id)})


def _as_person(call: Call) -> Call:
    body = dict(call.body or {})
    user = call.world.users.get(int(body.pop("user_id", None) or call.query.get("user_id", 0)))
    if user is None:
        raise unknown(10013)
    return replace(call, user=user, body=body)


_GUILDS = "/_sandbox/guilds"
_MEMBERS = f"{_GUILDS}/{{guild_id}}/members"
ROUTES = (
    Route("POST", _GUILDS, create_guild, 201),
    Route("GET", f"{_GUILDS}/{{guild_id}}", show_guild),
    Route("GET", f"{_GUILDS}/{{guild_id}}/permissions", show_permissions),
    Route("POST", _MEMBERS, join, 201),
    Route("PATCH", f"{_MEMBERS}/{{user_id}}", edit_member),
    Route("DELETE", f"{_MEMBERS}/{{user_id}}", leave),
    Route("POST", "/_sandbox/channels/{channel_id}/messages", write),
    Route("DELETE", "/_sandbox/channels/{channel_id}/messages/{message_id}", unwrite),
    Route("GET", "/_sandbox/visible", show_visible),
    Route("POST", "/_sandbox/token", change_token),
)


def add_pages(app: web.Application) -> None:
    """Serve what is not JSON: the text tree and the attachments."""
    app.router.add_get(f"{_GUILDS}/{{guild_id}}/tree", show_tree)
    app.router.add_get("/_sandbox/cdn/attachments/{channel_id}/{attachment_id}/{filename}", show_file)

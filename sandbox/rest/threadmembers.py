"""Who takes part in a thread: list, join, leave, add, remove."""

from sandbox import views
from sandbox.access import Place
from sandbox.bits import ChannelType, Permission
from sandbox.calls import Call, Route
from sandbox.errors import limit, refused, unknown
from sandbox.rest.threads import state_of
from sandbox.world import Json

MAX_MEMBERS = 1000


def join(call: Call) -> None:
    """Take part in a thread oneself."""
    place = call.place()
    _join(call, place, call.user.id)


def add_member(call: Call) -> None:
    """Add a member who can see the thread's channel."""
    place = call.place()
    place.require_sending()
    if place.seat is None or call.id("user_id") not in place.seat.guild.members:
        raise unknown(10007)
    _join(call, place, call.id("user_id"))


def leave(call: Call) -> None:
    """Leave a thread oneself."""
    _leave(call, call.place(), call.user.id)


def remove_member(call: Call) -> None:
    """Remove a member; a private thread's owner may too."""
    place, user_id = call.place(), call.id("user_id")
    state = state_of(place.channel)
    if place.channel.type is not ChannelType.PRIVATE_THREAD or state.owner_id != call.user.id:
        place.require(Permission.MANAGE_THREADS)
    _leave(call, place, user_id)


def list_members(call: Call) -> list[Json]:
    """Return who takes part in a thread."""
    thread = call.place().channel
    return [views.thread_member(thread.id, i, at) for i, at in sorted(state_of(thread).members.items())]


def _join(call: Call, place: Place, user_id: int) -> None:
    state = state_of(place.channel)
    if state.archived:
        raise refused(50083, "Thread is archived")
    if len(state.members) >= MAX_MEMBERS and user_id not in state.members:
        raise limit(30033, "thread participants", MAX_MEMBERS)
    if user_id not in state.members:
        state.members[user_id] = call.world.now()
        _publish_members(call, place, added=user_id)


def _leave(call: Call, place: Place, user_id: int) -> None:
    state = state_of(place.channel)
    if state.members.pop(user_id, None) is None:
        raise unknown(10007)
    _publish_members(call, place, removed=user_id)


def _publish_members(call: Call, place: Place, added: int | None = None, removed: int | None = None) -> None:
    thread, state = place.channel, state_of(place.channel)
    data: Json = {"id": str(thread.id), "guild_id": str(thread.guild_id), "member_count": len(state.members)}
    if added is not None:
        data["added_members"] = [views.thread_member(thread.id, added, state.members[added])]
    if removed is not None:
        data["removed_member_ids"] = [str(removed)]
    call.publish("THREAD_MEMBERS_UPDATE", thread.guild_id, data)


_MEMBERS = "/channels/{channel_id}/thread-members"
ROUTES = (
    Route("GET", _MEMBERS, list_members),
    Route("PUT", f"{_MEMBERS}/@me", join),
    Route("PUT", f"{_MEMBERS}/{{user_id}}", add_member),
    Route("DELETE", f"{_MEMBERS}/@me", leave),
    Route("DELETE", f"{_MEMBERS}/{{user_id}}", remove_member),
)

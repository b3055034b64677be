"""Threads and forum posts: create, edit, archive, list. `threadmembers` has who takes part."""

from typing import Any

from sandbox import messageviews, views
from sandbox.access import Place, Seat
from sandbox.bits import (
    FORUM_LIKE,
    THREADS,
    Action,
    ChannelFlag,
    ChannelType,
    MessageFlag,
    MessageType,
    Permission,
)
from sandbox.calls import Call, Route
from sandbox.channelform import ARCHIVE_MINUTES, SLOWMODE
from sandbox.errors import invalid_field, limit, missing_permissions, refused, unknown
from sandbox.forms import anything, array, choice, flag, integer, nullable, read, snowflake, text
from sandbox.messageform import FIELDS
from sandbox.posting import compose, notice, post
from sandbox.world import Channel, Json, Message, ThreadState

MAX_ACTIVE = 1000
_COMMON = {
    "name": text(1, 100),
    "auto_archive_duration": nullable(ARCHIVE_MINUTES, 4320),
    "rate_limit_per_user": nullable(SLOWMODE, 0),
}
_CREATE = {
    **_COMMON,
    "type": nullable(choice(10, 11, 12), 12),
    "invitable": nullable(flag, default=True),
}
_POST = {**_COMMON, "applied_tags": nullable(array(snowflake, 5), ()), "message": anything}
_EDIT = {
    **_COMMON,
    "archived": flag,
    "locked": flag,
    "invitable": flag,
    "flags": nullable(integer(0, 2**31 - 1), 0),
    "applied_tags": nullable(array(snowflake, 5), ()),
}
_MODERATED = {"locked", "invitable", "rate_limit_per_user"}


def create_thread(call: Call) -> Json:
    """Start a thread, or in a forum a post with its first message."""
    seat, parent = call.guild_place()
    if parent.type in FORUM_LIKE:
        return _create_post(call, seat, parent)
    values = read(call.body, _CREATE, required=["name"])
    kind = ChannelType(values.get("type", ChannelType.PRIVATE_THREAD))
    _require_threads(parent, kind)
    private = kind is ChannelType.PRIVATE_THREAD
    seat.require(Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS, parent)
    thread = _thread(call, seat, parent, kind, values, call.world.next_id())
    _open(call, seat, thread)
    if not private:
        post(call.world, call.bus, parent, _announcement(call, parent, thread))
    return views.channel(thread)


def create_thread_from_message(call: Call) -> Json:
    """Start a thread on a message; it gets the message's id."""
    seat, parent = call.guild_place()
    values = read(call.body, _COMMON, required=["name"])
    message = call.message_in(parent)
    announcing = parent.type is ChannelType.ANNOUNCEMENT
    kind = ChannelType.ANNOUNCEMENT_THREAD if announcing else ChannelType.PUBLIC_THREAD
    _require_threads(parent, kind)
    seat.require(Permission.CREATE_PUBLIC_THREADS, parent)
    if message.id in call.world.channels:
        raise refused(160004, "A thread has already been created for this message")
    thread = _thread(call, seat, parent, kind, values, message.id)
    message.flags |= MessageFlag.HAS_THREAD
    _open(call, seat, thread)
    call.publish("MESSAGE_UPDATE", seat.guild.id, messageviews.message_event(call.world, message))
    return views.channel(thread)


def _create_post(call: Call, seat: Seat, forum: Channel) -> Json:
    values = read(call.body, _POST, required=["name", "message"])
    seat.require(Permission.SEND_MESSAGES, forum)
    tags = _checked_tags(seat, forum, list(values.get("applied_tags", ())))
    if forum.flags & ChannelFlag.REQUIRE_TAG and not tags:
        raise refused(40067, "A tag is required to create a forum post in this channel")
    thread = _thread(call, seat, forum, ChannelType.PUBLIC_THREAD, values, 0)
    message = compose(call.world, thread, call.user, read(values["message"], FIELDS), call.files)
    thread.id = message.channel_id = message.id
    state_of(thread).applied_tags = tags
    _open(call, seat, thread)
    post(call.world, call.bus, thread, message)
    # The first message of a post is not counted: it is the post.
    state_of(thread).message_count = 0
    forum.last_message_id = thread.id
    return views.channel(thread) | {"message": messageviews.message(call.world, message)}


def update_thread(call: Call, seat: Seat, thread: Channel) -> Json:
    """Change a thread: its owner may rename, tag and archive, MANAGE_THREADS may all."""
    values, state = read(call.body, _EDIT), state_of(thread)
    _require_edit(call, seat, thread, values)
    forum = seat.guild.channels[thread.parent_id or 0]
    if "applied_tags" in values:
        values["applied_tags"] = _checked_tags(seat, forum, list(values["applied_tags"]))
    before = views.channel(thread)
    _assign(call, thread, state, values)
    if views.channel(thread) != before:
        call.publish_channel("THREAD_UPDATE", thread)
        call.audit(seat.guild, Action.THREAD_UPDATE, thread.id)
    return views.channel(thread)


def list_active(call: Call) -> Json:
    """Return every active thread that the caller can see."""
    seat = call.seat()
    threads = [t for t in seat.guild.threads.values() if not state_of(t).archived and seat.sees(t)]
    threads.sort(key=lambda t: t.id, reverse=True)
    return _listed(call, threads) | {"has_more": False}


def list_archived(call: Call) -> Json:
    """Return the archived public threads of a channel."""
    seat, parent = call.guild_place()
    seat.require(Permission.READ_MESSAGE_HISTORY, parent)
    public = THREADS - {ChannelType.PRIVATE_THREAD}
    found = [t for t in seat.guild.threads.values() if t.parent_id == parent.id and t.type in public]
    archived = sorted((t for t in found if state_of(t).archived), key=lambda t: state_of(t).archived_at, reverse=True)
    most = call.query_int("limit", 2, 100, 50)
    return _listed(call, archived[:most]) | {"has_more": len(archived) > most}


def _listed(call: Call, threads: list[Channel]) -> Json:
    own = [(t.id, state_of(t).members[call.user.id]) for t in threads if call.user.id in state_of(t).members]
    return {
        "threads": [views.channel(t) for t in threads],
        "members": [views.thread_member(i, call.user.id, joined) for i, joined in own],
    }


def require_unlocked(place: Place) -> None:
    """Refuse to change an archived thread that is locked, unless one may manage threads (50083)."""
    state = place.channel.thread
    locked = state is not None and state.archived and state.locked
    if locked and Permission.MANAGE_THREADS not in place.bits():
        raise refused(50083, "Thread is archived")


def wake(call: Call, channel: Channel) -> None:
    """Unarchive a thread that is written into, and let the author join it."""
    state = channel.thread
    if state is None:
        return
    state.members.setdefault(call.user.id, call.world.now())
    if state.archived:
        state.archived, state.archived_at = False, call.world.now()
        call.publish_channel("THREAD_UPDATE", channel)


def state_of(thread: Channel) -> ThreadState:
    """Return what makes a channel a thread; 50024 for a channel that is none."""
    if thread.thread is None:
        raise refused(50024, "Cannot execute action on this channel type")
    return thread.thread


def _require_threads(parent: Channel, kind: ChannelType) -> None:
    allowed = {
        ChannelType.TEXT: {ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD},
        ChannelType.ANNOUNCEMENT: {ChannelType.ANNOUNCEMENT_THREAD},
    }
    if kind not in allowed.get(parent.type, ()):
        raise refused(50024, "Cannot execute action on this channel type")


def _thread(
    call: Call, seat: Seat, parent: Channel, kind: ChannelType, values: dict[str, Any], thread_id: int
) -> Channel:
    if sum(not state_of(t).archived for t in seat.guild.threads.values()) >= MAX_ACTIVE:
        raise limit(160006, "active threads", MAX_ACTIVE)
    now = call.world.now()
    state = ThreadState(call.user.id, now, values.get("auto_archive_duration", 4320), members={call.user.id: now})
    state.invitable = values.get("invitable", True)
    thread = Channel(thread_id, kind, values["name"].strip(), seat.guild.id, parent.id, thread=state)
    thread.settings["rate_limit_per_user"] = values.get("rate_limit_per_user", 0)
    return thread


def _open(call: Call, seat: Seat, thread: Channel) -> None:
    call.world.add_channel(thread)
    call.publish("THREAD_CREATE", seat.guild.id, views.channel(thread) | {"newly_created": True})
    call.audit(seat.guild, Action.THREAD_CREATE, thread.id)


def _announcement(call: Call, parent: Channel, thread: Channel) -> Message:
    reference = {"channel_id": str(thread.id), "guild_id": str(parent.guild_id)}
    message = notice(MessageType.THREAD_CREATED, call.world, parent, call.user, reference)
    message.content = thread.name
    return message


def _checked_tags(seat: Seat, forum: Channel, tag_ids: list[int]) -> list[int]:
    known = {tag.id: tag for tag in forum.tags}
    for tag_id in tag_ids:
        if tag_id not in known:
            raise unknown(10087)
        if known[tag_id].moderated:
            seat.require(Permission.MANAGE_THREADS, forum)
    return list(dict.fromkeys(tag_ids))


def _require_edit(call: Call, seat: Seat, thread: Channel, values: dict[str, Any]) -> None:
    state = state_of(thread)
    if Permission.MANAGE_THREADS in seat.bits(thread):
        return
    if state.owner_id != call.user.id or _MODERATED & values.keys() or values.get("flags"):
        raise missing_permissions()
    if state.locked:
        raise refused(160005, "Thread is locked")


def _assign(call: Call, thread: Channel, state: ThreadState, values: dict[str, Any]) -> None:
    archived, name = values.get("archived", state.archived), values.get("name", thread.name).strip()
    if not name:
        raise invalid_field("name", "BASE_TYPE_REQUIRED", "This field is required")
    if state.archived and archived:
        raise refused(50083, "Thread is archived")
    if archived != state.archived:
        state.archived, state.archived_at = archived, call.world.now()
    state.locked = values.get("locked", state.locked)
    state.invitable = values.get("invitable", state.invitable)
    state.auto_archive_minutes = values.get("auto_archive_duration", state.auto_archive_minutes)
    state.applied_tags = values.get("applied_tags", state.applied_tags)
    thread.name = name
    thread.flags = _thread_flags(thread, values, archived=archived)
    if "rate_limit_per_user" in values:
        thread.settings["rate_limit_per_user"] = values["rate_limit_per_user"]


def _thread_flags(thread: Channel, values: dict[str, Any], *, archived: bool) -> int:
    flags = int(values.get("flags", thread.flags)) & ChannelFlag.PINNED
    return 0 if archived else int(flags)


ROUTES = (
    Route("POST", "/channels/{channel_id}/threads", create_thread, 201),
    Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", create_thread_from_message, 201),
    Route("GET", "/guilds/{guild_id}/threads/active", list_active),
    Route("GET", "/channels/{channel_id}/threads/archived/public", list_archived),
)

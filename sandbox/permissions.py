"""Discord's permission algorithm, pure: what a member may do in a guild or in one of its channels. `access` asks it."""

from datetime import datetime
from functools import reduce

from sandbox.bits import EVERYTHING, NOTHING, THREADS, VOICE_LIKE, ChannelType, Permission
from sandbox.world import Channel, Guild, Member, Overwrite, Role

_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_NEEDS_SENDING = (
    Permission.MENTION_EVERYONE | Permission.SEND_TTS_MESSAGES | Permission.ATTACH_FILES | Permission.EMBED_LINKS
)


def rank(role: Role) -> tuple[int, int]:
    """Return a sort key, higher is more powerful; among equal positions the older role wins."""
    return role.position, -role.id


def top_role(guild: Guild, member: Member) -> Role:
    """Return the member's highest role, @everyone at least."""
    return max((guild.roles[i] for i in member.roles | {guild.id}), key=rank)


def is_timed_out(member: Member, now: datetime) -> bool:
    """Say whether a moderator silenced the member and the time has not passed."""
    return member.timed_out_until is not None and member.timed_out_until > now


def is_administrator(guild: Guild, member: Member) -> bool:
    """Say whether nothing can be denied to the member: the owner and ADMINISTRATORs."""
    return member.user.id == guild.owner_id or Permission.ADMINISTRATOR in _from_roles(guild, member)


def effective(guild: Guild, member: Member, channel: Channel | None = None, *, now: datetime) -> Permission:
    """Return what the member may do in the channel, or in the guild when there is none."""
    if is_administrator(guild, member):
        return EVERYTHING
    bits = _from_roles(guild, member)
    if channel is not None:
        bits = _in_channel(guild, member, channel, bits)
    return bits & _TIMED_OUT if is_timed_out(member, now) else bits


def _from_roles(guild: Guild, member: Member) -> Permission:
    roles = (guild.roles[i].permissions for i in member.roles)
    return reduce(Permission.__or__, roles, guild.everyone.permissions)


def _in_channel(guild: Guild, member: Member, channel: Channel, bits: Permission) -> Permission:
    if channel.type not in THREADS:
        return _implied(_overwritten(guild, member, channel, bits), channel.type)
    parent = guild.channels[channel.parent_id or 0]
    bits = _implied(_overwritten(guild, member, parent, bits), parent.type, in_thread=True)
    return bits if _sees_thread(member, channel, bits) else NOTHING


def _sees_thread(member: Member, thread: Channel, bits: Permission) -> bool:
    if thread.type is not ChannelType.PRIVATE_THREAD or Permission.MANAGE_THREADS in bits:
        return True
    return thread.thread is not None and member.user.id in thread.thread.members


def _overwritten(guild: Guild, member: Member, channel: Channel, bits: Permission) -> Permission:
    everyone = channel.overwrites.get(guild.id)
    roles = [o for i, o in channel.overwrites.items() if i in member.roles]
    own = channel.overwrites.get(member.user.id)
    for layer in ([everyone] if everyone else [], roles, [own] if own else []):
        bits = _layered(bits, layer)
    return bits


def _layered(bits: Permission, layer: list[Overwrite]) -> Permission:
    deny = reduce(Permission.__or__, (o.deny for o in layer), NOTHING)
    allow = reduce(Permission.__or__, (o.allow for o in layer), NOTHING)
    return bits & ~deny | allow


def _implied(bits: Permission, kind: ChannelType, *, in_thread: bool = False) -> Permission:
    if Permission.VIEW_CHANNEL not in bits:
        return NOTHING
    if kind in VOICE_LIKE and Permission.CONNECT not in bits:
        return Permission.VIEW_CHANNEL
    sending = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    return bits if sending in bits else bits & ~_NEEDS_SENDING

"""Discord's permission bits by name, and the algorithm that computes what a member may do in a channel.

Source: https://discord.com/developers/docs/topics/permissions
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntFlag
from typing import Protocol


class Permission(IntFlag):
    """The bits Kopir hands out or needs."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    PIN_MESSAGES = 1 << 51


EVERYTHING = (1 << 64) - 1


def bits(names: Iterable[str]) -> int:
    """Add up permissions by name. Raise KeyError for a name Discord does not have."""
    total = 0
    for name in names:
        total |= Permission[name.upper()]
    return total


def names(value: int) -> tuple[str, ...]:
    """List the known permissions in a bit set, lowest first."""
    return tuple(p.name for p in Permission if p.name and value & p)


class OverwriteLike(Protocol):
    """Anything with `allow` and `deny` bits."""

    @property
    def allow(self) -> int:
        """Return the allowed bits."""
        ...

    @property
    def deny(self) -> int:
        """Return the denied bits."""
        ...


def base(roles: Sequence[int], *, owner: bool = False) -> int:
    """Compute guild-wide permissions from the bits of @everyone and the member's roles."""
    total = 0
    for role in roles:
        total |= role
    return EVERYTHING if owner or total & Permission.ADMINISTRATOR else total


def effective(
    start: int, everyone: str, roles: Iterable[str], member: str, overwrites: Mapping[str, OverwriteLike]
) -> int:
    """Apply a channel's overwrites (by target) to guild-wide permissions, with the implicit denials."""
    if start & Permission.ADMINISTRATOR:
        return EVERYTHING
    if overwrite := overwrites.get(everyone):
        start = start & ~overwrite.deny | overwrite.allow
    of_roles = [overwrites[role] for role in roles if role in overwrites]
    for overwrite in of_roles:
        start &= ~overwrite.deny
    for overwrite in of_roles:
        start |= overwrite.allow
    if overwrite := overwrites.get(member):
        start = start & ~overwrite.deny | overwrite.allow
    return _implied(start)


def _implied(value: int) -> int:
    if not value & Permission.VIEW_CHANNEL:
        return 0
    if not value & Permission.SEND_MESSAGES:
        value &= ~(Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS)
    return value

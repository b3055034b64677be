"""Whom a message pings: its text's mentions, cut by `allowed_mentions` and the author's permissions. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.bits import Permission
from sandbox.world import Guild, World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
_ALL_KINDS = ("users", "roles", "everyone")


@dataclass(frozen=True, slots=True)
class Pings:
    """Ids of the users and roles a message pings, and whether it pings everyone."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


def pings(world: World, guild: Guild | None, text: str, allowed: Mapping[str, Any] | None, bits: Permission) -> Pings:
    """Return whom the text pings; without `allowed_mentions` everything is parsed."""
    allowed = {"parse": _ALL_KINDS} if allowed is None else allowed
    mass = Permission.MENTION_EVERYONE in bits
    users = [i for i in _ids(_USER, text) if i in world.users and _is_allowed("users", i, allowed)]
    roles = [i for i in _ids(_ROLE, text) if guild and _is_allowed("roles", i, allowed)]
    roles = [i for i in roles if guild and i in guild.roles and (mass or guild.roles[i].mentionable)]
    everyone = mass and "everyone" in allowed.get("parse", ()) and bool(_EVERYONE.search(text))
    return Pings(tuple(users), tuple(roles), everyone)


def _ids(pattern: re.Pattern[str], text: str) -> list[int]:
    return list(dict.fromkeys(int(found) for found in pattern.findall(text)))


def _is_allowed(kind: str, target: int, allowed: Mapping[str, Any]) -> bool:
    return kind in allowed.get("parse", ()) or target in allowed.get(kind, ())

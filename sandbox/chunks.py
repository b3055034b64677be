"""Answers "request guild members": which members, in chunks of a thousand. Pure; `conversations` sends them."""

from dataclasses import dataclass
from typing import Any

from sandbox import views
from sandbox.world import Guild, Json, Member

_PER_CHUNK = 1000
_MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: ids, or a prefix of the name with a limit (0: no limit)."""

    guild_id: int
    query: str | None
    limit: int
    user_ids: tuple[int, ...]
    nonce: str | None

    @property
    def is_everybody(self) -> bool:
        """Tell whether the whole member list is asked for, which has a limit of its own."""
        return not self.user_ids and not self.query and self.limit == 0


def wanted(data: dict[str, Any]) -> Wanted:
    """Read the request; KeyError, TypeError or ValueError when it is malformed."""
    ids = data.get("user_ids") or ()
    many = ids if isinstance(ids, list | tuple) else (ids,)
    return Wanted(
        guild_id=int(data["guild_id"]),
        query=data.get("query"),
        limit=int(data.get("limit") or 0),
        user_ids=tuple(int(one) for one in many)[:_MOST_IDS],
        nonce=data.get("nonce"),
    )


def chunks(guild: Guild, request: Wanted) -> list[Json]:
    """Return the data of each GUILD_MEMBERS_CHUNK, one at least."""
    found = _found(guild, request)
    pages = [found[i : i + _PER_CHUNK] for i in range(0, len(found), _PER_CHUNK)] or [[]]
    missing = [str(one) for one in request.user_ids if one not in guild.members]
    extras: Json = {"not_found": missing} if missing else {}
    if request.nonce is not None:
        extras["nonce"] = request.nonce
    return [
        {
            "guild_id": str(guild.id),
            "members": [views.member(member) for member in page],
            "chunk_index": index,
            "chunk_count": len(pages),
            **extras,
        }
        for index, page in enumerate(pages)
    ]


def _found(guild: Guild, request: Wanted) -> list[Member]:
    if request.user_ids:
        return [guild.members[one] for one in request.user_ids if one in guild.members]
    prefix = (request.query or "").casefold()
    matching = [member for member in guild.members.values() if _starts(member, prefix)]
    return matching[: request.limit] if request.limit else matching


def _starts(member: Member, prefix: str) -> bool:
    names = (member.user.username, member.nick or "", member.user.global_name or "")
    return any(name.casefold().startswith(prefix) for name in names)

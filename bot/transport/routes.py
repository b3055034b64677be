"""What a route says before anything is sent: its printable template, its major parameter, whether it may be repeated.

Pure; `bot.http` asks. Everything is read from the path itself, because some routes of the library come with their ids
and even webhook tokens already written into the "template".
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from interactions.api.http.route import Route
from interactions.client.const import MISSING

MAX_REASON = 512

_FIELD = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\d+")
_MAJORS = ("channels", "guilds", "webhooks", "interactions")
_HARMLESS_POSTS = frozenset(
    {"/channels/{channel_id}/messages/bulk-delete", "/channels/{channel_id}/typing", "/users/@me/channels"}
)


def template(route: Route) -> str:
    """Return the path as it may be printed: without ids, tokens and query."""
    parts = route.path.partition("?")[0].split("/")
    shown = ["{id}" if _NUMBER.fullmatch(part) else part for part in parts]
    if _carries_token(parts):
        shown[3] = "{webhook_token}"
    return "/".join(shown)


def location(route: Route) -> str:
    """Return the path and query to request, every parameter percent-encoded as one segment."""

    def encoded(field: re.Match[str]) -> str:
        return quote(str(route.params[field.group(1)]), safe="@:")

    return _FIELD.sub(encoded, route.path)


def major(route: Route) -> str:
    """Return the major parameter: the channel, guild or webhook (with its token) that owns the limit."""
    parts = location(route).partition("?")[0].split("/")
    if len(parts) < 3 or parts[1] not in _MAJORS:
        return ""
    return "/".join(parts[1:4] if _carries_token(parts) else parts[1:3])


def carries_token(route: Route) -> bool:
    """Say whether a webhook or interaction token in the path authenticates the request."""
    return _carries_token(route.path.partition("?")[0].split("/"))


def answers_interaction(route: Route) -> bool:
    """Say whether the route is an interaction endpoint, which Discord counts outside the global limit."""
    parts = route.path.partition("?")[0].split("/")
    return parts[1] == "interactions" or (
        _carries_token(parts) and parts[2].startswith("{") and parts[2] != "{webhook_id}"
    )


def _carries_token(parts: list[str]) -> bool:
    return len(parts) > 3 and parts[1] in ("webhooks", "interactions")


def repeatable(method: str, shown: str, payload: object) -> bool:
    """Say whether doing it twice is the same as doing it once.

    A message with an enforced nonce is made once however often it is sent (Create Message); bulk delete ignores what is
    gone, typing and opening a DM have nothing to double. Every other POST makes something new each time.
    """
    return method != "POST" or shown in _HARMLESS_POSTS or enforces_nonce(payload)


def enforces_nonce(payload: object) -> bool:
    """Say whether Discord itself drops a repetition of this message for the next few minutes."""
    return isinstance(payload, Mapping) and bool(payload.get("enforce_nonce")) and bool(payload.get("nonce"))


def audit_reason(reason: str) -> str:
    """Return the reason as a header: one line, percent-encoded, at most 512 characters, no character cut in two."""
    encoded, length = [], 0
    for character in " ".join(reason.split()):
        piece = quote(character, safe="/: ", errors="replace")
        length += len(piece)
        if length > MAX_REASON:
            break
        encoded.append(piece)
    return "".join(encoded).strip()


def query(params: Mapping[str, Any] | None) -> dict[str, str]:
    """Return query parameters as text; what is None or the library's MISSING is left out."""
    given = {key: value for key, value in (params or {}).items() if value is not None and value is not MISSING}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}

"""Which route has which rate limit, for `ratelimits`.

Discord documents hardly any number: these are the publicly observed ones,
and where nothing is known a cautious choice; `docs/rehearsing.md` says which is which.
"""

from dataclasses import dataclass

from sandbox.buckets import Limit

_MINUTE = 60.0
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

GLOBAL = Limit("global", 50, 1.0)
"""Requests per bot over all routes, documented; interaction endpoints are outside of it."""

INVALID = Limit("invalid", 10_000, 10 * _MINUTE)
"""Answers 401, 403 and 429 (not `shared`) per address before it is banned, documented."""


@dataclass(frozen=True, slots=True)
class Sublimit:
    """A limit inside a bucket that no header announces; it counts bodies that have one of the keys."""

    keys: frozenset[str]
    limit: Limit


_PINS = Limit("pins", 5, 5.0)
_MEMBER_ROLE = Limit("member-role", 10, 10.0)
_POSITIONS = 10, 10.0
_MESSAGES = "/channels/{channel_id}/messages"
_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_CALLBACK_HOOK = "/webhooks/{webhook_id}/{webhook_token}"

ROUTES: dict[str, Limit] = {
    f"POST {_MESSAGES}": Limit("message-create", 5, 5.0),
    f"PATCH {_MESSAGES}/{{message_id}}": Limit("message-edit", 5, 5.0),
    f"DELETE {_MESSAGES}/{{message_id}}": Limit("message-delete", 5, 1.0),
    f"POST {_MESSAGES}/bulk-delete": Limit("message-bulk-delete", 1, 1.0),
    f"POST {_MESSAGES}/{{message_id}}/crosspost": Limit("message-crosspost", 10, _HOUR),
    f"GET {_MESSAGES}": Limit("message-list", 5, 1.0),
    f"PUT {_MESSAGES}/pins/{{message_id}}": _PINS,
    f"DELETE {_MESSAGES}/pins/{{message_id}}": _PINS,
    "PUT /channels/{channel_id}/pins/{message_id}": _PINS,
    "DELETE /channels/{channel_id}/pins/{message_id}": _PINS,
    "PATCH /channels/{channel_id}": Limit("channel-edit", 10, 15.0),
    "PUT /channels/{channel_id}/permissions/{overwrite_id}": Limit("overwrite", 10, 15.0),
    "DELETE /channels/{channel_id}/permissions/{overwrite_id}": Limit("overwrite", 10, 15.0),
    "POST /channels/{channel_id}/threads": Limit("thread-create", 50, 5 * _MINUTE),
    f"POST {_MESSAGES}/{{message_id}}/threads": Limit("thread-create", 50, 5 * _MINUTE),
    "POST /channels/{channel_id}/invites": Limit("invite-create", 5, 15.0),
    "POST /channels/{channel_id}/typing": Limit("typing", 5, 5.0),
    "POST /guilds/{guild_id}/channels": Limit("channel-create", 20, 10.0),
    "PATCH /guilds/{guild_id}/channels": Limit("channel-positions", *_POSITIONS),
    "POST /guilds/{guild_id}/roles": Limit("role-create", 250, 2 * _DAY),
    "PATCH /guilds/{guild_id}/roles/{role_id}": Limit("role-edit", 1000, _DAY),
    "PATCH /guilds/{guild_id}/roles": Limit("role-positions", *_POSITIONS),
    "GET /guilds/{guild_id}/members": Limit("member-list", 10, 10.0),
    "GET /guilds/{guild_id}/members/search": Limit("member-search", 10, 10.0),
    "GET /guilds/{guild_id}/members/{user_id}": Limit("member-get", 5, 1.0),
    "PATCH /guilds/{guild_id}/members/{user_id}": Limit("member-edit", 10, 10.0),
    "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}": _MEMBER_ROLE,
    "DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}": _MEMBER_ROLE,
    "POST /users/@me/channels": Limit("dm-open", 10, 10.0),
    f"PUT {_COMMANDS}": Limit("commands-put", 4, 20.0),
    f"POST {_COMMANDS}": Limit("commands-create", 200, _DAY),
    f"POST {_CALLBACK_HOOK}": Limit("webhook", 5, 2.0),
    f"PATCH {_CALLBACK_HOOK}/messages/{{message_id}}": Limit("webhook-edit", 5, 2.0),
}

SUBLIMITS: dict[str, Sublimit] = {
    "PATCH /channels/{channel_id}": Sublimit(frozenset({"name", "topic"}), Limit("channel-name", 2, 10 * _MINUTE)),
}

_UNLIMITED = frozenset({"GET /gateway", "GET /gateway/bot"})
_OTHER_READ = 50, 10.0
_OTHER_WRITE = 10, 5.0


def limit_of(method: str, route: str) -> Limit | None:
    """Return the limit of a route template; None where Discord announces none."""
    name = f"{method} {route}"
    if name in _UNLIMITED or route.startswith("/interactions/"):
        return None
    other = _OTHER_READ if method == "GET" else _OTHER_WRITE
    return ROUTES.get(name) or Limit(name, *other)


def sublimit_of(method: str, route: str) -> Sublimit | None:
    """Return the unannounced limit inside a route's bucket, where one is known."""
    return SUBLIMITS.get(f"{method} {route}")


def is_interaction(route: str) -> bool:
    """Tell whether a route answers interactions and so stands outside of the global limit."""
    return route.startswith(("/interactions/", "/webhooks/"))

"""Enforces and announces rate limits per true bucket: route's bucket, bot and major parameter.

The counting is `buckets`, the numbers are `limits`; this module decides one request at a time and speaks HTTP.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.buckets import Limit, Taken, Windows
from sandbox.limits import GLOBAL, INVALID, is_interaction, limit_of, sublimit_of
from sandbox.routes import api_path, is_api, template

_MAJOR = frozenset({"channels", "guilds", "webhooks"})
_COUNTED_INVALID = frozenset({401, 403, 429})
_BAN_PAGE = """<!DOCTYPE html>
<html lang="en-US"><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>
<body><h1>Error 1015</h1><h2>You are being rate limited</h2></body></html>
"""


@dataclass(frozen=True, slots=True)
class Call:
    """What the limits look at in one request; `caller` is the bot's token or else the address."""

    caller: str
    method: str
    route: str
    path: str
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused and for how many seconds."""

    retry_after: float
    scope: str = "user"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a request may do, and the headers that its answer carries either way."""

    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None


@dataclass(slots=True)
class RateLimits:
    """All limits of one sandbox. `hurry` divides every window; 0 switches limits and headers off."""

    hurry: float = 1.0
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    invalid: Limit = INVALID
    _windows: Windows = field(default_factory=Windows)

    def decide(self, call: Call) -> Verdict:
        """Count one request and say whether it passes."""
        if not self.hurry:
            return Verdict()
        if not is_interaction(call.route):
            overall = self._take(call.caller, GLOBAL)
            if not overall.allowed:
                return self._refused_globally(overall)
        limit = limit_of(call.method, call.route)
        if limit is None:
            return Verdict()
        return self._decide_in_bucket(call, limit)

    def banned_for(self, address: str) -> float:
        """Return for how many seconds an address is banned for too many invalid requests, 0 if it is not."""
        return self._windows.exhausted_for(("invalid", address), self.invalid.count, self.clock())

    def note_answer(self, address: str, status: int, scope: str | None) -> None:
        """Count an answer against the address if it makes the request an invalid one."""
        if self.hurry and status in _COUNTED_INVALID and scope != "shared":
            self._take(address, self.invalid)

    def reset(self) -> None:
        """Forget all use, as if every window had just ended."""
        self._windows.clear()

    def _decide_in_bucket(self, call: Call, limit: Limit) -> Verdict:
        major = _major(call.path)
        taken = self._take(call.caller, limit, major)
        headers = self._announce(limit, taken)
        if not taken.allowed:
            return self._refused(headers, taken)
        sublimit = sublimit_of(call.method, call.route)
        if sublimit and sublimit.keys & call.keys:
            inner = self._take(call.caller, sublimit.limit, major)
            if not inner.allowed:
                return self._refused(headers, inner)
        return Verdict(headers)

    def _take(self, caller: str, limit: Limit, major: str = "") -> Taken:
        key = (limit.bucket, caller, major) if major else (limit.bucket, caller)
        return self._windows.take(key, limit.count, limit.window / self.hurry, self.clock())

    def _announce(self, limit: Limit, taken: Taken) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(limit.count),
            "X-RateLimit-Remaining": str(taken.remaining),
            "X-RateLimit-Reset": f"{self.wall() + taken.reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{taken.reset_after:.3f}",
            "X-RateLimit-Bucket": limit.hash,
        }

    def _refused(self, headers: dict[str, str], taken: Taken) -> Verdict:
        extra = {"X-RateLimit-Scope": "user", "Retry-After": self._whole_seconds(taken.reset_after)}
        return Verdict(headers | extra, Refusal(taken.reset_after))

    def _refused_globally(self, taken: Taken) -> Verdict:
        headers = {
            "X-RateLimit-Global": "true",
            "X-RateLimit-Scope": "global",
            "Retry-After": self._whole_seconds(taken.reset_after),
        }
        return Verdict(headers, Refusal(taken.reset_after, "global"))

    def _whole_seconds(self, seconds: float) -> str:
        # Discord rounds this header up to whole seconds; in a hurry a second is that much shorter.
        return f"{math.ceil(seconds * self.hurry) / self.hurry:g}"


def edge(limits: RateLimits) -> Middleware:
    """Build the middleware that bans addresses; it stands outside of injected faults and counts their 429s too."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_api(request) or not limits.hurry:
            return await handler(request)
        address = request.remote or ""
        banned = limits.banned_for(address)
        if banned:
            return _ban_page(banned)
        response = await handler(request)
        limits.note_answer(address, response.status, response.headers.get("X-RateLimit-Scope"))
        return response

    return guard


def middleware(limits: RateLimits) -> Middleware:
    """Build the middleware of the buckets; it stands outside of authorisation, so that refused calls count as well."""

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_api(request) or not limits.hurry:
            return await handler(request)
        return await _answer(limits, request, handler)

    return limit


async def _answer(limits: RateLimits, request: web.Request, handler: Handler) -> web.StreamResponse:
    verdict = limits.decide(await _call(request))
    if verdict.refusal:
        response: web.StreamResponse = web.json_response(_refusal_body(verdict.refusal), status=429)
    else:
        response = await handler(request)
    response.headers.update(verdict.headers)
    return response


async def _call(request: web.Request) -> Call:
    route = template(request)
    caller = request.headers.get("Authorization") or request.remote or ""
    keys = await _body_keys(request) if sublimit_of(request.method, route) else frozenset()
    return Call(caller, request.method, route, api_path(request), keys)


async def _body_keys(request: web.Request) -> frozenset[str]:
    try:
        body = await request.json()
    except ValueError:
        return frozenset()
    return frozenset(body) if isinstance(body, dict) else frozenset()


def _major(path: str) -> str:
    parts = path.split("/")
    if len(parts) < 3 or parts[1] not in _MAJOR:
        return ""
    # An interaction's token is part of the key; without it all people would share one bucket.
    return "/".join(parts[1:4]) if parts[1] == "webhooks" else "/".join(parts[1:3])


def _refusal_body(refusal: Refusal) -> dict[str, Any]:
    return {
        "message": "You are being rate limited.",
        "retry_after": refusal.retry_after,
        "global": refusal.scope == "global",
    }


def _ban_page(seconds: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(seconds))}
    return web.Response(status=429, text=_BAN_PAGE, content_type="text/html", headers=headers)

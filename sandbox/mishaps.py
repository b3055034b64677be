"""Carries armed faults out on API requests, before or after their effect; `faults` decides which strikes."""

import asyncio
import math
import time
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.buckets import Limit
from sandbox.counts import LOST
from sandbox.faults import Fault, Faults, Headers, Kind, Scope, parse
from sandbox.guarding import for_testers
from sandbox.limits import limit_of
from sandbox.routes import is_api, template

_HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


def middleware(faults: Faults) -> Middleware:
    """Build the middleware; it stands outside of limits and authorisation, as Discord's edge does."""

    @web.middleware
    async def mishap(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = faults.strike(request.method, template(request)) if is_api(request) else None
        if fault is None:
            return await handler(request)
        return await _suffer(fault, request, handler)

    return mishap


def add_routes(app: web.Application, faults: Faults) -> None:
    """Serve `/_sandbox/faults`: GET lists, POST arms (one, or `{faults, seed}`), DELETE clears (`?id=`: one)."""

    async def show(_request: web.Request) -> web.Response:
        return web.json_response(faults.to_json())

    async def arm(request: web.Request) -> web.Response:
        body = await request.json()
        seed = body.pop("seed", None)
        wanted = [parse(one) for one in body.get("faults", [body])]
        if seed is not None:
            faults.seed(seed)
        return web.json_response({"ids": [faults.arm(fault) for fault in wanted]})

    async def clear(request: web.Request) -> web.Response:
        faults.clear(int(request.query["id"]) if "id" in request.query else None)
        return web.Response(status=204)

    app.router.add_get("/_sandbox/faults", show)
    app.router.add_post("/_sandbox/faults", for_testers(arm))
    app.router.add_delete("/_sandbox/faults", for_testers(clear))


async def _suffer(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault.kind:
        case Kind.RATE_LIMIT:
            return _too_many(fault, limit_of(request.method, template(request)))
        case Kind.ERROR:
            return _error(fault)
        case Kind.DROP:
            return _cut(request, web.Response())
        case Kind.LOSE:
            return _cut(request, await handler(request))
        case _:
            await asyncio.sleep(fault.delay)
            return await handler(request)


def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    request[LOST] = True
    if request.transport is not None:
        request.transport.abort()
    return response


def _error(fault: Fault) -> web.Response:
    phrase = f"{fault.status} {HTTPStatus(fault.status).phrase}"
    if fault.html:
        return web.Response(status=fault.status, text=_HTML.format(phrase), content_type="text/html")
    return web.json_response({"message": phrase, "code": 0}, status=fault.status)


def _too_many(fault: Fault, limit: Limit | None) -> web.Response:
    headers = _limit_headers(fault, limit)
    if fault.html:
        page = _HTML.format("Error 1015")
        return web.Response(status=429, text=page, content_type="text/html", headers=headers)
    return web.json_response(_limit_body(fault), status=429, headers=headers)


def _limit_body(fault: Fault) -> dict[str, Any]:
    shared = fault.scope is Scope.SHARED
    message = "The resource is being rate limited." if shared else "You are being rate limited."
    return {"message": message, "retry_after": fault.retry_after, "global": fault.scope is Scope.GLOBAL}


def _limit_headers(fault: Fault, limit: Limit | None) -> dict[str, str]:
    if fault.headers is Headers.NONE:
        return {}
    headers = {"X-RateLimit-Scope": fault.scope.value, "Retry-After": _retry_after(fault.retry_after)}
    if fault.scope is Scope.GLOBAL:
        return headers | {"X-RateLimit-Global": "true"}
    return headers if limit is None else headers | _bucket_headers(fault, limit)


def _bucket_headers(fault: Fault, limit: Limit) -> dict[str, str]:
    lying = fault.headers is Headers.LYING
    reset_after = 0.001 if lying else fault.retry_after
    return {
        "X-RateLimit-Limit": str(limit.count),
        "X-RateLimit-Remaining": str(limit.count - 1 if lying else 0),
        "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        "X-RateLimit-Bucket": limit.hash,
    }


def _retry_after(seconds: float) -> str:
    # Discord sends whole seconds; less than one is a rehearsal in a hurry.
    return str(math.ceil(seconds)) if seconds >= 1 else f"{seconds:g}"

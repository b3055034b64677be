"""Turns refusals into answers, for endpoints that are plain aiohttp handlers: the bot's callbacks and the testers'."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.errors import ApiError, refused

_LOG = logging.getLogger(__name__)

Endpoint = Callable[[web.Request], Awaitable[web.Response]]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Answer an ApiError with its JSON."""

    async def guard(request: web.Request) -> web.Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.status)

    return guard


def for_testers(endpoint: Endpoint) -> Endpoint:
    """Answer a tester's slip, such as a missing field or a word for a number, with 400 and what is wrong."""

    async def check(request: web.Request) -> web.Response:
        try:
            return await endpoint(request)
        except KeyError as missing:
            _LOG.info("a tester's request misses something", exc_info=True)
            raise refused(50035, f"the field {missing} is missing") from None
        except (ValueError, TypeError, AttributeError) as wrong:
            _LOG.info("a tester's request makes no sense", exc_info=True)
            raise refused(50035, str(wrong)) from None

    return guarded(check)

"""The sockets under `bot.http`: an aiohttp session that sends each request once, encrypted or within this machine."""

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp

from bot.errors import InsecureAddress
from sync.loopback import is_loopback

TIMEOUT = aiohttp.ClientTimeout(total=90, sock_connect=10, sock_read=30)

_ENCRYPTED = ("https", "wss")


@dataclass(slots=True)
class Wire:
    """Travels with one request and learns whether anything of it reached the wire."""

    sent: bool = False


class Dropped(aiohttp.ClientError):
    """Say that a connection ended before the answer; unlike aiohttp's own errors it is not retried by aiohttp."""


def require_secure(address: str, *, allow_plain: bool = False) -> None:
    """Raise InsecureAddress unless the address is encrypted or on this machine."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in _ENCRYPTED and not allow_plain and not is_loopback(address):
        raise InsecureAddress(parts.scheme, host)


def open_session(user_agent: str, sent: Counter[str]) -> aiohttp.ClientSession:
    """Open a session that counts in `sent`, per method, what reaches the wire. Needs a running event loop."""
    trace = aiohttp.TraceConfig()

    async def headers_sent(
        _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        wire = context.trace_request_ctx
        if isinstance(wire, Wire):
            wire.sent = True
            sent[params.method] += 1

    trace.on_request_headers_sent.append(headers_sent)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=256),
        headers={"User-Agent": user_agent},
        timeout=TIMEOUT,
        trace_configs=[trace],
        middlewares=(_send_once,),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a request on its own: there is one place that decides about repetition."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Dropped(str(error) or type(error).__name__) from error

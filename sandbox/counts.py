"""Counts and remembers the API requests that arrived, so that a test or a demo can say what was sent."""

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.guarding import for_testers
from sandbox.routes import api_path, is_api, template

PAYLOAD = web.RequestKey("payload_json", object)
"""Key under which a handler leaves the JSON part of a multipart body on the request, to be recorded."""

LOST = web.RequestKey("answer_lost", bool)
"""Key under which a middleware notes on the request that no answer leaves; its recorded status is 0."""


@dataclass(frozen=True, slots=True)
class Record:
    """One request as it was answered; `at` is in seconds of the recording clock."""

    at: float
    method: str
    route: str
    path: str
    query: dict[str, str]
    status: int
    reason: str | None
    body: Any


@dataclass(slots=True)
class Counts:
    """Requests per "METHOD template" and per status, and the last `keep` records."""

    keep: int = 10_000
    clock: Callable[[], float] = time.monotonic
    routes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    records: deque[Record] = field(init=False)

    def __post_init__(self) -> None:
        self.records = deque(maxlen=self.keep)

    def add(self, record: Record) -> None:
        """Count one request."""
        self.routes[f"{record.method} {record.route}"] += 1
        self.statuses[record.status] += 1
        self.records.append(record)

    def reset(self) -> None:
        """Forget everything counted so far."""
        self.routes.clear()
        self.statuses.clear()
        self.records.clear()

    def methods(self) -> dict[str, int]:
        """Return how many requests each method had."""
        totals: Counter[str] = Counter()
        for route, count in self.routes.items():
            totals[route.partition(" ")[0]] += count
        return dict(totals)

    def writes(self) -> int:
        """Return how many requests were not reads."""
        return sum(count for method, count in self.methods().items() if method != "GET")

    def to_json(self, last: int) -> dict[str, Any]:
        """Return the counts and the newest `last` records as JSON."""
        newest = list(self.records)[-last:] if last else []
        return {
            "total": self.routes.total(),
            "routes": dict(sorted(self.routes.items())),
            "methods": self.methods(),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "records": [asdict(record) for record in newest],
        }


def middleware(counts: Counts) -> Middleware:
    """Build the outermost middleware: it sees every API request and what became of it."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_api(request):
            return await handler(request)
        body = await _json_body(request)
        status = 500
        try:
            response = await handler(request)
            status = 0 if request.get(LOST) else response.status
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            counts.add(_record(request, status, request.get(PAYLOAD, body), counts.clock()))
        return response

    return count


def add_routes(app: web.Application, counts: Counts) -> None:
    """Serve `/_sandbox/requests`: GET returns counts and the `?last=100` records, DELETE resets."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(counts.to_json(int(request.query.get("last", "100"))))

    async def reset(_request: web.Request) -> web.Response:
        counts.reset()
        return web.Response(status=204)

    app.router.add_get("/_sandbox/requests", for_testers(show))
    app.router.add_delete("/_sandbox/requests", reset)


def _record(request: web.Request, status: int, body: Any, at: float) -> Record:
    reason = request.headers.get("X-Audit-Log-Reason")
    return Record(
        at=at,
        method=request.method,
        route=template(request),
        path=api_path(request),
        query=dict(request.query),
        status=status,
        reason=None if reason is None else unquote(reason),
        body=body,
    )


async def _json_body(request: web.Request) -> Any:
    if request.content_type != "application/json":
        return None
    try:
        return json.loads(await request.read() or b"null")
    except (ValueError, UnicodeDecodeError):
        return None

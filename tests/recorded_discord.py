"""A Discord that answers from what a sandbox answered once, and lets a test damage any answer. It changes nothing."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interactions.api.http.route import Route

from bot.errors import ResourceGone
from bot.http import DiscordHTTP
from bot.transport.routes import location, template

Answers = Mapping[str, Any]
Spoil = Callable[[str, Any], Any]


def unspoilt(_request: str, answer: Any) -> Any:
    """Leave an answer as it is."""
    return answer


@dataclass
class Log:
    """The requests of one run: `GET /guilds/{id}/roles`."""

    requests: list[str] = field(default_factory=list)

    def writes(self) -> list[str]:
        return [request for request in self.requests if not request.startswith("GET ")]


class Recording(DiscordHTTP):
    """Ask a real server, and keep what it answers to reading."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.answers: dict[str, Any] = {}

    async def request(self, route: Route, *args: Any, **options: Any) -> Any:
        answer = await super().request(route, *args, **options)
        if route.method == "GET":
            self.answers[location(route)] = answer
        return answer


class Replaying(DiscordHTTP):
    """Answer from a recording; `spoil` may change any answer, or raise what a request ends in."""

    def __init__(self, answers: Answers, spoil: Spoil = unspoilt) -> None:
        super().__init__("token", "http://127.0.0.1:1")
        self.log = Log()
        self._answers = answers
        self._spoil = spoil
        self._ids = itertools.count(10**18)

    async def request(self, route: Route, payload: Any = None, files: Any = None, *_: Any, **__: Any) -> Any:
        shown = f"{route.method} {template(route)}"
        self.log.requests.append(shown)
        if len(self.log.requests) > 5000:
            raise AssertionError("it asks for ever")
        answer = self._read(route) if route.method == "GET" else self._written(route, payload, files or ())
        return self._spoil(shown, answer)

    def _read(self, route: Route) -> Any:
        path = location(route)
        if path in self._answers:
            return json.loads(json.dumps(self._answers[path]))
        if path.endswith("/messages"):
            return []
        listing, _, wanted = path.rpartition("/")
        listing = listing if listing.startswith("/guilds") else next(p for p in self._answers if p.endswith("channels"))
        for found in self._answers.get(listing, []):
            if found.get("id", found.get("user", {}).get("id")) == wanted:
                return json.loads(json.dumps(found))
        raise ResourceGone("GET", template(route), 404, 10003)

    def _written(self, route: Route, payload: Any, files: Any) -> Any:
        path = location(route)
        if route.method in {"PUT", "DELETE"} or path.endswith("/bulk-delete") or isinstance(payload, list):
            return None
        made = str(next(self._ids)) if route.method == "POST" else path.rpartition("/")[2]
        attached = [{"id": str(next(self._ids))} for _ in files]
        tags = [{"id": str(next(self._ids)), "name": tag["name"]} for tag in payload.get("available_tags", ())]
        kept = [{"id": one["id"]} for one in payload.get("attachments", ())]
        name = payload.get("name", "x")
        return {"id": made, "name": name, "attachments": kept + attached, "available_tags": tags}


class Spoiling(DiscordHTTP):
    """Ask a real server, and let a test change what it answers."""

    spoil: Spoil = staticmethod(unspoilt)

    async def request(self, route: Route, *args: Any, **options: Any) -> Any:
        answer = await super().request(route, *args, **options)
        return self.spoil(f"{route.method} {template(route)}", answer)

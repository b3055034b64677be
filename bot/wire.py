"""Send one raw route to Discord for one run: its server, audit reason and priority; the kinds' handlers use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from interactions.api.http.route import Route
from interactions.models.discord.file import UPLOADABLE_TYPE, File

from bot.errors import PermissionMissing
from bot.http import DiscordHTTP, Footing, Priority

NamedBytes = tuple[str, bytes]  # a file's name and content


class Witness(Protocol):
    """Hear of every write, before and after; what `before` raises is raised instead of sending."""

    def before(self, method: str, path: str, ids: Mapping[str, str], body: Any) -> None:
        """Hear that a write is about to be sent."""
        ...

    def after(self, method: str, path: str, ids: Mapping[str, str], answer: Any) -> None:
        """Hear Discord's answer to it."""
        ...


class Experience(Footing, Protocol):
    """What a run learned of where the bot may send what."""

    def recall(self, method: str, path: str, ids: Mapping[str, str]) -> None:
        """Raise Barred for what was refused in the same place before."""
        ...

    def learn(self, method: str, path: str, ids: Mapping[str, str], error: PermissionMissing) -> None:
        """Hear of a refusal."""
        ...


@dataclass(frozen=True, slots=True)
class Wire:
    """A way to one server. `reason` stands in its audit log beside every write."""

    http: DiscordHTTP
    guild_id: str
    reason: str = ""
    priority: Priority = Priority.BULK
    witness: Witness | None = None
    experience: Experience | None = None

    async def get(self, path: str, query: Mapping[str, Any] | None = None, **ids: str) -> Any:
        """Read; `{guild_id}` in the path is this server's."""
        return await self._ask("GET", path, None, query, ids)

    async def send(self, method: str, path: str, body: Any = None, files: Sequence[NamedBytes] = (), **ids: str) -> Any:
        """Write with only the keys in `body`, as interactions' own helpers send null for the others."""
        if self.witness is not None:
            self.witness.before(method, path, ids, body)
        answer = await self._ask(method, path, body, None, ids, files)
        if self.witness is not None:
            self.witness.after(method, path, ids, answer)
        return answer

    async def _ask(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, Any] | None,
        ids: dict[str, str],
        files: Sequence[NamedBytes] = (),
    ) -> Any:
        if self.experience is None:
            return await self._send(method, path, body, query, ids, files)
        self.experience.recall(method, path, ids)
        try:
            return await self._send(method, path, body, query, ids, files)
        except PermissionMissing as error:
            self.experience.learn(method, path, ids, error)
            raise

    async def _send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, Any] | None,
        ids: dict[str, str],
        files: Sequence[NamedBytes],
    ) -> Any:
        route = Route(method, path, **({"guild_id": self.guild_id} if "{guild_id}" in path else {}), **ids)
        reason = self.reason if method != "GET" else None
        named: list[UPLOADABLE_TYPE] | None = [File(BytesIO(content), name) for name, content in files] or None
        return await self.http.request(
            route, body, named, reason, query, priority=self.priority, footing=self.experience
        )

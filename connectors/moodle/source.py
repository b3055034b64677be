"""The Moodle connector: one site as a Source. It orders the calls here; the other modules ask one thing or decide."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property

from connectors.downloads import proven
from connectors.moodle.assemble import Past
from connectors.moodle.client import Client
from connectors.moodle.config import MoodleConfig
from connectors.moodle.listing import list_courses
from connectors.moodle.problems import Doubts
from connectors.moodle.pulling import Pull, Steps
from connectors.moodle.selection import chosen
from sync.ports import Progress, unwatched
from sync.records import File, Pulled, Snapshot, StoredPull

_SHA1 = re.compile("[0-9a-f]{40}")  # a proxy may put in an ETag of its own


def now() -> datetime:
    """Read the clock, in UTC."""
    return datetime.now(UTC)


class MoodleSource:
    """A Moodle site."""

    type = "moodle"

    def __init__(
        self,
        *,
        name: str,
        config: MoodleConfig,
        language: str,
        clock: Callable[[], datetime] = now,
        client: Callable[[], Client] | None = None,
    ) -> None:
        self.name = name
        self._config = config
        self._language = language
        self._clock = clock
        self._client = client or (lambda: Client(config.url, config.token, language))

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        """Read the site once: Retriable when it cannot be reached, Refused when its operator must act."""
        client, doubts = self._client(), Doubts()
        site = list_courses(client, doubts)
        moment = self._clock()
        courses = chosen(site.courses.values(), site.categories, self._config.selection, moment.timestamp())
        if not courses:
            doubts.say("no-courses", listed=str(max(0, len(site.courses) - 1)))
            return Pulled(None, tuple(doubts.problems.values()), {}, frozenset(), *_cost(client))
        pull = Pull(self._config, self._language, client, site, Past.of(previous()), doubts, moment, Steps(progress))
        snapshot = pull.run(courses)
        return Pulled(snapshot, tuple(doubts.problems.values()), {}, frozenset(), *_cost(client))

    def download(self, file: File, limit: int) -> bytes:
        """Read a file of the site; its content is proven where Moodle's own store told its hash."""
        content = self._downloads.download(file, limit)
        return proven(content, file) if _SHA1.fullmatch(file.hash) else content

    def tell_waiting(self, lines: Sequence[str]) -> None:
        """Leave it to the staff channel: nothing is written to a Moodle."""

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        """Do nothing: Moodle is only read."""

    @cached_property
    def _downloads(self) -> Client:
        return self._client()


def _cost(client: Client) -> tuple[int, int]:
    return client.traffic.calls, client.traffic.bytes

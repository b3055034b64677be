"""Put the parts together: settings, store, sources and Discord; the command line and the service both start here."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import connectors
from bot.files import SourceFiles
from bot.http import DiscordHTTP, discord_http
from bot.transport.permits import OnWait
from sync.errors import Refused, SettingsInvalid, SettingsProblem
from sync.phrases import Phrase
from sync.ports import Source
from sync.settings import SchoolSettings, Settings
from sync.settings_file import load
from sync.store import Store
from sync.texts import N_

DEFAULT_SETTINGS = Path("settings.ini")
NO_TOKEN = N_("[discord] token is empty; set the environment variable it names, or write `token = env/DISCORD_TOKEN`")
NO_SCHOOL = N_("There is no school '{school}' in {path}; known are: {known}.")
NO_SCHOOLS = N_("There is no school in {path}; add a section [school:ID].")


@dataclass(frozen=True, slots=True)
class App:
    """The opened parts of one Kopir process."""

    settings: Settings
    schools: tuple[SchoolSettings, ...]
    store: Store

    def only_school(self) -> SchoolSettings:
        """Return the one school chosen. Raise Refused when there are several to choose from."""
        if len(self.schools) != 1:
            known = ", ".join(school.id for school in self.schools)
            raise Refused(Phrase("There are several schools; name one with --school: {known}.", known=known))
        return self.schools[0]

    def sources(self, school: SchoolSettings) -> tuple[Source, ...]:
        """Build a school's sources, in the order of precedence."""
        base = self.settings.path.parent
        return tuple(connectors.build(source, school, base) for source in school.sources)

    def files(self, school: SchoolSettings) -> SourceFiles:
        """Give the way to the files of a school's materials."""
        return SourceFiles(self.sources(school), school.posts.largest_file)

    def tell_waiting(self, school: SchoolSettings) -> Callable[[Sequence[str]], None]:
        """Give the way to tell the people behind a school's sources which removals wait; it blocks."""
        sources = self.sources(school)

        def tell(lines: Sequence[str]) -> None:
            for source in sources:
                source.tell_waiting(lines)

        return tell

    @asynccontextmanager
    async def discord(self, on_wait: OnWait | None = None) -> AsyncIterator[DiscordHTTP]:
        """Open the one client that talks to Discord; `on_wait` hears of long waits. Refuse settings without a token."""
        discord = self.settings.discord
        problem = discord.problem if discord.token else SettingsProblem(0, Phrase(NO_TOKEN))
        if problem is not None:
            raise SettingsInvalid(str(self.settings.path), (problem,))
        async with discord_http(discord.token, discord.api_url, on_wait=on_wait) as http:
            yield http


@contextmanager
def open_app(path: Path, school: str = "") -> Iterator[App]:
    """Read the settings and open the store; `school` narrows the work to one."""
    settings = load(path, os.environ, connectors.check)
    chosen = tuple(s for s in settings.schools if school in {"", s.id})
    if not chosen:
        known = ", ".join(s.id for s in settings.schools)
        raise Refused(Phrase(NO_SCHOOL if known else NO_SCHOOLS, school=school, path=path, known=known))
    with Store.open(settings.database, seal=settings.seal) as store:
        yield App(settings, chosen, store)

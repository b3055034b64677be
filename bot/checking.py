"""The work behind `kopir check`: try everything a sync needs without changing anything, and name what is missing."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.app import App
from bot.errors import TokenRefused
from bot.guild import DiscordReader
from bot.http import DiscordHTTP
from bot.progress import announced_waits, meter
from bot.pulls import problem_json
from bot.returning import blindness
from bot.runs import guild_of
from bot.standing import closed, refusals, shortfalls
from bot.wire import Wire
from sync.errors import KopirError
from sync.phrases import Phrase
from sync.plan import Notice
from sync.ports import Source
from sync.records import Problem, Pulled
from sync.render import notice_json, say
from sync.settings import SchoolSettings
from sync.texts import N_, Texts, texts

READABLE = N_("{source}: can be read; courses: {courses}, people: {people}")
UNREADABLE = N_("{source}: cannot be used")
SERVER = N_("the server: Kopir may do all it needs")


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What trying one source gave. `failure` is why it could not be reached at all."""

    name: str
    type: str
    pulled: Pulled
    failure: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether the source can be used."""
        return self.pulled.snapshot is not None

    def json(self, words: Texts) -> dict[str, Any]:
        """Give the source's entry in `kopir check --json`."""
        problems = [problem_json(problem, words) for problem in self.pulled.problems]
        return {"name": self.name, "type": self.type, "ok": self.ok, "problems": problems} | (
            {"failure": words.say(self.failure)} if self.failure else {}
        )


@dataclass(frozen=True, slots=True)
class SchoolCheck:
    """What trying one school gave; `notices` and `failure` are about its Discord server.

    `hopeless` tells that no other school can be tried either.
    """

    school: SchoolSettings
    sources: tuple[SourceCheck, ...]
    notices: tuple[Notice, ...]
    failure: str = ""
    hopeless: bool = False

    @property
    def ok(self) -> bool:
        """Tell whether a sync would find all it needs."""
        good = all(source.ok and not source.pulled.problems for source in self.sources)
        return good and not self.notices and not self.failure

    def json(self) -> dict[str, Any]:
        """Give the school's entry in `kopir check --json`."""
        words = texts(self.school.language)
        problems: list[dict[str, Any]] = [dict(notice_json(notice, words)) for notice in self.notices]
        if self.failure:
            problems.append({"code": "refused", "message": words.say(self.failure), "people": []})
        sources = [source.json(words) for source in self.sources]
        return {"school": self.school.id, "ok": self.ok, "sources": sources, "server": problems}


def check(app: App, school: SchoolSettings, *, quiet: bool) -> SchoolCheck:
    """Try a school's sources and its server."""
    sources = tuple(_try(app, school, source, quiet=quiet) for source in app.sources(school))
    try:
        notices = asyncio.run(_server(app, school))
    except KopirError as error:
        return SchoolCheck(school, sources, (), error.said, isinstance(error, TokenRefused))
    return SchoolCheck(school, sources, notices)


def _try(app: App, school: SchoolSettings, source: Source, *, quiet: bool) -> SourceCheck:
    """Pull as a sync would, and keep nothing of it."""
    with meter(f"{school.id}/{source.name}", quiet=quiet) as progress:
        try:
            pulled = source.pull(lambda: app.store.load_snapshot(school.id, source.name), progress.show)
        except KopirError as error:
            return SourceCheck(source.name, source.type, Pulled(None), error.said)
    return SourceCheck(source.name, source.type, pulled)


async def _server(app: App, school: SchoolSettings) -> tuple[Notice, ...]:
    async with app.discord(announced_waits(texts(app.settings.language))) as http:
        return await _refusals(app, school, http)


async def _refusals(app: App, school: SchoolSettings, http: DiscordHTTP) -> tuple[Notice, ...]:
    guild = await DiscordReader(Wire(http, guild_of(school))).read()
    bindings = await asyncio.to_thread(app.store.bindings, school.id)
    return (*refusals(guild, bindings), *shortfalls(guild, school), *closed(guild, bindings), *blindness(guild, school))


def check_lines(found: SchoolCheck) -> list[str]:
    """Print what a check found."""
    words = texts(found.school.language)
    lines = [found.school.name]
    for source in found.sources:
        lines.append(f"  {words.say(_verdict(source))}")
        lines += [f"  ! {_said(problem, words)}" for problem in source.pulled.problems]
        lines += [f"  ! {words.say(source.failure)}"] if source.failure else []
    wrong = [say(notice, words) for notice in found.notices] + ([words.say(found.failure)] if found.failure else [])
    return [*lines, *(f"  ! {line}" for line in wrong), *([] if wrong else [f"  {words.text(SERVER)}"])]


def _verdict(source: SourceCheck) -> Phrase:
    snapshot = source.pulled.snapshot
    if snapshot is None:
        return Phrase(UNREADABLE, source=source.name)
    return Phrase(READABLE, source=source.name, courses=len(snapshot.courses), people=len(snapshot.people))


def _said(problem: Problem, words: Texts) -> str:
    return f"{problem.file}: {words.problem(problem)}" if problem.file else words.problem(problem)

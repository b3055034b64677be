"""Delete archived courses for good: the work behind `kopir purge`. Nothing else in Kopir deletes a channel."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import App
from bot.commands import CHANGES, DONE, ERROR, say, write_json
from bot.decisions import OTHER_PLAN
from bot.guild import DiscordReader
from bot.http import DiscordHTTP
from bot.planning import Planned
from bot.progress import announced_waits, meter
from bot.runs import RunResult, Task, guild_of, now, run_held
from bot.tables import load_tables
from bot.wire import Wire
from sync import finished, keys
from sync.errors import Refused
from sync.guild import Guild
from sync.linking import Linking
from sync.phrases import Phrase
from sync.plan import Plan
from sync.ports import Files
from sync.purge import Archived, Bindings, archived_courses, forgettable, purge_plan
from sync.reconcile import Status
from sync.recover import Recovered
from sync.render import plan_json, report_lines
from sync.resources import Channel
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, Texts, texts

COURSE = N_("{course} ({id}), in the archive since {date}:")
CHANNEL = N_("channel {name}, messages: {count}")
ROLE = N_("role {name}")
FOR_GOOD = N_("channels: {channels}, roles: {roles}. They are deleted for good, with all that was written there.")
TYPE_NAME = N_("Type “{name}” to delete this: ")
NOT_DONE = N_("Nothing was deleted. To delete it, add `--yes {digest}`.")
NOT_THERE = N_("{course} is not in the archive, so it is not deleted. There are: {known}.")
SEVERAL = N_("{course} is the name of several courses in the archive; give the id as `source:id`.")
WHICH = N_("Name a course, or write --all-archived or --older-than.")
NO_DAYS = N_("--older-than {value}: write a number of days, such as 365d")
MANY = 100  # messages are counted up to here: one page


@dataclass(frozen=True, slots=True)
class Wish:
    """Which archived courses somebody wants to be rid of: one by id or title, all, or those that stand there long."""

    course: str = ""
    everything: bool = False
    older_than: str = ""

    def chosen(self, archived: Sequence[Archived], now: datetime) -> tuple[Archived, ...]:
        """Choose the courses. Raise Refused when one is named that is not in the archive, or none at all."""
        if bool(self.course) == (self.everything or bool(self.older_than)):
            raise Refused(Phrase(WHICH))
        if self.course:
            return (self._named(archived),)
        return tuple(one for one in archived if one.since <= now - self._age())

    def _named(self, archived: Sequence[Archived]) -> Archived:
        wanted = self.course.strip().casefold()
        found = [one for one in archived if wanted in {one.id.casefold(), one.title.casefold()}]
        if len(found) > 1:
            raise Refused(Phrase(SEVERAL, course=self.course))
        if not found:
            known = ", ".join(f"{one.title} ({one.id})" for one in archived) or "-"
            raise Refused(Phrase(NOT_THERE, course=self.course, known=known))
        return found[0]

    def _age(self) -> timedelta:
        if not self.older_than:
            return timedelta()
        if not (days := re.fullmatch(r"(\d{1,4})d?", self.older_than.strip())):
            raise Refused(Phrase(NO_DAYS, value=self.older_than))
        return timedelta(days=int(days[1]))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is: the server, what is bound, the courses that a source still has (as spelt in Keys), the archive."""

    guild: Guild
    bindings: Bindings
    known: frozenset[str]
    archived: tuple[Archived, ...]


async def look(school: SchoolSettings, store: Store, wire: Wire) -> Found:
    """Read the server and the tables; a course goes on if it does by any word of its source, also one that waits."""
    guild, tables = await asyncio.gather(DiscordReader(wire).read(), asyncio.to_thread(load_tables, store, school))
    rosters = tables.roster, tables.kept
    live = [c for r in rosters for c in finished.live(r, school.archive, tables.bindings, guild, now())]
    known = [course for roster in rosters for course in roster.courses]
    spelt = [frozenset(keys.course_of(keys.course(course.id)) for course in courses) for courses in (live, known)]
    return Found(guild, tables.bindings, spelt[1], archived_courses(guild, tables.bindings, spelt[0]))


def purge(app: App, wish: Wish, *, yes: str, as_json: bool) -> int:
    """Show what would go, and delete it once somebody confirmed it; 2 when nobody did."""
    return asyncio.run(_purge(app, app.only_school(), wish, yes, as_json=as_json))


async def _purge(app: App, school: SchoolSettings, wish: Wish, yes: str, *, as_json: bool) -> int:
    words = texts(school.language)
    async with app.discord(announced_waits(words)) as http:
        wire = Wire(http, guild_of(school))
        found = await look(school, app.store, wire)
        courses = wish.chosen(found.archived, now())
        plan = purge_plan(school.id, courses, found.guild, found.bindings)
        if not as_json:
            say([line async for line in _lines(courses, found, wire, school, words)])
        if not plan.changes or not _confirmed(plan, courses, school, yes, words):
            if as_json:
                write_json([plan_json(plan, words)])
            return CHANGES if plan.changes else DONE
        result = await delete(school, app.store, http, wish, plan.digest, app.files(school), quiet=as_json)
    if as_json:
        write_json([result.json(words)])
    else:
        say(report_lines(result.plan, result.report, words))
    return ERROR if result.report.count(Status.FAILED) or result.report.stopped else DONE


async def delete(
    school: SchoolSettings,
    store: Store,
    http: DiscordHTTP,
    wish: Wish,
    digest: str,
    files: Files,
    *,
    quiet: bool = True,
) -> RunResult:
    """Carry out the purge with a digest. Raise Refused when it would be another one by now."""

    async def prepare(wire: Wire) -> Planned:
        found = await look(school, store, wire)
        plan = purge_plan(school.id, wish.chosen(found.archived, now()), found.guild, found.bindings)
        if plan.digest != digest:
            raise Refused(Phrase(OTHER_PLAN))
        known.append(found.known)
        return Planned(plan, found.guild, found.bindings, Recovered((), ()), Linking({}, (), (), (), (), (), ()))

    known: list[frozenset[str]] = []
    with store.hold(school.id), meter(school.name, quiet=quiet) as progress:
        task = Task(
            command="purge",
            files=files,
            prepare=prepare,
            began=lambda plan: progress.total(len(plan.changes)),
            heard=lambda _: progress.step(),
        )
        result = await run_held(school, store, http, task)
        if result.report.count(Status.APPLIED) == len(result.plan.changes):
            gone = forgettable(result.plan.purged, known[0], store.bindings(school.id))
            store.remove_bindings(school.id, gone)
    return result


def _confirmed(plan: Plan, courses: Sequence[Archived], school: SchoolSettings, yes: str, words: Texts) -> bool:
    """Ask on a terminal for the name of the one course, or of the school; elsewhere only the digest counts."""
    if yes:
        if yes != plan.digest:
            raise Refused(Phrase(OTHER_PLAN))
        return True
    name = courses[0].title if len(courses) == 1 else school.id
    if sys.stdin.isatty():
        sys.stderr.write(words.say(Phrase(TYPE_NAME, name=name)))
        sys.stderr.flush()
        if sys.stdin.readline().strip().casefold() == name.casefold():
            return True
    sys.stderr.write(words.say(Phrase(NOT_DONE, digest=plan.digest)) + "\n")
    return False


async def _lines(
    courses: Sequence[Archived], found: Found, wire: Wire, school: SchoolSettings, words: Texts
) -> AsyncIterator[str]:
    """Say what would be deleted."""
    for course in courses:
        date = f"{course.since.astimezone(school.timezone):%Y-%m-%d}"
        yield words.say(Phrase(COURSE, course=course.title, id=course.id, date=date))
        for channel in course.channels:
            count = await _messages(channel, found.bindings, wire)
            yield "  - " + words.say(Phrase(CHANNEL, name=channel.name or "", count=count))
        for role in course.roles:
            yield "  - " + words.say(Phrase(ROLE, name=role.name))
    if not courses:
        yield words.text("There is nothing to delete.")
        return
    channels, roles = sum(len(one.channels) for one in courses), sum(len(one.roles) for one in courses)
    yield words.say(Phrase(FOR_GOOD, channels=channels, roles=roles))


async def _messages(channel: Channel, bindings: Bindings, wire: Wire) -> str:
    """Count a channel's messages as far as one request tells; a forum has none of its own."""
    if channel.type == "forum":
        return "?"
    try:
        ids = {"channel_id": bindings[channel.key].discord_id or ""}
        page = await wire.get("/channels/{channel_id}/messages", {"limit": MANY}, **ids)
    except Refused:
        return "?"
    return f"{MANY}+" if len(page) == MANY else str(len(page))

"""A school with CSV rosters and a sandbox server in the test's own loop: the main job, end to end."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot.app import App, open_app
from bot.http import DiscordHTTP, Retries, discord_http
from bot.pulls import PullReport, pull
from bot.runs import RunResult, apply_school, plan_school
from connectors.csv.source import CsvSource
from sandbox.server import Sandbox, Settings, running
from sync.ledger import APPROVED, Decision
from sync.plan import Plan
from sync.reconcile import Status
from tests import openapi_bodies

COURSES = "id,title\nalg,Алгебра\nbio,Биология\n"
PEOPLE = """id,name,email,discord
t1,Айман Жүнісова,aiman@school.kz,aiman
s1,Әсем Қайратқызы,asem@school.kz,asem
s2,Олег Петров,oleg@school.kz,oleg
s3,Дана Ким,dana@school.kz,dana
"""
ENROLMENTS = """person,course,role,group,start,end
t1,alg,teacher,,,
s1,alg,student,7А,,
s2,alg,student,7Ә,,
s3,bio,student,,,
"""
MATERIALS = """course,module,title,url,file,type,due,visible_from
alg,Дәрежелер,Оқулық,https://example.org/book,,link,,
alg,Дәрежелер,Үй жұмысы,https://example.org/home,,task,2030-01-15 18:00,
alg,Функция,Слайд,https://example.org/slides,,link,,
bio,Клетка,Видео,https://example.org/video,,video,,
"""
SCHOOL: Mapping[str, str] = {
    "courses.csv": COURSES,
    "people.csv": PEOPLE,
    "enrolments.csv": ENROLMENTS,
    "materials.csv": MATERIALS,
}
MEMBERS = ("aiman", "asem", "oleg", "dana", "stranger")


@dataclass
class Rehearsal:
    """One school against one sandbox."""

    app: App
    sandbox: Sandbox
    http: DiscordHTTP
    session: ClientSession
    inbox: Path
    users: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = self.app.files(self.school)

    @property
    def school(self) -> Any:
        return self.app.schools[0]

    def write(self, files: Mapping[str, str]) -> None:
        """Put files into the inbox."""
        for name, text in files.items():
            (self.inbox / name).write_text(text, "utf-8")

    def pull(self) -> list[PullReport]:
        source = CsvSource(
            name="rosters",
            path=self.inbox,
            timezone=self.school.timezone,
            language=self.school.language,
            clock=lambda: time.time() + 60,  # the files are no longer being copied
        )
        return [pull(self.app.store, self.school.id, source)]

    async def plan(self) -> Plan:
        return (await plan_school(self.school, self.app.store, self.http)).plan

    async def apply(self, approve: str = "") -> RunResult:
        if approve:
            decision = Decision(approve, APPROVED, "test", self.sandbox.world.now())
            self.app.store.save_decision(self.school.id, decision)
        waiting = self.app.tell_waiting(self.school)
        return await apply_school(self.school, self.app.store, self.http, "sync", self.files, waiting=waiting)

    async def sync(self, files: Mapping[str, str] | None = None) -> RunResult:
        """Write files, pull and apply; every change must go through."""
        self.write(files or {})
        await asyncio.to_thread(self.pull)
        result = await self.apply()
        failures = [(o.change.key, o.message) for o in result.report.outcomes if o.status is not Status.APPLIED]
        assert not failures, failures
        wrong = openapi_bodies.problems(self.sandbox.counts.records)
        assert not wrong, wrong
        return result

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Act on the sandbox: paths start behind its address."""
        async with self.session.request(method, self.sandbox.url + path, json=body) as answer:
            assert answer.status < 300, (answer.status, await answer.text())
            return await answer.json() if answer.content_type == "application/json" else None

    async def by_hand(self, method: str, path: str, body: Any = None, person: str = "owner") -> Any:
        """Do something in the client, as the owner or somebody else."""
        return await self.ask(method, f"/_sandbox/as/{person}{path}", body)

    async def join(self, *names: str) -> None:
        body = {"users": [{"username": name} for name in names]}
        answer = await self.ask("POST", f"/_sandbox{self.guild}/members", body)
        self.users |= dict(zip(names, map(str, answer["ids"]), strict=True))

    @property
    def guild(self) -> str:
        return f"/guilds/{self.sandbox.guild_id}"

    async def server(self) -> dict[str, Any]:
        """Return the whole server with names for ids."""
        found: dict[str, Any] = await self.ask("GET", f"/_sandbox{self.guild}?names=1")
        return found

    async def channel(self, name: str) -> dict[str, Any]:
        """Return one channel of the server by its name."""
        return next(channel for channel in (await self.server())["channels"] if channel["name"] == name)

    async def roles(self, username: str) -> set[str]:
        """Return the names of a member's roles."""
        names = {role["id"]: role["name"] for role in await self.by_hand("GET", f"{self.guild}/roles")}
        member = await self.by_hand("GET", f"{self.guild}/members/{self.users[username]}")
        return {names[role] for role in member["roles"]}

    async def nick(self, username: str) -> str | None:
        member = await self.by_hand("GET", f"{self.guild}/members/{self.users[username]}")
        nick: str | None = member["nick"]
        return nick

    def id_of(self, key: str) -> str:
        """Return the Discord id bound to a Key."""
        return self.app.store.bindings(self.school.id)[key].discord_id or ""

    async def permissions(self, username: str, key: str) -> int:
        """Return what a member may do in the channel of a Key, by Discord's own algorithm."""
        path = f"/_sandbox{self.guild}/permissions?user={self.users[username]}"
        return int((await self.ask("GET", path))["channels"][self.id_of(key)])

    def sent(self) -> dict[str, int]:
        """Return the requests since the last look, by method and route, and forget them."""
        found = dict(self.sandbox.counts.routes)
        self.sandbox.counts.reset()
        return found


def writes(sent: Mapping[str, int]) -> dict[str, int]:
    """Keep the requests that change something."""
    return {route: count for route, count in sent.items() if not route.startswith("GET ")}


@asynccontextmanager
async def rehearsal(
    folder: Path,
    files: Mapping[str, str] = SCHOOL,
    members: Sequence[str] = MEMBERS,
    *,
    options: str = "",
    settings: Settings | None = None,
    language: str = "en",
) -> AsyncIterator[Rehearsal]:
    """Give a school in `folder`; `options` are further lines of its section."""
    async with running(settings or Settings(hurry=0)) as sandbox:
        path = folder / "settings.ini"
        path.write_text(
            f"[kopir]\ndatabase = sqlite:///kopir.db\nlanguage = {language}\n"
            f"[discord]\ntoken = {sandbox.token}\napi_url = {sandbox.api_url}\n"
            f"[school:one]\nname = One\nguild = {sandbox.guild_id}\nquiet_hours = off\n{options}\n"
            "[source:one/rosters]\ntype = csv\npath = inbox\n",
            "utf-8",
        )
        (folder / "inbox").mkdir(exist_ok=True)
        impatient = Retries(first=0.001, longest=0.01)
        async with (
            discord_http(sandbox.token, sandbox.api_url, per_second=10_000, retries=impatient) as http,
            ClientSession() as session,
        ):
            with open_app(path) as app:
                stage = Rehearsal(app, sandbox, http, session, folder / "inbox")
                stage.write(files)
                await stage.join(*members)
                yield stage

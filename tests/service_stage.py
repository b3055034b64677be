"""A school's desk, news and gateway against a sandbox in the test's own loop, with short pauses; see `rehearsal`."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.exts.materials import MaterialMenu
from bot.exts.staff import StaffDesk, buttons
from bot.gateway import Gateway
from bot.http import Priority, Retries
from bot.serving.desk import Desk
from bot.serving.news import News
from bot.serving.requests import Request
from bot.serving.service import client
from tests.rehearsal import Rehearsal

PATIENCE = 10.0
SOON = Retries(first=0.02, longest=0.05)


@dataclass
class Serving:
    """A desk at work; `finished` counts the runs of the whole school."""

    stage: Rehearsal
    desk: Desk
    news: News
    runs: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    async def run(self, reason: str = "test") -> None:
        """Ask for a run of the school and wait for the end of one."""
        self.desk.ask(Request(reasons=frozenset({reason})))
        await asyncio.wait_for(self.runs.get(), PATIENCE)

    def history(self) -> list[str]:
        """Return the ids of all runs so far, oldest first."""
        return [run.id for run in reversed(self.stage.app.store.runs(self.stage.school.id, 1000))]


@asynccontextmanager
async def at_work(stage: Rehearsal, *, calm: float = 0.2, connected: bool = True) -> AsyncIterator[Serving]:
    """Let a desk work for the school of a rehearsal, with the gateway's events."""
    desk = Desk(stage.school, stage.app.store, stage.http, stage.files, pauses=SOON)
    serving = Serving(stage, desk, News(desk, calm))
    desk.done = lambda _: serving.runs.put_nowait(None)
    desk.open()
    heard = asyncio.Event()
    chosen = Request(priority=Priority.INTERACTIVE, reasons=frozenset({"a teacher's material"}))
    menu = MaterialMenu(stage.school, stage.app.store, lambda: desk.ask(chosen))

    def hear(name: str, guild_id: int, data: Mapping[str, Any]) -> None:
        assert guild_id == stage.sandbox.guild_id
        if name == "GUILD_CREATE":
            heard.set()  # what it asks for is asked for by the tests
        else:
            serving.news.hear(name, data)

    decided = Request(reasons=frozenset({"the staff decided"}))
    staff = StaffDesk(stage.school, stage.app.store, stage.http, lambda: desk.ask(decided))
    pressed = buttons({stage.sandbox.guild_id: staff})
    gateway = Gateway(stage.http, lambda: client([*menu.commands(), pressed]), hear, pauses=SOON)
    tasks = [asyncio.create_task(work) for work in (desk.work(), serving.news.work())]
    if connected:
        tasks.append(asyncio.create_task(gateway.run()))
        await asyncio.wait_for(heard.wait(), PATIENCE)
    try:
        yield serving
    finally:
        desk.leave()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=PATIENCE)


async def until(condition: Callable[[], Awaitable[bool]], within: float = PATIENCE) -> float:
    """Wait until something is so; return the seconds that took."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < within, f"not within {within} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def ready_for_commands(stage: Rehearsal) -> None:
    """Wait until the bot has registered its commands; the library ignores what is asked for before."""

    async def registered() -> bool:
        return bool(stage.sandbox.application.commands.get(stage.sandbox.guild_id))

    await until(registered)


def people(count: int) -> Mapping[str, str]:
    """Give the files of a school with one course and so many students, called p0, p1 and so on."""
    persons = "".join(f"s{n},Student Number {n},s{n}@school.kz,p{n}\n" for n in range(count))
    enrolments = "".join(f"s{n},alg,student,,,\n" for n in range(count))
    return {
        "courses.csv": "id,title\nalg,Algebra\nbio,Biology\n",
        "people.csv": f"id,name,email,discord\n{persons}",
        "enrolments.csv": f"person,course,role,group,start,end\n{enrolments}",
        "materials.csv": "course,module,title,url,file,type,due,visible_from\n",
    }


def settle(folder: Path) -> None:
    """Make files look as if they had been at rest for a while."""
    import os

    for file in folder.iterdir():
        os.utime(file, (time.time() - 60, time.time() - 60))

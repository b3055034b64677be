"""What goes wrong on purpose around a rehearsal: faults, acts of people in the middle of a run, fair comparisons."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.runs import RunResult
from sandbox.calls import Call
from sandbox.events import Event
from sandbox.faults import Fault
from sync.reconcile import Report, Status
from tests.rehearsal import COURSES, ENROLMENTS, MATERIALS, Rehearsal, rehearsal

ROLES = "/guilds/{guild_id}/roles"
CHANNELS = "/guilds/{guild_id}/channels"
MEMBERS = "/guilds/{guild_id}/members"
MEMBER = "/guilds/{guild_id}/members/{user_id}"
THREADS = "/channels/{channel_id}/threads"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
PIN = "/channels/{channel_id}/messages/pins/{message_id}"

CHANGED = {
    "courses.csv": COURSES.replace("Биология", "Ботаника"),
    "enrolments.csv": ENROLMENTS.replace("s2,alg,student,7Ә", "s2,alg,student,7А"),
    "materials.csv": MATERIALS.replace("example.org/book", "example.org/new")
    + "bio,Ткани,Тест,https://example.org/t,test.pdf,,,\n",
    "test.pdf": "a test",
}

_ID = re.compile(r"\d{15,}")
_undisturbed: dict[tuple[str, bool], dict[str, Any]] = {}


def content(server: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a person sees: no ids, no times, no order of pins that a repeated pin may change."""
    channels = [
        {
            "name": channel["name"],
            "parent": channel.get("parent_id"),
            "overwrites": channel.get("permission_overwrites"),
            "messages": sorted(
                _ID.sub("#", f"{m['content']} {m['embeds']} {m['pinned']} {m['attachments']}")
                for m in channel["messages"]
            ),
        }
        for channel in server["channels"]
    ]
    roles = [(role["name"], role["permissions"], role["color"]) for role in server["roles"]]
    return {"channels": channels, "roles": roles, "members": server["members"]}


async def undisturbed(folder: Path, options: str, *, changing: bool) -> dict[str, Any]:
    """Give what a server holds after a run that nothing disturbed; made once per process."""
    if (options, changing) not in _undisturbed:
        (folder / "calm").mkdir()
        async with rehearsal(folder / "calm", options=options) as stage:
            await stage.sync()
            if changing:
                await stage.sync(CHANGED)
            _undisturbed[options, changing] = content(await stage.server())
    return _undisturbed[options, changing]


async def disturbed(stage: Rehearsal, faults: Iterable[Fault], *, changing: bool) -> RunResult:
    """Run a first or a changing sync under faults, which are cleared afterwards."""
    if changing:
        await stage.sync()
        stage.write(CHANGED)
    await asyncio.to_thread(stage.pull)
    stage.sandbox.faults.seed(7)
    for fault in faults:
        stage.sandbox.faults.arm(fault)
    result = await stage.apply()
    stage.sandbox.faults.clear()
    return result


def counts(report: Report) -> Mapping[str, int]:
    """Count a report's outcomes."""
    return {status.value: report.count(status) for status in Status}


def refused(stage: Rehearsal) -> Counter[str]:
    """Count the requests that were answered with 401, 403 or 404, by route."""
    found = (r for r in stage.sandbox.counts.records if r.status in {401, 403, 404})
    return Counter(f"{record.method} {record.route} {record.status}" for record in found)


def by_hand(stage: Rehearsal, handler: Callable[[Call], Any], body: Any = None, **ids: object) -> Any:
    """Do at once, in the middle of a request, what the server's owner would do in the client."""
    world, guild = stage.sandbox.world, stage.sandbox.guild
    params = {"guild_id": str(guild.id), **{name: str(value) for name, value in ids.items()}}
    owner = world.users[guild.owner_id]
    call = Call(world=world, bus=stage.sandbox.bus, user=owner, application=None, params=params, query={}, body=body)
    return handler(call)


def when(stage: Rehearsal, event: str, act: Callable[[], object], *, nth: int = 1) -> None:
    """Act at the nth event of a name from now on."""
    left = [nth]

    def listen(heard: Event) -> None:
        if heard.name == event:
            left[0] -= 1
            if left[0] == 0:
                act()

    stage.sandbox.bus.subscribe(listen)

"""One sandbox that is put back to a moment as often as one likes, and what is compared: the server and the tables."""

import asyncio
import difflib
import json
import pickle
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.http import DiscordHTTP, discord_http
from bot.runs import now, plan_school
from sandbox.dump import dump
from sandbox.server import Sandbox, Settings, running
from sandbox.world import Channel, Guild, Message, Role
from sync import keys
from sync.ledger import Binding
from sync.observe import granted, sent_name
from sync.settings import Every, SchoolSettings, SourceSettings
from sync.settings_posts import PostSettings
from sync.store import Store
from tests.builders import school
from tests.crash_points import Process
from tests.crash_school import MEMBERS, SOURCE, Lists

# What only time and Discord's own counting decide.
_UNSEEN = {"position", "archive_timestamp", "create_timestamp", "total_message_sent"}
_UNORDERED = {"permission_overwrites", "applied_tags"}
_STATE = ("guilds", "users", "channels", "applications", "nonces")
_ID = re.compile(r"\d{15,}")
_GONE = "what is not there"
Moment = tuple[bytes, bytes]
Seen = tuple[Any, Any]  # the server and the tables


@dataclass(slots=True)
class Place:
    """A school's server and tables, which can be put back to an earlier moment."""

    sandbox: Sandbox
    http: DiscordHTTP
    session: aiohttp.ClientSession
    folder: Path
    school: SchoolSettings

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'kopir.db'}"

    @property
    def guild(self) -> Guild:
        return self.sandbox.world.guilds[self.sandbox.guild_id]

    def process(self, lists: Lists) -> Process:
        """Prepare `kopir sync` with these class lists."""
        return Process(
            school=self.school,
            database=self.url,
            token=self.sandbox.token,
            api_url=self.sandbox.api_url,
            source=lambda: lists,
            files=lambda _: lists.files(),
        )

    def moment(self) -> Moment:
        """Keep everything as it is now; no process may be at work."""
        state = {name: getattr(self.sandbox.world, name) for name in _STATE}
        return pickle.dumps(state), (self.folder / "kopir.db").read_bytes()

    def back_to(self, moment: Moment) -> None:
        """Put everything back; ids go on growing, as nobody can turn Discord's clock back."""
        for name, value in pickle.loads(moment[0]).items():  # noqa: S301 - our own bytes
            setattr(self.sandbox.world, name, value)
        for file in self.folder.glob("kopir.db*"):
            file.unlink()
        (self.folder / "kopir.db").write_bytes(moment[1])

    async def settled(self) -> None:
        """Wait until Discord has done what was on its way when its sender died."""
        before, after = -1, self.sandbox.counts.routes.total()
        while before != after:
            await asyncio.sleep(0.005)
            before, after = after, self.sandbox.counts.routes.total()

    async def post(self, path: str, body: Any) -> Any:
        """Let something happen on the server that is not Kopir's doing."""
        async with self.session.post(f"/_sandbox{path}", json=body) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()

    async def teach(self, course: str, module: str) -> None:
        """Let the teacher write a message and make it a material of a module."""
        teacher = next(member for member in self.guild.members.values() if member.user.username == MEMBERS[0])
        with Store.open(self.url) as store:
            bindings = store.bindings(self.school.id)
            places = (keys.module(course, module), keys.thread(course, module))
            channel = next(bindings[key].discord_id for key in places if key in bindings)
            wrote = {"user_id": str(teacher.user.id), "content": "Look at page 7"}
            message = (await self.post(f"/channels/{channel}/messages", wrote))["id"]
            key = keys.local(keys.module(course, module), message)
            store.save_bindings(self.school.id, [Binding(key, "local", message, channel, "", now(), "Look at page 7")])

    def seen(self) -> Seen:
        """Return the server as people see it, and the tables, both with names for ids."""
        shown = dump(self.sandbox.world, self.guild)
        for channel in shown["channels"]:
            for place in (channel, *channel["threads"]):
                _show_files(place, self.sandbox.world.channels[int(place["id"])].messages)
        with Store.open(self.url) as store:
            tables = _tables(store, self.school.id, self.guild)
        names = dict(_names(self.guild))
        server = _plain(_named(shown, names))
        for member in server["members"]:
            member["roles"].sort()
        return server, _named(tables, names)

    async def left_to_do(self) -> list[str]:
        """Plan once more and list what would be changed."""
        with Store.open(self.url) as store:
            plan = (await plan_school(self.school, store, self.http)).plan
        return [f"left to do: {change.action} {change.key} {dict(change.fields)}" for change in plan.changes]


@asynccontextmanager
async def place(folder: Path, layout: str) -> AsyncIterator[Place]:
    """Give an empty server with the school's people on it, and empty tables."""
    async with (
        running(Settings(hurry=0)) as sandbox,
        discord_http(sandbox.token, sandbox.api_url) as http,
        aiohttp.ClientSession(sandbox.url) as session,
    ):
        source = SourceSettings("aqjol", SOURCE, "csv", Every(300), {}, {}, 0)
        own = school(guild=str(sandbox.guild_id), layout=layout, posts=PostSettings(quiet=None), sources=(source,))
        here = Place(sandbox, http, session, folder, own)
        Store.open(here.url).close()
        people = {"users": [{"username": name} for name in MEMBERS]}
        await here.post(f"/guilds/{sandbox.guild_id}/members", people)
        yield here


def differences(wanted: Seen, found: Seen) -> list[str]:
    """List the lines in which two sights differ, with what stands around them."""
    left, right = (json.dumps(seen, indent=1, ensure_ascii=False).splitlines() for seen in (wanted, found))
    return list(difflib.unified_diff(left, right, "wanted", "found", n=3, lineterm=""))


def _names(guild: Guild) -> Iterator[tuple[str, str]]:
    """Name everything on the server that has an id."""
    yield str(guild.id), "the server"
    yield from ((str(role.id), f"@{role.name}") for role in guild.roles.values())
    yield from ((str(member.user.id), member.user.username) for member in guild.members.values())
    for channel in (*guild.threads.values(), *guild.channels.values()):
        for message in channel.messages.values():
            title = (message.embeds or [{}])[0].get("title") or message.content
            yield str(message.id), f"#{channel.name}: {title}"
            yield from ((str(file.id), f"file {file.filename}") for file in message.attachments)
        yield str(channel.id), f"#{channel.name}"
        yield from ((str(tag.id), f"tag {tag.name}") for tag in channel.tags)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Put names for ids."""
    text = json.dumps(value, ensure_ascii=False)
    named = _ID.sub(lambda found: json.dumps(names.get(found[0], _GONE), ensure_ascii=False)[1:-1], text)
    return json.loads(named)


def _show_files(shown: dict[str, Any], messages: Mapping[int, Message]) -> None:
    for message in shown["messages"]:
        files = messages[int(message["id"])].attachments
        message["attachments"] = [f"{file.filename}: {file.data.decode()}" for file in files]


def _plain(value: Any, name: str = "") -> Any:
    """Leave out what people do not see, and the order where there is none."""
    if isinstance(value, dict):
        return {key: _plain(item, key) for key, item in value.items() if key not in _UNSEEN}
    if isinstance(value, list):
        plain = [_plain(item) for item in value]
        if name == "applied_tags":
            plain = [tag for tag in plain if tag != _GONE]  # a tag that the forum no longer offers is not shown
        return sorted(plain, key=str) if name in _UNORDERED else plain
    return value


def _tables(store: Store, school_id: str, guild: Guild) -> dict[str, Any]:
    """Return what is remembered."""
    bindings = store.bindings(school_id)
    bound = {key: _binding(binding, bindings, guild) for key, binding in bindings.items()}
    links = [[link.person, link.user_id, link.proof] for link in store.links(school_id)]
    return {"bindings": bound, "links": links, "records": str(store.load_snapshot(school_id, SOURCE))}


def _binding(binding: Binding, bindings: Mapping[str, Binding], guild: Guild) -> list[Any]:
    """Show a binding: of a place the name that it stands for, of a list no digest, as that is made of ids.

    A grant counts as long as the member holds the role: one is noted before it is sent.
    """
    digest, memo = binding.digest, binding.memo
    named: Mapping[int, Role | Channel] = guild.roles if binding.kind == "role" else guild.channels
    thing = named.get(int(binding.discord_id or 0))
    if thing and binding.kind in {"role", "category", "channel"}:
        digest = sent_name(binding, thing.name)
        tags = {str(tag.id) for tag in getattr(thing, "tags", ())}
        memo = {id_: name for id_, name in memo.items() if not _ID.fullmatch(id_) or id_ in tags}
    elif binding.kind == "member":
        held = {str(role) for role in guild.members[int(binding.discord_id or 0)].roles}
        digest = " ".join(
            sorted(role for role in granted(binding) if role in bindings and bindings[role].discord_id in held)
        )
    elif binding.kind == "index":
        digest = "some" if digest else "none"
    return [binding.kind, binding.discord_id, binding.parent_id, digest, binding.title, dict(memo)]

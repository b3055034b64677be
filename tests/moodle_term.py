"""A course's whole term in a recorded Moodle, on a sandbox server: one change, one pull and one run at a time."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from bot import runs
from bot.files import SourceFiles
from bot.pulls import pull
from bot.runs import RunResult
from sync.reconcile import Status
from tests import openapi_bodies
from tests.moodle_stage import SITE_OF_THE_TERM, recorded, source
from tests.rehearsal import Rehearsal, rehearsal, writes
from tests.sights import sight

ACCOUNTS = ("aiman.j", "aigul.s", "asem.q", "bekzat", "dana.kim", "erlan.g", "gulnar")
SHORT = {
    "POST /channels/{channel_id}/messages": "post",
    "PATCH /channels/{channel_id}/messages/{message_id}": "edit",
    "PUT /channels/{channel_id}/messages/pins/{message_id}": "pin",
    "DELETE /channels/{channel_id}/messages/pins/{message_id}": "unpin",
    "DELETE /channels/{channel_id}/messages/{message_id}": "clear",
    "POST /channels/{channel_id}/messages/bulk-delete": "clear",
    "POST /channels/{channel_id}/messages/{message_id}/threads": "thread",
    "POST /channels/{channel_id}/threads": "forum post",
    "PATCH /channels/{channel_id}": "place",
    "POST /guilds/{guild_id}/channels": "new place",
    "PATCH /guilds/{guild_id}/channels": "order",
    "PATCH /guilds/{guild_id}/roles/{role_id}": "role",
    "PATCH /guilds/{guild_id}/members/{user_id}": "member",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one step did: writes by kind, and the lines of the notices it sent."""

    writes: Mapping[str, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass
class Term:
    """The course on its server, at a time of the term."""

    stage: Rehearsal
    patch: pytest.MonkeyPatch

    async def go(self, step: str, at: datetime) -> RunResult:
        """Pull and apply what a step made of the site; nothing may fail, and nothing be left to do."""
        self.patch.setattr(runs, "now", lambda: at)
        with recorded(f"term/{step}"):
            site = source("rosters", at, SITE_OF_THE_TERM, contents_every="1000d")
            assert pull(self.stage.app.store, "one", site).ok
            self.stage.files = SourceFiles([site], self.stage.school.posts.largest_file, at_once=1)
            self.stage.sent()
            result = await self.stage.apply()
        failed = [(o.change.key, o.message) for o in result.report.outcomes if o.status is not Status.APPLIED]
        assert not failed, failed
        wrong = openapi_bodies.problems(self.stage.sandbox.counts.records)
        assert not wrong, wrong[:5]
        assert not result.plan.held
        return result

    async def see(self, step: str, at: datetime) -> Seen:
        """Go one step and say what it did."""
        result = await self.go(step, at)
        sent = writes(self.stage.sent())
        counted: dict[str, int] = {}
        for route, count in sorted(sent.items()):
            counted[SHORT.get(route, route)] = counted.get(SHORT.get(route, route), 0) + count
        told = [change.desired for change in result.plan.changes if change.kind == "notice"]
        lines = [f"{e.before}{e.text}" for notice in told for e in notice.entries]  # type: ignore[union-attr]
        assert not (await self.stage.plan()).changes
        return Seen(counted, tuple(lines))

    async def on_top(self) -> dict[str, list[str]]:
        """Return the lists that stand above all other pins, by place."""
        shown = {}
        for key, binding in self.stage.app.store.bindings("one").items():
            if binding.kind in {"channel", "thread"} and "/" in key:
                path = f"/channels/{binding.discord_id}/messages/pins"
                pins = (await self.stage.by_hand("GET", path))["items"] if _holds_messages(key) else []
                embeds = [pin["message"]["embeds"][0] for pin in pins]
                shown[key] = [embed["title"] for embed in takewhile(lambda embed: "author" not in embed, embeds)]
        return shown

    async def sight(self, who: str) -> dict[str, Any]:
        """Return what somebody sees of the server."""
        user, guild = self.stage.users[who], self.stage.sandbox.guild_id
        return sight(await self.stage.ask("GET", f"/_sandbox/visible?user={user}&guild={guild}"))


def _holds_messages(key: str) -> bool:
    return not key.endswith("/forum")


@asynccontextmanager
async def term(folder: Path, patch: pytest.MonkeyPatch, layout: str) -> AsyncIterator[Term]:
    """Give an empty server for the course."""
    options = f"layout = {layout}\nvoice = no\nremoval_limit = 100\ndiscussion = on"
    async with rehearsal(folder, {}, ACCOUNTS, options=options, language="kk") as stage:
        yield Term(stage, patch)

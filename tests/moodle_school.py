"""The recorded school on a sandbox server, where the changes of `tests/moodle_changes.py` are tried one by one."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.pulls import PullReport, pull
from sync.diff import Change
from sync.reconcile import Status
from sync.render import SIGNS
from sync.resources import Member
from tests import openapi_bodies
from tests.moodle_stage import NOW, recorded, source
from tests.rehearsal import Rehearsal, rehearsal

ACCOUNTS = (
    *("aiman.j", "olga_sh", "aigul.s", "asem.q", "bekzat", "dana.kim", "gulnar", "zhanar", "ivan.d", "ivan.second"),
    *("oraz", "oraz.new", "susp.user", "late.user", "over.user", "soon.user", "tutor.t"),
)

OPTIONS = "voice = no\nremoval_limit = 100\nattachments = 0\ndiscussion = off\nnotices = off"
LATER = NOW + timedelta(hours=7)  # when everybody's account is read again


class School:
    """The recorded school, on a sandbox server."""

    def __init__(self, stage: Rehearsal) -> None:
        self.stage = stage

    async def after(self, change: str) -> list[str]:
        """Pull after a change, and return what it did to the server."""
        assert self.pull(change, LATER).ok
        return await self.changes()

    def pull(self, change: str, at: datetime = NOW) -> PullReport:
        with recorded(change):
            return pull(self.stage.app.store, "one", source("rosters", at, contents_every="30d"))

    async def changes(self) -> list[str]:
        """Plan and apply; return what was changed, in words. Nothing is left to do afterwards."""
        result = await self.stage.apply()
        assert [o.message for o in result.report.outcomes if o.status is not Status.APPLIED] == []
        assert not openapi_bodies.problems(self.stage.sandbox.counts.records)
        assert (await self.stage.plan()).changes == ()
        return [told(change, result.plan.role_names) for change in result.plan.changes]


def told(change: Change, roles: Mapping[str, str]) -> str:
    """Say a change: its sign, kind and name, and which fields change."""
    sign = SIGNS[change.action]
    if isinstance(change.existing, Member) and isinstance(change.desired, Member):
        old, new = change.existing.roles, change.desired.roles
        moved = [*(f"+{roles[role]}" for role in sorted(new - old)), *(f"-{roles[role]}" for role in sorted(old - new))]
        return f"{sign} member {change.name}: {', '.join([*moved, *(f for f in change.fields if f != 'roles')])}"
    fields = f": {', '.join(sorted(change.fields))}" if sign == "~" else ""
    return f"{sign} {change.kind} {change.name}{fields}"


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    async with rehearsal(tmp_path, {}, ACCOUNTS, options=OPTIONS, language="kk") as stage:
        made = School(stage)
        report = made.pull("base")
        assert report.ok
        await made.changes()
        yield made

"""Whatever Discord answers: no traceback, and nothing is made or deleted because of a damaged reading."""

import asyncio
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.app import App, open_app
from bot.guild import DiscordReader
from bot.http import Retries
from bot.planning import Planned
from bot.runs import RunResult, apply_school, plan_school
from bot.wire import Wire
from sync.diff import Action
from sync.errors import KopirError
from sync.plan import Plan
from sync.reconcile import Status
from tests.damage import Damage, How, damages
from tests.fuzzing import examples
from tests.recorded_discord import Recording, Replaying, Spoil, unspoilt
from tests.rehearsal import COURSES, ENROLMENTS, SCHOOL, rehearsal

READ = (
    "/users/@me",
    "/guilds/{guild_id}",
    "/guilds/{guild_id}/roles",
    "/guilds/{guild_id}/channels",
    "/guilds/{guild_id}/threads/active",
    "/guilds/{guild_id}/members",
)
MORE = {
    "courses.csv": COURSES + "geo,География\n",
    "enrolments.csv": ENROLMENTS.replace("s3,bio,student,,,\n", "s2,bio,student,,,\ns3,geo,student,,,\n"),
    "materials.csv": SCHOOL["materials.csv"].replace("Оқулық", "Жаңа оқулық")
    + "geo,Карта,Атлас,https://a.kz/,,link,,\n",
}


@dataclass
class Synced:
    """A school whose server is as it should be, and all that Discord answered to reading it."""

    app: App
    answers: dict[str, Any]

    @property
    def school(self) -> Any:
        return self.app.schools[0]

    def apply(self, http: Replaying) -> RunResult:
        return asyncio.run(apply_school(self.school, self.app.store, http, "sync", self.app.files(self.school)))

    def planned(self, spoil: Spoil) -> Planned:
        return asyncio.run(plan_school(self.school, self.app.store, Replaying(self.answers, spoil)))

    def plan(self, spoil: Spoil) -> Plan:
        return self.planned(spoil).plan


async def _recorded(folder: Path, options: str, then: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what Discord answers to reading a synced school; afterwards its lists are changed, if asked for."""
    async with rehearsal(folder, options=options) as stage:
        await stage.sync()
        impatient = Retries(first=0.001, longest=0.01)
        http = Recording(stage.sandbox.token, stage.sandbox.api_url, per_second=10_000, retries=impatient)
        try:
            assert (await plan_school(stage.school, stage.app.store, http)).plan.changes == ()
            await DiscordReader(Wire(http, str(stage.sandbox.guild_id))).expulsions()  # asked when somebody is missed
        finally:
            await http.aclose()
        if then is not None:
            stage.write(then)
            await asyncio.to_thread(stage.pull)
        return http.answers


@pytest.fixture(scope="module", params=["", "layout = forum"], ids=["channels", "forum"])
def synced(request: pytest.FixtureRequest) -> Iterator[Synced]:
    with tempfile.TemporaryDirectory() as folder:
        answers = asyncio.run(_recorded(Path(folder), request.param))
        with open_app(Path(folder) / "settings.ini") as app:
            yield Synced(app, answers)


@examples(40)
@given(damages())
@example(Damage((), How.EMPTY))
def test_a_damaged_list_of_members_makes_nobody_forget_what_they_were_given(synced: Synced, damage: Damage) -> None:
    def spoil(request: str, answer: Any) -> Any:
        return damage.of(answer) if request == "GET /guilds/{guild_id}/members" else answer

    with suppress(KopirError):
        planned = synced.planned(spoil)
        assert not planned.returned.back.void


def test_who_holds_their_roles_was_not_away_whatever_date_a_reading_gives(synced: Synced) -> None:
    def spoil(request: str, answer: Any) -> Any:
        if request != "GET /guilds/{guild_id}/members":
            return answer
        return [member | {"joined_at": "2020-01-01T00:00:00+00:00"} for member in answer]

    planned = synced.planned(spoil)
    assert planned.plan.changes == ()
    assert not planned.returned.back.void


def test_the_recording_stands_for_the_server(synced: Synced) -> None:
    assert synced.plan(unspoilt).changes == ()


@examples(40)
@given(st.sampled_from(READ), damages())
@example("/guilds/{guild_id}/roles", Damage((), How.EMPTY))
@example("/guilds/{guild_id}/channels", Damage((), How.EMPTY))
@example("/guilds/{guild_id}/channels", Damage((), How.SHORTEN))
@example("/guilds/{guild_id}/members", Damage((), How.EMPTY))
@example("/guilds/{guild_id}/threads/active", Damage((0,), How.EMPTY))
def test_a_damaged_reading_makes_and_deletes_nothing(synced: Synced, route: str, damage: Damage) -> None:
    def spoil(request: str, answer: Any) -> Any:
        return damage.of(answer) if request == f"GET {route}" else answer

    with suppress(KopirError):
        _makes_and_deletes_nothing(synced.plan(spoil))


def _makes_and_deletes_nothing(plan: Plan) -> None:
    assert [change for change in plan.changes if change.action is not Action.UPDATE] == []
    assert [change.key for change in plan.changes if change.lost_roles] == []


@pytest.fixture(scope="module", params=["", "layout = forum"], ids=["channels", "forum"])
def changing(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give a folder with a school that is to be changed: its database, its lists, what Discord answers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "answers.json").write_text(json.dumps(asyncio.run(_recorded(path, request.param, MORE))))
        yield path


@examples(15)
@given(st.integers(0, 90), damages())
def test_a_damaged_answer_in_the_middle_of_a_run_is_one_sentence(changing: Path, nth: int, damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(changing, place, dirs_exist_ok=True))
        with open_app(folder / "settings.ini") as app:
            _hurt(Synced(app, json.loads((folder / "answers.json").read_text())), nth, damage)


def _hurt(school: Synced, nth: int, damage: Damage) -> None:
    turn = itertools.count()
    http = Replaying(school.answers, lambda _, answer: damage.of(answer) if next(turn) == nth else answer)
    try:
        result = school.apply(http)
    except KopirError:
        assert not http.log.writes()
        return
    assert all(o.message for o in result.report.outcomes if o.status is not Status.APPLIED)

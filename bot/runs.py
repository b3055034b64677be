"""One run of a school: plan it, and apply the plan under the school's hold, with its row in the history of runs."""

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.guild import DiscordReader
from bot.http import DiscordHTTP, Priority
from bot.planning import Planned, prepare, prepare_members
from bot.tables import LoadTables, load_tables
from bot.turns import Turns
from bot.verifying import look
from bot.wire import Wire, Witness
from bot.writer import DiscordWriter
from sync.errors import Refused, UnsafePlan
from sync.ledger import Run
from sync.phrases import Phrase
from sync.plan import Plan
from sync.ports import Files, Ledger, Progress, unwatched
from sync.questions import held_lines
from sync.reconcile import Outcome, Report, apply
from sync.refused import refusals
from sync.render import outcomes_json, plan_json, refusal
from sync.scope import SCHOOL, Scope
from sync.settings import SchoolSettings
from sync.store import Store
from sync.store_retention import Standing
from sync.texts import N_, Texts, texts
from sync.verify import EVERYWHERE, Findings, lost_messages

VERIFY = "verify"  # the command of a run that looked at everything


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run: its plan and report, the requests it sent by method, and how long it took."""

    id: str
    plan: Plan
    report: Report
    requests: dict[str, int]
    seconds: float

    def json(self, words: Texts) -> dict[str, object]:
        """Give the contract's object of `kopir sync --json`."""
        return plan_json(self.plan, words) | {
            "outcomes": outcomes_json(self.plan, self.report),
            "requests_sent": self.requests,
            "seconds": round(self.seconds, 3),
            "run": self.id,
        }


Prepare = Callable[[Wire], Awaitable[Planned]]
Heard = Callable[[Outcome], None]
Began = Callable[[Plan], None]
Waiting = Callable[[Sequence[str]], None]  # hears in words which removals wait, and may block


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a run is to do and who watches it. `gone` are messages and threads of ours that somebody deleted on Discord.

    `doubt` are ids of channels in which to look for what people changed by hand, or EVERYWHERE. `prepare` makes another
    plan than the one that brings the server in line with the tables.

    Runs of one school that go on side by side share `turns`, and have a `ledger` that stands for the store.
    """

    command: str
    scope: Scope = SCHOOL
    prepare: Prepare | None = None
    priority: Priority = Priority.BULK
    gone: frozenset[str] = field(default_factory=frozenset)
    doubt: frozenset[str] = field(default_factory=frozenset)
    looked: Progress = unwatched
    load: LoadTables = load_tables
    ledger: Ledger | None = None
    files: Files
    turns: Turns | None = None
    witness: Witness | None = None
    waiting: Waiting = lambda _: None
    began: Began = lambda _: None
    heard: Heard = lambda _: None


def now() -> datetime:
    """Read the clock, in UTC."""
    return datetime.now(UTC)


async def plan_school(school: SchoolSettings, store: Store, http: DiscordHTTP) -> Planned:
    """Plan a school; nothing is changed. An approval that is waiting is respected, not used up."""
    reader = DiscordReader(Wire(http, guild_of(school)))
    return await prepare(school, store, reader, now(), lambda digest: store.awaits_use(school.id, digest))


async def apply_school(
    school: SchoolSettings,
    store: Store,
    http: DiscordHTTP,
    command: str,
    files: Files,
    *,
    priority: Priority = Priority.BULK,
    doubt: frozenset[str] = frozenset(),
    looked: Progress = unwatched,
    waiting: Waiting = lambda _: None,
    began: Began = lambda _: None,
    heard: Heard = lambda _: None,
) -> RunResult:
    """Plan a school and apply the plan. Raise Busy when another process works on it, Refused when it must not be."""
    with store.hold(school.id):
        task = Task(
            command=command,
            files=files,
            priority=priority,
            doubt=doubt,
            looked=looked,
            waiting=waiting,
            began=began,
            heard=heard,
        )
        return await run_held(school, store, http, task)


async def run_held(school: SchoolSettings, store: Store, http: DiscordHTTP, task: Task) -> RunResult:
    """Plan and apply while the caller holds the school. A run of some members may go on beside another run."""
    task = await asyncio.to_thread(_with_verification, school, store, task)
    run = await asyncio.to_thread(_start, school, store, task)
    before, begun = Counter(http.traffic().sent), time.monotonic()
    reason = texts(school.language).say(Phrase("Kopir, run {run}", run=run.id))
    wire = Wire(http, guild_of(school), reason, task.priority, task.witness)
    if task.doubt:
        await _verify(school, store, wire, task)
    planned = await _prepare(school, store, wire, task)
    await asyncio.to_thread(_settle, school, store, planned)
    if task.scope == SCHOOL:
        lines = list(held_lines(planned.plan.held, planned.plan.losses, texts(school.language), None))
        await asyncio.to_thread(task.waiting, lines)
    task.began(planned.plan)
    report = await _apply(school, store, wire, planned, task, run.id)
    sent = dict(Counter(http.traffic().sent) - before)
    result = RunResult(run.id, planned.plan, report, sent, time.monotonic() - begun)
    await asyncio.to_thread(_finish, store, run, result, texts(school.language))
    if task.scope == SCHOOL:
        await asyncio.to_thread(_prune, school, store, planned)
    return result


async def _verify(school: SchoolSettings, store: Store, wire: Wire, task: Task) -> None:
    """Find out what people changed by hand where a plan does not look, and let the plan put it back."""
    bindings = await asyncio.to_thread(store.bindings, school.id)
    found = await look(bindings, DiscordReader(wire), task.doubt, task.looked)
    found = found.respecting(school.by_hand.respected, bindings)
    await asyncio.to_thread(store.save_bindings, school.id, found.altered)
    await asyncio.to_thread(store.remove_bindings, school.id, found.gone)


async def _prepare(school: SchoolSettings, store: Store, wire: Wire, task: Task) -> Planned:
    if task.prepare is not None:
        return await task.prepare(wire)
    reader = DiscordReader(wire)
    if task.scope.members:
        return await prepare_members(school, store, reader, now(), task.scope.members, task.load)
    return await prepare(
        school, store, reader, now(), lambda d: store.approved(school.id, d), scope=task.scope, load=task.load
    )


def guild_of(school: SchoolSettings) -> str:
    """Return the school's server id. Raise Refused when the settings do not name it."""
    if not school.guild:
        advice = N_("[school:{school}] names no server; add `guild = ` with the server's id to the settings.")
        raise Refused(Phrase(advice, school=school.id))
    return school.guild


async def _apply(school: SchoolSettings, store: Store, wire: Wire, planned: Planned, task: Task, run: str) -> Report:
    plan, words = planned.plan, texts(school.language)
    if plan.refusals:
        raise UnsafePlan(refusal(plan.refusals))
    writer = DiscordWriter(wire, planned.guild, plan.channel_order, words, task.files, task.turns)
    outcomes: list[Outcome] = []

    def heard(outcome: Outcome) -> None:
        outcomes.append(outcome)
        task.heard(outcome)

    try:
        report = await apply(plan, planned.bindings, writer, task.ledger or store, now, heard, run)
    finally:  # also of a run that is cut
        refused = refusals(outcomes, planned.guild, planned.bindings, now())
        await asyncio.to_thread(store.save_refusals, school.id, refused)
    if task.scope == SCHOOL and task.prepare is None and not (plan.held or report.stopped):
        await asyncio.to_thread(_settle_missing, school, store)
    return report


def _settle(school: SchoolSettings, store: Store, planned: Planned) -> None:
    """Keep what planning found out: links from the roster, what a killed run had created, what to try again."""
    store.save_links(school.id, planned.linking.found, planned.linking.replaced)
    if planned.returned.noticed or planned.returned.back.over:
        # Before the Bindings by which they were noticed go: a run that is killed in between must notice them still.
        store.note_departures(school.id, planned.returned.noticed, planned.returned.back.over)
    store.save_bindings(school.id, [*planned.recovered.found, *planned.stale])
    store.remove_bindings(school.id, planned.recovered.void)
    store.forget_refusals(school.id, planned.outdated)
    if planned.moot:
        store.ask_again(school.id, planned.moot)


def _settle_missing(school: SchoolSettings, store: Store) -> None:
    for source in school.sources:
        store.settle_missing(school.id, source.name)


def _with_verification(school: SchoolSettings, store: Store, task: Task) -> Task:
    """Make of a run of the school a verification when it is time for one, unless it is there for something else."""
    last, every = store.verified(school.id, VERIFY), school.by_hand.verify_every
    due = (
        task.scope == SCHOOL
        and task.prepare is None
        and every
        and last is not None
        and now() - last >= timedelta(seconds=every)
    )
    return replace(task, doubt=EVERYWHERE) if due else task


def _prune(school: SchoolSettings, store: Store, planned: Planned) -> None:
    """Delete what was kept long enough."""
    there = frozenset(member.user_id for member in planned.guild.members)
    standing = Standing(frozenset(source.name for source in school.sources), there)
    store.prune(school.id, school.keeping, standing, now())


def _start(school: SchoolSettings, store: Store, task: Task) -> Run:
    started, command = now(), VERIFY if task.doubt == EVERYWHERE else task.command
    run = Run(f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", school.id, command, started, None, "", {}, "")
    store.start_run(run)
    if task.gone:
        _forget(school, store, task.gone)
    return run


def _forget(school: SchoolSettings, store: Store, deleted: frozenset[str]) -> None:
    """Forget what somebody deleted, so that it is made again."""
    bindings = store.bindings(school.id)
    lost = Findings(lost_messages(bindings, deleted)).respecting(school.by_hand.respected, bindings)
    store.remove_bindings(school.id, lost.gone)


def _finish(store: Store, run: Run, result: RunResult, words: Texts) -> None:
    outcomes = outcomes_json(result.plan, result.report)
    report = json.dumps({"requests_sent": result.requests, "plan": plan_json(result.plan, words)["counts"]})
    store.finish_run(replace(run, finished=now(), digest=result.plan.digest, outcomes=outcomes, report=report))

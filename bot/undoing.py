"""Undo a run: show what takes it back, and do it as a run of its own. The work behind `kopir undo`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.app import App
from bot.commands import CHANGES, DONE, ERROR, say, write_json
from bot.decisions import OTHER_PLAN
from bot.guild import DiscordReader
from bot.http import DiscordHTTP
from bot.planning import Planned, decide, look
from bot.progress import announced_waits, meter
from bot.runs import RunResult, Task, guild_of, now, run_held
from bot.standing import refusals
from bot.wire import Wire
from sync.errors import Refused
from sync.ledger import DISCARDED, Decision, Run
from sync.linking import Linking
from sync.observe import observe
from sync.phrases import Phrase
from sync.plan import Plan
from sync.ports import Entry, Files
from sync.reconcile import Status
from sync.removals import Removal
from sync.render import plan_json, plan_lines, report_lines
from sync.resources import Index, Post
from sync.settings import SchoolSettings
from sync.store import Store
from sync.texts import N_, Texts, texts
from sync.undo import Done
from sync.undo import undo as undo_run
from sync.undo_plan import Now, undo_plan

LAST, UNDO = "last", "undo"
EVERY = 1_000_000  # of the runs that are kept
SHOWN = 5
NO_RUN = N_("There is no run {run}. `kopir status` shows the last ones: {known}.")
NO_RUNS = N_("There is no run yet that changed something.")
FOR_GOOD = {
    "forget": N_(
        "Run {run} made Kopir forget somebody. What is forgotten is not known any more, so it cannot be undone."
    ),
    "purge": N_("Run {run} deleted channels for good, with all that was written there. That cannot be undone."),
}
NOTHING_DONE = N_("Run {run} changed nothing on the server, so there is nothing to undo.")
NOT_KNOWN = N_("What run {run} did was not written down: it is from before Kopir could undo. Mend the lists, and sync.")
ALREADY = N_("Run {run} was undone by run {by}. `kopir undo {by}` does it once more.")
NOTHING_LEFT = N_("Nothing to do: nothing is left of this run.")
NOT_YET = N_("Nothing was changed. To do this: kopir undo {run} --yes {digest}")


@dataclass(frozen=True, slots=True)
class Undoing:
    """A run to be undone, the plan for it, and the removals that the next sync must not repeat."""

    run: Run
    planned: Planned
    restored: frozenset[Removal]


def undo(app: App, run: str, *, yes: str, as_json: bool, everything: bool) -> int:
    """Show what undoes a run, or do it where `yes` is the digest of what was shown; 2 when it was only shown."""
    return asyncio.run(_undo(app, app.only_school(), run, yes, as_json=as_json, everything=everything))


async def _undo(app: App, school: SchoolSettings, run: str, yes: str, *, as_json: bool, everything: bool) -> int:
    words = texts(school.language)
    chosen = choose(app.store, school, run)
    async with app.discord(announced_waits(words)) as http:
        if yes:
            result = await carry_out(school, app.store, http, chosen, yes, app.files(school), quiet=as_json)
        else:
            plan = (await prepare(school, app.store, Wire(http, guild_of(school)), chosen)).planned.plan
    if not yes:
        return _show(school, chosen, plan, words, as_json=as_json, everything=everything)
    if as_json:
        write_json([result.json(words)])
    else:
        say(report_lines(result.plan, result.report, words))
    return ERROR if result.report.count(Status.FAILED) or result.report.stopped else DONE


def _show(school: SchoolSettings, run: Run, plan: Plan, words: Texts, *, as_json: bool, everything: bool) -> int:
    if as_json:
        write_json([plan_json(plan, words)])
    else:
        lines = list(plan_lines(plan, words, everything=everything))
        told = [words.say(Phrase(NOT_YET, run=run.id, digest=plan.digest))]
        say([school.name, *lines, *told] if plan.changes else [school.name, words.text(NOTHING_LEFT), *lines[1:]])
    return ERROR if plan.refusals else CHANGES if plan.changes else DONE


def choose(store: Store, school: SchoolSettings, name: str) -> Run:
    """Find the run that is meant. Raise Refused when it cannot be undone."""
    runs = store.runs(school.id, EVERY)
    run = _last(store, runs) if name == LAST else next((one for one in runs if one.id == name), None)
    if run is None:
        known = ", ".join(one.id for one in runs[:SHOWN]) or "-"
        raise Refused(Phrase(NO_RUNS) if name == LAST else Phrase(NO_RUN, run=name, known=known))
    if run.command in FOR_GOOD:
        raise Refused(Phrase(FOR_GOOD[run.command], run=run.id))
    if not store.journal(school.id, run.id):
        raise Refused(Phrase(NOT_KNOWN if run.outcomes.get(Status.APPLIED) else NOTHING_DONE, run=run.id))
    if by := _undone_by(run, runs):
        raise Refused(Phrase(ALREADY, run=run.id, by=by.id))
    return run


def _last(store: Store, runs: Sequence[Run]) -> Run | None:
    return next((run for run in runs if store.journal(run.school, run.id)), None)


def _undone_by(run: Run, runs: Sequence[Run]) -> Run | None:
    """Return the run that undid another one as a whole, unless it was undone itself."""
    last = next((one for one in runs if one.command == f"{UNDO} {run.id}" and _whole(one)), None)
    return last if last and not _undone_by(last, runs) else None


def _whole(run: Run) -> bool:
    return run.finished is not None and not any(run.outcomes.get(s) for s in (Status.FAILED, Status.SKIPPED))


async def prepare(school: SchoolSettings, store: Store, wire: Wire, run: Run) -> Undoing:
    """Read the server and the tables, and plan to undo a run. Nothing is written."""
    seen = await look(school, store, DiscordReader(wire), now())
    entries = await asyncio.to_thread(store.journal, school.id, run.id)
    said = await asyncio.to_thread(_said, store, school, entries)
    back = seen.went.back
    found = await asyncio.to_thread(
        decide, school, seen.tables, seen.guild, seen.bindings, now(), lambda _: False, back
    )
    existing, bindings = observe(seen.guild, seen.bindings), seen.bindings
    undone = undo_run(Done(entries, said, existing, bindings, seen.guild, texts(school.language)))
    there = Now(
        school.id,
        existing,
        found.wanted,
        seen.guild,
        bindings,
        seen.tables.discarded,
        refusals(seen.guild, bindings),
        unsorted="order" in school.by_hand.respected,
    )
    nobody = Linking({}, (), (), (), (), (), ())
    plan = undo_plan(undone, there)
    planned = Planned(plan, seen.guild, bindings, seen.recovered, nobody, returned=seen.went)
    return Undoing(run, planned, undone.restored)


def _said(store: Store, school: SchoolSettings, entries: Sequence[Entry]) -> dict[tuple[str, str], Post | Index]:
    """Gather what the messages of a run ever said, by Key and digest."""
    keys = [entry.key for entry in entries if isinstance(entry.existing, Post | Index)]
    written = store.written(school.id, keys)
    return {(one.key, one.digest): one for one in written if isinstance(one, Post | Index) and one.digest}


async def carry_out(
    school: SchoolSettings,
    store: Store,
    http: DiscordHTTP,
    run: Run,
    digest: str,
    files: Files,
    *,
    quiet: bool = True,
) -> RunResult:
    """Undo a run by the plan with a digest. Raise Refused when it would be another one by now."""

    async def planned(wire: Wire) -> Planned:
        undoing = await prepare(school, store, wire, run)
        if undoing.planned.plan.digest != digest:
            raise Refused(Phrase(OTHER_PLAN))
        if undoing.restored:  # before it is done, so that no sync can come between
            decision = Decision(digest, DISCARDED, "command", now(), len(undoing.restored))
            await asyncio.to_thread(store.save_decision, school.id, decision, undoing.restored)
        return undoing.planned

    with store.hold(school.id), meter(school.name, quiet=quiet) as progress:
        task = Task(
            command=f"{UNDO} {run.id}",
            files=files,
            prepare=planned,
            began=lambda plan: progress.total(len(plan.changes)),
            heard=lambda _: progress.step(),
        )
        return await run_held(school, store, http, task)

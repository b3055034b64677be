"""The work behind each command: does it for every chosen school, prints, and returns the exit code."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.app import App
from bot.checking import check as try_school
from bot.checking import check_lines
from bot.decisions import decide
from bot.http import DiscordHTTP
from bot.progress import Meter, announced_waits, meter
from bot.pulls import PullReport
from bot.pulls import pull as pull_source
from bot.runs import RunResult, apply_school, plan_school
from bot.serving.logs import log_to
from bot.serving.service import serve
from bot.serving.signals import on_stop
from bot.transport.permits import OnWait
from sync.errors import KopirError
from sync.ledger import APPROVED, DISCARDED
from sync.phrases import joined
from sync.plan import Plan
from sync.reconcile import Status
from sync.render import cost_lines, plan_json, plan_lines, pull_lines, report_lines
from sync.settings import SchoolSettings
from sync.texts import Texts, texts
from sync.verify import EVERYWHERE

T = TypeVar("T")
Served = tuple[list[tuple[SchoolSettings, T]], list[KopirError]]
DONE, ERROR, CHANGES, HELD = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides at the command line: digests of plans whose held removals they approve or discard.

    `reconsider` asks again about all that was discarded, `retry` sends again what Discord refused before,
    `verify` looks at everything.
    """

    approve: str = ""
    discard: str = ""
    reconsider: bool = False
    retry: bool = False
    verify: bool = False


def pull(app: App, *, as_json: bool) -> int:
    """Pull every source; 1 when one could not be used."""
    found = []
    for school in app.schools:
        reports = _pull(app, school, quiet=as_json)
        found.append({"school": school.id, "sources": [report.json(texts(school.language)) for report in reports]})
    if as_json:
        write_json(found)
    return DONE if all(source["ok"] for entry in found for source in entry["sources"]) else ERROR  # type: ignore[index]


def _pull(app: App, school: SchoolSettings, *, quiet: bool) -> list[PullReport]:
    reports = []
    for source in app.sources(school):
        with meter(f"{school.id}/{source.name}", quiet=quiet) as progress:
            report = pull_source(app.store, school.id, source, progress.show)
        reports.append(report)
        if not quiet:
            say(_pull_lines(school, report))
    return reports


def _pull_lines(school: SchoolSettings, report: PullReport) -> list[str]:
    words = texts(school.language)
    problems = [place(p.file, p.line, p.column, words.problem(p)) for p in report.pulled.problems]
    problems += [words.say(report.failure)] if report.failure else []
    counts = {kind.value: count for kind, count in report.counts.items()}
    lines = [*pull_lines(counts, problems, words), *cost_lines(report.pulled, report.seconds, words)]
    return [f"{school.id}/{report.name}:", *(f"  {line}" for line in lines)]


def place(file: str, line: int, column: str, message: str) -> str:
    """Say where a message belongs, as compilers do; one about the whole source stands alone."""
    return ":".join([*(part for part in (file, str(line) if line else "", column) if part), f" {message}"]).strip()


def plan(app: App, *, as_json: bool, pull_first: bool, everything: bool) -> int:
    """Plan every school; 2 when there are changes, 3 when some are held, 1 when a plan may not be applied."""
    usable = _pull_all(app, quiet=as_json) if pull_first else True
    plans, failed = asyncio.run(_plans(app))
    if as_json:
        write_json([plan_json(made, texts(school.language)) for school, made in plans], several=len(app.schools) > 1)
    else:
        for school, made in plans:
            say([school.name, *plan_lines(made, texts(school.language), everything=everything)])
    _raise(failed)
    results = [made for _, made in plans]
    if not usable or any(one.refusals for one in results):
        return ERROR
    return HELD if any(one.held for one in results) else CHANGES if any(one.changes for one in results) else DONE


async def _plans(app: App) -> Served[Plan]:
    async with app.discord(_waits(app)) as http:

        async def work(school: SchoolSettings) -> Plan:
            return (await plan_school(school, app.store, http)).plan

        return await _each(app.schools, http, work)


async def _each(
    schools: Iterable[SchoolSettings], http: DiscordHTTP, work: Callable[[SchoolSettings], Awaitable[T]]
) -> Served[T]:
    """Serve one school after the other; one that cannot be served stops the others only if the token is refused."""
    done, failed = [], []
    for school in schools:
        if http.token_refused:  # which was said with the school before
            break
        try:
            done.append((school, await work(school)))
        except KopirError as error:
            failed.append(error)
    return done, failed


def _waits(app: App) -> OnWait:
    return announced_waits(texts(app.settings.language))


def _raise(failed: Sequence[KopirError]) -> None:
    if failed:
        raise failed[0] if len(failed) == 1 else KopirError(joined("\n", [error.said for error in failed]))


def _pull_all(app: App, *, quiet: bool) -> bool:
    reports = [report for school in app.schools for report in _pull(app, school, quiet=quiet)]
    return all(report.ok for report in reports)


def apply(app: App, *, as_json: bool, verdict: Verdict, pull_first: bool) -> int:
    """Apply every school's plan; 1 when something failed, 3 when something is held."""
    if verdict.approve or verdict.discard:
        app.only_school()
    for school in app.schools if verdict.retry else ():
        app.store.forget_refusals(school.id)
    usable = _pull_all(app, quiet=as_json) if pull_first else True
    results, errors = asyncio.run(_apply(app, verdict, "sync" if pull_first else "apply", quiet=as_json))
    if as_json:
        write_json([result.json(texts(school.language)) for school, result in results], several=len(app.schools) > 1)
    _raise(errors)
    held = any(result.plan.held for _, result in results)
    failed = any(result.report.count(Status.FAILED) or result.report.stopped for _, result in results)
    return ERROR if failed or not usable else HELD if held else DONE


async def _apply(app: App, verdict: Verdict, command: str, *, quiet: bool) -> Served[RunResult]:
    async with app.discord(_waits(app)) as http:
        return await _each(
            app.schools, http, lambda school: _apply_one(app, school, http, verdict, command, quiet=quiet)
        )


async def _apply_one(
    app: App, school: SchoolSettings, http: DiscordHTTP, verdict: Verdict, command: str, *, quiet: bool
) -> RunResult:
    words = texts(school.language)
    await _decide(app, school, http, verdict)
    with meter(school.name, quiet=quiet) as progress:
        began = _announce(progress, words, quiet=quiet)
        result = await apply_school(
            school,
            app.store,
            http,
            command,
            app.files(school),
            doubt=EVERYWHERE if verdict.verify else frozenset(),
            looked=progress.show,
            waiting=app.tell_waiting(school),
            began=began,
            heard=lambda _: progress.step(),
        )
    if not quiet:
        say(report_lines(result.plan, result.report, words))
    return result


async def _decide(app: App, school: SchoolSettings, http: DiscordHTTP, verdict: Verdict) -> None:
    """Keep a decision; one about another plan than there is now is refused before anything is done."""
    if verdict.reconsider:
        await asyncio.to_thread(lambda: app.store.ask_again(school.id, app.store.discarded(school.id)))
    if verdict.approve:
        await decide(school, app.store, http, verdict.approve, APPROVED, "command")
    if verdict.discard:
        await decide(school, app.store, http, verdict.discard, DISCARDED, "command")


def _announce(progress: Meter, words: Texts, *, quiet: bool) -> Any:
    def began(plan: Plan) -> None:
        progress.total(len(plan.changes))
        if not quiet:
            say(plan_lines(plan, words))

    return began


def run(app: App) -> int:
    """Serve every school until told to stop."""
    log_to(app.settings.log)
    asyncio.run(_serve(app))
    return DONE


async def _serve(app: App) -> None:
    stop = asyncio.Event()
    on_stop(stop.set)
    await serve(app, stop)


def check(app: App, *, as_json: bool) -> int:
    """Try every school's sources and server; 1 when something is missing."""
    found = []
    for school in app.schools:
        found.append(try_school(app, school, quiet=as_json))
        if not as_json:
            say(check_lines(found[-1]))
        if found[-1].hopeless:
            break
    if as_json:
        write_json([one.json() for one in found], several=len(app.schools) > 1)
    return DONE if all(one.ok for one in found) else ERROR


def say(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        sys.stdout.write(line + "\n")


def write_json(found: Sequence[Any], *, several: bool = False) -> None:
    """Print one object for one school, a list for several; nothing when the only one could not be served."""
    if found or several:
        shown = found[0] if len(found) == 1 and not several else found
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")

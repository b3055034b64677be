"""Answer somebody who asks for their data, or asks to be forgotten: the work behind `kopir export` and `forget`."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.app import App
from bot.commands import say, write_json
from bot.guild import DiscordReader
from bot.planning import Planned
from bot.progress import announced_waits
from bot.runs import RunResult, Task, now, run_held
from bot.wire import Wire
from sync.errors import KopirError, Refused, SettingsInvalid
from sync.farewell import farewell
from sync.keys import member as member_key
from sync.linking import Linking
from sync.observe import granted
from sync.phrases import Phrase
from sync.reconcile import Status
from sync.records import Kind
from sync.recover import Recovered
from sync.scope import Scope
from sync.settings import SchoolSettings
from sync.store_people import Dossier, Values
from sync.subjects import NothingStored, Subject, find
from sync.texts import N_, Texts, texts

ALREADY = N_("{person} was forgotten before; nothing is stored. `kopir forget --undo` lets them be stored again.")
ASKED = N_("All that is stored about this person is erased for good: {ids}")
NO_ANSWER = N_("Nothing was erased, as nobody can be asked here. Add --yes to go on without a question.")
DECLINED = N_("Nothing was erased.")
NOT_CLEANED = N_(
    "Discord still shows what Kopir set, so nothing was erased from the tables, which know what that is: {reason} "
    "Repeat the command, or erase only the tables with --tables-only."
)
GONE_THERE = N_("Taken back on Discord: roles: {roles}, nicknames: {nicks}.")
GONE_HERE = N_("Erased from the tables: people: {people}, enrolments: {enrolments}, links: {links}.")
LISTED = N_("These sources still list them: {sources}. Delete them there, too. Until then every pull passes them over.")
WROTE = N_("What they wrote on Discord stays there; they can delete it themselves.")
ALIKE = N_("Others have the same e-mail or account, and were left alone: {ids}")

HIDDEN = frozenset({"school", "digest"})  # the same for everybody, or a checksum of the rest


def export(app: App, person: str) -> None:
    """Print all that is stored about somebody, also somebody who is in no class list any more."""
    school = app.only_school()
    subject = find(person, *app.store.known_people(school.id))
    write_json([{"school": school.id, "ids": subject.ids, **_dossier(app.store.about(school.id, subject), subject)}])


def _dossier(found: Dossier, subject: Subject) -> dict[str, Any]:
    return {
        "people": [_values(row) for row in found.people],
        "enrolments": [_enrolment(row, found) for row in found.enrolments],
        "links": [_values(row) for row in found.links],
        "discord": [
            {
                "user_id": member.discord_id,
                "roles": [{"key": key, "name": found.roles.get(key, "")} for key in sorted(granted(member))],
                "since": member.at.isoformat(),
            }
            for member in found.members
        ],
        "approvals": [_values(row) for row in found.approvals],
        "refusals": [_values(row) for row in found.refusals],
        "discarded": [_values(row) for row in found.discarded],
        "alike": subject.alike,
    }


def _enrolment(row: Values, found: Dossier) -> dict[str, Any]:
    def named(kind: Kind, identity: str) -> dict[str, str]:
        return {"id": identity, "title": found.titles.get((kind, row["source"], identity), "")}

    groups = [named(Kind.GROUPS, group) for group in row["groups"]]
    return _values(row) | {"course": named(Kind.COURSES, row["course"]), "groups": groups}


def _values(row: Values) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in HIDDEN
    }


def forget(app: App, person: str, *, yes: bool, tables_only: bool) -> None:
    """Take back what somebody was given on Discord, then erase them from the tables for good."""
    school = app.only_school()
    words = texts(school.language)
    if (subject := _subject(app, school, person)) is None:
        say([words.say(Phrase(ALREADY, person=person))])
        return
    _confirm(words, subject, yes=yes)
    with app.store.hold(school.id):
        subject = _subject(app, school, person) or subject
        taken = None if tables_only else _take_back(app, school, subject)
        erased = app.store.forget(school.id, subject, now())
    say([words.say(line) for line in _told(subject, taken, erased)])


def remember(app: App, person: str) -> None:
    """Let somebody be stored again who was forgotten."""
    school = app.only_school()
    app.store.recall(school.id, person)
    say([texts(school.language).text("They may be stored again. The next pull takes what the class lists say.")])


def _subject(app: App, school: SchoolSettings, person: str) -> Subject | None:
    """Find somebody; None when nothing is left of them, as they were forgotten before."""
    try:
        return find(person, *app.store.known_people(school.id))
    except NothingStored:
        if app.store.forgot(school.id, person):
            return None
        raise


def _confirm(words: Texts, subject: Subject, *, yes: bool) -> None:
    """Show who is meant, and go on only when somebody says yes."""
    names = dict.fromkeys(trace.person.name for trace in subject.traces if trace.person.name)
    say([words.say(Phrase(ASKED, ids=", ".join([*names, *subject.ids, *sorted(subject.users)])))])
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(Phrase(NO_ANSWER))
    wanted = words.text("yes")
    sys.stdout.write(words.say(Phrase("Write {word} to go on:", word=wanted)) + " ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().casefold() not in {"yes", wanted}:
        raise Refused(Phrase(DECLINED))


def _take_back(app: App, school: SchoolSettings, subject: Subject) -> RunResult | None:
    """Take back on Discord what we gave; None when that is nothing. Raise KopirError unless all of it went well."""
    bindings = app.store.bindings(school.id)
    if not any(member_key(user) in bindings for user in subject.users):
        return None
    try:
        result = asyncio.run(_farewell(app, school, subject))
    except SettingsInvalid:
        raise
    except KopirError as error:
        raise KopirError(Phrase(NOT_CLEANED, reason=error.said)) from error
    failed = [outcome.message for outcome in result.report.outcomes if outcome.status is not Status.APPLIED]
    if failed:
        raise KopirError(Phrase(NOT_CLEANED, reason=failed[0]))
    return result


async def _farewell(app: App, school: SchoolSettings, subject: Subject) -> RunResult:
    async def prepare(wire: Wire) -> Planned:
        guild = await DiscordReader(wire).read_members(subject.users)
        bindings = await asyncio.to_thread(app.store.bindings, school.id)
        names = [trace.person.name for trace in subject.traces]
        plan = farewell(school.id, guild, bindings, subject.users, names)
        return Planned(plan, guild, bindings, Recovered((), ()), Linking({}, (), (), (), (), (), ()))

    task = Task(command="forget", scope=Scope(members=subject.users), prepare=prepare, files=app.files(school))
    async with app.discord(announced_waits(texts(app.settings.language))) as http:
        return await run_held(school, app.store, http, task)


def _told(subject: Subject, taken: RunResult | None, erased: Mapping[str, int]) -> Iterator[Phrase]:
    """Say what was done, and what a person must still do."""
    if taken is not None:
        roles = sum(len(change.lost_roles) for change in taken.plan.changes)
        yield Phrase(GONE_THERE, roles=roles, nicks=sum("nick" in change.fields for change in taken.plan.changes))
    yield Phrase(GONE_HERE, **{name: erased[name] for name in ("people", "enrolments", "links")})
    if sources := sorted({trace.source for trace in subject.traces if not trace.gone}):
        yield Phrase(LISTED, sources=", ".join(sources))
    if subject.users:
        yield Phrase(WROTE)
    if subject.alike:
        yield Phrase(ALIKE, ids=", ".join(subject.alike))

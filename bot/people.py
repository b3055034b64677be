"""Tie people to Discord accounts by hand: the work behind `kopir link`, `kopir unlink` and `kopir readmit`."""

import asyncio
import sys
from collections.abc import Iterable

from bot.app import App
from bot.guild import DiscordReader
from bot.progress import announced_waits
from bot.runs import guild_of, now
from bot.wire import Wire
from sync import keys
from sync.departures import STAY, UNTIED
from sync.errors import Refused
from sync.ledger import Cause, Departure, Link
from sync.linking import account
from sync.merge import Roster, merge
from sync.phrases import Phrase
from sync.records import Person
from sync.settings import SchoolSettings
from sync.subjects import find
from sync.texts import N_, texts

NOBODY = N_("{person} is nobody in the class lists; give the id as `source:id`, or the e-mail.")
SEVERAL = N_("{person} is several people in the class lists; give the id as `source:id`, or the e-mail.")
NOT_WAITING = N_("{person} did not go, so that nothing has to be allowed.")
NO_MEMBER = N_("{name} is not on the server; check the spelling, or give the user id.")


def link(app: App, person: str, user: str) -> None:
    """Tie a person to a Discord account, stated as user id or user name."""
    school = app.only_school()
    found = _person(_roster(app, school), person)
    user_id = user if user.isdecimal() else asyncio.run(_user_id(app, school, user))
    app.store.save_link(school.id, Link(found.id, user_id, "command", now()))
    departure = app.store.departures(school.id).get(user_id)
    if departure is not None and departure.cause in UNTIED:
        app.store.note_departures(school.id, (), [user_id])
    sys.stdout.write(texts(school.language).text("Linked. The next sync gives the roles.") + "\n")


def unlink(app: App, person: str) -> None:
    """Untie a person, also one who is in no class list any more, or whoever has a Discord account (by user id)."""
    school = app.only_school()
    wanted = person.strip().casefold()
    stored = [found.person for found in app.store.links(school.id) if wanted in {*_ids(found.person), found.user_id}]
    known = stored[0] if len(stored) == 1 else _person(_roster(app, school), person).id
    tied = next((found for found in app.store.links(school.id) if found.person == known), None)
    if tied is None:
        raise Refused(Phrase("{person} is not linked.", person=person))
    app.store.remove_link(school.id, known, [Departure(tied.user_id, Cause.UNLINKED, now(), known, "command")])
    sys.stdout.write(texts(school.language).text("Unlinked. The next sync takes the roles away.") + "\n")


def readmit(app: App, person: str) -> None:
    """Let somebody in who came back and has had to wait since."""
    school = app.only_school()
    subject = find(person, *app.store.known_people(school.id))
    known = app.store.departures(school.id).values()
    theirs = [one for one in known if one.person in subject.ids or one.user_id in subject.users]
    if not theirs:
        raise Refused(Phrase(NOT_WAITING, person=person))
    with app.store.hold(school.id):
        app.store.remove_bindings(school.id, _of_ended_stays(app, school, theirs))
        app.store.note_departures(school.id, (), [one.user_id for one in theirs])
    sys.stdout.write(texts(school.language).text("Let in. The next sync gives the roles.") + "\n")


def _of_ended_stays(app: App, school: SchoolSettings, departures: Iterable[Departure]) -> list[str]:
    """Name what was given in stays that ended, or the next run would notice the same departures once more."""
    bindings = app.store.bindings(school.id)
    ended = ((keys.member(one.user_id), one.stay) for one in departures if one.cause not in UNTIED)
    return [key for key, stay in ended if key in bindings and bindings[key].memo.get(STAY, "") == stay]


def _roster(app: App, school: SchoolSettings) -> Roster:
    links = {found.person: found.user_id for found in app.store.links(school.id)}
    return merge([(source.name, app.store.load_snapshot(school.id, source.name)) for source in school.sources], links)


def _person(roster: Roster, text: str) -> Person:
    wanted = text.strip().casefold()
    found = [p for p in roster.people if wanted and wanted in {*_ids(p.id), p.email.casefold()}]
    if len(found) != 1:
        raise Refused(Phrase(SEVERAL if found else NOBODY, person=text))
    return found[0]


def _ids(person: str) -> tuple[str, str]:
    """Return how a person's id may be written: with and without its source."""
    return person.casefold(), person.partition(":")[2].casefold()


async def _user_id(app: App, school: SchoolSettings, name: str) -> str:
    async with app.discord(announced_waits(texts(app.settings.language))) as http:
        guild = await DiscordReader(Wire(http, guild_of(school))).read()
    for member in guild.members:
        if member.username.casefold() == account(name.lstrip("@")):
            return member.user_id
    raise Refused(Phrase(NO_MEMBER, name=name))

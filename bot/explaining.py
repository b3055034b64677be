"""Explain somebody's roles: the work behind `kopir status --person`."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.app import App
from bot.commands import DONE, say, write_json
from bot.guild import DiscordReader
from bot.progress import announced_waits
from bot.runs import guild_of, now
from bot.wire import Wire
from sync.errors import KopirError
from sync.explain import RoleFact, Standing, facts, said
from sync.guild import GuildMember
from sync.ledger import Cause, Departure, Link
from sync.observe import granted, places
from sync.phrases import Phrase, joined
from sync.records import Kind
from sync.settings import SchoolSettings
from sync.store_people import Dossier
from sync.subjects import Subject, find
from sync.texts import N_, Texts, texts

GONE = N_("{person}: gone since {date}")
UNREAD = N_("{source} could not be read at {at}; what it said before counts")
LINKED = N_("linked with the Discord user {user} since {date} ({proof})")
NOT_LINKED = N_("not linked with a Discord account; stated in the class lists: {stated}")
WENT: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.LEFT: N_("left the server, noticed on {date}"),
        Cause.KICKED: N_("was kicked from the server on {date}, by the Discord user {by}"),
        Cause.BANNED: N_("was banned from the server on {date}, by the Discord user {by}"),
        Cause.UNLINKED: N_("was unlinked from the Discord user {user} on {date}"),
        Cause.DROPPED: N_("was dropped from the class lists, noticed on {date}"),
    }
)
WAITS = N_("{went}; whoever comes back gets nothing until `kopir readmit`")
NOT_ASKED = N_("Discord could not be asked, so what follows is what Kopir remembers: {reason}")


def explain(app: App, person: str, *, as_json: bool) -> int:
    """Say why somebody has or lacks each role, with the rows that decide it."""
    school, words = app.only_school(), texts(app.only_school().language)
    subject = find(person, *app.store.known_people(school.id))
    found = app.store.about(school.id, subject)
    links = [link for link in app.store.links(school.id) if link.person in subject.ids]
    standing, trouble = _standing(app, school, subject, found, links)
    known = app.store.departures(school.id).values()
    went = [one for one in known if one.user_id in subject.users or one.person in subject.ids]
    standing = replace(standing, barred=any(one.cause in school.returning.asked for one in went))
    titles = {f"{source}:{one}": title for (kind, source, one), title in found.titles.items() if kind is Kind.COURSES}
    roles = facts(found.enrolments, titles, standing, school.timezone, now())
    told = [_went(one, school) for one in went]
    about = [*_lists(app, school, found), *_link_lines(links, subject, school), *told, *trouble]
    if as_json:
        write_json([_json(school, subject, about, roles, found, words)])
    else:
        lines = [*about, *(said(fact, found.roles.get(fact.key) or fact.key) for fact in roles)]
        say(words.say(line) for line in lines)
    return DONE


def _json(
    school: SchoolSettings, subject: Subject, about: list[Phrase], roles: list[RoleFact], found: Dossier, words: Texts
) -> dict[str, object]:
    entries = [
        {
            "key": fact.key,
            "name": found.roles.get(fact.key, ""),
            "wanted": fact.wanted,
            "verdict": words.say(fact.verdict),
            "because": [words.say(row) for row in fact.rows],
        }
        for fact in roles
    ]
    return {"school": school.id, "ids": subject.ids, "about": [words.say(line) for line in about], "roles": entries}


def _standing(
    app: App, school: SchoolSettings, subject: Subject, found: Dossier, links: list[Link]
) -> tuple[Standing, list[Phrase]]:
    """Put together what the tables and Discord know; without Discord the last given roles count as held."""
    listed = tuple(dict.fromkeys(row["source"] for row in found.people if row["gone_at"] is None))
    given = frozenset(role for member in found.members for role in granted(member))
    respects = "member-roles" in school.by_hand.respected
    users = frozenset(link.user_id for link in links) or subject.users
    try:
        member = asyncio.run(_member(app, school, users)) if users else None
    except KopirError as error:
        remembered = Standing(listed, bool(links), bool(given), given, given, respects)
        return remembered, [Phrase(NOT_ASKED, reason=error.said)]
    ours = places(app.store.bindings(school.id))
    held = frozenset(ours[role] for role in member.roles if role in ours) if member else frozenset()
    return Standing(listed, bool(links), member is not None, held, given, respects), []


async def _member(app: App, school: SchoolSettings, users: frozenset[str]) -> GuildMember | None:
    async with app.discord(announced_waits(texts(app.settings.language))) as http:
        reader = DiscordReader(Wire(http, guild_of(school)))
        found = [await reader.member(user) for user in sorted(users)]
    return next((member for member in found if member is not None), None)


def _lists(app: App, school: SchoolSettings, found: Dossier) -> list[Phrase]:
    lines = []
    for row in found.people:
        named, gone = joined(", ", (row["source"], row["origin"] or "-", row["name"])), row["gone_at"]
        date = f"{gone.astimezone(school.timezone):%Y-%m-%d}" if gone else ""
        lines.append(Phrase(GONE, person=named, date=date) if gone else named)
    for pull in app.store.last_pulls(school.id).values():
        if not pull.ok:
            at = f"{pull.at.astimezone(school.timezone):%Y-%m-%d %H:%M}"
            lines.append(Phrase(UNREAD, source=pull.source, at=at))
    return lines


def _went(departure: Departure, school: SchoolSettings) -> Phrase:
    """Tell how somebody went, and what that means should they come back."""
    date = f"{departure.at.astimezone(school.timezone):%Y-%m-%d}"
    went = Phrase(WENT[departure.cause], date=date, by=departure.by or "?", user=departure.user_id)
    return Phrase(WAITS, went=went) if departure.cause in school.returning.asked else went


def _link_lines(links: list[Link], subject: Subject, school: SchoolSettings) -> list[Phrase]:
    if not links:
        stated = ", ".join(sorted({trace.person.discord for trace in subject.traces} - {""})) or "-"
        return [Phrase(NOT_LINKED, stated=stated)]
    return [
        Phrase(LINKED, user=link.user_id, date=f"{link.at.astimezone(school.timezone):%Y-%m-%d}", proof=link.proof)
        for link in links
    ]

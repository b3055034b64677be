"""Explain why somebody has or lacks each role on the server, with the row of the source that says so. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync import keys
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE
from sync.models import FILE_MISSING
from sync.phrases import Phrase, joined
from sync.records import CourseRole
from sync.texts import N_
from sync.words import COURSE_ROLES

GIVES = N_("{row} gives it")
DROPPED = N_("{row}: no longer in the class list since {date}")
MISSING = N_("{row}: its file stopped coming on {date}; it counts until somebody approves the removal")
PAUSED = N_("{row}: suspended")
ENDED = N_("{row}: ended on {date}")
NOT_BEGUN = N_("{row}: begins on {date}")
LISTED = N_("{source} lists this person")
NO_ROW = N_("no class list asks for it")
HAS = N_("has it")
BY_HAND = N_("has it from somebody's hand, and keeps it")
GOING = N_("has it still; the next sync takes it, or it waits for approval")
TAKEN = N_("lacks it: somebody took it away on the server; the next sync gives it back")
RESPECTED = N_("lacks it: somebody took it away on the server, which the settings respect; give it by hand")
COMING = N_("lacks it: the next sync gives it")
UNLINKED = N_("lacks it: no Discord account is linked")
ABSENT = N_("lacks it: not on the server")
BARRED = N_("lacks it: gets nothing until somebody lets them in with `kopir readmit`")
NOT_DUE = N_("lacks it")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody: the sources that list them, whether they are linked and on the server.

    Of our roles some are `held` there, and some were `given` by us. Who is `barred` gets nothing until let in.
    """

    listed: tuple[str, ...]
    linked: bool
    there: bool
    held: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    respects_taken: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class RoleFact:
    """One role (by Key): whether the class lists ask for it, what the server shows, and the rows that decide."""

    key: str
    wanted: bool
    verdict: Phrase
    rows: tuple[Phrase, ...]


def facts(
    enrolments: Iterable[Values], titles: Mapping[str, str], standing: Standing, zone: ZoneInfo, now: datetime
) -> list[RoleFact]:
    """Explain each role that somebody has, had from us, or could have; `titles` name courses by `source:id`."""
    rows: dict[str, list[tuple[bool, Phrase]]] = {key: [] for key in sorted(standing.held | standing.given)}
    judged = [(row, _judged(row, titles, zone, now)) for row in enrolments]
    member = bool(standing.listed) and (not judged or any(gives for _, (gives, _) in judged))
    rows[VERIFIED_ROLE] = [(member, Phrase(LISTED, source=source)) for source in standing.listed]
    for row, found in judged:
        for key in roles_of(row):
            rows.setdefault(key, []).append(found)
    return [_fact(key, found, standing) for key, found in rows.items()]


def roles_of(row: Values) -> Iterator[str]:
    """Name the roles that an enrolment is about."""
    course, role = f"{row['source']}:{row['course']}" if row["course"] else "", row["role"]
    if role in {CourseRole.STAFF, CourseRole.MODERATOR}:
        yield STAFF_ROLE if role is CourseRole.STAFF else MODERATOR_ROLE
    elif course and role is not CourseRole.OBSERVER:
        yield keys.course(course, "students" if role is CourseRole.STUDENT else "teachers")
    if role is not CourseRole.OBSERVER:
        yield from (keys.group(course, f"{row['source']}:{group}", "role") for group in row["groups"])


def _judged(row: Values, titles: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[bool, Phrase]:
    """Tell whether a row gives its roles now, and why, in words that name the row."""
    course = f"{row['source']}:{row['course']}"
    place = titles.get(course, course) if row["course"] else "-"
    named = joined(", ", (row["source"], row["origin"] or "-", place, COURSE_ROLES[row["role"]]))
    if row["gone_at"] is not None:
        held = row["gone_cause"] == FILE_MISSING
        return held, Phrase(MISSING if held else DROPPED, row=named, date=_day(row["gone_at"], zone))
    if row["suspended"]:
        return False, Phrase(PAUSED, row=named)
    if row["end"] is not None and row["end"] <= now:
        return False, Phrase(ENDED, row=named, date=_day(row["end"], zone))
    if row["start"] is not None and row["start"] > now:
        return False, Phrase(NOT_BEGUN, row=named, date=_day(row["start"], zone))
    return True, Phrase(GIVES, row=named)


def _fact(key: str, judged: list[tuple[bool, Phrase]], standing: Standing) -> RoleFact:
    wanted = any(gives for gives, _ in judged)
    rows = tuple(said for gives, said in judged if gives or not wanted) or (Phrase(NO_ROW),)
    return RoleFact(key, wanted, Phrase(_verdict(key, standing, wanted=wanted)), rows)


def _verdict(key: str, standing: Standing, *, wanted: bool) -> str:
    if key in standing.held:
        ours = key in standing.given
        return HAS if wanted else GOING if ours else BY_HAND
    if not wanted:
        return NOT_DUE
    if not standing.there and standing.linked:
        return ABSENT
    if standing.barred:
        return BARRED
    if not standing.linked:
        return UNLINKED
    if key in standing.given:
        return RESPECTED if standing.respects_taken else TAKEN
    return COMING


def said(fact: RoleFact, name: str) -> Phrase:
    """Put a role's explanation into one line."""
    return joined(" - ", (joined(": ", (name, fact.verdict)), joined("; ", fact.rows)))


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"

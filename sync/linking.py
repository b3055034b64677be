"""Find out which Discord user each person is, from links already proven and the roster's `discord` column."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync.departures import Back
from sync.guild import Guild
from sync.ledger import Link
from sync.records import Person

ROSTER_PROOF = "roster:"
NOBODY_BACK = Back()


@dataclass(frozen=True, slots=True)
class Linking:
    """Who is who. `unlinked` people state no account, `unknown` ones state an account that is not on the server.

    `strangers` are members (user ids) whom no person claims. `replaced` had the links before whose accounts are now
    found to be others': people who went, or came back under another id. `barred` people are back on the server, and get
    nothing until somebody lets them in.
    """

    users: Mapping[str, str]
    found: tuple[Link, ...]
    replaced: tuple[str, ...]
    unlinked: tuple[str, ...]
    unknown: tuple[str, ...]
    contested: tuple[str, ...]
    strangers: tuple[str, ...]
    barred: tuple[str, ...] = ()


def account(text: str) -> str:
    """Normalise an account as written by hand: `@Aisulu#0`, `aisulu` and `<@123>` forms become one."""
    return text.strip().strip("<@!>").strip().casefold().removesuffix("#0")


def link(
    people: Iterable[Person], links: Mapping[str, Link], guild: Guild, now: datetime, returned: Back = NOBODY_BACK
) -> Linking:
    """Tie people to members. A proven link holds until the roster names another account; a shared one ties nobody.

    Neither does one of somebody who `returned` and is barred.
    """
    people = tuple(people)
    by_name = {member.username.casefold(): member.user_id for member in guild.members if not member.bot}
    by_name |= {member.user_id: member.user_id for member in guild.members if not member.bot}
    stated = {person.id: _user(person, links.get(person.id), by_name) for person in people}
    barred = {person: user for person, user in stated.items() if returned.bars(person, user)}
    users = stated | dict.fromkeys(barred, "")
    claims = Counter(user for user in users.values() if user)
    proven = {person: found.user_id for person, found in links.items()}
    contested = {person for person, user in users.items() if claims[user] > 1 and proven.get(person) != user}
    tied = {person: user for person, user in users.items() if user and person not in contested}
    found = tuple(_roster_link(person, tied[person.id], now) for person in people if _is_new(person, tied, links))
    present = {person: user for person, user in tied.items() if guild.member(user)}
    known = {*present.values(), *barred.values()}
    absent = [person for person in people if person.id not in present and person.id not in barred]
    return Linking(
        present,
        found,
        _replaced(found, links),
        tuple(person.id for person in absent if not person.discord and person.id not in tied),
        tuple(p.id for p in absent if (p.discord or p.id in tied) and p.id not in contested),
        tuple(sorted(contested)),
        tuple(m.user_id for m in guild.members if not m.bot and m.user_id not in known),
        tuple(person for person, user in barred.items() if guild.member(user)),
    )


def _user(person: Person, proven: Link | None, by_name: Mapping[str, str]) -> str:
    return proven.user_id if proven and _holds(proven, person) else by_name.get(account(person.discord), "")


def _holds(proven: Link, person: Person) -> bool:
    stated = account(person.discord)
    return not stated or not proven.proof.startswith(ROSTER_PROOF) or proven.proof == ROSTER_PROOF + stated


def _is_new(person: Person, tied: Mapping[str, str], links: Mapping[str, Link]) -> bool:
    """Tell what to save: also the same account stated anew, or a later change of its name would break the link."""
    proven = links.get(person.id)
    return person.id in tied and (proven is None or not _holds(proven, person))


def _replaced(found: Iterable[Link], links: Mapping[str, Link]) -> tuple[str, ...]:
    owners = {new.user_id: new.person for new in found}
    return tuple(old.person for old in links.values() if owners.get(old.user_id, old.person) != old.person)


def _roster_link(person: Person, user: str, now: datetime) -> Link:
    return Link(person.id, user, ROSTER_PROOF + account(person.discord), now)

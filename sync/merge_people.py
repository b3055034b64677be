"""Finds out which people of several sources are one human, without guessing; `merge` builds the Roster from it.

Three ties are tried in turn: the same id, the same e-mail, the same Discord account. People tied together become one
only when nothing speaks against it; otherwise all of them stay apart and a Conflict says why.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from unicodedata import normalize

from sync.linking import account
from sync.records import Person


class Tie(StrEnum):
    """What made people candidates for being one."""

    ID = "id"
    EMAIL = "email"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Conflict:
    """People (qualified ids) whom a tie joins but whose `field` contradicts: they were not merged."""

    kind: Tie
    people: tuple[str, ...]
    field: str  # email | name | discord | id (two people of one source)
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One source's view of a human. `rank` is the place of the source in the order of precedence."""

    rank: int
    id: str
    codes: tuple[str, ...]
    name: str
    email: str
    accounts: frozenset[str]
    link: str


Cluster = tuple[Claim, ...]


def claim(rank: int, source: str, person: Person, links: Mapping[str, str]) -> Claim:
    """Return what a source says of a person, normalised for comparison."""
    identity = f"{source}:{person.id}"
    link = links.get(identity, "")
    accounts = frozenset(stated for stated in (account(person.discord), link) if stated)
    codes = (person.id,) if person.codes is None else person.codes
    return Claim(rank, identity, codes, person.name, person.email.strip().casefold(), accounts, link)


def cluster(claims: Iterable[Claim]) -> tuple[list[Cluster], tuple[Conflict, ...]]:
    """Group claims by human, the source of the highest precedence first, and return what could not be decided."""
    clusters: list[Cluster] = [(one,) for one in sorted(claims)]
    conflicts: list[Conflict] = []
    for tie, keys in _KEYS.items():
        clusters, found = _join(clusters, tie, keys)
        conflicts += found
    return clusters, tuple(conflict for conflict in conflicts if not _settled(conflict, clusters))


def _settled(conflict: Conflict, clusters: Iterable[Cluster]) -> bool:
    """Tell whether a later tie joined all of them after all, as one Discord account does in spite of two e-mails."""
    return any({one.id for one in members} >= set(conflict.people) for members in clusters)


_KEYS: Mapping[Tie, Callable[[Claim], Iterable[str]]] = {
    Tie.ID: lambda one: one.codes,
    Tie.EMAIL: lambda one: (one.email,) if one.email else (),
    Tie.ACCOUNT: lambda one: one.accounts,
}


def _join(
    clusters: list[Cluster], tie: Tie, keys: Callable[[Claim], Iterable[str]]
) -> tuple[list[Cluster], list[Conflict]]:
    joined: list[Cluster] = []
    conflicts: list[Conflict] = []
    for tied in _components(clusters, keys):
        together = tuple(sorted(one for member in tied for one in member))
        against = _contradiction(together, tie) if len(tied) > 1 else None
        if against is None:
            joined.append(together)
        else:
            joined.extend(tied)
            conflicts.append(Conflict(tie, tuple(one.id for one in together), *against))
    return sorted(joined), sorted(conflicts, key=lambda conflict: conflict.people)


def _components(clusters: list[Cluster], keys: Callable[[Claim], Iterable[str]]) -> Iterator[list[Cluster]]:
    """Yield the clusters that share keys, directly or through others."""
    sharing: dict[str, list[int]] = defaultdict(list)
    for number, members in enumerate(clusters):
        for key in {key for one in members for key in keys(one)}:
            sharing[key].append(number)
    leader = list(range(len(clusters)))
    for numbers in sharing.values():
        for number in numbers[1:]:
            leader[_top(leader, number)] = _top(leader, numbers[0])
    components: dict[int, list[Cluster]] = defaultdict(list)
    for number, members in enumerate(clusters):
        components[_top(leader, number)].append(members)
    yield from components.values()


def _top(leader: list[int], number: int) -> int:
    while leader[number] != number:
        leader[number] = leader[leader[number]]
        number = leader[number]
    return number


def _contradiction(together: Cluster, tie: Tie) -> tuple[str, tuple[str, ...]] | None:
    """Return the field that tells claims apart, with its values, or None when all may be one human."""
    emails = sorted({one.email for one in together if one.email})
    if tie is Tie.ID and len(emails) > 1:
        return "email", tuple(emails)
    names = sorted({one.name for one in together if one.name})
    if any(not (a <= b or b <= a) for a, b in combinations(map(_words, names), 2)):
        return "name", tuple(names)
    links = sorted({one.link for one in together if one.link})
    if len(links) > 1:
        return "discord", tuple(links)
    if len({one.rank for one in together}) < len(together):
        return "id", tuple(one.id.partition(":")[2] for one in together)
    return None


def _words(name: str) -> frozenset[str]:
    """Return what two spellings of a name share: word order, case and a left-out patronymic do not matter."""
    return frozenset(normalize("NFC", name).casefold().split())

"""Finds out who is meant when somebody asks for their data, among all records, also those that are gone. Pure."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.errors import Refused
from sync.ledger import Link
from sync.linking import account
from sync.merge_people import Claim, Cluster, claim, cluster
from sync.phrases import Phrase
from sync.records import Person
from sync.texts import N_

NOTHING = N_("Nothing is stored about {person}. Give the id as `source:id`, the e-mail, or the Discord user id.")
SEVERAL = N_("{person} may be several people: {ids}. Give one of these ids.")


class NothingStored(Refused):
    """Say that the tables hold nothing about somebody."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What one source said of a human, now or before they went."""

    source: str
    person: Person
    gone: bool = False

    @property
    def id(self) -> str:
        """Return the id that is unique among the sources of a school."""
        return f"{self.source}:{self.person.id}"


@dataclass(frozen=True, slots=True)
class Subject:
    """One human as the tables know them: their traces, all their `source:id`s, and their Discord user ids.

    `alike` are ids of others who share an e-mail or an account with them, and whom nothing proves to be the same.
    """

    traces: tuple[Trace, ...]
    ids: tuple[str, ...]
    users: frozenset[str]
    alike: tuple[str, ...] = ()


def find(text: str, traces: Sequence[Trace], links: Iterable[Link], members: Container[str]) -> Subject:
    """Find one human by `source:id`, id, e-mail, Discord user id or name. `members` are user ids with a binding.

    Raise NothingStored when it is nobody, Refused when it may be several.
    """
    tied = {link.person: link.user_id for link in links}
    sources = list(dict.fromkeys(trace.source for trace in traces))
    claims = [claim(sources.index(trace.source), trace.source, trace.person, tied) for trace in traces]
    clusters, _ = cluster(claims)
    found = _meant(account(text), clusters)
    if len(found) > 1:
        raise Refused(Phrase(SEVERAL, person=text, ids=", ".join(one.id for members in found for one in members)))
    if not found:
        return _without_record(text.strip(), tied, members)
    ids = tuple(one.id for one in found[0])
    own = tuple(trace for trace in traces if trace.id in ids)
    return Subject(own, ids, _users(found[0]), _alike(found[0], clusters))


def _meant(wanted: str, clusters: Iterable[Cluster]) -> list[Cluster]:
    """Return whom a text may mean; a full id means one, whatever else it may be."""
    exact = [members for members in clusters if wanted in {one.id.casefold() for one in members}]
    return exact or [members for members in clusters if any(wanted in _names(one) for one in members)]


def _names(one: Claim) -> frozenset[str]:
    return frozenset({one.id.partition(":")[2].casefold(), one.email, *one.accounts} - {""})


def _users(members: Cluster) -> frozenset[str]:
    """Return the Discord user ids that links or lists give to somebody."""
    return frozenset(name for one in members for name in one.accounts if name.isdecimal())


def _alike(own: Cluster, clusters: Iterable[Cluster]) -> tuple[str, ...]:
    shared = {name for one in own for name in (one.email, *one.accounts)} - {""}
    others = (one for members in clusters if members is not own for one in members)
    return tuple(sorted(one.id for one in others if shared & {one.email, *one.accounts}))


def _without_record(text: str, tied: Mapping[str, str], members: Container[str]) -> Subject:
    """Find whom only a link or what we set on Discord remembers."""
    ids = tuple(person for person, user in tied.items() if text in {person, user})
    users = frozenset([tied[person] for person in ids] + ([text] if text in members else []))
    if not users:
        raise NothingStored(Phrase(NOTHING, person=text))
    return Subject((), ids, users)

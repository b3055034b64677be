"""Keeps forgotten people forgotten while a source still lists them, without storing who they are. Pure.

What would tell them apart is turned into marks, keyed hashes, which can be recognised but not read. An e-mail counts
together with the name, as families share one.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sync.linking import account
from sync.records import Person, Snapshot
from sync.subjects import Subject, Trace


@dataclass(frozen=True, slots=True)
class Marker:
    """Makes marks with one school's key."""

    key: bytes

    def of_record(self, source: str, person: Person) -> frozenset[str]:
        """Return the marks by which a record is compared."""
        email = person.email.strip().casefold()
        found = {self.of_id(f"{source}:{person.id}")}
        found |= {self._mark("e-mail", email, *_words(person.name))} if email else set()
        return frozenset(found | ({self.of_account(person.discord)} if account(person.discord) else set()))

    def of_subject(self, subject: Subject, others: Iterable[Trace]) -> frozenset[str]:
        """Return the marks of somebody who is to be forgotten, without those that other people have too."""
        found = {mark for trace in subject.traces for mark in self.of_record(trace.source, trace.person)}
        found |= {self.of_email(t.person.email) for t in subject.traces if t.person.email}
        for other in others:
            found -= {self.of_email(other.person.email), *self.of_record(other.source, other.person)}
        return frozenset(found) | {*map(self.of_id, subject.ids), *map(self.of_account, subject.users)}

    def of_text(self, text: str) -> frozenset[str]:
        """Return the marks that a text may stand for: an id, an e-mail, an account."""
        return frozenset({self.of_id(text.strip()), self.of_email(text), self.of_account(text)})

    def of_id(self, identity: str) -> str:
        """Return the mark of a `source:id`."""
        return self._mark("id", identity)

    def of_email(self, email: str) -> str:
        """Return the mark of an e-mail whose owner is not named."""
        return self._mark("e-mail", email.strip().casefold())

    def of_account(self, stated: str) -> str:
        """Return the mark of a Discord account."""
        return self._mark("account", account(stated))

    def _mark(self, *parts: str) -> str:
        return hmac.digest(self.key, "\n".join(parts).encode(), "sha256").hex()


def _words(name: str) -> list[str]:
    """Return a name's words in an order of their own, as sources write the family name first or last."""
    return sorted(name.casefold().split())


def without(snapshot: Snapshot, source: str, marker: Marker, marks: frozenset[str]) -> tuple[Snapshot, int]:
    """Leave the forgotten out of what a source says, and count them."""
    known = [p.id for p in snapshot.people if not marks.isdisjoint(marker.of_record(source, p))]
    enrolled = {e.person for e in snapshot.enrolments}
    gone = {*known, *(person for person in enrolled if marker.of_id(f"{source}:{person}") in marks)}
    people = tuple(person for person in snapshot.people if person.id not in gone)
    enrolments = tuple(enrolment for enrolment in snapshot.enrolments if enrolment.person not in gone)
    return replace(snapshot, people=people, enrolments=enrolments), len(gone)

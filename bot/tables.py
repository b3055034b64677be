"""Load what the tables of a school hold into values that a plan is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sync.ledger import Binding, Decision, Departure, Link, Refusal
from sync.merge import Roster, merge
from sync.removals import Removal
from sync.settings import SchoolSettings
from sync.store import Store


@dataclass(frozen=True, slots=True)
class Tables:
    """A school's rosters as stored: merged, and as if the files that stopped coming were still there."""

    roster: Roster
    kept: Roster
    links: Mapping[str, Link]
    bindings: Mapping[str, Binding]
    decisions: tuple[Decision, ...] = ()
    discarded: frozenset[Removal] = frozenset()
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    departures: Mapping[str, Departure] = field(default_factory=dict)

    @property
    def people(self) -> Mapping[str, str]:
        """Map Discord users to the person they are linked with."""
        return {found.user_id: person for person, found in self.links.items()}


def load_tables(store: Store, school: SchoolSettings) -> Tables:
    """Load and merge a school's records; blocks."""
    links = {found.person: found for found in store.links(school.id)}
    users = {person: found.user_id for person, found in links.items()}
    present = [(source.name, store.load_snapshot(school.id, source.name)) for source in school.sources]
    roster = merge(present, users)
    kept = [(source.name, store.load_snapshot(school.id, source.name, with_missing=True)) for source in school.sources]
    merged = {roster.aliases.get(person, person): found for person, found in links.items()}
    return Tables(
        roster,
        roster if kept == present else merge(kept, users),
        merged,
        store.bindings(school.id),
        store.decisions(school.id),
        store.discarded(school.id),
        store.refusals(school.id),
        departures_of(store, school, roster),
    )


def departures_of(store: Store, school: SchoolSettings, roster: Roster) -> Mapping[str, Departure]:
    """Load who went, by user, under the ids that a roster has for people; blocks."""
    known = store.departures(school.id)
    return {user: replace(one, person=roster.aliases.get(one.person, one.person)) for user, one in known.items()}


LoadTables = Callable[[Store, SchoolSettings], Tables]

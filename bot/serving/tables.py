"""Keeps each school's merged roster in memory between runs, so that somebody who joins does not wait for the tables."""

from dataclasses import dataclass, field, replace
from threading import Lock

from bot.tables import Tables, departures_of, load_tables
from sync.linking import ROSTER_PROOF
from sync.merge import Roster
from sync.settings import SchoolSettings
from sync.store import Store

Stamp = tuple[object, ...]


@dataclass(slots=True)
class TableCache:
    """One school's tables. Reading a large roster takes seconds, so it is read again only after something changed it.

    `behind` tells whether the last `glance` saw a roster that is no longer the newest.
    """

    behind: bool = False
    _kept: tuple[Stamp, Tables] | None = None
    _lock: Lock = field(default_factory=Lock)

    def load(self, store: Store, school: SchoolSettings) -> Tables:
        """Return the tables as they are now; blocks, for seconds where the roster changed."""
        with self._lock:
            stamp = _stamp(store, school)
            if self._kept is not None and self._kept[0] == stamp:
                return _fresh(self._kept[1], store, school)
            tables = load_tables(store, school)
            self._kept = stamp, tables
            return tables

    def glance(self, store: Store, school: SchoolSettings) -> Tables:
        """Return the tables at once, with the roster of the last load, if there was one; blocks shortly."""
        kept, stamp = self._kept, _stamp(store, school)
        if kept is None or kept[0][-1:] != stamp[-1:]:  # nobody who was forgotten is served from memory
            return self.load(store, school)
        self.behind = kept[0] != stamp
        return _fresh(kept[1], store, school)

    def settled(self) -> None:
        """Note that missing files were agreed to be gone: what they listed is read again."""
        if self._kept is not None and self._kept[1].kept is not self._kept[1].roster:
            self._kept = self._kept[0][-1:], self._kept[1]

    @property
    def roster(self) -> Roster | None:
        """Return the roster as loaded last."""
        return self._kept[1].roster if self._kept is not None else None


def _fresh(tables: Tables, store: Store, school: SchoolSettings) -> Tables:
    links = {tables.roster.aliases.get(link.person, link.person): link for link in store.links(school.id)}
    return replace(
        tables,
        links=links,
        bindings=store.bindings(school.id),
        departures=departures_of(store, school, tables.roster),
        decisions=store.decisions(school.id),
        discarded=store.discarded(school.id),
        refusals=store.refusals(school.id),
    )


def _stamp(store: Store, school: SchoolSettings) -> Stamp:
    """Tell one state of the roster from another; other processes pull and link too.

    Links decide who is who among several sources. Those that only repeat what the roster says tell nothing new.
    """
    pulls = sorted((name, record.at) for name, record in store.last_pulls(school.id).items())
    proven = [link for link in store.links(school.id) if not link.proof.startswith(ROSTER_PROOF)]
    return tuple(pulls), tuple(proven) if len(school.sources) > 1 else (), store.forgettings(school.id)

"""Keeps each school's merged roster in memory between runs, so that somebody who joins does not wait for the tables."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from bot.planning import Tables, load_tables
from sync.merge import Roster
from sync.settings import SchoolSettings
from sync.store import Store

Stamp = tuple[object, ...]


@dataclass(slots=True)
class TableCache:
    """One school's tables; `load` blocks. The roster is read again after a pull, a link or an agreed removal."""

    _stamp: Stamp | None = None
    _kept: Tables | None = None
    _lock: Lock = field(default_factory=Lock)

    def load(self, store: Store, school: SchoolSettings) -> Tables:
        """Return the tables: bindings fresh, the roster from memory where nothing changed it."""
        with self._lock:
            stamp = _stamp(store, school)
            if self._kept is None or stamp != self._stamp:
                self._kept, self._stamp = load_tables(store, school), stamp
                return self._kept
            return replace(self._kept, bindings=store.bindings(school.id))

    def settled(self) -> None:
        """Note that missing files were agreed to be gone: what they listed is read again."""
        if self._kept is not None and self._kept.kept is not self._kept.roster:
            self._stamp = None

    @property
    def roster(self) -> Roster | None:
        """Return the roster as loaded last."""
        return self._kept.roster if self._kept is not None else None


def _stamp(store: Store, school: SchoolSettings) -> Stamp:
    """Tell one state of the tables from another; other processes pull and link too."""
    pulls: dict[str, datetime] = {name: record.at for name, record in store.last_pulls(school.id).items()}
    return tuple(sorted(pulls.items())), store.links(school.id)

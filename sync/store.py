"""The only door to the database: rosters, links, bindings, refusals, runs, pulls and approvals in, values out.

Every method is one transaction and may be called from any thread. Errors are Refused or Retriable, in one sentence.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Self

from sqlalchemy import and_, delete, func, select, union

from sync import (
    holds,
    store_decisions,
    store_departures,
    store_forgotten,
    store_journal,
    store_links,
    store_people,
    store_refusals,
    store_retention,
    store_snapshots,
)
from sync.database import WAIT_SECONDS, Database
from sync.ledger import Binding, Decision, Departure, Link, PullRecord, Refusal, Run
from sync.models import ROSTER, BindingRow, PullRow, RunRow, table
from sync.ports import Entry
from sync.records import Kind, Snapshot, StoredPull
from sync.removals import Removal
from sync.resources import Resource
from sync.sealing import Seal
from sync.settings_privacy import Keeping
from sync.store_people import Dossier
from sync.store_retention import Standing
from sync.store_rows import chunks, columns, row_of, upsert
from sync.store_sealing import open_sealed
from sync.store_snapshots import Place
from sync.subjects import Subject, Trace

BINDINGS, RUNS, PULLS = table(BindingRow), table(RunRow), table(PullRow)


class Store:
    """Keep what Kopir knows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holds = holds.Holds(database)

    @classmethod
    def open(cls, url: str, wait: float = WAIT_SECONDS, seal: Seal | None = None) -> Self:
        """Open, and create or migrate, the database of a URL; wait at most `wait` seconds where it is locked."""
        return cls(open_sealed(url, wait, seal))

    def close(self) -> None:
        """Give back all connections."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def hold(self, school: str) -> AbstractContextManager[None]:
        """Work on a school alone, among all processes and threads. Raise Busy when somebody else does."""
        return self._holds.hold(school)

    def save_snapshot(self, school: str, source: str, snapshot: Snapshot, at: datetime) -> StoredPull:
        """Store what a pull saw, by the rules of absence stated on Snapshot, without people who were forgotten."""
        place = Place(school, source)
        with self._database.writing() as connection:
            kept, withheld = store_forgotten.screen(connection, place, snapshot)
            return replace(store_snapshots.save(connection, place, kept, at), withheld=withheld)

    def load_snapshot(self, school: str, source: str, with_missing: bool = False) -> Snapshot:
        """Return a source's records in a stable order; `with_missing` adds those whose file stopped coming."""
        with self._database.reading() as connection:
            return store_snapshots.load(connection, Place(school, source), with_missing)

    def settle_missing(self, school: str, source: str) -> None:
        """Agree that the records of missing files are gone: `with_missing` no longer returns them."""
        with self._database.writing() as connection:
            store_snapshots.settle_missing(connection, Place(school, source))

    def counts(self, school: str, source: str) -> Mapping[Kind, int]:
        """Count a source's records by kind."""
        with self._database.reading() as connection:
            return store_snapshots.count(connection, Place(school, source))

    def sources(self, school: str) -> tuple[str, ...]:
        """Return the names of the sources that ever stored a record for a school."""
        names = union(*(select(rows.c.source).where(rows.c.school == school) for rows in ROSTER.values()))
        with self._database.reading() as connection:
            return tuple(sorted(connection.execute(names).scalars()))

    def links(self, school: str) -> tuple[Link, ...]:
        """Return a school's links, by person."""
        with self._database.reading() as connection:
            return store_links.load(connection, school)

    def save_link(self, school: str, link: Link) -> None:
        """Keep a link in place of the person's old one. Raise LinkTaken when the Discord user is another person's."""
        self.save_links(school, (link,))

    def save_links(self, school: str, links: Iterable[Link], replaced: Iterable[str] = ()) -> None:
        """Keep many links, all or none, so that two people may swap accounts; forget those of the people `replaced`."""
        with self._database.writing() as connection:
            store_links.save(connection, school, links, replaced)

    def remove_link(self, school: str, person: str, departures: Iterable[Departure] = ()) -> bool:
        """Forget a person's link, and note what that is for later; tell whether there was one."""
        with self._database.writing() as connection:
            store_departures.note(connection, school, departures)
            return store_links.remove(connection, school, person)

    def departures(self, school: str) -> Mapping[str, Departure]:
        """Return who went, by user."""
        with self._database.reading() as connection:
            return store_departures.load(connection, school)

    def note_departures(self, school: str, departures: Iterable[Departure], over: Iterable[str] = ()) -> int:
        """Keep who went, forget the users whose departure is `over`, and count these."""
        with self._database.writing() as connection:
            store_departures.note(connection, school, departures)
            return store_departures.forget(connection, school, over)

    def bindings(self, school: str) -> Mapping[str, Binding]:
        """Return a school's bindings by Key."""
        query = select(*columns(BINDINGS, Binding)).where(BINDINGS.c.school == school).order_by(BINDINGS.c.key)
        with self._database.reading() as connection:
            return {row.key: Binding(*row) for row in connection.execute(query)}

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        """Keep bindings in place of those with their Keys, and what was `done` for them, all or none."""
        rows = {binding.key: row_of(BINDINGS, binding, school) for binding in bindings}
        with self._database.writing() as connection:
            upsert(connection, BINDINGS, rows.values())
            store_journal.keep(connection, school, done)

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        """Forget the bindings of some Keys, and keep what was `done`, all or none."""
        with self._database.writing() as connection:
            store_journal.keep(connection, school, done)
            for chunk in chunks(keys):
                connection.execute(delete(BINDINGS).where(BINDINGS.c.school == school, BINDINGS.c.key.in_(chunk)))

    def refusals(self, school: str) -> Mapping[str, Refusal]:
        """Return what Discord refused of a school, by Key."""
        with self._database.reading() as connection:
            return store_refusals.load(connection, school)

    def save_refusals(self, school: str, refusals: Iterable[Refusal]) -> None:
        """Keep refusals in place of those with their Keys, all or none."""
        with self._database.writing() as connection:
            store_refusals.save(connection, school, refusals)

    def forget_refusals(self, school: str, keys: Iterable[str] | None = None) -> None:
        """Forget the refusals of some Keys, or all, so that they are tried again."""
        with self._database.writing() as connection:
            store_refusals.forget(connection, school, keys)

    def known_people(self, school: str) -> tuple[tuple[Trace, ...], tuple[Link, ...], frozenset[str]]:
        """Return who a source ever named, who is linked, and the Discord users to whom we gave something."""
        with self._database.reading() as connection:
            named, members = store_people.traces(connection, school), store_people.members(connection, school)
        return named, self.links(school), members

    def about(self, school: str, subject: Subject) -> Dossier:
        """Return all that is stored about somebody."""
        with self._database.reading() as connection:
            return store_people.about(connection, school, subject)

    def forget(self, school: str, subject: Subject, at: datetime) -> Mapping[str, int]:
        """Erase somebody from all tables for good, and count the rows by table."""
        with self._database.writing() as connection:
            erased = store_forgotten.erase(connection, school, subject, at)
        self._database.scrub()
        return erased

    def recall(self, school: str, text: str) -> None:
        """Let somebody be stored again who was forgotten. Raise Refused when a text stands for nobody or several."""
        with self._database.writing() as connection:
            store_forgotten.recall(connection, school, text)

    def forgot(self, school: str, text: str) -> bool:
        """Tell whether somebody was forgotten whom a text may stand for."""
        with self._database.reading() as connection:
            return store_forgotten.knows(connection, school, text)

    def forgettings(self, school: str) -> tuple[object, ...]:
        """Return what tells one set of forgotten people from another."""
        with self._database.reading() as connection:
            return store_forgotten.stamp(connection, school)

    def prune(self, school: str, keeping: Keeping, standing: Standing, at: datetime) -> None:
        """Delete what a school has kept long enough."""
        with self._database.writing() as connection:
            deleted = store_retention.prune(connection, school, keeping, standing, at)
        if deleted:
            self._database.scrub()

    def start_run(self, run: Run) -> None:
        """Record that a run begins."""
        with self._database.writing() as connection:
            upsert(connection, RUNS, [row_of(RUNS, run, run.school)])

    def finish_run(self, run: Run) -> None:
        """Record how a run ended, in place of what its start recorded."""
        self.start_run(run)

    def runs(self, school: str, limit: int = 20) -> tuple[Run, ...]:
        """Return a school's last runs, the newest first."""
        query = select(*columns(RUNS, Run)).where(RUNS.c.school == school)
        query = query.order_by(RUNS.c.started.desc(), RUNS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(Run(*row) for row in connection.execute(query))

    def journal(self, school: str, run: str) -> tuple[Entry, ...]:
        """Return what a run did, in its order."""
        with self._database.reading() as connection:
            return store_journal.of_run(connection, school, run)

    def written(self, school: str, keys: Sequence[str]) -> tuple[Resource, ...]:
        """Return what was ever written under some Keys, the oldest first."""
        with self._database.reading() as connection:
            return store_journal.written(connection, school, keys)

    def verified(self, school: str, command: str) -> datetime | None:
        """Return when a run with this command last began and ended, or else when the first run of all began."""
        ours = RUNS.c.school == school
        last = select(func.max(RUNS.c.started)).where(ours, RUNS.c.command == command, RUNS.c.finished.is_not(None))
        with self._database.reading() as connection:
            found = connection.execute(last).scalar()
            return found or connection.execute(select(func.min(RUNS.c.started)).where(ours)).scalar()

    def record_pull(self, pull: PullRecord) -> None:
        """Keep a pull as history."""
        with self._database.writing() as connection:
            upsert(connection, PULLS, [row_of(PULLS, pull, pull.school)])

    def last_pulls(self, school: str) -> Mapping[str, PullRecord]:
        """Return the newest pull of each source of a school."""
        newest = select(PULLS.c.source, func.max(PULLS.c.at).label("at")).where(PULLS.c.school == school)
        last = newest.group_by(PULLS.c.source).subquery()
        same = and_(PULLS.c.source == last.c.source, PULLS.c.at == last.c.at)
        query = select(*columns(PULLS, PullRecord)).join(last, same).where(PULLS.c.school == school)
        with self._database.reading() as connection:
            return {row.source: PullRecord(*row) for row in connection.execute(query.order_by(PULLS.c.source))}

    def save_decision(self, school: str, decision: Decision, discarded: Iterable[Removal] = ()) -> None:
        """Keep what a person decided about the plan with a digest: leave to apply it once, or what they do not want."""
        with self._database.writing() as connection:
            store_decisions.save(connection, school, decision, discarded)

    def decisions(self, school: str, limit: int = 20) -> tuple[Decision, ...]:
        """Return what people decided lately, the newest first."""
        with self._database.reading() as connection:
            return store_decisions.load(connection, school, limit)

    def discarded(self, school: str) -> frozenset[Removal]:
        """Return the removals that somebody does not want."""
        with self._database.reading() as connection:
            return store_decisions.discarded(connection, school)

    def ask_again(self, school: str, removals: Iterable[Removal]) -> None:
        """Forget that somebody did not want these removals: should they be due again, they count as new."""
        with self._database.writing() as connection:
            store_decisions.ask_again(connection, school, removals)

    def awaits_use(self, school: str, digest: str) -> bool:
        """Tell whether a plan may be applied, without using its approval up."""
        with self._database.reading() as connection:
            return store_decisions.awaits_use(connection, school, digest)

    def approved(self, school: str, digest: str) -> bool:
        """Use up a plan's approval; tell whether there was one. Of two callers at once only one hears yes."""
        with self._database.writing() as connection:
            return store_decisions.use(connection, school, digest)

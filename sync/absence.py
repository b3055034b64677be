"""Decides what becomes of a stored record that a pull did not see; `store_snapshots` asks for every such record.

Three rules keep children and parents together:
- what the snapshot holds, or protects, keeps the person, course, module and groups that it belongs to;
- what is kept only because its kind is unknown goes when its person, course or module goes (`store_snapshots` sweeps);
- a tombstone of a missing file turns into a plain removal once that file is read again without the record.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from sync.models import DROPPED, FILE_MISSING
from sync.records import Course, Enrolment, Group, Kind, Material, Module, Person, Snapshot

Record = Course | Module | Material | Person | Enrolment | Group
Identity = tuple[str, ...]

# Children come before their parents, so that what a kept child needs is known when its parent is decided.
CHILDREN_FIRST = (Kind.ENROLMENTS, Kind.MATERIALS, Kind.MODULES, Kind.GROUPS, Kind.PEOPLE, Kind.COURSES)


class Ties(NamedTuple):
    """What a record is or belongs to; None where a kind has no such tie."""

    person: str | None = None
    course: str | None = None
    module: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(slots=True)
class Absence:
    """The rules for one snapshot, with what kept children need so far. `held`: records of missing files are stored."""

    snapshot: Snapshot
    held: bool = False
    _needed: dict[Kind, set[Identity]] = field(default_factory=lambda: {kind: set() for kind in Kind})
    _origins: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Absence":
        """Return the rules for a snapshot."""
        rules = cls(snapshot)
        for kind in Kind:
            rules._origins.update(record.origin for record in getattr(snapshot, kind.value))
        people = {enrolment.person for enrolment in snapshot.enrolments}
        groups = {group for enrolment in snapshot.enrolments for group in enrolment.groups}
        children: tuple[tuple[Material | Module | Group | Enrolment, ...], ...]
        children = (snapshot.materials, snapshot.modules, snapshot.groups, snapshot.enrolments)
        courses = {child.course for kind in children for child in kind}
        rules._needed[Kind.PEOPLE] |= {(person,) for person in people}
        rules._needed[Kind.GROUPS] |= {(group,) for group in groups}
        rules._needed[Kind.COURSES] |= {(course,) for course in courses}
        rules._needed[Kind.MODULES] |= {(material.course, material.module) for material in snapshot.materials}
        return rules

    def cause(self, kind: Kind, identity: Identity, origin: str, ties: Ties) -> str | None:
        """Return why an unseen record is gone, or None when it is kept."""
        if self._protects(ties) or identity in self._needed[kind]:
            self._need(ties)
            return None
        if self._unknown(kind, origin):
            return None
        if origin in self.snapshot.missing:
            self.held = True
            return FILE_MISSING
        return DROPPED

    def settles(self, kind: Kind, origin: str) -> bool:
        """Tell whether an unseen tombstone of a missing file is now a plain removal: the file is back without it."""
        back = origin in self._origins and origin not in self.snapshot.missing
        return back and not self._unknown(kind, origin)

    def leaves_orphans(self) -> bool:
        """Tell whether records may have been kept whose parents are gone."""
        return bool(self.snapshot.unknown or self.snapshot.unknown_in)

    def _unknown(self, kind: Kind, origin: str) -> bool:
        return kind in self.snapshot.unknown or (origin, kind) in self.snapshot.unknown_in

    def _protects(self, ties: Ties) -> bool:
        return ties.person in self.snapshot.protected_people or ties.course in self.snapshot.protected_courses

    def _need(self, ties: Ties) -> None:
        if ties.person:
            self._needed[Kind.PEOPLE].add((ties.person,))
        if ties.course:
            self._needed[Kind.COURSES].add((ties.course,))
            if ties.module:
                self._needed[Kind.MODULES].add((ties.course, ties.module))
        self._needed[Kind.GROUPS].update((group,) for group in ties.groups)

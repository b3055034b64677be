"""How each kind of record is kept: its table, what identifies it, what it belongs to. `store_snapshots` reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table

from sync.absence import Identity, Record, Ties
from sync.models import ROSTER
from sync.records import Course, Enrolment, Group, Kind, Material, Module, Person, Snapshot


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind. `tied` names the columns beside the identity that `ties` reads, `names` the constructor's fields."""

    kind: Kind
    table: Table
    type: type[Record]
    names: tuple[str, ...]
    identity: tuple[str, ...]
    tied: tuple[str, ...]
    order: tuple[str, ...]
    ties: Callable[[Any], Ties]
    values: Callable[[Any], tuple[Any, ...]]
    identify: Callable[[Any], Identity]

    def records(self, snapshot: Snapshot) -> tuple[Record, ...]:
        """Return the snapshot's records of this kind."""
        found: tuple[Record, ...] = getattr(snapshot, self.kind.value)
        return found


def _shelf(
    kind: Kind,
    record: type[Record],
    identity: tuple[str, ...],
    order: tuple[str, ...],
    ties: Callable[[Any], Ties],
    tied: tuple[str, ...] = (),
) -> Shelf:
    names = tuple(field.name for field in fields(record))
    identify = attrgetter(*identity) if len(identity) > 1 else _single(identity[0])
    return Shelf(kind, ROSTER[kind], record, names, identity, tied, order, ties, attrgetter(*names), identify)


def _single(name: str) -> Callable[[Any], Identity]:
    get = attrgetter(name)
    return lambda record: (get(record),)


SHELVES: Mapping[Kind, Shelf] = MappingProxyType(
    {
        shelf.kind: shelf
        for shelf in (
            _shelf(Kind.COURSES, Course, ("id",), ("position", "id"), lambda row: Ties(course=row.id)),
            _shelf(
                Kind.MODULES,
                Module,
                ("course", "id"),
                ("course", "position", "id"),
                lambda row: Ties(course=row.course),
            ),
            _shelf(
                Kind.MATERIALS,
                Material,
                ("course", "id"),
                ("course", "position", "id"),
                lambda row: Ties(course=row.course, module=row.module),
                ("module",),
            ),
            _shelf(Kind.PEOPLE, Person, ("id",), ("id",), lambda row: Ties(person=row.id)),
            _shelf(
                Kind.ENROLMENTS,
                Enrolment,
                ("course", "person", "role"),
                ("course", "person", "role"),
                lambda row: Ties(row.person, row.course, None, row.groups),
                ("groups",),
            ),
            _shelf(
                Kind.GROUPS,
                Group,
                ("id",),
                ("course", "id"),
                lambda row: Ties(course=row.course),
                ("course",),
            ),
        )
    }
)

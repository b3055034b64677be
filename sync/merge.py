"""Merges the snapshots of a school's sources into one Roster, which `desired` reads. Pure.

Ids become `source:id`, except those of modules and materials, which stay unique within their course.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sync.merge_people import Cluster, Conflict, Tie, claim, cluster
from sync.records import Course, CourseRole, Enrolment, Group, Material, Module, Person, Snapshot

__all__ = ["Conflict", "Roster", "Tie", "merge", "qualified"]

Sources = Sequence[tuple[str, Snapshot]]


@dataclass(frozen=True, slots=True)
class Roster:
    """All that a school's sources say together. `aliases` gives each person's `source:id` the id it has here."""

    courses: tuple[Course, ...] = ()
    modules: tuple[Module, ...] = ()
    materials: tuple[Material, ...] = ()
    people: tuple[Person, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    groups: tuple[Group, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)


def merge(sources: Sources, links: Mapping[str, str]) -> Roster:
    """Merge snapshots, the first source's word counting most. `links` maps `source:id` to proven Discord user ids.

    A person takes the id that the first source gives; every field is the first that is not empty.
    """
    claims, people = [], {}
    for rank, (source, snapshot) in enumerate(sources):
        for person in snapshot.people:
            claims.append(claim(rank, source, person, links))
            people[qualified(source, person.id)] = person
    clusters, conflicts = cluster(claims)
    aliases = {one.id: members[0].id for members in clusters for one in members}
    return Roster(
        courses=tuple(sorted(_courses(sources), key=lambda c: (c.position, c.id))),
        modules=tuple(sorted(_modules(sources), key=lambda m: (m.course, m.position, m.id))),
        materials=tuple(sorted(_materials(sources), key=lambda m: (m.course, m.position, m.id))),
        people=tuple(sorted((_person(members, people) for members in clusters), key=lambda p: p.id)),
        enrolments=_enrolments(sources, aliases),
        groups=tuple(sorted(_groups(sources), key=lambda g: (g.course, g.id))),
        conflicts=conflicts,
        aliases=MappingProxyType(aliases),
    )


def qualified(source: str, identity: str) -> str:
    """Return the id that is unique among the sources of a school; the empty id (the school itself) stays empty."""
    return f"{source}:{identity}" if identity else ""


def _person(members: Cluster, people: Mapping[str, Person]) -> Person:
    views = [people[one.id] for one in members]
    return Person(
        members[0].id,
        next((view.name for view in views if view.name), ""),
        next((view.email for view in views if view.email), ""),
        next((view.discord for view in views if view.discord), ""),
        any(view.suspended for view in views),
        views[0].origin,
    )


def _courses(sources: Sources) -> Iterator[Course]:
    for source, snapshot in sources:
        for course in snapshot.courses:
            yield replace(course, id=qualified(source, course.id))


def _modules(sources: Sources) -> Iterator[Module]:
    for source, snapshot in sources:
        for module in snapshot.modules:
            yield replace(module, course=qualified(source, module.course))


def _materials(sources: Sources) -> Iterator[Material]:
    for source, snapshot in sources:
        for material in snapshot.materials:
            groups = tuple(qualified(source, group) for group in material.groups)
            yield replace(material, course=qualified(source, material.course), groups=groups)


def _groups(sources: Sources) -> Iterator[Group]:
    for source, snapshot in sources:
        for group in snapshot.groups:
            yield replace(group, id=qualified(source, group.id), course=qualified(source, group.course))


def _enrolments(sources: Sources, aliases: Mapping[str, str]) -> tuple[Enrolment, ...]:
    """Return each (person, course, role) once, as the first source states it, with the groups of all."""
    merged: dict[tuple[str, str, CourseRole], Enrolment] = {}
    for source, snapshot in sources:
        for stated in snapshot.enrolments:
            person = qualified(source, stated.person)
            enrolment = replace(
                stated,
                person=aliases.get(person, person),
                course=qualified(source, stated.course),
                groups=tuple(qualified(source, group) for group in stated.groups),
            )
            identity = enrolment.person, enrolment.course, enrolment.role
            first = merged.get(identity)
            merged[identity] = _with_groups(first, enrolment.groups) if first else enrolment
    return tuple(sorted(merged.values(), key=lambda e: (e.course, e.person, e.role)))


def _with_groups(enrolment: Enrolment, groups: Iterable[str]) -> Enrolment:
    return replace(enrolment, groups=tuple(dict.fromkeys((*enrolment.groups, *groups))))

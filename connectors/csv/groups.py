"""Gather the groups that files list and that enrolments name; `enrolments` asks it for the ids. Pure."""

from collections.abc import Iterable

from connectors.csv.claims import EnrolmentClaim, FileClaims, GroupClaim
from connectors.csv.courses import Courses
from connectors.csv.origins import Origins, join, parts
from sync.records import Enrolment, Group

GroupKey = tuple[str, str]
COHORT = "cohort"


class Groups:
    """The groups of a pull under construction; courses are decided already."""

    def __init__(self, stored: Iterable[Group], origins: Origins, courses: Courses) -> None:
        self._courses = courses
        self._stored = {group.id: group for group in stored}
        self._groups: dict[str, Group] = {}
        self._files: dict[str, list[str]] = {}
        self._sections: dict[str, tuple[str, str]] = {}
        self._tuples: dict[tuple[str, str, tuple[GroupKey, ...]], tuple[str, ...]] = {}
        for group in self._stored.values():
            self._sections[group.id.removeprefix(f"{group.course}/")] = (group.course, group.title)
            if files := origins.carries(group.origin):
                self._keep(group, files)

    def add_all(self, files: Iterable[FileClaims]) -> None:
        """Take the groups that files list."""
        files = list(files)
        moved = {section: course for out in files for section, course in out.notes.moved_sections.items()}
        for out in files:
            for claim in out.groups:
                self._declare(claim, moved.get(claim.id, claim.course), out)

    def place(self, claim: EnrolmentClaim) -> tuple[str, tuple[GroupKey, ...]]:
        """Return the course a claim means and its groups; a section says both."""
        if not claim.section:
            return claim.course, claim.groups
        course, keys = self.section(claim.section)
        return course or claim.course, keys

    def section(self, name: str) -> tuple[str, tuple[GroupKey, ...]]:
        """Return the course of a section or group known by its id alone, and itself; nothing for an unknown one."""
        if name not in self._sections:
            return "", ()
        course, heading = self._sections[name]
        return course, ((name, heading),)

    def ids(self, course: str, keys: tuple[GroupKey, ...], out: FileClaims) -> tuple[str, ...]:
        """Return the ids of groups as one shared tuple, since whole classes have the same."""
        if not keys:
            return ()
        cached = self._tuples.get((out.file, course, keys))
        if cached is None:
            cached = tuple(sorted({self._id(course, key, out) for key in keys}))
            self._tuples[out.file, course, keys] = cached
        return cached

    def records(self, enrolments: Iterable[Enrolment]) -> tuple[Group, ...]:
        """Return the groups, with every one that an enrolment names."""
        for enrolment in enrolments:
            for identity in enrolment.groups:
                if identity not in self._groups and identity in self._stored:
                    group = self._stored[identity]
                    self._keep(group, parts(group.origin))
        return tuple(
            Group(group.id, group.course, group.title, join(self._files[group.id]))
            for group in self._groups.values()
            if not group.course or self._courses.holds(group.course)
        )

    def _keep(self, group: Group, files: list[str]) -> None:
        self._groups[group.id] = group
        self._files[group.id] = list(files)

    def _declare(self, claim: GroupClaim, reference: str, out: FileClaims) -> None:
        if self._courses.departed(reference):
            return
        course = self._courses.resolve(reference, out, claim.line, create=False) if reference else ""
        if reference and not course:
            out.refused.add(claim.line)
            out.protected_courses.add(reference)
            return
        identity = self._id(course, (claim.id, claim.title), out)
        if claim.gone:
            self._groups.pop(identity, None)
            return
        self._sections[claim.id] = (course, claim.title)
        self._groups[identity] = Group(identity, course, claim.title)

    def _id(self, course: str, key: GroupKey, out: FileClaims) -> str:
        """Return the group's id, making it known; of several spellings the first in order is the title."""
        name, heading = key
        identity = f"{course or COHORT}/{name}"
        known = self._groups.get(identity)
        if known is None:
            self._groups[identity] = Group(identity, course, heading)
            self._files[identity] = [out.file]
            return identity
        if out.file not in self._files[identity]:
            self._files[identity].append(out.file)
        if heading < known.title and not out.kind.exact:
            self._groups[identity] = Group(identity, course, heading)
        return identity

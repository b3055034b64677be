"""Merge the claims about roles in courses, and the groups they name, into enrolments and groups. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.csv.claims import EnrolmentClaim, FileClaims, GroupClaim, Membership
from connectors.csv.courses import Courses
from connectors.csv.origins import Origins, join
from connectors.csv.people import People
from sync.records import CourseRole, Enrolment, Group

Identity = tuple[str, str, CourseRole]
GroupKey = tuple[str, str]
COHORT = "cohort"


@dataclass(slots=True)
class _Draft:
    groups: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    suspended: bool
    files: tuple[str, ...]
    refs: tuple[str, ...] = ()
    base: bool = False


class Enrolments:
    """The enrolments and groups of a pull under construction; people and courses are decided already."""

    def __init__(
        self,
        stored: Iterable[Enrolment],
        stored_groups: Iterable[Group],
        origins: Origins,
        people: People,
        courses: Courses,
    ) -> None:
        self._people = people
        self._courses = courses
        self._stored: dict[Identity, Enrolment] = {}
        self._drafts: dict[Identity, _Draft] = {}
        self._by_ref: dict[str, Identity] = {}
        self._stored_groups = {group.id: group for group in stored_groups}
        self._groups: dict[str, Group] = {}
        self._group_files: dict[str, list[str]] = {}
        self._sections: dict[str, tuple[str, str]] = {}
        for group in self._stored_groups.values():
            self._sections[group.id.removeprefix(f"{group.course}/")] = (group.course, group.title)
            if files := origins.carries(group.origin):
                self._keep_group(group, files)
        for enrolment in stored:
            self._carry(enrolment, origins)

    def add_groups(self, files: Iterable[FileClaims]) -> None:
        """Take the groups that files list."""
        files = list(files)
        moved = {section: course for out in files for section, course in out.notes.moved_sections.items()}
        for out in files:
            for claim in out.groups:
                self._declare(claim, moved.get(claim.id, claim.course), out)

    def add_all(self, files: Iterable[FileClaims]) -> None:
        """Take the claims in order, later changes over earlier ones."""
        for out in files:
            for claim in out.enrolments:
                if claim.gone:
                    self._end(claim)
                else:
                    self._add(claim, out)
            for membership in out.memberships:
                self._join(membership, out)

    def move(self, old: str, new: str) -> None:
        """Give the enrolments of a renamed person to the new id."""
        for identity in [identity for identity in self._drafts if identity[0] == old]:
            self._drafts.setdefault((new, identity[1], identity[2]), self._drafts.pop(identity))

    def records(self) -> tuple[Enrolment, ...]:
        """Return the enrolments whose person and course are there."""
        return tuple(
            Enrolment(
                person, course, role, d.groups, d.start, d.end, d.suspended, join(d.files), " ".join(sorted(d.refs))
            )
            for (person, course, role), d in self._drafts.items()
            if self._people.holds(person) and (not course or self._courses.holds(course))
        )

    def groups(self, enrolments: Iterable[Enrolment]) -> tuple[Group, ...]:
        """Return the groups, with every one that an enrolment names."""
        for enrolment in enrolments:
            for identity in enrolment.groups:
                if identity not in self._groups and identity in self._stored_groups:
                    group = self._stored_groups[identity]
                    self._keep_group(group, [group.origin])
        return tuple(
            Group(group.id, group.course, group.title, join(self._group_files[group.id]))
            for group in self._groups.values()
            if not group.course or self._courses.holds(group.course)
        )

    def _carry(self, enrolment: Enrolment, origins: Origins) -> None:
        identity = (enrolment.person, enrolment.course, enrolment.role)
        self._stored[identity] = enrolment
        files = origins.carries(enrolment.origin)
        if not files:
            return
        refs = tuple(enrolment.ref.split())
        self._drafts[identity] = _Draft(
            enrolment.groups, enrolment.start, enrolment.end, enrolment.suspended, tuple(files), refs, base=True
        )
        for ref in refs:
            self._by_ref[ref] = identity

    def _keep_group(self, group: Group, files: list[str]) -> None:
        self._groups[group.id] = group
        self._group_files[group.id] = list(files)

    def _declare(self, claim: GroupClaim, reference: str, out: FileClaims) -> None:
        course = self._courses.resolve(reference, out, claim.line, create=False) if reference else ""
        if reference and not course:
            out.refused.add(claim.line)
            out.protected_courses.add(reference)
            return
        identity = self._group(course, (claim.id, claim.title), out)
        if claim.gone:
            self._groups.pop(identity, None)
            return
        self._sections[claim.id] = (course, claim.title)
        self._groups[identity] = Group(identity, course, claim.title)

    def _group(self, course: str, key: GroupKey, out: FileClaims) -> str:
        """Return the group's id, making it known; of several spellings the first in order is the title."""
        name, heading = key
        identity = f"{course or COHORT}/{name}"
        known = self._groups.get(identity)
        if known is None:
            self._groups[identity] = Group(identity, course, heading)
            self._group_files[identity] = [out.file]
            return identity
        if out.file not in self._group_files[identity]:
            self._group_files[identity].append(out.file)
        if heading < known.title and not out.kind.exact:
            self._groups[identity] = Group(identity, course, heading)
        return identity

    def _add(self, claim: EnrolmentClaim, out: FileClaims) -> None:
        reference, keys = self._place(claim)
        person = self._person(claim, out)
        course = self._courses.resolve(reference, out, claim.line) if reference else ""
        if claim.section and not keys:
            out.complain("unknown-section", claim.line, "section_id", claim.section)
        if not person or (reference and not course) or (claim.section and not keys):
            self._refuse(claim, person, course, out)
            return
        identity = (person, course, claim.role)
        groups = tuple(sorted({self._group(course, key, out) for key in keys}))
        if claim.ref:
            self._move_ref(claim.ref, identity)
        if claim.keep_groups and identity in self._stored:
            groups = tuple(sorted({*groups, *self._stored[identity].groups}))
        self._put(identity, groups, claim, out)

    def _place(self, claim: EnrolmentClaim) -> tuple[str, tuple[GroupKey, ...]]:
        """Return the course a claim means and its groups; a section says both."""
        if not claim.section:
            return claim.course, claim.groups
        if claim.section not in self._sections:
            return claim.course, ()
        course, heading = self._sections[claim.section]
        return course, ((claim.section, heading),)

    def _end(self, claim: EnrolmentClaim) -> None:
        """Take back what a row says is gone; what is not there any more needs no word."""
        if claim.ref in self._by_ref:
            self._remove(self._by_ref[claim.ref], (), claim.ref)
            return
        course, keys = self._place(claim)
        person = claim.person if isinstance(claim.person, str) else self._people.identify(claim.person)
        groups = tuple(f"{course}/{name}" for name, _ in keys)
        draft = self._drafts.get((person, course, claim.role))
        if draft is not None and (not groups or set(groups) & set(draft.groups) or not draft.groups):
            self._remove((person, course, claim.role), groups, claim.ref)

    def _join(self, claim: Membership, out: FileClaims) -> None:
        """Put a person's enrolments in a group's course into the group, or take them out of it."""
        course, heading = self._sections.get(claim.group, ("", ""))
        person = self._people.resolve(claim.person, out, claim.line)
        if not course:
            out.complain("unknown-section", claim.line, "group_id", claim.group)
        if not course or not person:
            out.refused.add(claim.line)
            return
        identity = self._group(course, (claim.group, heading), out)
        for role in CourseRole:
            if (draft := self._drafts.get((person, course, role))) is not None:
                others = {group for group in draft.groups if group != identity}
                draft.groups = tuple(sorted(others if claim.gone else {*others, identity}))

    def _person(self, claim: EnrolmentClaim, out: FileClaims) -> str:
        if not isinstance(claim.person, str):
            return self._people.identify(claim.person)
        return self._people.resolve(claim.person, out, claim.line)

    def _refuse(self, claim: EnrolmentClaim, person: str, course: str, out: FileClaims) -> None:
        out.refused.add(claim.line)
        reference = claim.person if isinstance(claim.person, str) else claim.person.id or claim.person.email
        out.protected_people.update(filter(None, (person or reference,)))
        out.protected_courses.update(filter(None, (course or claim.course,)))

    def _put(self, identity: Identity, groups: tuple[str, ...], claim: EnrolmentClaim, out: FileClaims) -> None:
        draft = self._drafts.get(identity)
        if draft is None or draft.base or (out.upsert and out.file not in draft.files):
            files = (*(draft.files if draft is not None else ()), out.file)
            refs = tuple(filter(None, (claim.ref,)))
            if draft is not None:
                groups = tuple(sorted({*groups, *draft.groups}))
                refs = tuple(dict.fromkeys((*draft.refs, *refs)))
            self._drafts[identity] = _Draft(groups, claim.start, claim.end, claim.suspended, files, refs)
        elif not self._widen(draft, groups, claim, out):
            out.complain("duplicate-row", claim.line)
        if claim.ref:
            self._by_ref[claim.ref] = identity

    def _widen(self, draft: _Draft, groups: tuple[str, ...], claim: EnrolmentClaim, out: FileClaims) -> bool:
        """Merge a second row about the same role; tell whether it said anything new."""
        before = (draft.groups, draft.start, draft.end, draft.suspended, draft.files, draft.refs)
        if not set(groups) <= set(draft.groups):
            draft.groups = tuple(sorted({*draft.groups, *groups}))
        draft.start = None if draft.start is None or claim.start is None else min(draft.start, claim.start)
        draft.end = None if draft.end is None or claim.end is None else max(draft.end, claim.end)
        draft.suspended = draft.suspended and claim.suspended
        if out.file not in draft.files:
            draft.files = (*draft.files, out.file)
        if claim.ref and claim.ref not in draft.refs:
            draft.refs = (*draft.refs, claim.ref)
        return before != (draft.groups, draft.start, draft.end, draft.suspended, draft.files, draft.refs)

    def _move_ref(self, ref: str, identity: Identity) -> None:
        """Take an enrolment's id away from where it was before: the row says where it belongs now."""
        before = self._by_ref.get(ref)
        if before is None or before == identity:
            return
        draft = self._drafts.get(before)
        if draft is not None:
            draft.refs = tuple(other for other in draft.refs if other != ref)
            if not draft.refs:
                del self._drafts[before]

    def _remove(self, identity: Identity, groups: tuple[str, ...], ref: str) -> None:
        """Take away what a row says is gone: one group, one of several ids, or the whole enrolment."""
        draft = self._drafts.get(identity)
        if draft is None:
            return
        left = tuple(group for group in draft.groups if group not in groups)
        refs = tuple(other for other in draft.refs if other != ref)
        if (groups and left) or (ref and refs):
            draft.groups, draft.refs = left, refs
        else:
            del self._drafts[identity]

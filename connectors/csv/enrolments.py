"""Merge the claims about roles in courses into enrolments; people, courses and `groups` tell what they mean. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from connectors.csv.claims import EnrolmentClaim, FileClaims, Membership, PersonClaim
from connectors.csv.courses import Courses
from connectors.csv.groups import Groups
from connectors.csv.origins import Origins, join, parts
from connectors.csv.people import People
from sync.records import CourseRole, Enrolment

Identity = tuple[str, str, CourseRole]


class Enrolments:
    """The enrolments of a pull under construction; people and courses are decided already."""

    def __init__(
        self,
        stored: Iterable[Enrolment],
        origins: Origins,
        people: People,
        courses: Courses,
        groups: Groups,
    ) -> None:
        self._people = people
        self._courses = courses
        self._groups = groups
        self._stored: dict[Identity, Enrolment] = {}
        self._drafts: dict[Identity, Enrolment] = {}
        self._base: set[Identity] = set()
        self._said: dict[Identity, Enrolment] = {}
        self._by_ref: dict[str, Identity] = {}
        for enrolment in stored:
            self._carry(enrolment, origins)

    def add_all(self, files: Iterable[FileClaims]) -> None:
        """Take the claims in order, later changes over earlier ones."""
        for out in files:
            for claim in out.enrolments:
                if claim.gone:
                    self._end(claim)
                else:
                    self._add(claim, out)
            out.enrolments.clear()
            for membership in out.memberships:
                self._join(membership, out)

    def move(self, old: str, new: str) -> None:
        """Give the enrolments of a renamed person to the new id."""
        for identity in [identity for identity in self._drafts if identity[0] == old]:
            target = (new, identity[1], identity[2])
            moved = replace(self._drafts.pop(identity), person=new)
            if self._drafts.setdefault(target, moved) is moved and identity in self._base:
                self._base.add(target)

    def records(self) -> tuple[Enrolment, ...]:
        """Return the enrolments whose person and course are there."""
        return tuple(
            enrolment
            for (person, course, _), enrolment in self._drafts.items()
            if self._people.holds(person) and (not course or self._courses.holds(course))
        )

    def _carry(self, enrolment: Enrolment, origins: Origins) -> None:
        identity = (enrolment.person, enrolment.course, enrolment.role)
        self._stored[identity] = enrolment
        files = origins.carries(enrolment.origin)
        if not files:
            return
        self._drafts[identity] = replace(enrolment, origin=join(files))
        self._base.add(identity)
        for ref in enrolment.ref.split():
            self._by_ref[ref] = identity

    def _add(self, claim: EnrolmentClaim, out: FileClaims) -> None:
        reference, keys = self._groups.place(claim)
        if self._concerns_departed(claim.person, reference):
            return
        person = self._person(claim, out)
        if not person:
            self._refuse(claim, "", "", out)
            return
        course = self._courses.resolve(reference, out, claim.line) if reference else ""
        if claim.section and not keys:
            out.complain("unknown-section", claim.line, "section_id", claim.section)
        if (reference and not course) or (claim.section and not keys):
            self._refuse(claim, person, course, out)
            return
        identity = (person, course, claim.role)
        groups = self._groups.ids(course, keys, out)
        if claim.cohorts:
            groups = tuple(sorted({*groups, *self._groups.ids("", claim.cohorts, out)}))
        if claim.ref:
            self._move_ref(claim.ref, identity)
        if claim.keep_groups and identity in self._stored:
            groups = tuple(sorted({*groups, *self._stored[identity].groups}))
        self._put(identity, groups, claim, out)

    def _concerns_departed(self, person: PersonClaim | str, course: str) -> bool:
        reference = person if isinstance(person, str) else person.id
        return self._people.departed(reference) or self._courses.departed(course)

    def _end(self, claim: EnrolmentClaim) -> None:
        """Take back what a row says is gone; what is not there any more needs no word."""
        if claim.ref in self._by_ref:
            self._remove(self._by_ref[claim.ref], (), claim.ref)
            return
        course, keys = self._groups.place(claim)
        person = claim.person if isinstance(claim.person, str) else self._people.identify(claim.person)
        groups = tuple(f"{course}/{name}" for name, _ in keys)
        draft = self._drafts.get((person, course, claim.role))
        if draft is not None and (not groups or set(groups) & set(draft.groups) or not draft.groups):
            self._remove((person, course, claim.role), groups, claim.ref)

    def _join(self, claim: Membership, out: FileClaims) -> None:
        """Put a person's enrolments in a group's course into the group, or take them out of it."""
        course, keys = self._groups.section(claim.group)
        if self._concerns_departed(claim.person, course):
            return
        person = self._people.resolve(claim.person, out, claim.line)
        if not course:
            out.complain("unknown-section", claim.line, "group_id", claim.group)
        if not course or not person:
            out.refused.add(claim.line)
            return
        (identity,) = self._groups.ids(course, keys, out)
        for role in CourseRole:
            if (draft := self._drafts.get((person, course, role))) is not None:
                others = {group for group in draft.groups if group != identity}
                kept = tuple(sorted(others if claim.gone else {*others, identity}))
                self._drafts[person, course, role] = replace(draft, groups=kept)

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
        """Keep a claim: over what is only known from before, beside what another row of this pull said."""
        known = self._drafts.get(identity)
        person, course, role = identity
        made = Enrolment(person, course, role, groups, claim.start, claim.end, claim.suspended, out.file, claim.ref)
        if known is None:
            self._drafts[identity] = made
        elif identity in self._base or (out.upsert and out.file not in parts(known.origin)):
            self._drafts[identity] = joined = _joined(made, known)
            if joined.groups != made.groups:
                self._said[identity] = made
        else:
            if self._repeats(identity, made, known):
                out.complain("duplicate-row", claim.line)
            self._drafts[identity] = _widened(made, known)
        self._base.discard(identity)
        if claim.ref:
            self._by_ref[claim.ref] = identity

    def _repeats(self, identity: Identity, made: Enrolment, known: Enrolment) -> bool:
        """Tell whether a row adds nothing to what rows of this pull said; what older pulls said does not count."""
        said = self._said.get(identity, known)
        wider = _widened(made, said)
        if identity in self._said:
            self._said[identity] = wider
        return wider == said

    def _move_ref(self, ref: str, identity: Identity) -> None:
        """Take an enrolment's id away from where it was before: the row says where it belongs now."""
        before = self._by_ref.get(ref)
        if before is None or before == identity:
            return
        known = self._drafts.get(before)
        if known is not None:
            refs = [other for other in known.ref.split() if other != ref]
            if refs:
                self._drafts[before] = replace(known, ref=" ".join(refs))
            else:
                del self._drafts[before]

    def _remove(self, identity: Identity, groups: tuple[str, ...], ref: str) -> None:
        """Take away what a row says is gone: one group, one of several ids, or the whole enrolment."""
        known = self._drafts.get(identity)
        if known is None:
            return
        left = tuple(group for group in known.groups if group not in groups)
        refs = [other for other in known.ref.split() if other != ref]
        if (groups and left) or (ref and refs):
            self._drafts[identity] = replace(known, groups=left, ref=" ".join(refs))
        else:
            del self._drafts[identity]


def _joined(made: Enrolment, known: Enrolment) -> Enrolment:
    """Add to a new record the groups, files and ids that were known already."""
    groups = made.groups
    if not set(known.groups) <= set(groups):
        groups = tuple(sorted({*groups, *known.groups}))
    refs = dict.fromkeys((*known.ref.split(), *made.ref.split()))
    origin = join((*parts(known.origin), made.origin))
    return replace(made, groups=groups, origin=origin, ref=" ".join(refs))


def _widened(made: Enrolment, known: Enrolment) -> Enrolment:
    """Merge two rows about the same role: it holds while either of them says so."""
    return replace(
        _joined(made, known),
        start=None if known.start is None or made.start is None else min(known.start, made.start),
        end=None if known.end is None or made.end is None else max(known.end, made.end),
        suspended=known.suspended and made.suspended,
    )

"""Decide which course a cell means: an id, then a title, then, where no file lists the courses, a new one. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.csv.cells import fold
from connectors.csv.claims import CourseClaim, FileClaims
from connectors.csv.origins import Origins, join, parts
from sync.records import Course

Term = tuple[datetime | None, datetime | None]


@dataclass(slots=True)
class _Draft:
    id: str
    title: str
    files: list[str]
    position: int = 0
    start: datetime | None = None
    end: datetime | None = None
    hidden: bool = False
    base: bool = False
    made: bool = False


class Courses:
    """The courses of a pull under construction."""

    def __init__(self, stored: Iterable[Course], origins: Origins, *, strict: bool) -> None:
        self._stored = {course.id: course for course in stored}
        self._past: dict[str, set[str]] = defaultdict(set)
        self._titles: dict[str, set[str]] = defaultdict(set)
        self._drafts: dict[str, _Draft] = {}
        self._strict = strict
        self._terms: dict[str, Term] = {}
        self._gone: set[str] = set()
        for course in self._stored.values():
            self._past[fold(course.title)].add(course.id)
            if files := origins.carries(course.origin):
                self._carry(course, files)

    def declare_all(self, files: Iterable[FileClaims]) -> None:
        """Take the courses that files list."""
        files = list(files)
        for out in files:
            self._terms.update(out.notes.terms)
        for out in files:
            for claim in out.courses:
                self._declare(claim, out)

    def resolve(self, reference: str, out: FileClaims, line: int, *, create: bool = True) -> str:
        """Return the id a course cell means, empty after noting a problem."""
        draft = self._drafts.get(reference)
        if draft is not None:
            self._seen(draft, reference, out)
            return reference
        if out.kind.exact:
            out.complain("unknown-course", line, "course", reference)
            return ""
        folded = fold(reference)
        found = [identity for identity in self._titles.get(folded, ()) if identity in self._drafts]
        if len(found) > 1:
            out.complain("ambiguous-course", line, "course", reference)
            return ""
        if found or folded in self._drafts:
            identity = found[0] if found else folded
            self._seen(self._drafts[identity], reference, out)
            return identity
        if self._strict or not create:
            out.complain("unknown-course", line, "course", reference)
            return ""
        return self._make(reference, out)

    def protect(self, reference: str) -> set[str]:
        """Return the ids a refused row may mean, and keep their stored records as they are."""
        folded = fold(reference)
        ids = {reference, folded} & (self._drafts.keys() | self._stored.keys())
        ids |= self._titles.get(folded, set()) | self._past.get(folded, set())
        ids -= self._gone
        for identity in ids & self._stored.keys():
            if identity not in self._drafts:
                self._carry(self._stored[identity], parts(self._stored[identity].origin))
        return ids

    def holds(self, identity: str) -> bool:
        """Tell whether a course is there."""
        return identity in self._drafts

    def departed(self, reference: str) -> bool:
        """Tell whether a row says that this course is gone: what other rows say about it needs no word."""
        return reference in self._gone

    def title(self, identity: str) -> str:
        """Return a course's title."""
        return self._drafts[identity].title

    def records(self) -> tuple[Course, ...]:
        """Return the finished courses."""
        return tuple(
            Course(d.id, d.title, d.hidden, d.start, d.end, d.position, join(d.files)) for d in self._drafts.values()
        )

    def _carry(self, course: Course, files: list[str]) -> None:
        self._drafts[course.id] = _Draft(
            course.id, course.title, list(files), course.position, course.start, course.end, course.hidden, base=True
        )
        self._titles[fold(course.title)].add(course.id)

    def _declare(self, claim: CourseClaim, out: FileClaims) -> None:
        draft = self._drafts.get(claim.id)
        if claim.gone:
            self._drafts.pop(claim.id, None)
            self._gone.add(claim.id)
            return
        self._gone.discard(claim.id)
        if draft is not None and not draft.base and not out.upsert:
            if fold(draft.title) != fold(claim.title) or out.file in draft.files:
                out.complain("duplicate-id", claim.line, "id", claim.id)
                return
            draft.files.append(out.file)
            return
        files = [*(draft.files if draft is not None else ()), out.file]
        heading = claim.title or (draft.title if draft is not None else claim.id)
        position = claim.position or (draft.position if draft is not None else 0)
        start, end = self._dates(claim, draft if out.upsert else None)
        self._drafts[claim.id] = _Draft(claim.id, heading, files, position, start, end)
        self._titles[fold(heading)].add(claim.id)

    def _dates(self, claim: CourseClaim, before: _Draft | None) -> Term:
        """Return a course's dates: its own, else those of its terms together, else, in a delta, the last known."""
        terms = [self._terms[term] for term in claim.terms if term in self._terms]
        starts = [start for start, _ in terms]
        ends = [end for _, end in terms]
        start = claim.start or (None if None in starts else min(filter(None, starts), default=None))
        end = claim.end or (None if None in ends else max(filter(None, ends), default=None))
        if before is not None and start is None and end is None:
            return before.start, before.end
        return start, end

    def _seen(self, draft: _Draft, reference: str, out: FileClaims) -> None:
        """Note that a roster names a course which itself is nowhere listed; of its spellings one is the title."""
        if not (draft.made or draft.base):
            return
        if draft.made and fold(reference) == fold(draft.title):
            draft.title = min(draft.title, reference)
        if out.file not in draft.files:
            draft.files.append(out.file)

    def _make(self, reference: str, out: FileClaims) -> str:
        folded = fold(reference)
        past = {reference} & self._stored.keys() or self._past.get(folded, set())
        identity = next(iter(past)) if len(past) == 1 else folded
        known = self._stored.get(identity)
        heading = reference if known is None or fold(known.title) == folded else known.title
        draft = _Draft(identity, heading, [out.file], known.position if known else 0, made=True)
        self._drafts[identity] = draft
        self._titles[fold(heading)].add(identity)
        return identity

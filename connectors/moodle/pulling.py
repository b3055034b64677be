"""One pull of a site whose courses are chosen: look at each, ask for people and files, prove what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.moodle import absences, shapes
from connectors.moodle.accounts import Accounts, ask_accounts, batches
from connectors.moodle.assemble import (
    Draft,
    Past,
    add_courses,
    add_members,
    add_page,
    people_of,
    roster_of,
    shows_separate_groups,
)
from connectors.moodle.client import Client
from connectors.moodle.config import MoodleConfig
from connectors.moodle.contents import Rules
from connectors.moodle.fingerprints import fingerprinted, look_new
from connectors.moodle.listing import Listing
from connectors.moodle.looks import Look, each, look, trusted
from connectors.moodle.memo import Memo, memo_of
from connectors.moodle.people import Members, read_members
from connectors.moodle.problems import Doubts
from sync.ports import Progress
from sync.records import Kind, Snapshot


@dataclass(slots=True)
class Steps:
    """Counts what was done of what is known to be ahead."""

    progress: Progress
    done: int = 0
    total: int = 0

    def ahead(self, steps: int) -> None:
        """Say that there is more to do."""
        self.total += steps
        self.progress(self.done, self.total)

    def step(self) -> None:
        """Count one step."""
        self.done += 1
        self.progress(self.done, self.total)


@dataclass(slots=True)
class Pull:
    """The state of one pull."""

    config: MoodleConfig
    language: str
    client: Client
    site: Listing
    past: Past
    doubts: Doubts
    now: datetime
    steps: Steps
    memo: Memo = field(default_factory=Memo)
    draft: Draft = field(default_factory=Draft)

    def run(self, courses: Sequence[shapes.Course]) -> Snapshot:
        """Return what the site says now."""
        self.memo = memo_of(self.past.snapshot.memo, courses)
        add_courses(self.draft, courses, self.site.categories, self.language)
        self.steps.ahead(len(courses))
        looks = trusted(each(self.config.parallel, self._look, courses, self.steps.step))
        for one in looks:
            self.doubts.merge(one.doubts)
        self._read_people(looks)
        self._read_pages(looks)
        absences.prove_courses(self.client, self.site, self.past, self.doubts)
        return self._snapshot()

    def _look(self, course: shapes.Course) -> Look:
        stored = self.past.materials.get(str(course.id), {}).values()
        known = self.memo.knows_page(course, stored, self.now, self.config.contents_every)
        return look(self.client, course, self.site.functions, unchanged=known)

    def _read_people(self, looks: Sequence[Look]) -> None:
        cut = absences.prove_counts(self.client, looks, self.past, self.doubts)
        rosters: dict[str, Members] = {}
        sees_groups = shows_separate_groups(looks)
        for one in looks:
            roster = roster_of(one, self.past, self.doubts, sees_groups=sees_groups)
            if roster is not None:
                rosters[str(one.course.id)] = read_members(
                    one.course, roster, one.inactive, self.config.roles, self.language
                )
        whole = {course: members for course, members in rosters.items() if course not in cut}
        gone = absences.vanished(rosters, self.past)
        accounts, enrolled = self._ask(rosters, gone)
        absences.prove_people(gone, accounts, self.doubts)
        people = people_of(enrolled, accounts, self.past, self.config.discord_field, self.doubts)
        add_members(self.draft, rosters, people, self.doubts, {c: self.site.courses[c].shortname for c in rosters})
        absences.prove_groups(self.client, self.site, self.draft, whole, self.past, self.doubts, self.language)

    def _ask(self, rosters: Mapping[str, Members], gone: set[str]) -> tuple[Accounts, set[str]]:
        """Ask for the accounts of newcomers and of those who are missing; for everybody's when it is time."""
        enrolled = {enrolment.person for members in rosters.values() for enrolment in members.enrolments}
        every = self.memo.people_are_due(self.now, self.config.people_every)
        wanted = (enrolled if every else enrolled - self.past.people.keys()) | gone
        self.steps.ahead(len(list(batches(wanted))))
        accounts = ask_accounts(self.client, wanted, self.config.parallel, self.steps.step)
        if every and not accounts.unseen:
            self.memo.remember_people(self.now)
        return accounts, enrolled

    def _read_pages(self, looks: Sequence[Look]) -> None:
        rules = Rules(self.now, self.config.open_sections, self.client.site, self.language)
        for one in looks:
            add_page(self.draft, one, self.past, rules, self.doubts)
        absences.prove_pages(self.client, looks, self.draft, self.past, self.doubts)
        for one in looks:
            if one.outline is not None and (str(one.course.id), Kind.MATERIALS) not in self.doubts.unknown_in:
                self.memo.remember_page(one.course, self.now, whole=not one.outline.waits)
        if self.site.site.downloadfiles:
            self.steps.ahead(look_new(self.draft.materials, self.past.materials))
            self.draft.materials = fingerprinted(
                self.client, self.draft.materials, self.past.materials, self.config.parallel, self.steps.step
            )

    def _snapshot(self) -> Snapshot:
        draft, doubts = self.draft, self.doubts
        return Snapshot(
            courses=tuple(draft.courses),
            modules=tuple(draft.modules),
            materials=tuple(draft.materials),
            people=tuple(draft.people),
            enrolments=tuple(draft.enrolments),
            groups=tuple(draft.groups),
            unknown=frozenset(doubts.unknown),
            unknown_in=frozenset(doubts.unknown_in),
            protected_people=frozenset(doubts.people),
            protected_courses=frozenset(doubts.courses),
            memo=dict(self.memo.kept),
        )

"""Whatever a Moodle answers: no traceback, and nothing is removed that the undamaged answers proved present."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.moodle import listing
from connectors.moodle.source import MoodleSource
from sync.errors import KopirError
from sync.records import Kind, Snapshot
from sync.store import Store
from tests.csv_folder import identity
from tests.damage import JUNK, Damage, How, damages
from tests.fake_moodle import FakeMoodle
from tests.fuzzing import examples
from tests.moodle_stage import config

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ASKED = (
    *(listing.SITE_INFO, listing.COURSES, listing.ALL_COURSES, listing.CATEGORIES, listing.CONTENTS, listing.STATE),
    *(listing.ENROLLED, listing.USERS, listing.USERS_COURSES, listing.MODULE, listing.COURSE_GROUPS),
)


class Damaged(FakeMoodle):
    """A site whose answers are damaged on the way."""

    spoil: Callable[[str, Any], Any] = staticmethod(lambda _, answer: answer)

    def call(self, function: str, **parameters: Any) -> Any:
        return self.spoil(function, super().call(function, **parameters))


NUMBERS = itertools.count()
LATER = NOW + timedelta(days=1)  # when everybody's account is read again


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@dataclass
class School:
    """A school of its own in a store, whose site is pulled as the service does."""

    store: Store
    name: str = field(default_factory=lambda: f"school{next(NUMBERS)}")

    def pull(self, moodle: FakeMoodle, at: datetime) -> None:
        source = MoodleSource(name="moodle", config=config(), language="kk", clock=lambda: at, client=lambda: moodle)
        found = source.pull(self.kept)
        if found.snapshot is not None:
            self.store.save_snapshot(self.name, "moodle", found.snapshot, at)

    def kept(self) -> Snapshot:
        return self.store.load_snapshot(self.name, "moodle")

    def present(self) -> set[tuple[object, ...]]:
        found = self.kept()
        return {(kind, *identity(record)) for kind in Kind for record in getattr(found, kind.value)}


def is_another_id(damage: Damage) -> bool:
    """Tell whether a section gets the id of another one, which Moodle may well say."""
    junk = JUNK[damage.junk % len(JUNK)]
    number = isinstance(junk, int) and not isinstance(junk, bool) and 0 < junk < 2**63
    return damage.how is How.REPLACE and len(damage.steps) > 1 and (number or junk in ("1", "01"))


@examples(60)
@given(st.sampled_from(ASKED), st.integers(0, 3), damages())
@example(listing.CONTENTS, 0, Damage((1, 0), How.REPLACE, JUNK.index(True)))
@example(listing.CONTENTS, 0, Damage((1, 0), How.SHORTEN))
@example(listing.ENROLLED, 0, Damage((), How.EMPTY))
@example(listing.ENROLLED, 0, Damage((), How.SHORTEN))
@example(listing.ENROLLED, 0, Damage((3, 3), How.DROP))
@example(listing.ENROLLED, 0, Damage((3, 3, 0, 0), How.DROP))
def test_a_damaged_answer_removes_nothing(store: Store, function: str, nth: int, damage: Damage) -> None:
    school, moodle, left = School(store), Damaged(), [nth]
    school.pull(moodle, NOW)
    before = school.present()
    struck: set[str] = set()  # of whom a record told something else: without roles, or as another person

    def spoil(asked: str, answer: Any) -> Any:
        if asked != function:
            return answer
        left[0] -= 1
        if left[0] >= 0:
            return answer
        if damage.how is not How.DROP and damage.steps and answer and isinstance(answer, list):
            struck.add(str(answer[damage.steps[0] % len(answer)]["id"]))
        return damage.of(answer)

    moodle.spoil = spoil
    with suppress(KopirError):
        school.pull(moodle, LATER)
    lost = before - school.present()
    if function == listing.ENROLLED:
        lost = {one for one in lost if one[1] not in struck}
    elif function == listing.CONTENTS and is_another_id(damage):
        lost = {one for one in lost if one[0] is not Kind.MODULES}
    assert lost == set()

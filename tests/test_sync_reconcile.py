"""Applying a plan: in order, as far as it goes, and never forgetting what was begun."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from sync import keys
from sync.by_hand import ROLES, sent
from sync.diff import Action, Change, diff
from sync.errors import Gone, KopirError, Refused, Retriable, Stopped
from sync.estimate import Estimate
from sync.layout import Capacity
from sync.ledger import Binding
from sync.needs import needs
from sync.plan import Plan
from sync.ports import Sent
from sync.reconcile import Outcome, Report, Status, apply
from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Index,
    Look,
    Member,
    Notice,
    Order,
    Overwrite,
    Pin,
    Post,
    Resource,
    Role,
    State,
    Thread,
)
from tests.builders import NOW, binding, bound, state
from tests.stage import MemoryLedger

Fail = Callable[[Change], KopirError | None]


class Recorder:
    """A writer that gives ids and remembers the order; changes named in `fail` raise instead."""

    def __init__(self, ledger: MemoryLedger, fail: Mapping[str, KopirError], tidy_fails: KopirError | None) -> None:
        self.ledger, self.fail, self.tidy_fails = ledger, fail, tidy_fails
        self.done: list[tuple[str, str]] = []
        self.written: list[Change] = []
        self.tidied: list[str] = []
        self.memo: Mapping[str, str] | None = None
        self.intents_when_written: dict[str, bool] = {}

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        await asyncio.sleep(0)
        self.intents_when_written[change.key] = change.key in self.ledger.bindings
        if change.key in self.fail:
            raise self.fail[change.key]
        self.done.append((change.action.value, change.key))
        self.written.append(change)
        return Sent(f"id-{change.key}", digest="sent", memo=self.memo)

    async def tidy(self, channel_id: str) -> None:
        self.tidied.append(channel_id)
        if self.tidy_fails:
            raise self.tidy_fails

    def order(self, *keys: str) -> list[str]:
        return [key for _, key in self.done if key in keys]


class Applied:
    """One application of the changes between two States, with everything that came of it."""

    def __init__(
        self,
        existing: State,
        desired: State,
        bindings: Iterable[Binding] = (),
        fail: Mapping[str, KopirError] | None = None,
        tidy_fails: KopirError | None = None,
        memo: Mapping[str, str] | None = None,
    ) -> None:
        self.ledger = MemoryLedger()
        self.ledger.bindings = dict(bound(*bindings))
        self.writer = Recorder(self.ledger, fail or {}, tidy_fails)
        self.writer.memo = memo
        self.heard: list[Outcome] = []
        plan = plan_of(diff(existing, desired))
        self.report: Report = asyncio.run(
            apply(plan, dict(self.ledger.bindings), self.writer, self.ledger, lambda: NOW, self.heard.append)
        )
        self.statuses = {outcome.change.key: outcome.status.value for outcome in self.report.outcomes}

    def says(self, key: str) -> str:
        return next(outcome.message for outcome in self.report.outcomes if outcome.change.key == key)


def plan_of(changes: Sequence[Change]) -> Plan:
    return Plan("aqjol", tuple(changes), (), Capacity({}), (), (), Estimate(0, 0), "", (), {}, newest=5)


ROLE = Role("course/a/students", "A")
OTHER = Role("course/b/students", "B")
HOME = Category("course/a", "A", (Overwrite(ROLE.key, 1), Overwrite(EVERYONE, 0, 1), Overwrite(BOT, 1)))
ROOM = Channel("course/a/module/1", "one", "text", HOME.key, "", (Overwrite(ROLE.key, 1),))
BOOK, TASK = Post("m/1", ROOM.key, "d1"), Post("m/2", ROOM.key, "d2")
INDEX = Index("m/index", ROOM.key, "d3")
PINS = [Pin("pin/m/1", BOOK.key, ROOM.key), Pin("pin/m/index", INDEX.key, ROOM.key)]
TALK = Discussion("discussion/m/1", BOOK.key, "Book", channel=ROOM.key)
NEWS = Notice("course/a/notice/d4", ROOM.key, ROLE.key, "d4", "News", told={BOOK.key: "n1"})
PUPIL = Member("member/7", "Aru", frozenset({ROLE.key}), "7")
ROLES_ORDER, CHANNELS_ORDER = Order(keys.ROLE_ORDER, (ROLE.key,)), Order(keys.CHANNEL_ORDER, (HOME.key, ROOM.key, "z"))
OLD_HOME = Category("z", "Z")
BEFORE = state(OLD_HOME, Order(keys.CHANNEL_ORDER, ("z",)))
PLACES: list[Resource] = [ROOM, HOME, ROLE, OTHER, ROLES_ORDER, CHANNELS_ORDER]
ALL: list[Resource] = [OLD_HOME, NEWS, PUPIL, TALK, *PINS, INDEX, BOOK, TASK, *PLACES]


def test_everything_is_made_in_the_order_in_which_it_is_needed() -> None:
    applied = Applied(BEFORE, state(*ALL))
    assert set(applied.statuses.values()) == {"applied"}
    assert applied.report.count(Status.APPLIED) == len(ALL) - 1  # one was there
    assert applied.heard == list(applied.report.outcomes)
    order = applied.writer.order
    assert order(ROLE.key, keys.ROLE_ORDER, HOME.key, ROOM.key, PUPIL.key, keys.CHANNEL_ORDER)[:4] == [
        ROLE.key, keys.ROLE_ORDER, HOME.key, ROOM.key,
    ]  # fmt: skip
    assert order(BOOK.key, TASK.key, INDEX.key, TALK.key, *(pin.key for pin in PINS)) == [
        BOOK.key, TASK.key, INDEX.key, PINS[0].key, PINS[1].key, TALK.key,
    ]  # fmt: skip
    assert [key for _, key in applied.writer.done[-2:]] == [NEWS.key, keys.CHANNEL_ORDER]
    assert applied.writer.tidied == [f"id-{ROOM.key}"]


def test_deletes_come_last_roles_before_categories_and_unpinning_before_posting() -> None:
    old: list[Resource] = [
        Role("old", "Old"),
        Category("oldhome", "Old"),
        Pin("pin/old", "m/0", ROOM.key),
        ROOM,
        ROLE,
        HOME,
    ]
    known = [binding(r.key, "role", f"id-{r.key}") for r in old]
    applied = Applied(state(*old), state(ROOM, ROLE, HOME, BOOK, OTHER), known)
    assert applied.writer.order("old", "oldhome", OTHER.key, BOOK.key, "pin/old") == [
        OTHER.key, "pin/old", BOOK.key, "old", "oldhome",
    ]  # fmt: skip
    assert not {"old", "oldhome", "pin/old"} & set(applied.ledger.bindings)
    assert applied.writer.tidied == []


def test_a_failing_role_takes_only_its_dependants_with_it() -> None:
    stranger = Member("member/8", "Bek", frozenset({OTHER.key}), "8")
    applied = Applied(BEFORE, state(*ALL, stranger), fail={ROLE.key: Refused("the role is above the bot's")})
    assert {key for key, status in applied.statuses.items() if status == "failed"} == {ROLE.key}
    assert {key for key, status in applied.statuses.items() if status == "skipped"} == {
        HOME.key, ROOM.key, BOOK.key, TASK.key, INDEX.key, TALK.key, NEWS.key, PUPIL.key, *(pin.key for pin in PINS),
    }  # fmt: skip
    assert applied.statuses[OTHER.key] == applied.statuses[stranger.key] == "applied"
    assert applied.says(ROLE.key) == "the role is above the bot's"
    assert ROLE.key in applied.says(HOME.key)
    assert applied.report.stopped == ""


def test_a_failing_post_lets_the_rest_of_its_channel_go_on() -> None:
    applied = Applied(BEFORE, state(*ALL), fail={BOOK.key: Retriable("Discord is busy")})
    assert {key for key, status in applied.statuses.items() if status != "applied"} == {
        BOOK.key, TALK.key, PINS[0].key,
    }  # fmt: skip
    assert applied.writer.tidied == [f"id-{ROOM.key}"]


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        pytest.param(Retriable("the answer was lost"), True, id="perhaps made: the intent stays, to look for it"),
        pytest.param(Refused("forbidden"), False, id="certainly not made: the intent goes"),
    ],
)
def test_an_intent_is_kept_as_long_as_the_thing_may_exist(error: KopirError, kept: bool) -> None:
    applied = Applied({}, state(ROLE), fail={ROLE.key: error})
    assert (ROLE.key in applied.ledger.bindings) == kept
    assert not applied.ledger.bindings or applied.ledger.bindings[ROLE.key].discord_id is None


def test_what_was_skipped_leaves_no_intent() -> None:
    applied = Applied({}, state(ROLE, HOME, ROOM), fail={ROLE.key: Refused("no")})
    assert applied.ledger.bindings == {}


def test_an_unauthorised_answer_ends_the_run() -> None:
    applied = Applied(BEFORE, state(*ALL), fail={HOME.key: Stopped("the token was revoked")})
    assert applied.report.stopped == "the token was revoked"
    assert applied.statuses[HOME.key] == "failed"
    later = {key for key in applied.statuses if key not in {ROLE.key, OTHER.key, keys.ROLE_ORDER, HOME.key}}
    assert {applied.statuses[key] for key in later} == {"skipped"}
    assert applied.says(ROOM.key) == "the token was revoked"
    assert applied.writer.tidied == []
    made = {b.key for b in applied.ledger.bindings.values() if b.discord_id and b.kind != "member"}
    assert made == {ROLE.key, OTHER.key}


def test_a_deletion_after_the_end_of_the_run_keeps_its_binding() -> None:
    existing = state(Role("old", "Old"), ROLE)
    known = [binding("old", "role", "1"), binding(ROLE.key, "role", "2")]
    applied = Applied(existing, state(replace(ROLE, name="New")), known, fail={ROLE.key: Stopped("401")})
    assert applied.statuses["old"] == "skipped"
    assert set(applied.ledger.bindings) == {"old", ROLE.key}


_INTENDED = Role | Category | Channel | Post | Index | Discussion | Notice


def test_intents_are_saved_before_anything_is_sent() -> None:
    applied = Applied(BEFORE, state(*ALL))
    made = {r.key for r in ALL if isinstance(r, _INTENDED)} - {OLD_HOME.key}
    assert {key for key, there in applied.writer.intents_when_written.items() if there} >= made
    intents = [b for what, saved in applied.ledger.log if what == "save" for b in saved if isinstance(b, Binding)]
    room = next(b for b in intents if b.key == ROOM.key)
    assert (room.discord_id, room.kind, room.parent_id, room.digest, room.at) == (
        None, "channel", f"id-{HOME.key}", "5\none", NOW,
    )  # fmt: skip
    assert next(b for b in intents if b.key == BOOK.key).digest == "5\nd1"
    news = next(b for b in intents if b.key == NEWS.key)
    assert (news.parent_id, news.title, news.memo) == (f"id-{ROOM.key}", "News", {BOOK.key: "n1"})


def test_all_intents_of_a_step_are_saved_in_one_transaction() -> None:
    applied = Applied({}, state(ROLE, OTHER))
    assert [len(saved) for what, saved in applied.ledger.log if what == "save"] == [2, 1, 1]


def test_what_was_made_is_bound_with_what_discord_answered() -> None:
    applied = Applied({}, state(ROLE))
    made = Binding(ROLE.key, "role", f"id-{ROLE.key}", None, "sent", NOW, sent=sent(ROLE, {}))
    assert applied.ledger.bindings[ROLE.key] == made


@pytest.mark.parametrize(
    ("answered", "remembered"),
    [
        pytest.param(None, {"a.pdf": "7"}, id="nothing said: as before"),
        pytest.param({}, {}, id="no files any more"),
        pytest.param({"b.pdf": "8"}, {"b.pdf": "8"}, id="other files"),
    ],
)
def test_a_post_remembers_its_files(answered: Mapping[str, str] | None, remembered: Mapping[str, str]) -> None:
    known = [binding(ROOM.key, "channel", "1"), replace(binding("p", "post", "3", "1", "d"), memo={"a.pdf": "7"})]
    old, new = Post("p", ROOM.key, "d"), Post("p", ROOM.key, "e", title="Book")
    applied = Applied(state(ROOM, old), state(ROOM, new), known, memo=answered)
    assert (applied.ledger.bindings["p"].memo, applied.ledger.bindings["p"].title) == (remembered, "Book")


def grants(applied: Applied) -> list[set[str]]:
    """List what was remembered as given to the member, save after save."""
    saved = [b for what, saved in applied.ledger.log if what == "save" for b in saved if isinstance(b, Binding)]
    return [set(b.digest.split("\n")) - {""} for b in saved if b.kind == "member"]


@pytest.mark.parametrize(
    ("granted", "held", "wanted", "before", "after"),
    [
        pytest.param("", "", "r", {"r"}, {"r"}, id="given"),
        pytest.param("r", "r", "", {"r"}, set(), id="taken: remembered until it is really gone"),
        pytest.param("r", "r", "s", {"r", "s"}, {"s"}, id="swapped"),
        pytest.param("", "h", "hr", {"r"}, {"r"}, id="a role given by hand is never called ours"),
        pytest.param("r", "hr", "hs", {"r", "s"}, {"s"}, id="swapped beside one given by hand"),
    ],
)
def test_roles_given_are_remembered_before_and_after(
    granted: str, held: str, wanted: str, before: set[str], after: set[str]
) -> None:
    known = [binding(role, "role", f"id-{role}") for role in "hrs"]
    known += [binding("member/7", "member", "7", digest="\n".join(granted))] if granted else []
    old, new = Member("member/7", "", frozenset(held), "7"), Member("member/7", "Aru", frozenset(wanted), "7")
    applied = Applied(state(old), state(new), known)
    assert grants(applied) == [before, after]
    saved = [b for what, saved in applied.ledger.log if what == "save" for b in saved if isinstance(b, Binding)]
    assert [ROLES in b.sent for b in saved] == [False, True], "a run that is cut has given nothing yet"


def test_a_member_who_could_not_be_written_may_still_have_got_the_roles() -> None:
    known = [binding("r", "role", "id-r")]
    new = Member("member/7", None, frozenset({"r"}), "7")
    applied = Applied(
        state(Member("member/7", "", frozenset(), "7")), state(new), known, {"member/7": Retriable("lost")}
    )
    assert grants(applied) == [{"r"}]


def test_a_notice_takes_over_what_was_told_before_it_and_then_those_before_it_are_forgotten() -> None:
    made = [binding(ROLE.key, "role", "1"), binding(ROOM.key, "channel", "2"), binding(BOOK.key, "post", "3")]
    old = replace(binding("course/a/notice/d1", "notice", "4"), memo={"earlier": "e"})
    applied = Applied(state(), state(NEWS), [*made, old], memo=NEWS.told)
    assert applied.ledger.bindings[NEWS.key].memo == {"earlier": "e", BOOK.key: "n1"}
    assert old.key not in applied.ledger.bindings
    assert [what for what, _ in applied.ledger.log] == ["save", "save", "remove"], "never is none of them there"


@pytest.mark.parametrize(
    ("error", "stopped"),
    [pytest.param(Retriable("busy"), "", id="once"), pytest.param(Stopped("401"), "401", id="for good")],
)
def test_notices_that_cannot_be_cleared_are_reported(error: KopirError, stopped: str) -> None:
    applied = Applied(BEFORE, state(*ALL), tidy_fails=error)
    assert applied.report.stopped == stopped
    assert str(error) in [outcome.message for outcome in applied.report.outcomes]
    assert applied.statuses[BOOK.key] == "applied"


def test_threads_are_locked_only_after_their_last_edit() -> None:
    forum = Channel("forum", "modules", "forum")
    thread, post = Thread("t", "Unit", "forum"), Post("p", "t", "d")
    known = [binding("forum", "channel", "1"), binding("t", "thread", "2", "1"), binding("p", "post", "3", "2")]
    locked, retired = Thread("t", None, None, locked=True), Post("p", None, None, retired=True)
    applied = Applied(state(forum, thread, post), state(forum, locked, retired), known)
    assert [key for _, key in applied.writer.done] == ["p", "t"]


def test_a_message_that_moves_is_retired_where_it_was_and_posted_anew() -> None:
    rooms = [Channel("x", "x", "text"), Channel("y", "y", "text")]
    known = [binding("x", "channel", "1"), binding("y", "channel", "2"), binding("p", "post", "3", "1", "d")]
    moved = Post("p", "y", "d", title="Book", farewell=Look(text="moved to: Y"))
    applied = Applied(state(*rooms, Post("p", "x", "d")), state(*rooms, moved), known)
    assert applied.statuses == {"p": "applied"}
    assert applied.ledger.bindings["p"].discord_id == "id-p"
    left, posted = applied.writer.written
    assert left.desired == Post("p", None, None, retired=True)
    assert isinstance(left.desired, Post)
    assert (left.desired.title, left.desired.look) == ("Book", moved.farewell)
    assert posted.desired is moved
    intents = [b.discord_id for what, saved in applied.ledger.log if what == "save" for b in saved]  # type: ignore[union-attr]
    assert intents == [None, "id-p"], "a run cut between the two finds what it posted"


def test_a_message_that_could_not_be_posted_where_it_moves_to_is_posted_by_the_next_run() -> None:
    rooms = [Channel("x", "x", "text"), Channel("y", "y", "text")]
    known = [binding("x", "channel", "1"), binding("y", "channel", "2"), binding("p", "post", "3", "1", "d")]
    lost = {"p": Refused("forbidden")}
    applied = Applied(state(*rooms, Post("p", "x", "d")), state(*rooms, Post("p", "y", "d")), known, lost)
    assert applied.statuses == {"p": "failed"}
    assert applied.ledger.bindings["p"].discord_id == "3"


@pytest.mark.parametrize(
    ("existing", "desired", "forgotten"),
    [
        pytest.param([BOOK], [replace(BOOK, digest="new")], {BOOK.key}, id="a message deleted by hand is posted again"),
        pytest.param([BOOK], [BOOK, Pin("pin/m/1", BOOK.key, ROOM.key)], {BOOK.key}, id="its pin finds it out"),
        pytest.param([], [BOOK], {ROOM.key, BOOK.key}, id="a place deleted by hand is made again"),
        pytest.param([], [INDEX], {ROOM.key, INDEX.key}, id="an index finds it out too"),
        pytest.param([BOOK], [BOOK, TALK], {BOOK.key}, id="its discussion finds it out"),
        pytest.param(
            [BOOK, TALK],
            [BOOK, replace(TALK, name="New")],
            {TALK.key},
            id="a discussion deleted by hand is opened again",
        ),
        pytest.param([ROLE], [replace(ROLE, name="New")], set(), id="roles are read back, so the next reading tells"),
    ],
)
def test_what_turns_out_to_be_gone_is_forgotten(
    existing: list[Resource], desired: list[Resource], forgotten: set[str]
) -> None:
    known = [binding(r.key, "x", f"id-{r.key}", f"id-{ROOM.key}") for r in (ROOM, *existing)]
    changed = {resource.key: Gone("Unknown Message") for resource in desired if resource not in existing}
    applied = Applied(state(ROOM, *existing), state(ROOM, *desired), known, changed)
    assert {outcome.status for outcome in applied.report.outcomes} == {Status.FAILED}
    assert set(applied.ledger.bindings) == {b.key for b in known} - forgotten


@pytest.mark.parametrize(
    ("resource", "keys_needed"),
    [
        pytest.param(ROLE, set(), id="role"),
        pytest.param(HOME, {ROLE.key}, id="category: roles of its overwrites, not everyone's or the bot's"),
        pytest.param(ROOM, {ROLE.key, HOME.key}, id="channel"),
        pytest.param(Channel("c", None, None, None, None, None), set(), id="channel, nothing managed"),
        pytest.param(Thread("t", "T", "forum"), {"forum"}, id="thread"),
        pytest.param(Thread("t", None, None, locked=True), set(), id="locked thread"),
        pytest.param(BOOK, {ROOM.key}, id="post"),
        pytest.param(Post("p", None, None, retired=True), set(), id="retired post"),
        pytest.param(INDEX, {ROOM.key}, id="index"),
        pytest.param(PINS[0], {BOOK.key}, id="pin"),
        pytest.param(TALK, {BOOK.key}, id="discussion"),
        pytest.param(NEWS, {ROOM.key, ROLE.key}, id="notice"),
        pytest.param(PUPIL, {ROLE.key}, id="member"),
        pytest.param(ROLES_ORDER, set(), id="order: whatever is there is sorted"),
    ],
)
def test_a_resource_names_what_must_stand_before_it(resource: Resource, keys_needed: set[str]) -> None:
    assert needs(resource) == keys_needed


def test_an_empty_plan_sends_and_saves_nothing() -> None:
    applied = Applied({}, {})
    assert (applied.writer.done, applied.ledger.log, applied.report.outcomes) == ([], [], ())


def test_counting_outcomes() -> None:
    change = Change(Action.CREATE, "r", {}, None, ROLE)
    report = Report((Outcome(change, Status.APPLIED), Outcome(change, Status.FAILED), Outcome(change, Status.APPLIED)))
    assert [report.count(status) for status in Status] == [2, 1, 0]


class Slow(Recorder):
    """A writer to which one thread takes longer than the others."""

    async def write(self, change: Change, bindings: Mapping[str, Binding]) -> Sent:
        for _ in range(5 if change.key == "t3" else 0):
            await asyncio.sleep(0)
        return await super().write(change, bindings)


def test_the_posts_of_a_forum_are_opened_one_after_the_other_as_the_newest_stands_on_top() -> None:
    forum, threads = Channel("forum", "modules", "forum"), [Thread(f"t{n}", f"Unit {n}", "forum") for n in (3, 2, 1)]
    ledger = MemoryLedger()
    ledger.bindings = dict(bound(binding("forum", "channel", "1")))
    writer = Slow(ledger, {}, None)
    plan = plan_of(diff(state(forum), state(forum, *threads)))
    asyncio.run(apply(plan, dict(ledger.bindings), writer, ledger, lambda: NOW))
    assert [key for _, key in writer.done] == ["t3", "t2", "t1"]

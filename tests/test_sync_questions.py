"""The staff are asked about held removals: why, what, and what becomes of the question."""

from dataclasses import replace

import pytest

from sync import keys, questions
from sync.diff import Action
from sync.ledger import APPROVED, DISCARDED, Decision
from sync.phrases import Phrase
from sync.plan import Facts, Plan, plan
from sync.posts import TEXT_LIMIT
from sync.questions import STAFF_CHANNEL, closing, held_lines, question, question_changes
from sync.removals import MISSING_FILE, OVER_LIMIT, Held, Loss
from sync.resources import EMPTY_STATE, Channel, Question, State
from sync.texts import texts
from tests.builders import NEVER, NOW, guild, state

WORDS = texts("en")
STAFF = state(Channel(STAFF_CHANNEL, "staff", "text"))
COUNTED = {"removed": "2", "total": "4", "kind": "member", "percent": "20"}
HELD = Held(OVER_LIMIT, COUNTED, frozenset({("member/1", "r"), ("member/2", "r")}))
LOSSES = {
    ("member/1", "r"): Loss("Aru_", "Algebra 7", Phrase("no longer in this class list")),
    ("member/2", "r"): Loss("Bek", "Algebra 7", Phrase("no longer in this class list")),
}


def planned(*held: Held) -> Plan:
    empty = plan(Facts("aqjol", EMPTY_STATE, EMPTY_STATE, EMPTY_STATE, guild(), {}, NEVER))
    return replace(empty, held=held, losses=LOSSES, digest="a" * 32)


def test_removals_of_one_cause_share_a_line_and_are_named_once() -> None:
    again = Held(MISSING_FILE, {}, HELD.removals)
    assert list(held_lines([HELD, again], LOSSES, WORDS, None)) == [
        "2 of 4 would go (members), more than 20 %",
        "- Algebra 7 (no longer in this class list): Aru_, Bek",
        "a file stopped coming; what it listed is kept until somebody approves",
    ]
    assert list(held_lines([HELD], LOSSES, WORDS, 1))[1].endswith("Aru_, … and 1 more")


def test_names_in_a_question_cannot_break_its_lines() -> None:
    assert "Aru\\_, Bek" in question(planned(HELD), WORDS).look.text


def test_a_question_about_hundreds_fits_into_one_message_with_the_way_to_answer() -> None:
    many = {(f"member/{i}", "r"): Loss("Ә" * 90 + str(i), f"Role {i}", Phrase("no longer in this class list")) for i in range(500)}  # fmt: skip  # noqa: E501
    asked = question(replace(planned(Held(OVER_LIMIT, COUNTED, frozenset(many))), losses=many), WORDS)
    assert len(asked.look.text) <= TEXT_LIMIT
    assert asked.look.text.endswith(f"`kopir apply --approve {'a' * 32}`")


def asked(existing: State, *held: Held) -> list[tuple[Action, str, bool]]:
    changes = question_changes(planned(*held), existing, STAFF, {}, WORDS).changes
    return [(c.action, c.key, c.desired.open) for c in changes if isinstance(c.desired, Question)]


def test_a_question_is_asked_once_edited_never_doubled_and_closed_when_it_is_moot() -> None:
    key, other = keys.question("a" * 32), keys.question("b" * 32)
    assert asked(EMPTY_STATE, HELD) == [(Action.CREATE, key, True)]
    there = state(replace(question(planned(HELD), WORDS)))
    assert asked(there, HELD) == []
    assert asked(there) == [(Action.UPDATE, key, False)]
    assert asked(state(Question(other, STAFF_CHANNEL, "d")), HELD) == [
        (Action.UPDATE, other, False),
        (Action.CREATE, key, True),
    ]


def test_a_school_without_a_staff_channel_is_asked_in_the_terminal_only() -> None:
    assert question_changes(planned(HELD), EMPTY_STATE, EMPTY_STATE, {}, WORDS).changes == ()


@pytest.mark.parametrize(
    ("decision", "carried_out", "said"),
    [
        pytest.param(None, False, questions.WITHDRAWN, id="nobody decided"),
        pytest.param(Decision("d", APPROVED, "77", NOW), True, questions.DONE, id="approved and carried out now"),
        pytest.param(Decision("d", APPROVED, "77", NOW, used=True), False, questions.DONE, id="carried out before"),
        pytest.param(Decision("d", APPROVED, "77", NOW), False, questions.MOVED, id="approved too late"),
        pytest.param(Decision("d", DISCARDED, "77", NOW), False, questions.LEFT, id="discarded"),
    ],
)
def test_a_closed_question_says_what_became_of_it_and_who_decided(
    decision: Decision | None, carried_out: bool, said: str
) -> None:
    found = closing(decision, carried_out=carried_out)
    assert found.template == said
    assert ("<@77>" in found) == (decision is not None)


def test_a_decision_at_the_command_line_names_no_user() -> None:
    found = closing(Decision("d", DISCARDED, "command", NOW), carried_out=False)
    assert found == "Discarded by somebody at the command line: everything stays as it is."

"""Outages are told of once, waited out with growing pauses, and told of once more when they end."""

from bot.serving.outages import Outage
from bot.transport.sending import Retries
from sync.errors import Refused, Retriable, Stopped

SLOW = Retries(first=1.0, longest=8.0)


def test_pauses_grow_up_to_the_longest_and_start_small_again() -> None:
    outage = Outage("school one", SLOW)
    pauses = [outage.failed(Retriable("away"), now, 1.0).pause for now in range(6)]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    outage.worked(6)
    assert outage.failed(Retriable("away"), 7, 1.0).pause == 1.0


def test_pauses_are_spread_so_that_schools_do_not_come_back_together() -> None:
    assert Outage("one", SLOW).failed(Retriable("away"), 0, 0.0).pause == 0.5


def test_the_pause_that_the_other_side_asks_for_is_kept() -> None:
    assert Outage("one", SLOW).failed(Retriable("busy", after=60.0), 0, 0.0).pause == 60.0


def test_an_outage_is_one_line_at_its_beginning_and_one_at_its_end() -> None:
    outage = Outage("school one", SLOW)
    lines = [outage.failed(Retriable(f"away {n}"), n, 1.0).line for n in range(3)]
    assert lines == ["school one has to wait, trying again until it works: away 0", "", ""]
    assert outage.worked(42) == "school one works again after 42 s."
    assert outage.worked(43) == ""


def test_what_a_person_must_mend_is_said_once_and_not_tried_again_unasked() -> None:
    outage = Outage("school one", SLOW)
    first, second = (outage.failed(Refused("Add the bot."), now, 1.0) for now in range(2))
    assert (first.pause, second.pause) == (None, None)
    assert first.line == "school one stops here until this is mended: Add the bot."
    assert second.line == ""
    assert "Drag the role" in outage.failed(Refused("Drag the role."), 3, 1.0).line


def test_a_refused_token_is_said_once_whichever_request_noticed_it() -> None:
    outage = Outage("school one", SLOW)
    lines = [outage.failed(Stopped(f"401 for {what}"), 0, 1.0).line for what in ("roles", "channels")]
    assert [bool(line) for line in lines] == [True, False]


def test_an_outage_that_turns_out_to_need_a_person_is_said_too() -> None:
    outage = Outage("school one", SLOW)
    outage.failed(Retriable("away"), 0, 1.0)
    assert "Add the bot" in outage.failed(Refused("Add the bot."), 1, 1.0).line

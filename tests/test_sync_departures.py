"""Who went, how, and what they get when they come back: judged from readings and memories alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.departures import STAY, Back, Expulsion, back, dropped, explained, in_stay, stays, went
from sync.guild import GuildMember
from sync.keys import member as key_of
from sync.ledger import Binding, Cause, Departure
from sync.linking import link

from .builders import guild, linked, person

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FIRST, SECOND = "2026-09-01T10:00:00+00:00", "2026-10-01T10:00:00+00:00"
PEOPLE = {"11": "csv:aru"}
BEGAN = datetime.fromisoformat(FIRST)


def given_to(user: str = "11", roles: str = "base/verified", stay: str = FIRST) -> dict[str, Binding]:
    binding = Binding(key_of(user), "member", user, None, roles, NOW)
    return {binding.key: in_stay(binding, stay)}


def there(stay: str, user: str = "11") -> GuildMember:
    return GuildMember(user, "aru", joined=stay)


def departure(cause: Cause = Cause.LEFT, stay: str = FIRST) -> Departure:
    return Departure("11", cause, NOW, "csv:aru", "", stay)


@pytest.mark.parametrize(
    ("bindings", "members", "noticed"),
    [
        pytest.param(given_to(), [], True, id="absent"),
        pytest.param(given_to(), [there(FIRST)], False, id="there"),
        pytest.param(given_to(), [there(SECOND)], True, id="back before anybody noticed"),
        pytest.param(given_to(stay=""), [], True, id="absent, stay not known"),
        pytest.param(given_to(stay=""), [there(SECOND)], False, id="there, stay not known"),
        pytest.param(given_to(roles="", stay=""), [], False, id="had nothing"),
        pytest.param(given_to(roles=""), [], True, id="had nothing just now"),
        pytest.param(given_to("12"), [], False, id="not linked"),
        pytest.param({}, [], False, id="never served"),
    ],
)
def test_who_went_is_noticed(bindings: dict[str, Binding], members: list[GuildMember], noticed: bool) -> None:
    found = went(bindings, guild(*members), PEOPLE, (), NOW)
    assert [(one.user_id, one.cause, one.person) for one in found] == [("11", Cause.LEFT, "csv:aru")] * noticed
    assert not went(bindings, guild(*members), PEOPLE, {"11"}, NOW), "it is noticed once"


@pytest.mark.parametrize(
    ("entries", "cause", "by"),
    [
        pytest.param([], Cause.LEFT, "", id="no entry"),
        pytest.param([("11", Cause.KICKED, 1)], Cause.KICKED, "99", id="kicked"),
        pytest.param([("11", Cause.BANNED, 1)], Cause.BANNED, "99", id="banned"),
        pytest.param([("11", Cause.BANNED, 2), ("11", Cause.KICKED, 1)], Cause.BANNED, "99", id="the last one counts"),
        pytest.param([("11", Cause.KICKED, -1)], Cause.LEFT, "", id="kicked from an earlier stay"),
        pytest.param([("12", Cause.KICKED, 1)], Cause.LEFT, "", id="somebody else"),
    ],
)
def test_the_audit_log_tells_who_did_not_leave_by_themselves(
    entries: list[tuple[str, Cause, int]], cause: Cause, by: str
) -> None:
    said = [Expulsion(user, what, "99", BEGAN + timedelta(days=days)) for user, what, days in entries]
    (found,) = explained([departure()], said)
    assert (found.cause, found.by) == (cause, by)


ASKED = frozenset(Cause)
NEVER: frozenset[Cause] = frozenset()


@pytest.mark.parametrize(
    ("cause", "asked", "stay", "member", "barred", "over", "void"),
    [
        pytest.param(Cause.LEFT, NEVER, FIRST, SECOND, False, True, True, id="left, restored"),
        pytest.param(Cause.LEFT, ASKED, FIRST, SECOND, True, False, True, id="left, asked"),
        pytest.param(Cause.KICKED, NEVER, FIRST, SECOND, False, True, True, id="kicked, restored"),
        pytest.param(Cause.KICKED, ASKED, FIRST, SECOND, True, False, True, id="kicked, asked"),
        pytest.param(Cause.BANNED, ASKED, FIRST, SECOND, True, False, True, id="banned, asked"),
        pytest.param(Cause.KICKED, ASKED, FIRST, None, False, False, False, id="kicked, still away"),
        pytest.param(Cause.LEFT, ASKED, FIRST, FIRST, False, True, False, id="a reading had lost them"),
        pytest.param(Cause.LEFT, ASKED, "", SECOND, False, True, False, id="left, stay not known"),
        pytest.param(Cause.KICKED, ASKED, "", SECOND, True, False, True, id="kicked, stay not known"),
    ],
)
def test_who_comes_back_gets_what_the_settings_say(
    cause: Cause, asked: frozenset[Cause], stay: str, member: str | None, barred: bool, over: bool, void: bool
) -> None:
    server = guild(*([there(member)] if member else []))
    found = back([departure(cause, stay)], server, given_to(stay=stay), asked)
    assert found.bars("csv:aru", "11") is barred
    assert found.over == ({"11"} if over else set())
    assert found.void == ({key_of("11")} if void else set())


@pytest.mark.parametrize("cause", [Cause.UNLINKED, Cause.DROPPED])
def test_a_tie_that_was_cut_bars_only_this_person_from_this_account(cause: Cause) -> None:
    found = back([departure(cause)], guild(there(FIRST)), given_to(), ASKED)
    assert found.bars("csv:aru", "11")
    assert not found.bars("csv:aru", "12")
    assert not found.bars("csv:other", "11")
    assert back([departure(cause)], guild(there(FIRST)), given_to(), NEVER) == Back(over=frozenset({"11"}))


def test_who_is_dropped_is_noticed_once_nothing_of_ours_is_left() -> None:
    assert not dropped(given_to(), PEOPLE, (), (), NOW)
    assert not dropped(given_to(roles=""), PEOPLE, {"csv:aru"}, (), NOW)
    assert not dropped(given_to(roles=""), PEOPLE, (), {"11"}, NOW)
    assert [one.cause for one in dropped(given_to(roles=""), PEOPLE, (), (), NOW)] == [Cause.DROPPED]


def test_a_stay_that_is_not_known_is_noted_once() -> None:
    (noted,) = stays(given_to(stay=""), guild(there(SECOND)))
    assert noted.memo[STAY] == SECOND
    assert not stays({noted.key: noted}, guild(there(SECOND)))


causes, stayed = st.sampled_from(Cause), st.sampled_from(["", FIRST, SECOND])


@given(causes, stayed, stayed.filter(bool), st.booleans(), st.sampled_from(["", "aru", "11"]))
def test_nobody_who_is_barred_is_tied_to_the_account_by_any_way(
    cause: Cause, stay: str, member: str, proven: bool, stated: str
) -> None:
    server = guild(there(member))
    barred = back([departure(cause, stay)], server, given_to(stay=stay), ASKED)
    links = {"csv:aru": linked("csv:aru", "11")} if proven else {}
    found = link([person("csv:aru", discord=stated)], links, server, NOW, barred)
    if barred.bars("csv:aru", "11"):
        assert not found.users
        assert not found.found
        assert found.barred == (("csv:aru",) if proven or stated else ())
        assert not found.unknown
        assert not found.barred or "11" not in found.strangers

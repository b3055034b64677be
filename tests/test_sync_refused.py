"""A change that was refused before is left out as long as it is the same, and no longer than a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from sync import keys
from sync.diff import Action, Change
from sync.errors import Denied
from sync.estimate import Estimate
from sync.guild import Guild, GuildOverwrite
from sync.layout import Capacity
from sync.ledger import Binding, Refusal
from sync.phrases import Phrase
from sync.plan import Plan
from sync.reconcile import Outcome, Status
from sync.refused import LASTS, leave_out, outdated, refusals
from sync.render import plan_json, say
from sync.resources import Member, Post, Role
from sync.texts import texts
from tests.builders import BOT_USER, GUILD, NOW, binding, bound, guild_channel, guild_member, guild_role

PLACE, PUPIL = "course/alg/module/1", keys.member("7")
WHY = Phrase("Discord does not accept this ({answer}).", answer="403")


class ByStanding(Denied):
    by_standing = True


def server(**more: object) -> Guild:
    """A server with the bot, a role above it, one below, a channel in a category, and a pupil."""
    roles = (guild_role(GUILD, position=0, permissions=1), guild_role("9", position=5), guild_role("bot", position=3))
    channels = (guild_channel("1", type_="category"), guild_channel("2", parent_id="1"))
    members = (guild_member(BOT_USER, roles=frozenset({"bot"})), guild_member("7", joined="2030"))
    return replace(Guild(GUILD, "owner", BOT_USER, (*roles, guild_role("4", position=1)), channels, members), **more)  # type: ignore[arg-type]


BINDINGS: Mapping[str, Binding] = bound(binding(PLACE, "channel", "2"), binding("post", "post", "30", "2"))


def edit(digest: str = "new") -> Change:
    old, new = Post("post", PLACE, "old"), Post("post", PLACE, digest, title="Title")
    return Change(Action.UPDATE, "post", {"digest": ("old", digest)}, old, new)


def rename(nick: str = "Aru") -> Change:
    old, new = Member(PUPIL, "", frozenset(), "7"), Member(PUPIL, nick, frozenset(), "7")
    return Change(Action.UPDATE, PUPIL, {"nick": ("", nick)}, old, new)


def plan(*changes: Change) -> Plan:
    return Plan("one", changes, (), Capacity({}), (), (), Estimate(9, 9.0), "digest", (), {}, 0)


def remembered(change: Change, why: Denied) -> Mapping[str, Refusal]:
    found = refusals([Outcome(change, Status.FAILED, why.said, why)], server(), BINDINGS, NOW)
    return {refusal.key: refusal for refusal in found}


def moved(guild: Guild, role: str, position: int) -> Guild:
    roles = tuple(replace(one, position=position) if one.id == role else one for one in guild.roles)
    return replace(guild, roles=roles)


OPENED = tuple(replace(c, overwrites=(GuildOverwrite(BOT_USER, 1, 0),)) for c in server().channels)
CATEGORY_OPENED = (OPENED[0], server().channels[1])
AGAIN = replace(server(), members=(server().members[0], guild_member("7", joined="2031")))
PROMOTED = replace(server(), members=(server().members[0], guild_member("7", joined="2030", roles=frozenset({"4"}))))
BY_STANDING, BY_FORM = ByStanding(WHY), Denied(WHY)
SAME, LATER = timedelta(), LASTS

CASES = [
    pytest.param(edit(), BY_FORM, edit(), server(), SAME, True, id="the same"),
    pytest.param(edit(), BY_FORM, edit("newer"), server(), SAME, False, id="another text"),
    pytest.param(edit(), BY_FORM, edit(), server(), LATER, False, id="a day later"),
    pytest.param(edit(), BY_FORM, edit(), server(), LATER - timedelta(seconds=1), True, id="nearly a day later"),
    pytest.param(edit(), BY_FORM, edit(), server(channels=OPENED), SAME, True, id="rights do not matter to a text"),
    pytest.param(edit(), BY_STANDING, edit(), server(), SAME, True, id="the same rights"),
    pytest.param(edit(), BY_STANDING, edit(), server(channels=OPENED), SAME, False, id="the channel opened"),
    pytest.param(edit(), BY_STANDING, edit(), server(channels=CATEGORY_OPENED), SAME, False, id="its category opened"),
    pytest.param(edit(), BY_STANDING, edit(), moved(server(), "bot", 6), SAME, False, id="the bot's role on top"),
    pytest.param(edit(), BY_STANDING, edit(), moved(server(), "9", 6), SAME, True, id="the same roles above"),
    pytest.param(edit(), BY_STANDING, edit(), server(roles=server().roles[1:]), SAME, False, id="other permissions"),
    pytest.param(rename(), BY_STANDING, rename(), server(), SAME, True, id="the same member"),
    pytest.param(rename(), BY_STANDING, rename("Dana"), server(), SAME, False, id="another name"),
    pytest.param(rename(), BY_STANDING, rename(), AGAIN, SAME, False, id="left and came back"),
    pytest.param(rename(), BY_STANDING, rename(), PROMOTED, SAME, False, id="a member with other roles"),
]


@pytest.mark.parametrize(("before", "why", "now", "guild", "after", "out"), CASES)
def test_a_refused_change_is_left_out_until_its_cause_may_be_gone(
    before: Change, why: Denied, now: Change, guild: Guild, after: timedelta, out: bool
) -> None:
    known, moment = remembered(before, why), NOW + after
    left = leave_out(plan(now), known, guild, BINDINGS, moment)
    assert (left.changes == ()) is out
    assert [notice.code for notice in left.notices] == (["refused-before"] if out else [])
    assert outdated([now], known, guild, BINDINGS, moment) == (() if out else (now.key,))


def test_a_plan_without_refused_changes_stays_as_it_is() -> None:
    made = plan(edit(), rename())
    assert leave_out(made, {}, server(), BINDINGS, NOW) is made


def test_what_is_no_longer_wanted_is_forgotten() -> None:
    assert outdated([], remembered(edit(), BY_FORM), server(), BINDINGS, NOW) == ("post",)


def test_only_what_was_refused_for_good_is_remembered() -> None:
    outcomes = [Outcome(edit(), Status.FAILED, "later"), Outcome(rename(), Status.APPLIED)]
    assert refusals(outcomes, server(), BINDINGS, NOW) == ()


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_what_is_left_out_is_told_by_cause_with_numbers_and_names_but_people_by_id(language: str) -> None:
    role = Change(Action.CREATE, "r", {"name": (None, "R")}, None, Role("r", "R"))
    changes, other = (edit(), rename(), role), Denied(Phrase("Cause {n}.", n="2"))
    known = {**remembered(edit(), BY_FORM), **remembered(rename(), BY_FORM), **remembered(role, other)}
    left = leave_out(plan(*changes), known, server(), BINDINGS, NOW)
    words = texts(language)
    first, second = (say(notice, words) for notice in left.notices)
    assert "1 (Title)" in first
    assert "Aru" not in first
    assert "403" in first
    assert "kopir sync --retry" in first
    assert "Cause 2." in second
    assert [notice.people for notice in left.notices] == [("7",), ()]
    assert plan_json(left, words)["changes"] == []
    assert left.digest != plan(*changes).digest


def test_a_refusal_that_is_no_phrase_is_remembered_as_it_is() -> None:
    known = remembered(edit(), Denied("not {this}"))
    left = leave_out(plan(edit()), known, server(), BINDINGS, NOW)
    assert "not {this}" in say(left.notices[0], texts("en"))

"""What a killed run had made is found again; what is older, foreign or elsewhere is never adopted."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.errors import Gone, KopirError, Refused, Stopped
from sync.guild import Guild, GuildThread
from sync.ledger import Binding
from sync.ports import OwnMessage
from sync.posts import look_digest
from sync.recover import CLOCK_SKEW, Recovered, deleted, match_messages, recover, snowflake
from sync.resources import Look
from tests.builders import DAY, NOW, bound, guild, guild_channel, guild_role

NEWEST = 1000  # the highest id on the server when the killed run read it


def intent(key: str, kind: str, mark: str, parent: str | None = None) -> Binding:
    return Binding(key, kind, None, parent, f"{NEWEST}\n{mark}", NOW)


class Channels:
    """A reader of messages; nothing else is read by recovering."""

    def __init__(self, **posted: list[OwnMessage]) -> None:
        self.posted, self.asked = posted, list[tuple[str, str]]()

    async def read(self) -> Guild:
        raise AssertionError("the server was read already")

    async def still_has(self, kind: str, discord_id: str) -> bool:
        raise AssertionError("what is missing was asked for already")

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        self.asked.append((channel_id, after))
        return tuple(self.posted[channel_id])


def recovered(server: Guild, *bindings: Binding, reader: Channels | None = None) -> Recovered:
    return asyncio.run(recover(bound(*bindings), server, reader or Channels()))


ROLE = intent("r", "role", "Algebra")
PARENT = Binding("k", "category", "20", None, "", NOW)
CHANNEL = intent("c", "channel", "algebra-7", "20")


@pytest.mark.parametrize(
    ("wanted", "server"),
    [
        pytest.param(ROLE, guild(roles=[guild_role("2000", "Algebra")]), id="role"),
        pytest.param(
            intent("k2", "category", "Algebra"),
            guild(channels=[guild_channel("2000", "Algebra", "category")]),
            id="category",
        ),
        pytest.param(CHANNEL, guild(channels=[guild_channel("2000", "algebra-7", parent_id="20")]), id="channel"),
        pytest.param(
            intent("v", "channel", "Algebra 7", "20"),
            guild(channels=[guild_channel("2000", "algebra-7", parent_id="20")]),
            id="a channel whose name Discord changed",
        ),
        pytest.param(
            intent("t", "thread", "Unit", "30"), guild(threads=(GuildThread("2000", "Unit", "30"),)), id="thread"
        ),
    ],
)
def test_every_kind_of_place_is_found_again(wanted: Binding, server: Guild) -> None:
    found = recovered(server, PARENT, wanted)
    assert [(b.key, b.kind, b.discord_id, b.parent_id, b.digest) for b in found.found] == [
        (wanted.key, wanted.kind, "2000", wanted.parent_id if wanted.kind == "thread" else None, "")
    ]
    assert found.void == ()


@pytest.mark.parametrize(
    ("wanted", "server"),
    [
        pytest.param(ROLE, guild(), id="nothing was made"),
        pytest.param(ROLE, guild(roles=[guild_role("2000", "Chess club")]), id="another name"),
        pytest.param(ROLE, guild(roles=[guild_role("1000", "Algebra")]), id="it was there before"),
        pytest.param(ROLE, guild(roles=[guild_role("2000", "Algebra", managed=True)]), id="a bot's own role"),
        pytest.param(ROLE, guild(channels=[guild_channel("2000", "Algebra", "category")]), id="another kind"),
        pytest.param(CHANNEL, guild(channels=[guild_channel("2000", "algebra-7", parent_id="21")]), id="elsewhere"),
        pytest.param(CHANNEL, guild(channels=[guild_channel("2000", "algebra-7")]), id="outside"),
        pytest.param(
            intent("t", "thread", "Unit", "30"), guild(threads=(GuildThread("2000", "Unit", "31"),)), id="another forum"
        ),
        pytest.param(Binding("member/7", "member", None, None, "", NOW), guild(), id="a member is never made"),
    ],
)
def test_what_is_older_foreign_or_elsewhere_is_not_adopted(wanted: Binding, server: Guild) -> None:
    found = recovered(server, PARENT, wanted)
    assert (found.found, found.void) == ((), (wanted.key,))


def test_what_is_bound_already_is_not_taken_twice() -> None:
    server = guild(roles=[guild_role("2000", "Algebra"), guild_role("2001", "Algebra"), guild_role("2002", "Algebra")])
    mine = Binding("mine", "role", "2000", None, "", NOW)
    second, third = intent("s", "role", "Algebra"), intent("t", "role", "Algebra")
    found = recovered(server, mine, third, second)
    assert {(b.key, b.discord_id) for b in found.found} == {("s", "2001"), ("t", "2002")}


def test_without_a_cut_run_nothing_is_read() -> None:
    reader = Channels()
    assert recovered(guild(), PARENT, reader=reader) == Recovered((), ())
    assert reader.asked == []


def shown(name: str, text: str = "", head: str = "📄 File") -> Look:
    return Look(head, name, text)


def post(key: str, name: str, channel: str = "c1", files: str = "") -> Binding:
    mark = look_digest(shown(name)) + (f".{files}" if files else "")
    return replace(intent(key, "post", mark, channel), title=name)


def listed(key: str, name: str) -> Binding:
    return replace(intent(key, "index", "the digest of its lines", "c1"), title=name)


def told(key: str, name: str) -> Binding:
    return replace(intent(key, "notice", "the digest of its news", "c1"), title=name)


def message(id_: str, name: str = "", text: str = "", head: str = "📄 File", content: str = "") -> OwnMessage:
    return OwnMessage(id_, content, shown(name, text, head))


def test_messages_are_looked_for_once_per_channel_and_since_the_first_intent() -> None:
    reader = Channels(c1=[message("2000", "A"), message("2001", "B")], c2=[])
    found = recovered(guild(), post("a", "A"), post("b", "B"), post("x", "X", "c2"), reader=reader)
    assert {(b.key, b.discord_id, b.digest) for b in found.found} == {
        ("a", "2000", look_digest(shown("A"))),
        ("b", "2001", look_digest(shown("B"))),
    }
    assert found.void == ("x",)
    since = str(snowflake(NOW - CLOCK_SKEW))
    assert sorted(reader.asked) == [("c1", since), ("c2", since)]


@pytest.mark.parametrize("kind", ["post", "index", "notice"])
def test_every_kind_of_message_is_looked_for(kind: str) -> None:
    reader = Channels(c1=[])
    assert recovered(guild(), intent("a", kind, "d", "c1"), reader=reader).void == ("a",)
    assert [channel for channel, _ in reader.asked] == ["c1"]


@pytest.mark.parametrize("kind", ["pin", "discussion", "local"])
def test_what_no_list_of_messages_shows_is_void_without_a_look(kind: str) -> None:
    """A pin and a thread on a message can be made again as if nothing had been."""
    assert recovered(guild(), intent("a", kind, "d", "c1")).void == ("a",)


def test_bound_messages_and_a_threads_own_are_left_alone() -> None:
    reader = Channels(c1=[message("2000", "A"), message("c1", "A")])
    bound_already = Binding("other", "post", "2000", "c1", "", NOW)
    found = recovered(guild(), bound_already, post("a", "A"), reader=reader)
    assert (found.found, found.void) == ((), ("a",))


def test_a_message_whose_channel_was_not_made_either_is_void() -> None:
    assert recovered(guild(), intent("a", "post", "d", None)).void == ("a",)


A, B = post("a", "A"), post("b", "B")


@pytest.mark.parametrize(
    ("waiting", "posted", "matched"),
    [
        pytest.param([A, B], [message("1", "B"), message("2", "A")], {"a": "2", "b": "1"}, id="by what was sent"),
        pytest.param(
            [A, B], [message("1", "B", "changed"), message("2", "A")], {"a": "2", "b": "1"}, id="then by title"
        ),
        pytest.param([A, B], [message("1", "C"), message("2", "B")], {"a": "1", "b": "2"}, id="then by order"),
        pytest.param(
            [A, replace(A, key="b")], [message("1", "A"), message("2", "A")], {"a": "1", "b": "2"}, id="twins in order"
        ),
        pytest.param([A], [message("1", "A"), message("2", "A")], {"a": "1"}, id="more messages than intents"),
        pytest.param([A], [], {}, id="nothing was posted"),
        pytest.param(
            [A, listed("i", "A")],
            [message("1", "A", head=""), message("2", "A")],
            {"a": "2", "i": "1"},
            id="a list and a post of one title",
        ),
        pytest.param(
            [listed("i", "Unit"), listed("i/2", "Unit (2)")],
            [message("1", "Unit (2)", head=""), message("2", "Unit", head="")],
            {"i": "2", "i/2": "1"},
            id="pages of a list",
        ),
        pytest.param(
            [told("n", "News: A"), listed("i", "A")],
            [message("1", "A", head=""), message("2", "News: A", head="", content="<@&5>")],
            {"i": "1"},
            id="a notice leads to what it tells of",
        ),
        pytest.param([listed("i", "A")], [message("1", "A")], {}, id="a list names no kind of material"),
        pytest.param([A], [message("1", "A", head="")], {}, id="a post does"),
        pytest.param([A], [message("1", "A", content="<@&5>")], {}, id="a post calls nobody"),
        pytest.param([told("n", "A")], [message("1", "A"), message("2", "A", head="")], {}, id="a notice does"),
        pytest.param(
            [replace(post("a", "", files="f"), title="Label")],
            [message("1", "", "Read this")],
            {"a": "1"},
            id="a label has no title",
        ),
        pytest.param([post("a", "A*B")], [message("1", r"A\*B", "changed")], {"a": "1"}, id="titles are escaped"),
    ],
)
def test_messages_are_matched_by_what_was_sent_then_by_title_then_by_order(
    waiting: list[Binding], posted: list[OwnMessage], matched: dict[str, str]
) -> None:
    found = match_messages(waiting, posted, {})
    assert {b.key: b.discord_id for b in found} == matched


@pytest.mark.parametrize(
    ("waiting", "posted"),
    [
        pytest.param(A, message("1", "A", "changed by Discord"), id="Discord changed it"),
        pytest.param(post("a", "A", files="f"), message("1", "A"), id="nobody knows which files hang on it"),
        pytest.param(listed("i", "A"), message("1", "A", head=""), id="nobody knows what its lines lead to"),
    ],
)
def test_a_message_that_may_not_be_as_wanted_is_edited_once_more(waiting: Binding, posted: OwnMessage) -> None:
    (found,) = match_messages([waiting], [posted], {})
    assert found.digest == ""


KNOWN = bound(Binding("m", "post", "40", "20", "", NOW), Binding("other", "post", "41", "20", "", NOW))


@pytest.mark.parametrize(
    ("target", "found"),
    [pytest.param("40", True, id="what it was to tell of"), pytest.param("41", False, id="an earlier one")],
)
def test_a_notice_is_known_by_what_it_leads_to_and_remembers_what_it_told(target: str, found: bool) -> None:
    line = f"🆕 [A](https://discord.com/channels/1/20/{target})"
    sent = message("1", "News", line, head="", content="<@&5>")
    matched = match_messages([replace(told("n", "News"), memo={"m": "d"})], [sent], KNOWN)
    assert [(b.discord_id, b.memo) for b in matched] == ([("1", {"m": "d"})] if found else [])


def test_a_notice_found_again_told_nothing_of_what_could_not_be_posted() -> None:
    line = "🆕 [A](https://discord.com/channels/1/20/40)"
    sent = message("1", "News", line, head="", content="<@&5>")
    intended = replace(told("n", "News"), memo={"m": "d", "failed": "d", "lost": "d"})
    known = {**KNOWN, "lost": Binding("lost", "post", None, "20", "", NOW)}
    (matched,) = match_messages([intended], [sent], known)
    assert matched.memo == {"m": "d"}


def test_a_notice_found_again_takes_the_place_of_those_before_it() -> None:
    line = "🆕 [A](https://discord.com/channels/1/c1/40)"
    sent = message("1", "News", line, head="", content="<@&5>")
    before = Binding("k/notice/old", "notice", "30", "c1", "old", NOW - DAY, memo={"earlier": "d"})
    intended = replace(told("k/notice/new", "News"), memo={"m": "d"})
    found = recovered(guild(), *KNOWN.values(), before, intended, reader=Channels(c1=[sent]))
    assert [(b.key, b.memo) for b in found.found] == [("k/notice/new", {"earlier": "d", "m": "d"})]
    assert found.void == ("k/notice/old",)


def test_a_notice_whose_memory_a_later_one_holds_is_forgotten() -> None:
    old = Binding("k/notice/old", "notice", "30", "c1", "old", NOW - DAY, memo={"earlier": "d"})
    new = Binding("k/notice/new", "notice", "31", "c1", "new", NOW, memo={"earlier": "d", "m": "d"})
    assert recovered(guild(), old, new).void == ("k/notice/old",)
    assert recovered(guild(), old, replace(new, memo={"m": "d"})).void == (), "what it alone remembers"
    assert recovered(guild(), old, replace(new, key="other/notice/new")).void == (), "another place"


def test_what_a_killed_run_deleted_is_forgotten_unless_it_is_to_be_made_again() -> None:
    ours = bound(
        Binding("there", "role", "10", None, "", NOW),
        Binding("gone", "role", "11", None, "", NOW),
        Binding("again", "category", "12", None, "", NOW),
        Binding("channel", "channel", "13", None, "", NOW),
    )
    assert deleted(ours, guild(roles=[guild_role("10")]), {"again"}) == ("gone",)


class Shut(Channels):
    """Channels that cannot be read."""

    def __init__(self, error: KopirError) -> None:
        super().__init__()
        self.error = error

    async def own_messages(self, channel_id: str, after: str) -> tuple[OwnMessage, ...]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "void"),
    [pytest.param(Gone("deleted"), ("a",), id="deleted"), pytest.param(Refused("closed"), (), id="closed to the bot")],
)
def test_a_channel_that_cannot_be_read_stops_nothing(error: KopirError, void: tuple[str, ...]) -> None:
    found = recovered(guild(), replace(A, parent_id="20"), reader=Shut(error))
    assert (found.found, found.void) == ((), void)


def test_a_refused_token_stops_the_search() -> None:
    with pytest.raises(Stopped):
        recovered(guild(), replace(A, parent_id="20"), reader=Shut(Stopped("token")))


def test_snowflakes_grow_with_time() -> None:
    assert snowflake(NOW) < snowflake(NOW + timedelta(milliseconds=1)) < snowflake(NOW + DAY)
    assert snowflake(NOW - 20 * 365 * DAY) == 0
    assert (snowflake(NOW) >> 22) + 1_420_070_400_000 == NOW.timestamp() * 1000

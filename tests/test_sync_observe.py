"""A reading of the server becomes a State of our things only; what is gone is left out, to be made again."""

from dataclasses import replace

import pytest

from sync import keys
from sync.guild import Guild, GuildOverwrite, GuildThread
from sync.ledger import Binding
from sync.observe import LOCKED, RETIRED, granted, observe, places, refreshed, sent_name, thread_digest
from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Index,
    Member,
    Order,
    Overwrite,
    Pin,
    Post,
    Resource,
    Role,
    Thread,
)
from tests.builders import (
    BOT_ROLE,
    BOT_USER,
    GUILD,
    OWNER,
    binding,
    bound,
    guild,
    guild_channel,
    guild_member,
    guild_role,
)

ROLE, HOME = binding("r", "role", "10"), binding("k", "category", "20")
ROOM = binding("c", "channel", "21")
FORUM = replace(binding("f", "channel", "22"), memo={"51": "Quiz", "52": "File"})
BOOK = binding("p", "post", "40", "21", "d")
SERVER = guild(
    guild_member("7", "aru", nick="Aru", roles=frozenset({"10", "99", "404"})),
    guild_member("8", "bek"),
    roles=[guild_role("10", "Algebra", 3, 8), guild_role("99", "Chess", 2)],
    channels=[
        guild_channel("20", "Algebra", "category", 1),
        guild_channel(
            "21",
            "unit-1",
            parent_id="20",
            topic="Unit 1",
            overwrites=(
                GuildOverwrite("99", 5, 6),
                GuildOverwrite("10", 1, 2),
                GuildOverwrite(GUILD, 0, 4),
                GuildOverwrite(BOT_USER, 8, 0),
            ),
        ),
        guild_channel(
            "22", "units", "forum", parent_id="90", tags=(("51", "Quiz"), ("59", "Theirs"), ("52", "Renamed"))
        ),
        guild_channel("90", "Theirs", "category"),
    ],
    threads=(
        GuildThread("30", "Renamed by hand", "22", ("59", "52", "51"), pinned=True),
        GuildThread("39", "Chat", "21"),
    ),
)


def seen(*bindings: Binding, server: Guild = SERVER) -> dict[str, Resource]:
    state = observe(server, bound(*bindings))
    return {key: resource for key, resource in state.items() if not key.startswith("order/")}


@pytest.mark.parametrize(
    ("bindings", "key", "expected"),
    [
        pytest.param([ROLE], "r", Role("r", "Algebra", 0, hoist=False, permissions=8), id="role"),
        pytest.param([HOME], "k", Category("k", "Algebra"), id="category"),
        pytest.param(
            [ROLE, HOME, ROOM],
            "c",
            Channel(
                "c",
                "unit-1",
                "text",
                "k",
                "Unit 1",
                (Overwrite(BOT, 8), Overwrite(EVERYONE, 0, 4), Overwrite("r", 1, 2)),
                (),
            ),
            id="channel: our overwrites only",
        ),
        pytest.param(
            [FORUM],
            "f",
            Channel("f", "units", "forum", "foreign/90", "", (), ("Quiz", "Renamed")),
            id="a forum with our tags only; somebody moved it to their category and renamed a tag",
        ),
        pytest.param(
            [FORUM, binding("t", "thread", "30", "22", "open\nUnit 1")],
            "t",
            Thread("t", "Renamed by hand", "f", tags=("File", "Quiz"), pinned=True),
            id="an active thread, with our tags only",
        ),
        pytest.param(
            [FORUM, binding("t", "thread", "31", "22", "open\nUnit 1\nFile\nQuiz")],
            "t",
            Thread("t", "Unit 1", "f", tags=("File", "Quiz")),
            id="folded away: as it was written last",
        ),
        pytest.param(
            [FORUM, binding("t", "thread", "31", "22", f"{LOCKED}\nUnit 1")],
            "t",
            Thread("t", "Unit 1", "f", locked=True, tags=()),
            id="a locked thread",
        ),
        pytest.param([ROOM, BOOK], "p", Post("p", "c", "d"), id="post"),
        pytest.param([ROOM, binding("i", "index", "41", "21", "d")], "i", Index("i", "c", "d"), id="index"),
        pytest.param(
            [FORUM, binding("t", "thread", "30", "22"), binding("p", "post", "40", "30", "d")],
            "p",
            Post("p", "t", "d"),
            id="a post in a thread",
        ),
        pytest.param(
            [ROOM, binding("p", "post", "40", "21", RETIRED)],
            "p",
            Post("p", "c", RETIRED, retired=True),
            id="a retired post",
        ),
        pytest.param(
            [ROOM, binding("i", "index", "40", "21", RETIRED)],
            "i",
            Post("i", "c", RETIRED, retired=True),
            id="and index",
        ),
        pytest.param(
            [ROOM, binding("p", "post", "40", "21"), binding("pin/p", "pin", "40", "21")],
            "pin/p",
            Pin("pin/p", "p", "c", lifted=False),
            id="a pin",
        ),
        pytest.param(
            [ROOM, binding("l", "local", "45", "21"), binding("pin/l", "pin", "45", "21")],
            "pin/l",
            Pin("pin/l", "l", "c", lifted=False),
            id="a pin of a teacher's message",
        ),
        pytest.param(
            [ROOM, BOOK, binding("discussion/p", "discussion", "40", "21", "Book")],
            "discussion/p",
            Discussion("discussion/p", "p", "Book", awake=False, channel="c"),
            id="a discussion folded away",
        ),
        pytest.param(
            [ROOM, replace(BOOK, discord_id="39"), binding("discussion/p", "discussion", "39", "21", "Book")],
            "discussion/p",
            Discussion("discussion/p", "p", "Chat", awake=True, channel="c"),
            id="an open discussion that somebody renamed",
        ),
        pytest.param(
            [ROLE], keys.member("7"), Member("member/7", "Aru", frozenset({"r"})), id="a member with a role of ours"
        ),
        pytest.param(
            [binding("member/8", "member", "8")],
            keys.member("8"),
            Member("member/8", "", frozenset()),
            id="one we know",
        ),
    ],
)
def test_what_is_bound_is_seen(bindings: list[Binding], key: str, expected: Resource) -> None:
    assert seen(*bindings)[key] == expected


@pytest.mark.parametrize(
    "bindings",
    [
        pytest.param([], id="nothing is ours"),
        pytest.param([binding("r", "role", "11")], id="a deleted role"),
        pytest.param([binding("c", "channel", "29")], id="a deleted channel"),
        pytest.param([binding("r", "role", None)], id="an intent"),
        pytest.param([binding("p", "post", "40", "29", "d")], id="a message of a deleted channel"),
        pytest.param([binding("i", "index", None, "21")], id="an index that was never posted"),
        pytest.param([binding("t", "thread", "30", "29")], id="a thread of a deleted forum"),
        pytest.param([binding("pin/p", "pin", "40", "29")], id="a pin without its post"),
        pytest.param([binding("discussion/p", "discussion", "40", "29")], id="a discussion without its post"),
        pytest.param([binding("k/notice/d", "notice", "46", "21", "d")], id="a notice"),
        pytest.param([binding("l", "local", "45", "21")], id="a teacher's own message"),
        pytest.param([binding("member/404", "member", "404")], id="a member who left"),
    ],
)
def test_what_is_not_there_is_not_seen(bindings: list[Binding]) -> None:
    assert seen(*bindings) == {}


@pytest.mark.parametrize("kind", ["pin", "discussion"])
def test_what_hangs_on_an_older_message_does_not_count(kind: str) -> None:
    state = seen(ROOM, binding("p", "post", "41", "21"), binding(f"{kind}/p", kind, "40", "21"))
    assert set(state) == {"c", "p"}


@pytest.mark.parametrize(
    "thread",
    [
        Thread("t", "Unit 1", "f", tags=("File", "Quiz")),
        Thread("t", "Unit 1", "f", tags=()),
        Thread("t", "Unit 1", "f", locked=True, tags=()),
    ],
)
def test_what_is_written_down_of_a_forum_post_is_what_is_seen_of_it_later(thread: Thread) -> None:
    kept = binding("t", "thread", "31", "22", thread_digest(thread, "Unit 1"))
    assert seen(FORUM, kept)["t"] == thread


def test_what_a_killed_run_changed_of_an_open_thread_is_written_down() -> None:
    server = replace(SERVER, threads=(GuildThread("31", "Now", "22", ("51", "404")), GuildThread("40", "Now", "21")))
    stale = (
        binding("t", "thread", "31", "22", "open\nBefore"),
        binding("discussion/p", "discussion", "40", "21", "Before"),
    )
    current = refreshed(server, bound(ROOM, FORUM, BOOK, *stale))
    assert [(one.key, one.digest) for one in current] == [("t", "open\nNow\nQuiz"), ("discussion/p", "Now")]
    assert refreshed(server, bound(ROOM, FORUM, BOOK, *current)) == []
    folded = replace(SERVER, threads=())
    assert refreshed(folded, bound(ROOM, FORUM, BOOK, *stale)) == []


def test_roles_and_channels_of_others_are_not_in_the_order() -> None:
    state = observe(SERVER, bound(ROLE, HOME, ROOM))
    assert state[keys.ROLE_ORDER] == Order(keys.ROLE_ORDER, ("r",))
    assert state[keys.CHANNEL_ORDER] == Order(keys.CHANNEL_ORDER, ("k", "c"))


def test_the_order_is_the_one_that_discord_shows() -> None:
    channels = [
        guild_channel("5", "b", "category", 2),
        guild_channel("6", "a", "category", 1),
        guild_channel("7", "voice", "voice", 0, parent_id="6"),
        guild_channel("8", "late", "text", 9, parent_id="6"),
        guild_channel("9", "tie", "text", 9, parent_id="6"),
        guild_channel("10", "outside", "text", 50),
    ]
    roles = [guild_role("21", position=1), guild_role("22", position=2), guild_role("20", position=1)]
    known = bound(
        *(binding(f"c{c.id}", "category" if c.type == "category" else "channel", c.id) for c in channels),
        *(binding(f"r{r.id}", "role", r.id) for r in roles),
    )
    state = observe(guild(roles=roles, channels=channels), known)
    assert state[keys.CHANNEL_ORDER] == Order(keys.CHANNEL_ORDER, ("c10", "c6", "c8", "c9", "c7", "c5"))
    assert state[keys.ROLE_ORDER] == Order(keys.ROLE_ORDER, ("r22", "r20", "r21"))


@pytest.mark.parametrize(
    ("digest", "shown", "name"),
    [
        pytest.param("algebra\nAlgebra!", "algebra", "Algebra!", id="as Discord changed what we sent"),
        pytest.param("algebra\nAlgebra!", "geometry", "geometry", id="renamed by hand since"),
        pytest.param("", "algebra", "algebra", id="recovered: unknown what was sent"),
    ],
)
def test_a_name_is_what_we_sent_as_long_as_nobody_changed_it(digest: str, shown: str, name: str) -> None:
    assert sent_name(binding("c", "channel", "1", digest=digest), shown) == name


def test_places_are_known_by_their_id_messages_and_members_are_not() -> None:
    others = [binding("p", "post", "40"), binding("member/7", "member", "7"), binding("x", "role", None)]
    assert places(bound(ROLE, HOME, ROOM, *others)) == {"10": "r", "20": "k", "21": "c"}


def test_given_roles_are_remembered_by_key() -> None:
    assert granted(binding("member/7", "member", "7", digest="a\nb")) == {"a", "b"}
    assert granted(binding("member/7", "member", "7")) == granted(None) == frozenset()


@pytest.mark.parametrize(
    ("user", "roles", "outranks"),
    [
        pytest.param(OWNER, [], True, id="the owner"),
        pytest.param("7", ["50"], True, id="a role above the bot's"),
        pytest.param("7", ["51"], True, id="a role beside the bot's"),
        pytest.param("7", ["52"], False, id="a role below"),
        pytest.param("7", [], False, id="no role"),
        pytest.param(BOT_USER, [BOT_ROLE], False, id="the bot itself"),
    ],
)
def test_the_bot_renames_only_those_below_it(user: str, roles: list[str], outranks: bool) -> None:
    server = guild(
        roles=[guild_role("50", position=101), guild_role("51", position=100), guild_role("52", position=99)]
    )
    assert server.outranks_bot(guild_member(user, roles=frozenset(roles))) == outranks


def test_a_server_without_our_bot_gives_it_no_permissions_but_everybodys() -> None:
    stranger = Guild(GUILD, OWNER, "404", (guild_role(GUILD, "@everyone", 0, 1024),))
    assert (stranger.bot_permissions, stranger.bot_top) == (1024, 0)
    assert Guild(GUILD, OWNER, OWNER).bot_permissions == (1 << 64) - 1


def test_the_newest_id_counts_places_and_not_people() -> None:
    assert SERVER.newest == 99
    assert Guild(GUILD, OWNER, BOT_USER).newest == 0

"""Which files of a post are sent: only what is new, none twice, and what cannot be had is named."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RequestFailed, RequestInvalid
from bot.kinds import post
from bot.kinds.uploads import NO_UPLOADS, Uploads
from bot.shapes import SENT, Sent
from bot.wire import Wire
from sync import keys, looks, posts
from sync.diff import Action, Change
from sync.errors import KopirError, Refused, Retriable
from sync.records import File
from sync.resources import Attachment, Look, Post
from sync.texts import texts
from tests.builders import binding, bound, material

EN = texts("en")


def file(name: str, hash_: str = "1") -> Attachment:
    return Attachment("moodle", File(name, 5, hash=hash_), f"📎 {name}")


A, B, C = file("a.pdf"), file("b.pdf"), file("c.pdf")
NEW_A = file("a.pdf", "2")


class Shelf:
    """Files in memory; `fail` names those that raise instead. It remembers what was asked for."""

    def __init__(self, fail: Mapping[str, KopirError] | None = None) -> None:
        self.fail, self.asked = fail or {}, list[str]()

    async def read(self, wanted: Attachment) -> bytes:
        self.asked.append(wanted.name)
        if wanted.name in self.fail:
            raise self.fail[wanted.name]
        return f"{wanted.name} {wanted.file.hash}".encode()


def told(*ids: str) -> Mapping[str, Any]:
    """What Discord says of a message with these attachments."""
    return {"id": "40", "attachments": [{"id": id_} for id_ in ids]}


def answered(*ids: str) -> Sent:
    return SENT.read(told(*ids))


HELD = {A.identity: "71", B.identity: "72"}


async def test_a_new_post_sends_all_of_its_files() -> None:
    shelf = Shelf()
    uploads = await Uploads.of([A, B], {}, shelf)
    assert uploads.new == (("a.pdf", b"a.pdf 1"), ("b.pdf", b"b.pdf 1"))
    assert uploads.listed() == {"attachments": []}
    assert uploads.memo(answered("71", "72")) == HELD


@pytest.mark.parametrize("wanted", [[A, B], [B, A]], ids=["the same", "in another order"])
async def test_nothing_is_sent_or_fetched_when_the_files_are_the_same(wanted: list[Attachment]) -> None:
    shelf = Shelf()
    uploads = await Uploads.of(wanted, HELD, shelf)
    assert (uploads.new, uploads.listed(), uploads.memo(answered("71", "72")), shelf.asked) == ((), {}, None, [])


async def test_a_post_without_files_says_nothing_of_them() -> None:
    assert await Uploads.of([], {}, Shelf()) == NO_UPLOADS
    assert NO_UPLOADS.listed() == {}


async def test_a_replaced_file_leaves_the_others_as_they_hang_there() -> None:
    shelf = Shelf()
    uploads = await Uploads.of([NEW_A, B], HELD, shelf)
    assert shelf.asked == ["a.pdf"]
    assert uploads.new == (("a.pdf", b"a.pdf 2"),)
    assert uploads.listed() == {"attachments": [{"id": "72"}]}
    assert uploads.memo(answered("72", "73")) == {B.identity: "72", NEW_A.identity: "73"}


async def test_a_file_more_is_sent_alone_and_a_file_less_just_goes() -> None:
    more, less = await Uploads.of([A, B, C], HELD, Shelf()), await Uploads.of([B], HELD, Shelf())
    assert [name for name, _ in more.new] == ["c.pdf"]
    assert more.listed() == {"attachments": [{"id": "71"}, {"id": "72"}]}
    assert (less.new, less.listed()) == ((), {"attachments": [{"id": "72"}]})
    assert less.memo(answered("72")) == {B.identity: "72"}


async def test_a_post_that_loses_all_its_files_says_so() -> None:
    none = await Uploads.of([], HELD, Shelf())
    assert (none.listed(), none.memo(answered())) == ({"attachments": []}, {})


async def test_a_file_that_cannot_be_had_is_missing_until_the_next_edit() -> None:
    shelf = Shelf({"b.pdf": Refused("the token has expired")})
    first = await Uploads.of([A, B], {}, shelf)
    assert (first.new, first.missing) == ((("a.pdf", b"a.pdf 1"),), (B,))
    memo = first.memo(answered("71"))
    assert memo == {A.identity: "71"}
    shelf.fail = {}
    again = await Uploads.of([A, B], memo, shelf)
    assert (again.missing, again.listed(), again.new) == ((), {"attachments": [{"id": "71"}]}, (("b.pdf", b"b.pdf 1"),))
    assert shelf.asked == ["a.pdf", "b.pdf", "b.pdf"]


async def test_what_hangs_on_a_message_that_nobody_knows_is_replaced() -> None:
    """It was found again after a crash: a file that is hidden by now must not stay on it."""
    assert (await Uploads.of([], None, Shelf())).listed() == {"attachments": []}
    assert (await Uploads.of([A], None, Shelf())).new == (("a.pdf", b"a.pdf 1"),)
    assert (await Uploads.of([], {}, Shelf())).listed() == {}


async def test_what_discord_finds_too_large_is_named_and_the_rest_stays() -> None:
    uploads = (await Uploads.of([A, B], {A.identity: "71"}, Shelf())).without_new([A, B])
    assert (uploads.new, uploads.missing) == ((), (B,))
    assert uploads.listed() == {"attachments": [{"id": "71"}]}
    assert uploads.memo(answered("71")) == {A.identity: "71"}


async def test_a_source_that_is_away_lets_the_whole_post_wait() -> None:
    with pytest.raises(Retriable, match="Moodle is away"):
        await Uploads.of([A, B], {}, Shelf({"b.pdf": Retriable("Moodle is away")}))


some = st.lists(st.builds(file, st.sampled_from(["a", "b", "c"]), st.sampled_from("12")), max_size=5)


@given(some, some, st.sets(st.sampled_from(["a", "b", "c"])))
async def test_after_a_write_what_is_remembered_is_what_was_wanted(
    before: list[Attachment], after: list[Attachment], broken: set[str]
) -> None:
    shelf = Shelf(dict.fromkeys(broken, Refused("gone")))
    there: Mapping[str, str] = {}
    next_id = 100
    for wanted in (before, after):
        uploads = await Uploads.of(wanted, there, shelf)
        ids = [item["id"] for item in uploads.listed().get("attachments", ())]
        ids += [str(next_id + n) for n in range(len(uploads.new))]
        next_id += 10
        memo = uploads.memo(answered(*ids))
        there = there if memo is None else memo
        lost = {one.identity for one in uploads.missing}
        assert set(there) | lost == {one.identity for one in wanted}
        assert {one.name for one in uploads.missing} <= broken
    shelf.asked.clear()
    await Uploads.of(after, there, shelf)
    assert set(shelf.asked) == {one.name for one in after if one.identity not in there}


class Discord:
    """An HTTP client that records what is sent, refuses the first `folded` requests, and answers."""

    def __init__(self, folded: int = 0) -> None:
        self.folded, self.sent = folded, list[tuple[str, Any, list[tuple[str, bytes]]]]()

    async def request(self, route: Any, body: Any, files: Any, *_: Any, **__: Any) -> Any:
        uploaded = [(one.file_name, one.file.read()) for one in files or ()]
        self.sent.append((f"{route.method} {route.path}", body, uploaded))
        if len(self.sent) <= self.folded:
            raise archived()
        return told(*(f"7{n}" for n in range(len(uploaded))))


def archived() -> RequestFailed:
    error = RequestInvalid.__new__(RequestInvalid)
    error.code = 50083
    return error


ROOM = binding("room", "thread", "21", "20")


def posted(made: Post) -> Change:
    return Change(Action.CREATE, made.key, {}, None, made)


async def test_a_file_is_whole_when_it_is_sent_again_to_a_thread_that_had_to_be_opened() -> None:
    discord = Discord(folded=1)
    change = posted(Post(keys.material("c", "m"), "room", "d", files=(A,)))
    sent = await post.write(Wire(discord, "7"), change, bound(ROOM), EN, Shelf())  # type: ignore[arg-type]
    requests = [(request, files) for request, _, files in discord.sent]
    assert requests == [
        ("POST /channels/{channel_id}/messages", [("a.pdf", b"a.pdf 1")]),
        ("PATCH /channels/{channel_id}", []),
        ("POST /channels/{channel_id}/messages", [("a.pdf", b"a.pdf 1")]),
    ]
    assert sent.memo == {A.identity: "70"}


async def test_ten_missing_files_with_long_links_are_named_as_far_as_they_fit() -> None:
    item = material(
        text="Ж" * 1500,
        url="https://x.kz/" + "a" * 900,
        files=tuple(File(f"{n}.pdf", 5, hash=str(n)) for n in range(10)),
    )
    files = looks.attachments(item, 10, EN)
    discord, shelf = Discord(), Shelf({one.name: Refused("gone") for one in files})
    made = Post(keys.material("c", "m"), "room", "d", look=looks.look(item, files, EN), files=files)
    await post.write(Wire(discord, "7"), posted(made), bound(ROOM), EN, shelf)  # type: ignore[arg-type]
    ((_, body, uploaded),) = discord.sent
    described = body["embeds"][0]["description"]
    lines = described.split("\n")
    assert uploaded == []
    assert len(described) <= posts.TEXT_LIMIT
    named = [line for line in lines if line.startswith("📎")]
    assert len(named) == 2
    assert all(line.endswith(" (1 kB)") for line in named)
    assert lines[-1] == "… and 8 more"


async def test_a_post_pings_nobody_and_makes_no_sound() -> None:
    discord = Discord()
    look = Look("📄 File", "@everyone", "<@&5> @everyone")
    await post.write(
        Wire(discord, "7"),  # type: ignore[arg-type]
        posted(Post(keys.material("c", "m"), "room", "d", look=look)),
        bound(ROOM),
        EN,
        Shelf(),
    )
    ((_, body, _),) = discord.sent
    assert (body["content"], body["allowed_mentions"]) == ("", {"parse": []})
    assert body["flags"] == 1 << 12

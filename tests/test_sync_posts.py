"""Digests stand for what our messages say, and lists lead to what they name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import posts
from sync.ledger import Binding
from sync.naming import cut_escaped
from sync.records import File
from sync.resources import Attachment, Entry, Look
from sync.texts import LANGUAGES, texts
from tests.builders import NOW, binding, bound, material

EN = texts("en")
LOOK = Look("📄 File", "Slides", "Read it", "https://x.kz/1", 0x3498DB)
FILE = File("a.pdf", 5, "application/pdf", "hash", NOW, "https://x.kz/a.pdf")
SLIDES = Attachment("moodle", FILE, "📎 a.pdf")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"head": "📚 Book"}, id="kind"),
        pytest.param({"title": "Slide"}, id="title"),
        pytest.param({"text": "Read it twice"}, id="text"),
        pytest.param({"url": "https://x.kz/2"}, id="link"),
        pytest.param({"title": "", "text": "Slides"}, id="the same words elsewhere"),
    ],
)
def test_a_post_is_edited_when_it_reads_differently(changed: Mapping[str, Any]) -> None:
    assert posts.look_digest(replace(LOOK, **changed)) != posts.look_digest(LOOK)


def test_what_discord_gives_back_has_the_digest_of_what_was_sent() -> None:
    """It trims texts; a colour alone is not worth an edit of every post."""
    assert posts.look_digest(replace(LOOK, text=" Read it\n", title="Slides ")) == posts.look_digest(LOOK)
    assert posts.look_digest(replace(LOOK, colour=1)) == posts.look_digest(LOOK)


@pytest.mark.parametrize(
    ("file", "same"),
    [
        pytest.param(replace(FILE, hash="other"), False, id="another content"),
        pytest.param(replace(FILE, name="b.pdf"), False, id="another name"),
        pytest.param(
            replace(FILE, size=6, modified=None, url="", type=""), True, id="the hash alone tells the content"
        ),
        pytest.param(replace(FILE, hash="", size=6), False, id="no hash: another size"),
    ],
)
def test_a_post_is_edited_when_its_files_differ(file: File, same: bool) -> None:
    before, after = posts.post_digest(LOOK, [SLIDES]), posts.post_digest(LOOK, [replace(SLIDES, file=file)])
    assert (before == after) == same
    assert after.startswith(posts.look_digest(LOOK) + ".")


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        pytest.param({"size": 6}, False, id="size"),
        pytest.param({"modified": NOW + timedelta(days=1)}, False, id="day"),
        pytest.param({"url": "https://x.kz/b.pdf", "type": "text/plain"}, True, id="where it lies"),
    ],
)
def test_without_a_hash_size_and_time_tell_contents_apart(changed: Mapping[str, Any], same: bool) -> None:
    bare = replace(FILE, hash="")
    identities = {Attachment("moodle", file, "").identity for file in (bare, replace(bare, **changed))}
    assert (len(identities) == 1) == same


def test_a_post_without_files_is_its_look_and_the_order_of_files_counts() -> None:
    other = replace(SLIDES, file=replace(FILE, hash="other"))
    assert posts.post_digest(LOOK, []) == posts.look_digest(LOOK)
    assert posts.post_digest(LOOK, [SLIDES, other]) != posts.post_digest(LOOK, [other, SLIDES])
    assert posts.post_digest(LOOK, [SLIDES]) == posts.post_digest(LOOK, [replace(SLIDES, line="in another language")])


@pytest.mark.parametrize(
    ("name", "expected"), [("a.pdf", "a.pdf"), ("week/1/a.pdf", "a.pdf"), ("C:\\a.pdf", "a.pdf"), ("week/", "file")]
)
def test_files_are_attached_without_their_folders(name: str, expected: str) -> None:
    assert replace(SLIDES, file=File(name)).name == expected


BOOK = material(
    title="Book", type="file", text="Read *it* by Monday", url="https://x.kz/1", files=(FILE,), opens=NOW, due=NOW
)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"title": "Course book"}, id="title"),
        pytest.param({"text": "Read it by Tuesday"}, id="text"),
        pytest.param({"url": "https://x.kz/2"}, id="link"),
        pytest.param({"due": NOW + timedelta(minutes=1)}, id="due"),
        pytest.param({"opens": None}, id="opens"),
        pytest.param({"files": (FILE, File("b.pdf"))}, id="one more file"),
        pytest.param({"files": (replace(FILE, hash="new"),)}, id="a replaced file"),
        pytest.param({"files": ()}, id="no file any more"),
        pytest.param({"due": None, "opens": NOW, "title": "Book"}, id="a date gone"),
    ],
)
def test_people_are_told_what_matters_to_them(changed: Mapping[str, Any]) -> None:
    assert posts.news_digest(replace(BOOK, **changed)) != posts.news_digest(BOOK)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"text": "Read  **it** by\n\nMonday."}, id="only formatting and punctuation"),
        pytest.param({"module": "2", "position": 9}, id="moved"),
        pytest.param({"type": "page"}, id="another kind"),
        pytest.param({"visible_from": NOW, "visible_until": NOW, "hidden": True, "origin": "x"}, id="when it is seen"),
        pytest.param({"files": (replace(FILE, url="https://x.kz/moved", type="x"),)}, id="where a file lies"),
        pytest.param({"groups": ("g1",)}, id="who sees it"),
    ],
)
def test_nobody_is_told_of_the_rest(changed: Mapping[str, Any]) -> None:
    assert posts.news_digest(replace(BOOK, **changed)) == posts.news_digest(BOOK)


def test_swapped_dates_are_news() -> None:
    opens = replace(BOOK, due=None)
    assert posts.news_digest(opens) != posts.news_digest(replace(opens, due=NOW, opens=None))


def test_a_list_changes_with_its_lines_and_with_the_messages_behind_them() -> None:
    look, lines = Look(title="Module"), (Entry("a", "A", "1. "), Entry("b", "B", "2. ", " · soon"))
    first = posts.index_digest(look, lines, ["1", "2"])
    assert posts.index_digest(look, list(lines), iter(["1", "2"])) == first
    different = [
        posts.index_digest(replace(look, title="Module 1"), lines, ["1", "2"]),
        posts.index_digest(look, lines[::-1], ["1", "2"]),
        posts.index_digest(look, lines, ["1", "3"]),
        posts.index_digest(look, lines[:1], ["1"]),
        posts.index_digest(look, (lines[0], replace(lines[1], behind="")), ["1", "2"]),
    ]
    assert len({first, *different}) == 6


KNOWN = bound(
    binding("post", "post", "40", "21"),
    binding("room", "channel", "21", "20"),
    binding("unit", "thread", "30", "22"),
    binding("intent", "post", None, "21"),
    binding("local", "local", "41", "21"),
)


@pytest.mark.parametrize(
    ("target", "line", "id_"),
    [
        pytest.param("post", "1. [A](https://discord.com/channels/7/21/40) · soon", "40", id="a message"),
        pytest.param("local", "1. [A](https://discord.com/channels/7/21/41) · soon", "41", id="a teacher's message"),
        pytest.param("room", "1. [A](https://discord.com/channels/7/21) · soon", "21", id="a channel"),
        pytest.param("unit", "1. [A](https://discord.com/channels/7/30) · soon", "30", id="a forum post"),
        pytest.param("intent", "1. A · soon", "", id="what is not there yet"),
        pytest.param("unknown", "1. A · soon", "", id="what is not known"),
    ],
)
def test_lines_lead_to_what_they_name(target: str, line: str, id_: str) -> None:
    assert posts.listing([Entry(target, "A", "1. ", " · soon")], KNOWN, "7", EN) == line
    assert posts.target_id(target, KNOWN) == id_


@pytest.mark.parametrize(
    ("title", "least"),
    [pytest.param("Ж" * 90, 20, id="long titles"), pytest.param("*" * 90, 14, id="all of it escaped")],
)
def test_a_full_page_of_a_list_names_everything_with_the_longest_ids(title: str, least: int) -> None:
    id_ = "9" * 20
    there = {str(n): Binding(str(n), "post", id_, id_, "", NOW) for n in range(100)}
    entries = [Entry(key, posts.entry_text(title), f"{key}0. 📝 ", " · <t:1789930740:d>") for key in there]
    pages = posts.pages(entries)
    assert [entry for page in pages for entry in page] == entries
    assert len(pages[0]) >= least
    for page in pages:
        lines = posts.listing(page, there, id_, EN).split("\n")
        assert len(lines) == len(page)
        assert all(id_ in line for line in lines)


def test_a_list_without_lines_has_one_page() -> None:
    assert posts.pages([]) == [[]]


titles = st.text(max_size=80) | st.sampled_from(["*" * 90, "\\" * 90, "<@1>" * 30])


@given(st.lists(titles, max_size=60), st.sampled_from(LANGUAGES))
def test_a_list_always_fits_and_keeps_its_lines_whole(names: list[str], language: str) -> None:
    there = {str(n): Binding(str(n), "post", "9" * 20, "8" * 20, "", NOW) for n in range(len(names))}
    entries = [Entry(key, posts.entry_text(name), f"{key}. ") for key, name in zip(there, names, strict=True)]
    text = posts.listing(entries, there, "7" * 20, texts(language))
    lines = text.split("\n") if text else []
    assert len(text) <= posts.TEXT_LIMIT
    links = [line for line in lines if line.endswith("9" * 20 + ")")]
    assert links == lines[: len(links)]
    assert len(links) == len(names) or str(len(names) - len(links)) in lines[-1]


@pytest.mark.parametrize(
    ("lines", "room", "most", "expected"),
    [
        pytest.param(["aa", "bb"], 5, None, "aa\nbb", id="all"),
        pytest.param(["aa", "bb" * 20], 20, None, "aa\n… and 1 more", id="one is too long"),
        pytest.param(["aa", "bb", "cc"], 99, 2, "aa\nbb\n… and 1 more", id="more than are wanted"),
        pytest.param(["aa" * 20, "bb"], 20, None, "… and 2 more", id="not even the first"),
        pytest.param(["aa"], 1, None, "", id="no room at all"),
        pytest.param([], 99, None, "", id="nothing to say"),
    ],
)
def test_as_many_lines_as_fit_are_said(lines: list[str], room: int, most: int | None, expected: str) -> None:
    assert posts.fitting(lines, room, EN, most) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Book", "Book", id="as it is"),
        pytest.param("a [b](c)", r"a \[b\](c)", id="no link of its own"),
        pytest.param("Ж" * 70, "Ж" * 59 + "…", id="cut"),
    ],
)
def test_a_title_becomes_one_line_of_a_list(title: str, expected: str) -> None:
    assert posts.entry_text(title) == expected


def test_an_escape_is_never_cut_in_half() -> None:
    assert cut_escaped(r"aaaa\*bbbb", 6) == "aaaa…"
    assert cut_escaped(r"aaaa\*", 6) == r"aaaa\*"

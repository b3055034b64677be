"""Whatever a text's HTML holds: nothing pings, hides or breaks out, and people see what its page showed."""

import re
import time
from html import escape
from unicodedata import is_normalized

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.markdown import LONGEST, markdown
from connectors.text import clean, one_line, visible
from sync.links import safe_link
from sync.markdown import shorten
from tests.discord_markdown import read

OURS = {"bold", "italic", "underline", "strike", "code", "fence", "quote", "list", "link", "address", "bare address"}
LIVE = r"""@everyone @here <@1> <@!1> <@&1> <#1> <id:home> <t:1> <t:1:R> </a:1> <:a:1> <a:a:1> :fire: || ** * __ _ ~~ `
    ``` [ ] ( ) [a](https://x.kz) # ## -# > >>> - + 1. 12. 2024. \ \* ]( > < https://x.kz/a http://x.kz/b_c*d steam://x
    https://a@b.kz \( \) $$ [tex] : / Ә ¯\_(ツ)_/¯ é 👨‍👩‍👧 1️⃣"""
UNSEEN = ("\n", "\u202e", "\u200b", "\ue000", "\ue110", "\U000f0000", "\U00100000", "\u0301", "\u0338")
pieces = st.sampled_from([*LIVE.split(), *UNSEEN, " ", "a", "сөз", "1"])
texts = st.lists(pieces | st.text(max_size=6), max_size=12).map("".join)
TAGS = """b i u s code pre p div span ul ol li blockquote h1 table tr td th a q sub sup dl dt dd details summary math
    msup mi br hr o:p font center thead caption tex video object section script title"""
INNER = "b i u s p div ul li ol blockquote h1 span code td tr table a q"
DEEP = "b i div ul blockquote table span li a math p q"
ATTRIBUTES = ("", " hidden", ' href="https://x.kz/a_b"', ' href="javascript:x"', ' href="/m?token=1"', ' start="7"')
tags = st.builds(
    "<{}{}{}>".format, st.sampled_from(["", "", "/"]), st.sampled_from(TAGS.split()), st.sampled_from(ATTRIBUTES)
)
images = st.builds(
    '<img alt="{}" src="{}">'.format, texts.map(escape), st.sampled_from(["https://x.kz/i", "/pluginfile.php/1"])
)
soups = st.lists(tags | images | texts | texts.map(escape), max_size=25).map("".join)


def assert_is_safe(text: str) -> None:
    seen = read(text)
    assert seen.formats <= OURS
    for words, target in seen.links:
        assert safe_link(target) == target, (words, target)
    assert len(text) <= LONGEST
    prose = re.sub(r"```.*?```", "```", text, flags=re.DOTALL)
    assert not re.search(r"[ \t](?:\n|\Z)|\n{3}|\A\n|\n\Z", prose)


@given(soups)
def test_no_html_pings_or_hides_anything(markup: str) -> None:
    assert_is_safe(markdown(markup, "https://moodle.kz"))


@given(texts)
def test_a_text_is_shown_as_it_was_typed(text: str) -> None:
    assume(not re.search(r"https?://|\\[(\[]|\$\$|\[tex\]", visible(text), re.IGNORECASE))
    written = markdown(f"<p>{escape(text)}</p>")
    seen = read(written)
    assert seen.text == one_line(visible(text)).strip()
    assert not seen.formats
    assert is_normalized("NFC", written)


words = st.sampled_from(["сөз", "a", "Ә", "7", "x y", " z", "w "])


def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(INNER.split()).map(lambda name: (name, f"/{name}"))
    links = st.sampled_from(["1", "2"]).map(lambda page: (f'a href="https://x.kz/{page}"', "/a"))
    content = st.lists(inside, min_size=1, max_size=4).map("".join)
    return st.builds(lambda name, text: f"<{name[0]}>{text}<{name[1]}>", names | links, content)


documents = st.lists(st.recursive(words, element, max_leaves=12), min_size=1, max_size=4).map("".join)


def letters(text: str) -> str:
    return "".join(re.findall(r"\w", text))


@given(documents)
def test_formats_never_leave_their_signs_in_the_text(markup: str) -> None:
    seen = read(markdown(markup))
    assert not set(seen.text) & set("*_~`[]\\")
    assert letters(seen.text) == letters(re.sub(r"<[^>]*>", "", markup))


@given(soups, st.integers(0, 400))
def test_a_shortened_text_is_as_safe_and_as_short_as_asked(markup: str, limit: int) -> None:
    short = shorten(markdown(markup, "https://moodle.kz"), limit)
    assert len(short) <= limit
    assert_is_safe(short)


@given(documents, st.integers(1, 200))
def test_a_shortened_text_leaves_nothing_open(markup: str, limit: int) -> None:
    written = markdown(markup)
    seen = read(shorten(written, limit))
    assert not set(seen.text) & set("*_~`[]\\")
    assert letters(read(written).text).startswith(letters(seen.text.rstrip("…")))


BEFORE = (
    '<p class="a" id="y1">Оқы: <a href="https://m.kz/mod/x?id=3&sesskey=AAA">осы</a></p><img alt="сурет" '
    'src="https://m.kz/webservice/pluginfile.php/5/mod_page/content/3/a.png?token=t1&time=1"><a '
    'href="https://m.kz/pluginfile.php/5/mod_page/content/3/b.pdf?time=5">b</a><ul><li>бір</li><li>екі</li></ul>'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('class="a" id="y1"', 'style="color:red" id="yui_3_17_2_1_1700"', id="classes, styles and ids"),
        pytest.param("sesskey=AAA", "sesskey=BBB", id="a session"),
        pytest.param("token=t1", "token=t2", id="a token"),
        pytest.param("time=", "time=99", id="a time"),
        pytest.param("content/3/", "content/4/", id="a file's version"),
        pytest.param("Оқы: ", "Оқы:\n\t&nbsp; ", id="white space"),
        pytest.param("бір", "<span>б</span><font size=2>ір</font><!-- x -->", id="tags that show nothing"),
        pytest.param("</li><li>", "<li>", id="ends that may be left out"),
        pytest.param("екі", "е\u200bкі<o:p>&nbsp;</o:p>", id="invisible characters"),
        pytest.param("<ul>", "<p class=MsoNormal></p><div><br></div><ul>", id="empty blocks"),
        pytest.param("осы", "<b></b>осы<script>1</script>", id="what is not seen"),
    ],
)
def test_what_a_reader_cannot_see_does_not_change_the_text(old: str, new: str) -> None:
    assert old in BEFORE
    assert markdown(BEFORE.replace(old, new)) == markdown(BEFORE) != ""


ENDLESS = (
    "<div>",
    "<b>",
    "<a ",
    "<ul><li>x",
    "<table><td>x",
    "<blockquote>x<br>",
    "&",
    "<",
    "\\(x",
    "$$",
    "*",
    "[",
    "\u0301",
    "](",
)


@pytest.mark.parametrize("piece", [*ENDLESS, *(f"{piece}>" for piece in ("<i", "</i", "<math", "<p hidden"))])
def test_a_text_without_end_is_cut_in_time(piece: str) -> None:
    start = time.process_time()
    for markup in (piece * 60_000, "<b>" * 8_000 + piece * 20_000, "мәтін " * 8_000 + piece * 50_000):
        assert len(markdown(markup)) <= LONGEST
    assert time.process_time() - start < 20


@pytest.mark.parametrize("tag", DEEP.split())
def test_ten_thousand_levels_do_no_harm(tag: str) -> None:
    deep = f"<{tag}>" * 10_000
    assert "x" in markdown(f"{deep[:49_000].rpartition('>')[0]}>x</{tag}>", "https://m.kz")


def test_only_the_beginning_of_a_long_text_is_looked_at_but_pictures_in_it_do_not_count() -> None:
    assert markdown("<i></i>" * 10_000 + "late") == ""
    assert markdown(f'<img alt="" src="data:image/png;base64,{"A" * 200_000}">late') == "late"


def test_a_tag_that_is_cut_in_half_is_not_text() -> None:
    assert clean(markdown("a" * 100 + "<b>" * 16_600 + "<span class='x' title='y'>")).strip("*") == "a" * 100

"""Markdown is shortened without leaving anything open, and its words can be compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.markdown import shorten, words

LINK = "[бір екі үш](https://x.kz/a)"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("бір екі", 7, "бір екі", id="what fits stays"),
        pytest.param("бір екі үш", 9, "бір екі…", id="at a word"),
        pytest.param("бірекіүштөрт", 8, "бірекіү…", id="within a long word"),
        pytest.param("aaaa bbbb\n\ncccc dddd", 16, "aaaa bbbb\n…", id="at a paragraph"),
        pytest.param("aaaa bbbb\ncccc dddd", 16, "aaaa bbbb\n…", id="at a line"),
        pytest.param("aaaa\n\nbbbbbb cccccc dddddd eeeeee", 26, "aaaa\n\nbbbbbb cccccc…", id="not at a far paragraph"),
        pytest.param("**aaaa bbbb cccc**", 16, "**aaaa bbbb…**", id="in bold"),
        pytest.param("**aaaa *bbbb cccc dddd***", 19, "**aaaa *bbbb…***", id="in italic in bold"),
        pytest.param("~~__aaaa bbbb cccc__~~", 18, "~~__aaaa bbbb…__~~", id="in other formats"),
        pytest.param("aaaaa `bbb ccc ddd`", 14, "aaaaa…", id="not in code"),
        pytest.param("aaaaa <https://x.kz/aaa>", 20, "aaaaa…", id="not in an address"),
        pytest.param(LINK + " төрт бес", len(LINK) + 3, LINK + "…", id="after a link"),
        pytest.param(LINK, 26, "[бір екі…](https://x.kz/a)", id="in the words of a link"),
        pytest.param("```\naaaa\nbbbb\ncccc\n```", 19, "```\naaaa\nbbbb\n…\n```", id="code"),
        pytest.param("aaa\\*\\*", 6, "aaa\\*…", id="after an escape"),
        pytest.param("aaa\\*\\*", 5, "aaa…", id="not in an escape"),
        pytest.param("- aaaa\n- bbbb\n- cccc", 18, "- aaaa\n- bbbb\n…", id="at an item"),
        pytest.param("> aaaa", 3, "…", id="not right after the sign of a quote"),
        pytest.param("a👨‍👩‍👧b", 4, "a…", id="not in an emoji"),
        pytest.param("aaaa", 1, "…", id="to a character"),
        pytest.param("aaaa", 0, "", id="to nothing"),
    ],
)
def test_a_text_is_cut_where_it_hurts_least(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected
    assert len(expected) <= limit


@given(st.text(max_size=60) | st.text("*_~`\\[]()<> \nhtps:/x.ka", max_size=60), st.integers(-1, 60))
def test_no_text_at_all_is_longer_than_asked(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= max(limit, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("**Бір** *екі*,\n\n> үш 4!", "Бір екі үш 4", id="signs and lines"),
        pytest.param("**Қ**ала a\\_b", "Қала a b", id="within a word"),
        pytest.param("`x²` ```\ncode\n```", "x² code", id="code"),
        pytest.param("[бір](https://x.kz/a)", "бір https x kz a", id="a link and where it leads"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_words_are_what_a_reader_would_miss(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("**бір** екі", "бір *екі*", id="formats"),
        pytest.param("бір\n\nекі", "- бір\n- екі", id="a list"),
        pytest.param("https://x.kz/a", "<https://x.kz/a>", id="an address"),
        pytest.param("бір, екі", "бір – екі.", id="signs of a sentence"),
    ],
)
def test_what_only_looks_different_has_the_same_words(one: str, other: str) -> None:
    assert words(one) == words(other)

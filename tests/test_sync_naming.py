"""Names that Discord keeps as they were sent, and texts that stay text."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bits import ChannelType
from sandbox.naming import channel_name as as_discord_stores
from sandbox.naming import nickname as as_discord_stores_nick
from sync import naming

titles = st.text(max_size=150) | st.text(st.sampled_from("aЖә ё-_#*@\u200b\u0301е<`|\t\n1."), max_size=150)
LONG = "Нұрсұлтанбекова Айгүлім Әбдірахманқызы"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("  Алгебра \t 7\n«А»  ", "Алгебра 7 «А»", id="white space"),
        pytest.param("И\u0306ога", "Йога", id="composed"),
        pytest.param("Ал\u200bге\u00adбра\ufeff", "Алгебра", id="invisible characters"),
        pytest.param("a\u202egnp.exe", "agnp.exe", id="direction overrides"),
        pytest.param("и\u200b\u0306", "й", id="composed once the invisible is gone"),
        pytest.param("a\x00b\x1fc\u2028d", "a b c d", id="control characters"),
    ],
)
def test_plain_text_is_what_a_reader_sees(text: str, expected: str) -> None:
    assert naming.plain(text) == expected


@given(titles)
def test_plain_is_stable_and_normalised(text: str) -> None:
    once = naming.plain(text)
    assert naming.plain(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("abc", 3, "abc", id="fits"),
        pytest.param("abcd", 3, "ab…", id="one word"),
        pytest.param("Quadratic equations", 12, "Quadratic…", id="at a word"),
        pytest.param("A longunbreakableword", 10, "A longunb…", id="no word ends near"),
    ],
)
def test_cutting_ends_at_a_word_where_one_is_near(text: str, limit: int, expected: str) -> None:
    assert naming.cut(text, limit) == expected


@given(titles)
def test_names_are_within_limits_and_stable(text: str) -> None:
    for made, limit in (
        (naming.display_name, naming.NAME_LIMIT),
        (naming.channel_name, naming.NAME_LIMIT),
        (naming.nick, naming.NICK_LIMIT),
    ):
        name = made(text)
        assert len(name) <= limit
        assert made(name) == name
    assert naming.display_name(text)
    assert naming.channel_name(text)


@given(titles)
def test_discord_keeps_channel_names_and_nicknames_as_sent(text: str) -> None:
    name = naming.channel_name(text)
    assert name == "-" or as_discord_stores(name, ChannelType.TEXT) == name
    assert as_discord_stores_nick(naming.nick(text)) == naming.nick(text)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Алгебра: 7-сынып, 1 тоқсан!", "алгебра-7-сынып-1-тоқсан", id="Kazakh"),
        pytest.param("C++ / C#", "c-c", id="signs"),
        pytest.param("snake_case", "snake_case", id="underscores stay"),
        pytest.param("???", "-", id="nothing left"),
        pytest.param("Х" * 99 + "  конец", "х" * 99, id="no hyphen where it was cut"),
    ],
)
def test_channels_are_named_by_their_letters(title: str, expected: str) -> None:
    assert naming.channel_name(title) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Айсұлу Серікова", "Айсұлу Серікова", id="fits"),
        pytest.param(LONG, "Нұрсұлтанбекова Айгүлім Ә.", id="patronymic first"),
        pytest.param("Әбдіманапова-Нұрсейітова Айгерім Нұржанқызы", "Әбдіманапова-Нұрсейітова А. Н.", id="all"),
        pytest.param("Ә" * 40, "Ә" * 31 + "…", id="one endless word"),
        pytest.param("", "", id="no name"),
    ],
)
def test_long_names_keep_the_surname_and_shorten_from_the_end(name: str, expected: str) -> None:
    assert naming.nick(name) == expected


def test_a_suffix_survives_a_long_title() -> None:
    name = naming.suffixed("Очень " * 30, " · мұғалімдер")
    assert name.endswith(" · мұғалімдер")
    assert len(name) <= naming.NAME_LIMIT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("**bold** _it_ ~~s~~", r"\*\*bold\*\* \_it\_ \~\~s\~\~", id="emphasis"),
        pytest.param("||spoiler|| `code`", r"\|\|spoiler\|\| \`code\`", id="spoiler and code"),
        pytest.param("@everyone <@1> <#2> <@&3>", r"\@everyone \<\@1> \<#2> \<\@&3>", id="mentions"),
        pytest.param("[click](http://x.kz)", r"\[click\](http\://x.kz)", id="links"),
        pytest.param("# Big", r"\# Big", id="heading"),
        pytest.param("-# small", r"\-# small", id="subtext"),
        pytest.param("> quote", r"\> quote", id="quote"),
        pytest.param("1. One", r"1\. One", id="numbered"),
        pytest.param("12. Twelve", r"12\. Twelve", id="numbered with two digits"),
        pytest.param("line\n# two", "line # two", id="a second line becomes the same line"),
        pytest.param(r"\*", r"\\\*", id="an escape of their own"),
        pytest.param("Tom & Jerry's: 5 - 3 > 1 #1", "Tom & Jerry's: 5 - 3 > 1 #1", id="plain prose stays"),
    ],
)
def test_markdown_and_mentions_are_shown_not_obeyed(text: str, expected: str) -> None:
    assert naming.escape(text) == expected


@given(titles)
def test_nothing_live_is_left_in_an_escaped_text(text: str) -> None:
    escaped = naming.escape(text)
    live = re.sub(r"\\([^\w\s]|_)", "x", escaped)
    assert not re.search(r"[\\*_~`|\[\]<@]|^[#>+-]|^\d{1,2}\.|://", live)
    assert "\n" not in escaped
    assert re.sub(r"\\([^\w\s]|_)", r"\1", escaped) == naming.plain(text)

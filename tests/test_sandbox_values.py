"""Names, ids and bodies: the sandbox's small pure parts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bits import ChannelType, Permission
from sandbox.errors import ApiError
from sandbox.forms import array, bits, choice, flag, integer, moment, nullable, obj, read, snowflake, text
from sandbox.naming import channel_name, nickname
from sandbox.snowflakes import EPOCH, Snowflakes, first_at, time_of


@pytest.mark.parametrize(
    ("given_name", "kind", "stored"),
    [
        ("Алгебра 7 Ә", ChannelType.TEXT, "алгебра-7-ә"),
        ("  1-бөлім:  Сандар!  ", ChannelType.TEXT, "1-бөлім-сандар"),
        ("Қазақ тілі / Казахский", ChannelType.FORUM, "қазақ-тілі-казахский"),
        ("NEWS -- 2026", ChannelType.ANNOUNCEMENT, "news-2026"),
        ("under_score", ChannelType.TEXT, "under_score"),
        ("Алгебра 7 Ә", ChannelType.CATEGORY, "Алгебра 7 Ә"),
        ("Дауыстық арна", ChannelType.VOICE, "Дауыстық арна"),
        ("!!!", ChannelType.TEXT, ""),
    ],
)
def test_only_text_channels_are_renamed(given_name: str, kind: ChannelType, stored: str) -> None:
    assert channel_name(given_name, kind) == stored


@given(st.text(max_size=100), st.sampled_from([ChannelType.TEXT, ChannelType.VOICE]))
def test_a_stored_name_stays_when_it_is_sent_again(name: str, kind: ChannelType) -> None:
    once = channel_name(name, kind)
    assert channel_name(once, kind) == once


@given(st.text(max_size=32))
def test_a_stored_nickname_stays_when_it_is_sent_again(nick: str) -> None:
    assert nickname(nickname(nick)) == nickname(nick)


def test_nicknames_lose_spaces_and_invisible_characters() -> None:
    assert nickname("  Ару \u200b  Бекова ") == "Ару Бекова"


def test_ids_grow_even_when_the_clock_stands_still_or_goes_back() -> None:
    times = [EPOCH + timedelta(days=days) for days in (2, 2, 1, 3)]
    ids = Snowflakes(iter(times).__next__)
    made = [ids.next() for _ in times]
    assert made == sorted(set(made))
    assert time_of(made[-1]) == times[-1]
    assert time_of(first_at(datetime(2026, 9, 1, tzinfo=UTC))) == datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parser", "good", "parsed"),
    [
        (text(1, 3), "abc", "abc"),
        (integer(0, 5), 5, 5),
        (choice(0, 5), 5, 5),
        (flag, True, True),
        (snowflake, "123", 123),
        (snowflake, 123, 123),
        (bits, "1024", Permission.VIEW_CHANNEL),
        (bits, str(1 << 47 | 1024), Permission.VIEW_CHANNEL),
        (nullable(text(1, 3), "x"), None, "x"),
        (moment, "2026-09-01T00:00:00Z", datetime(2026, 9, 1, tzinfo=UTC)),
        (moment, "2026-09-01T00:00:00", datetime(2026, 9, 1, tzinfo=UTC)),
        (array(integer(0, 9), 2), [1, 2], [1, 2]),
    ],
)
def test_good_values_are_read(parser: Any, good: Any, parsed: Any) -> None:
    assert read({"field": good}, {"field": parser}) == {"field": parsed}


@pytest.mark.parametrize(
    ("parser", "bad", "code"),
    [
        (text(1, 3), "", "BASE_TYPE_BAD_LENGTH"),
        (text(1, 3), "abcd", "BASE_TYPE_BAD_LENGTH"),
        (text(1, 3), 7, "BASE_TYPE_STRING"),
        (text(1, 3), None, "BASE_TYPE_STRING"),
        (integer(0, 5), 6, "NUMBER_TYPE_RANGE"),
        (integer(0, 5), True, "NUMBER_TYPE_COERCE"),
        (choice(0, 5), 1, "BASE_TYPE_CHOICES"),
        (flag, "yes", "BOOLEAN_TYPE_CONVERT"),
        (snowflake, "1.2E+17", "NUMBER_TYPE_COERCE"),
        (snowflake, str(2**64), "NUMBER_TYPE_MAX"),
        (bits, "-1", "NUMBER_TYPE_COERCE"),
        (moment, "tomorrow", "DATE_TIME_TYPE_PARSE"),
        (array(flag, 1), [True, True], "BASE_TYPE_BAD_LENGTH"),
        (array(flag, 1), {}, "LIST_TYPE_CONVERT"),
        (obj({}), [], "DICT_TYPE_CONVERT"),
    ],
)
def test_bad_values_are_refused_with_the_field_named(parser: Any, bad: Any, code: str) -> None:
    with pytest.raises(ApiError) as refusal:
        read({"field": bad}, {"field": parser})
    body = refusal.value.to_json()
    assert (refusal.value.status, body["code"]) == (400, 50035)
    assert body["errors"]["field"]["_errors"][0]["code"] == code


def test_all_problems_of_a_body_are_reported_at_once_where_they_are() -> None:
    fields = {"name": text(1, 3), "tags": array(obj({"id": snowflake}, required=["id"]), 9), "needed": flag}
    with pytest.raises(ApiError) as refusal:
        read({"name": "long", "tags": [{"id": "1"}, {"id": "x"}, {}]}, fields, required=["needed"])
    errors = refusal.value.to_json()["errors"]
    assert set(errors) == {"name", "tags", "needed"}
    assert set(errors["tags"]) == {"1", "2"}

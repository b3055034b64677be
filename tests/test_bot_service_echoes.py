"""Events of our own writes are told from those of other people."""

from typing import Any

import pytest

from bot.serving.echoes import ALL, Echoes, Thing, concerned

ROLES, CHANNELS = "/guilds/{guild_id}/roles", "/guilds/{guild_id}/channels"
CHANNEL, MESSAGES = "/channels/{channel_id}", "/channels/{channel_id}/messages"


def test_an_event_about_what_we_wrote_is_ours_for_a_while() -> None:
    echoes = Echoes(grace=10)
    echoes.wrote([("channel", "1")], now=100)
    assert echoes.ours(("channel", "1"), heard=99.9)
    assert echoes.ours(("channel", "1"), heard=110)
    assert not echoes.ours(("channel", "1"), heard=110.1)


def test_an_event_about_anything_else_is_not_ours() -> None:
    echoes = Echoes()
    echoes.wrote([("channel", "1"), ("member", "2")], now=0)
    assert not echoes.ours(("channel", "2"), heard=0)
    assert not echoes.ours(("role", "1"), heard=0)


def test_sorting_all_roles_makes_events_about_any_role_ours() -> None:
    echoes = Echoes()
    echoes.wrote([("role", ALL)], now=0)
    assert echoes.ours(("role", "7"), heard=1)


def test_what_was_written_long_ago_is_forgotten() -> None:
    echoes = Echoes(grace=1)
    for number in range(10_001):
        echoes.wrote([("member", str(number))], now=float(number))
    assert not echoes.ours(("member", "5"), heard=5)
    assert echoes.ours(("member", "10000"), heard=10_000)


@pytest.mark.parametrize(
    ("method", "path", "ids", "body", "answer", "things"),
    [
        pytest.param("POST", ROLES, {}, {}, {"id": "1"}, [("role", ALL)], id="a new role moves others"),
        pytest.param("PATCH", ROLES, {}, [], [], [("role", ALL)], id="roles are sorted"),
        pytest.param("PATCH", ROLES + "/{role_id}", {"role_id": "1"}, {}, {}, [("role", "1")], id="a role changes"),
        pytest.param(
            "DELETE",
            ROLES + "/{role_id}",
            {"role_id": "1"},
            None,
            None,
            [("role", ALL), ("member", ALL), ("channel", ALL)],
            id="a role goes, from members and channels too",
        ),
        pytest.param("POST", CHANNELS, {}, {}, {"id": "5"}, [("channel", "5")], id="a new channel"),
        pytest.param("PATCH", CHANNELS, {}, [], None, [("channel", ALL)], id="channels are sorted"),
        pytest.param("PATCH", CHANNEL, {"channel_id": "5"}, {"name": "x"}, {}, [("channel", "5")], id="a new name"),
        pytest.param(
            "PATCH",
            CHANNEL,
            {"channel_id": "5"},
            {"permission_overwrites": []},
            {},
            [("channel", "5"), ("channel", ALL)],
            id="permissions, which synced children take over",
        ),
        pytest.param(
            "POST",
            CHANNEL + "/threads",
            {"channel_id": "5"},
            {},
            {"id": "6"},
            [("channel", "5"), ("channel", "6")],
            id="a forum post",
        ),
        pytest.param(
            "PATCH", "/guilds/{guild_id}/members/{user_id}", {"user_id": "9"}, {}, {}, [("member", "9")], id="a member"
        ),
        pytest.param("POST", MESSAGES, {"channel_id": "5"}, {}, {"id": "7"}, [("channel", "5")], id="a message"),
    ],
)
def test_every_write_says_what_it_concerns(
    method: str, path: str, ids: dict[str, str], body: Any, answer: Any, things: list[Thing]
) -> None:
    assert list(concerned(method, path, ids, body, answer)) == things

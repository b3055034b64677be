"""Nobody waits without knowing why: long waits are told, in the school's language, and not once per request."""

import pytest

from bot.progress import announced_waits, seldom
from sync.texts import texts


def test_a_long_wait_is_told_once_a_minute_however_many_requests_wait() -> None:
    told: list[float] = []
    now = [0.0]
    hear = seldom(lambda seconds, _route: told.append(seconds), clock=lambda: now[0])
    for seconds in (20.0, 19.0, 18.0):
        hear(seconds, "POST /guilds/{guild_id}/roles")
    now[0] = 61.0
    hear(90.0, "POST /guilds/{guild_id}/roles")
    assert told == [20.0, 90.0]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_long_wait_is_told_in_the_schools_language(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    announced_waits(texts(language))(3600.4, "POST /guilds/{guild_id}/roles")
    said = capsys.readouterr().err
    assert "3600" in said
    assert ("asks to wait" in said) is (language == "en")

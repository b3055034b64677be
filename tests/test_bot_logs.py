"""The log names people by ids only and holds no secret, whatever happens; a file of it is private, and old ones go."""

import logging
import os
import re
import stat
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

import pytest

from bot.serving.logs import daily
from sandbox.faults import Fault, Kind
from sync.errors import Refused
from tests.rehearsal import MATERIALS, PEOPLE, rehearsal
from tests.service_stage import at_work

OURS = ("bot", "connectors", "sync")
TOLD = [cell for line in PEOPLE.splitlines()[1:] for cell in line.split(",")[1:]]


async def test_the_log_of_a_service_names_nobody_and_tells_no_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in OURS:
        caplog.set_level(logging.DEBUG, name)
    async with rehearsal(tmp_path) as stage:
        stage.pull()
        async with at_work(stage) as serving:
            await serving.run()
            for route in ("/guilds/{guild_id}/members/{user_id}", "/channels/{channel_id}/messages"):
                stage.sandbox.faults.arm(Fault(Kind.ERROR, "*", route, count=40, status=500))
            stage.write({"people.csv": PEOPLE.replace("Дана", "Диана") + "s4,Ержан,erzhan@school.kz,,too,many\n"})
            stage.write({"materials.csv": MATERIALS + "bio,Клетка,Тест,https://example.org/t,,quiz,,\n"})
            stage.pull()
            await serving.run()
            token = stage.sandbox.token
    lines = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] in OURS]
    assert any("failed" in line for line in lines)
    for line in lines:
        assert not [word for word in [*TOLD, token, "Диана"] if word in line], line


@pytest.fixture
def written(tmp_path: Path) -> Iterator[TimedRotatingFileHandler]:
    before = os.umask(0)
    handler = daily(tmp_path / "kopir.log", timedelta(days=30))
    handler.setFormatter(logging.Formatter("%(message)s"))
    yield handler
    handler.close()
    os.umask(before)


def say(handler: logging.Handler, message: str) -> None:
    handler.emit(logging.LogRecord("bot", logging.INFO, "", 0, message, None, None))


def test_a_new_log_begins_at_midnight_and_all_are_private(tmp_path: Path, written: TimedRotatingFileHandler) -> None:
    say(written, "yesterday")
    written.rolloverAt = int(time.time()) - 1
    say(written, "today")
    assert (tmp_path / "kopir.log").read_text() == "today\n"
    (old,) = tmp_path.glob("kopir.log.*")
    assert old.read_text() == "yesterday\n"
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} <= {0o600, *([0o666] * (os.name == "nt"))}


@pytest.mark.parametrize("when", ["at the start", "at midnight"])
def test_days_of_the_log_go_after_their_time_and_nothing_else(tmp_path: Path, when: str) -> None:
    today = datetime.now().astimezone()
    names = {days: f"kopir.log.{today - timedelta(days=days):%Y-%m-%d}" for days in (1, 2, 3, 400)}
    others = ["kopir.log.old", "kopir.log.2001-01-01.zip", "other.log.2001-01-01", "kopir.db"]
    handler = daily(tmp_path / "kopir.log", timedelta(days=2))
    for name in [*names.values(), *others]:
        (tmp_path / name).write_text("x")
    if when == "at midnight":
        handler.rolloverAt = int(time.time()) - 1
        say(handler, "new")
    else:
        daily(tmp_path / "kopir.log", timedelta(days=2)).close()
    handler.close()
    assert {file.name for file in tmp_path.iterdir()} == {"kopir.log", names[1], names[2], *others}


def test_a_log_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none" / "kopir.log"):
        with pytest.raises(Refused, match=re.escape(str(place))):
            daily(place, timedelta(days=1))

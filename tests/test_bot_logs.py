"""The log names people by ids only, and holds no secret, whatever goes wrong."""

import logging
from pathlib import Path

import pytest

from sandbox.faults import Fault, Kind
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

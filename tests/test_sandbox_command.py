"""The sandbox as a process of its own."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

LEAVES_WITHIN = 3.0


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "sandbox", *arguments)
    started = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def ready(started: asyncio.subprocess.Process) -> dict[str, Any]:
    assert started.stdout is not None
    facts: dict[str, Any] = json.loads(await asyncio.wait_for(started.stdout.readline(), 15))
    return facts


async def test_it_serves_prints_its_tree_and_leaves_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ready"
    flags = ("--token", "t", "--guild-id", "42", "--guild-name", "Ақжол", "--hurry", "20", "--ready-file", str(file))
    async with process(*flags) as served:
        facts = await ready(served)
        assert json.loads(file.read_text(encoding="utf-8")) == facts
        assert (facts["token"], facts["guild_id"]) == ("t", "42")
        headers = {"Authorization": "Bot t"}
        async with aiohttp.ClientSession(headers=headers) as http:
            async with http.get(facts["api_url"] + "/guilds/42") as answer:
                assert (await answer.json())["name"] == "Ақжол"
                assert "X-RateLimit-Limit" in answer.headers
            async with process("tree", "--url", facts["url"]) as printed:
                tree = (await printed.communicate())[0].decode()
                assert tree.startswith("Ақжол (2 members)")
            served.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(served.wait(), LEAVES_WITHIN) == 0


async def test_a_tree_of_nothing_is_a_plain_error() -> None:
    async with process("tree", "--url", "http://127.0.0.1:9") as printed:
        errors = (await printed.communicate())[1].decode()
        assert printed.returncode == 1
        assert errors.startswith("No sandbox answers at http://127.0.0.1:9")

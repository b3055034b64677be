"""Measures a first and a second sync of a school against a local stand-in for Discord in a process of its own.

Run: python -m benchmarks.bench_sync [--people N] [--hurry N]

Once without rate limits, which shows what Kopir itself costs, and once with Discord's limits in fast motion, compared
with the least time that these limits allow for the same requests.
"""

import argparse
import asyncio
import math
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.big_school import Size, csv_files
from bot.app import App, open_app
from bot.http import PER_SECOND, discord_http
from bot.pulls import pull
from bot.rehearsal import LocalDiscord, local_discord
from bot.runs import RunResult, apply_school

# What the stand-in enforces (docs/rehearsing.md), per server: requests and seconds of a window.
CHANNEL_CREATE = 20, 10.0
MEMBER_EDIT = 10, 10.0
UNLIMITED_PER_SECOND = 10_000.0


@dataclass(frozen=True, slots=True)
class Lap:
    """One sync: wall-clock and CPU seconds, and what was sent by method."""

    wall: float
    cpu: float
    sent: Mapping[str, int]

    @property
    def requests(self) -> int:
        """Return the number of requests."""
        return sum(self.sent.values())


def least(result: RunResult, hurry: float) -> float:
    """Return the least seconds for a run's requests: places first, then members, never over the global limit.

    What waits in a channel of its own (messages, pins) is left out, as it runs beside the members.
    """
    made = Counter(change.kind for change in result.plan.changes)
    places = _windows(made["category"] + made["channel"], *CHANNEL_CREATE)
    members = _windows(made["member"], *MEMBER_EDIT)
    return max(places + members, sum(result.requests.values()) / 50.0) / hurry


def _windows(count: int, limit: int, seconds: float) -> float:
    return max(0, math.ceil(count / limit) - 1) * seconds


async def lap(app: App, per_second: float) -> tuple[Lap, RunResult]:
    """Apply once, as `kopir apply` does."""
    school, discord = app.schools[0], app.settings.discord
    wall, cpu = time.perf_counter(), time.process_time()
    async with discord_http(discord.token, discord.api_url, per_second=per_second) as http:
        result = await apply_school(school, app.store, http, "bench", app.files(school))
    took = Lap(time.perf_counter() - wall, time.process_time() - cpu, result.requests)
    failed = [outcome.message for outcome in result.report.outcomes if outcome.status != "applied"]
    assert not failed, failed[:3]
    return took, result


def measure(folder: Path, size: Size, hurry: float) -> None:
    """Sync a school twice and print what it took."""
    folder.mkdir()
    with local_discord(folder, "1234567890", "Bench", hurry) as discord:
        discord.join(f"user{n}" for n in range(size.people))
        settings = _write(folder, size, discord)
        with open_app(settings) as app:
            begun = time.perf_counter()
            for source in app.sources(app.schools[0]):
                assert pull(app.store, "bench", source).ok
            print(f"  pull      {time.perf_counter() - begun:6.2f} s")
            per_second = PER_SECOND * hurry if hurry else UNLIMITED_PER_SECOND
            discord.forget_sent()
            first, result = asyncio.run(lap(app, per_second))
            _print("first", first)
            if hurry:
                bound = least(result, hurry)
                print(f"            the limits allow {bound:.2f} s: {first.wall / bound:.2f} times that")
            refused = _refused(discord)
            second, result = asyncio.run(lap(app, per_second))
            assert not result.plan.changes
            assert set(second.sent) == {"GET"}
            _print("second", second)
            share = second.requests / first.requests
            print(f"            429 in both: {refused}; the second sends {share:.4f} of the first")


def _write(folder: Path, size: Size, discord: LocalDiscord) -> Path:
    (folder / "inbox").mkdir()
    for name, text in csv_files(size).items():
        path = folder / "inbox" / name
        path.write_text(text, "utf-8")
        os.utime(path, (time.time() - 60,) * 2)
    settings = folder / "settings.ini"
    settings.write_text(
        f"[kopir]\ndatabase = sqlite:///kopir.db\n[discord]\ntoken = {discord.token}\napi_url = {discord.api_url}\n"
        f"[school:bench]\nname = Bench\nguild = {discord.guild}\ngroups = off\nvoice = no\n"
        "[source:bench/csv]\ntype = csv\npath = inbox\n",
        "utf-8",
    )
    return settings


def _refused(discord: LocalDiscord) -> int:
    statuses: Mapping[str, int] = requests.get(f"{discord.url}/_sandbox/requests", timeout=30).json()["statuses"]
    return statuses.get("429", 0)


def _print(name: str, took: Lap) -> None:
    sent = ", ".join(f"{method} {count}" for method, count in sorted(took.sent.items()))
    rate, share = took.requests / took.wall, took.cpu / took.wall
    print(f"  {name:<9} {took.wall:6.2f} s  {took.requests} requests ({sent}), {rate:.0f}/s, {share:.0%} of one core")


def main() -> None:
    """Measure without limits and with limits in fast motion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--hurry", type=float, default=25.0, help="how many times faster than Discord's limits")
    asked = parser.parse_args()
    size = Size(courses=20, modules=100, materials=300, people=asked.people, courses_each=4)
    print(f"{size.courses} courses, {size.modules} modules, {size.materials} materials, {size.people} people")
    with tempfile.TemporaryDirectory(prefix="kopir-bench-", ignore_cleanup_errors=True) as folder:
        for title, hurry in (
            ("without limits", 0.0),
            (f"Discord's limits, {asked.hurry:g} times as fast", asked.hurry),
        ):
            print(title)
            measure(Path(folder) / f"hurry-{hurry:g}", size, hurry)


if __name__ == "__main__":
    main()

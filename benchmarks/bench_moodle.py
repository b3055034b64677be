"""Measures Kopir's own share of a pull from a Moodle of 100 courses, 2,000 people and 3,700 modules.

Run: python -m benchmarks.bench_moodle. The site answers from memory, so nothing but reading and proving is measured.
With KOPIR_BENCH_MOODLE=ADDRESS and KOPIR_BENCH_TOKEN a real site is asked, and the plain pattern (every course's people
with all their fields, one after the other) beside it.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from connectors.moodle import listing
from connectors.moodle.client import Client, Traffic
from connectors.moodle.config import read_config
from connectors.moodle.source import MoodleSource
from sync.records import Pulled, Snapshot
from sync.settings import Every, SourceSettings
from tests.fake_moodle import FakeMoodle, enrolled, module, section, user

COURSES, PEOPLE, EACH, MODULES = 100, 2000, 200, 37
AT = datetime(2026, 11, 26, tzinfo=UTC)


def site() -> FakeMoodle:
    """Return the site, all in memory."""
    made = FakeMoodle()
    numbers = range(2, COURSES + 2)
    made.courses = [
        {"id": n, "fullname": f"Курс {n}", "shortname": f"C{n}", "cacherev": 1, "visible": 1} for n in numbers
    ]
    made.users = {n: user(n) for n in range(1, PEOPLE + 1)}
    made.rosters = {n: [enrolled((n * EACH + k) % PEOPLE + 1, n * 8 + k % 8) for k in range(EACH)] for n in numbers}
    made.pages = {
        n: [section(n * 10, 0), section(n * 10 + 1, 1, *(module(n * MODULES + k) for k in range(MODULES)))]
        for n in numbers
    }
    made.inactive, made.groups = {}, {}
    return made


def timed(what: str, work: Callable[[], Pulled], base: float = 0.0) -> tuple[Pulled, float]:
    """Do some work and print how long it took, and as a ratio."""
    start = time.perf_counter()
    pulled = work()
    seconds = time.perf_counter() - start
    ratio = f"{seconds / base:6.2f} of the first" if base else ""
    print(f"{what:28} {seconds:7.2f} s {pulled.calls:6} calls {pulled.bytes / 1e6:7.1f} MB  {ratio}")
    return pulled, seconds


def plain(client: Client) -> Pulled:
    """Ask for every course's people with all their fields, as a simple client does."""
    for course in client.call(listing.ALL_COURSES):
        client.call(listing.ENROLLED, courseid=course["id"])
    return Pulled(None, calls=client.traffic.calls, bytes=client.traffic.bytes)


def main() -> None:
    """Measure a first pull, an unchanged one, and with a real site the plain pattern."""
    url, token = os.environ.get("KOPIR_BENCH_MOODLE", ""), os.environ.get("KOPIR_BENCH_TOKEN", "")
    options = {"url": url or "https://moodle.example.kz", "token": token or "none"}
    config, _ = read_config(SourceSettings("bench", "moodle", "moodle", Every(300), options, {}, 1))
    memory = site()

    def ask() -> Client:
        memory.traffic = Traffic()
        return Client(url, token) if url else memory

    source = MoodleSource(name="moodle", config=config, language="kk", client=ask, clock=lambda: AT)
    first, base = timed("first pull", lambda: source.pull(Snapshot))
    assert first.snapshot is not None
    stored = first.snapshot
    timed("unchanged pull", lambda: source.pull(lambda: stored), base)
    if url:
        timed("plain pattern, people only", lambda: plain(Client(url, token)), base)


if __name__ == "__main__":
    main()

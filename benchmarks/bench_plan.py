"""Measures planning a large school, without any network: first, unchanged, changed, and after a killed first run.

Run: python -m benchmarks.bench_plan [--people N] [--profile]

Planning must grow with the school, not with its square: the last table compares a school with one twice as large.
"""

import argparse
import asyncio
import cProfile
import pstats
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from benchmarks.big_school import Size, snapshot
from sync import template as templates
from sync.desired import Inputs, desired
from sync.diff import diff
from sync.guild import Guild, GuildMember
from sync.ledger import Binding
from sync.linking import link
from sync.merge import Roster, merge
from sync.observe import observe
from sync.plan import Facts, plan
from sync.ports import Entry
from sync.reconcile import apply
from sync.recover import found_places
from sync.settings import Limits, SchoolSettings
from sync.settings_by_hand import ByHand
from sync.settings_posts import PostSettings
from sync.settings_privacy import Keeping
from sync.texts import texts
from tests.fake_guild import FakeDiscord

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
STEPS = ("merge", "link", "desired", "observe", "diff", "plan")
SCHOOL = SchoolSettings(
    id="bench",
    name="Bench",
    guild="1",
    timezone=ZoneInfo("Asia/Almaty"),
    language="kk",
    layout="auto",
    groups="roles",
    voice=False,
    template=None,
    limits=Limits(),
    posts=PostSettings(),
    by_hand=ByHand(),
    keeping=Keeping(),
    sources=(),
)
T = TypeVar("T")


@dataclass
class Memory:
    """The bindings, in memory."""

    bindings: dict[str, Binding] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        """Save bindings."""
        assert school == SCHOOL.id
        self.bindings.update((binding.key, binding) for binding in bindings)
        self.journal += done

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        """Forget bindings."""
        assert school == SCHOOL.id
        self.journal += done
        for key in keys:
            self.bindings.pop(key, None)


class Watch:
    """Times the steps of one planning, the best of several rounds, in seconds of CPU: others use this machine too."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Time one step."""
        begun = time.process_time()
        done = work()
        took = time.process_time() - begun
        self.seconds[step] = min(took, self.seconds.get(step, took))
        return done

    @property
    def total(self) -> float:
        """Return the seconds of all steps."""
        return sum(self.seconds.values())


def planned(watch: Watch, roster: Callable[[], Roster], guild: Guild, bindings: Mapping[str, Binding]) -> Facts:
    """Do what a run does between reading and applying."""
    found = watch.time("merge", roster)
    users = watch.time("link", lambda: link(found.people, {}, guild, NOW).users)
    inputs = Inputs(found, SCHOOL, templates.load(), users, guild, bindings, NOW, texts(SCHOOL.language))
    wanted = watch.time("desired", lambda: desired(inputs))
    existing = watch.time("observe", lambda: observe(guild, bindings))
    watch.time("diff", lambda: diff(existing, wanted))
    facts = Facts(SCHOOL.id, existing, wanted, wanted, guild, bindings, SCHOOL.limits)
    watch.time("plan", lambda: plan(facts))
    return facts


def rounds(size: Size, guild: Guild, bindings: Mapping[str, Binding], count: int = 2) -> tuple[Watch, Facts]:
    """Plan a few times."""
    watch, school = Watch(), snapshot(size)
    facts = [planned(watch, lambda: merge([("csv", school)], {}), guild, bindings) for _ in range(count)]
    return watch, facts[-1]


def measure(size: Size) -> dict[str, Watch]:
    """Print a table of seconds for one size."""
    people = [GuildMember(str(100 + n), f"user{n}") for n in range(size.people)]
    discord, memory = FakeDiscord(*people), Memory()
    measured = {}
    measured["first"], facts = rounds(size, discord.guild(), {})
    first = plan(facts)
    begun = time.process_time()
    asyncio.run(apply(first, {}, discord, memory, lambda: NOW))
    applied = time.process_time() - begun
    measured["unchanged"], again = rounds(size, discord.guild(), memory.bindings)
    assert not plan(again).changes
    measured["5 % more people"], _ = rounds(
        replace(size, people=size.people * 21 // 20), discord.guild(), memory.bindings
    )
    print(f"{size.courses} courses, {size.modules} modules, {size.materials} materials, {size.people:,} people")
    print(f"  {'':<16}" + "".join(f"{step:>9}" for step in STEPS) + f"{'all':>9}")
    for name, watch in measured.items():
        print(f"  {name:<16}" + "".join(f"{watch.seconds[s]:9.3f}" for s in STEPS) + f"{watch.total:9.3f} s")
    per_change = applied / len(first.changes) * 1000
    print(f"  {len(first.changes):,} changes applied to an ideal server: {applied:.2f} s, {per_change:.2f} ms each")
    _recovery(memory.bindings, discord.guild())
    return measured


def _recovery(bindings: Mapping[str, Binding], guild: Guild) -> None:
    kinds = {"role", "category", "channel", "thread"}
    parents = {channel.id: channel.parent_id for channel in guild.channels}
    parents |= {thread.id: thread.parent_id for thread in guild.threads}
    intents = [
        replace(b, discord_id=None, parent_id=parents.get(b.discord_id or ""), digest="0\n" + b.digest.split("\n")[1])
        for b in bindings.values()
        if b.kind in kinds
    ]
    begun = time.process_time()
    found = found_places(intents, {}, guild)
    print(f"  {len(found)} of {len(intents)} places found again after a kill: {time.process_time() - begun:.2f} s")


def main() -> None:
    """Measure a school, and one twice as large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=Size().people)
    parser.add_argument("--profile", action="store_true", help="show where planning spends its time")
    asked = parser.parse_args()
    size = Size(people=asked.people)
    if asked.profile:
        with cProfile.Profile() as profile:
            measure(size)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(35)
        return
    half = replace(
        size,
        courses=size.courses // 2,
        modules=size.modules // 2,
        materials=size.materials // 2,
        people=size.people // 2,
    )
    small, large = measure(half), measure(size)
    ratios = (f"{name} {large[name].total / small[name].total:.1f}" for name in large)
    print(f"  twice the school takes times: {', '.join(ratios)}")


if __name__ == "__main__":
    main()

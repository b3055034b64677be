"""Show how far long work is: a bar on a terminal, plain lines elsewhere; on stderr, so that --json stays clean."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.transport.permits import OnWait
from sync.ports import Progress as Watched
from sync.ports import unwatched
from sync.texts import N_, Texts

LINE_EVERY = 5.0  # seconds between plain lines
WAIT_EVERY = 60.0  # seconds between lines about waits
LONG_WAIT = N_("Discord asks to wait {seconds} s before the next request of this kind: {route}")


class Meter:
    """Counts steps, and shows how many of how many are done."""

    def __init__(self, show: Watched) -> None:
        self.show = show
        self._done = self._total = 0

    def total(self, steps: int) -> None:
        """Say how many steps there are."""
        self._total = steps
        self.show(self._done, self._total)

    def step(self) -> None:
        """Count one step."""
        self._done += 1
        self.show(self._done, self._total)


@contextmanager
def meter(label: str, *, quiet: bool = False) -> Iterator[Meter]:
    """Give a meter for the length of a block."""
    if quiet:
        yield Meter(unwatched)
    elif sys.stderr.isatty():
        columns = TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield Meter(lambda done, total: bar.update(task, completed=done, total=total or None))
    else:
        yield Meter(_lines(label))


def announced_waits(words: Texts) -> OnWait:
    """Give what tells a person on stderr that Discord makes us wait, and for how long."""

    def announce(seconds: float, route: str) -> None:
        sys.stderr.write(words.text(LONG_WAIT).format(seconds=round(seconds), route=route) + "\n")

    return seldom(announce)


def seldom(tell: OnWait, clock: Callable[[], float] = time.monotonic) -> OnWait:
    """Pass on one wait a minute: hundreds of requests may wait for the same limit."""
    told = float("-inf")

    def hear(seconds: float, route: str) -> None:
        nonlocal told
        if clock() - told >= WAIT_EVERY:
            told = clock()
            tell(seconds, route)

    return hear


def _lines(label: str) -> Watched:
    said = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= LINE_EVERY:
            said = time.monotonic()
            sys.stderr.write(f"{label} {done}/{total}\n")

    return show

"""Show how far long work is: a bar on a terminal, plain lines elsewhere; on stderr, so that --json stays clean."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.transport.permits import OnWait
from sync.texts import N_, Texts

LINE_EVERY = 5.0  # seconds between plain lines
WAIT_EVERY = 60.0  # seconds between lines about waits
LONG_WAIT = N_("Discord asks to wait {seconds} s before the next request of this kind: {route}")


class Meter(Protocol):
    """Counts steps of a known total."""

    def total(self, steps: int) -> None:
        """Say how many steps there are."""
        ...

    def step(self) -> None:
        """Count one step."""
        ...


@contextmanager
def meter(label: str, *, quiet: bool = False) -> Iterator[Meter]:
    """Give a meter for the length of a block."""
    if quiet:
        yield _Lines(label, every=float("inf"))
    elif sys.stderr.isatty():
        columns = TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield _Bar(bar)
    else:
        yield _Lines(label)


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


class _Bar:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def total(self, steps: int) -> None:
        self._bar.update(self._task, total=steps)

    def step(self) -> None:
        self._bar.advance(self._task)


class _Lines:
    def __init__(self, label: str, every: float = LINE_EVERY) -> None:
        self._label = label
        self._every = every
        self._total = self._done = 0
        self._said = time.monotonic()

    def total(self, steps: int) -> None:
        self._total = steps

    def step(self) -> None:
        self._done += 1
        if time.monotonic() - self._said >= self._every:
            self._said = time.monotonic()
            sys.stderr.write(f"{self._label} {self._done}/{self._total}\n")

"""Only one process and one thread works on a school at a time, and a killed one leaves no lock behind."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from sync.errors import Busy, Refused
from sync.store import Store
from tests.databases import store_url

__all__ = ["store_url"]

HOLDER = """
import sys
from sync.store import Store
with Store.open(sys.argv[1]) as store, store.hold("aqjol"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(store_url: str) -> Iterator[subprocess.Popen[str]]:
    """Give a process that holds the school until its input ends."""
    command = [sys.executable, "-c", HOLDER, store_url]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def holds(store: Store, seconds: float = 0) -> bool:
    """Tell whether the school can be held, at the latest after some seconds."""
    until = time.monotonic() + seconds
    while True:
        try:
            with store.hold("aqjol"):
                return True
        except Busy:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)


def test_a_school_that_another_process_holds_is_busy(store_url: str, holder: subprocess.Popen[str]) -> None:
    with Store.open(store_url) as store:
        with pytest.raises(Busy, match="aqjol"), store.hold("aqjol"):
            pass
        with store.hold("other"):
            pass
        holder.communicate()
        assert holds(store, 5)


def test_a_killed_process_holds_nothing(store_url: str, holder: subprocess.Popen[str]) -> None:
    with Store.open(store_url) as store:
        assert not holds(store)
        holder.kill()
        holder.wait()
        assert holds(store, 5)


@pytest.mark.parametrize("in_memory", [False, True], ids=["stored", "in memory"])
def test_a_school_is_held_once_within_a_process(store_url: str, in_memory: bool) -> None:
    with Store.open("sqlite://" if in_memory else store_url) as store:
        with store.hold("aqjol"):
            assert not holds(store)
            with store.hold("мектеп / №1"):
                pass
        assert holds(store)


def test_two_stores_of_one_process_exclude_each_other(store_url: str) -> None:
    with Store.open(store_url) as one, Store.open(store_url) as two:
        with one.hold("aqjol"):
            assert not holds(two)
        assert holds(two)


def test_a_failure_gives_the_school_back(store_url: str) -> None:
    with Store.open(store_url) as store:
        with pytest.raises(ZeroDivisionError), store.hold("aqjol"):
            raise ZeroDivisionError
        assert holds(store)


def test_a_hold_does_not_keep_others_from_reading_and_writing(store_url: str) -> None:
    with Store.open(store_url) as one, Store.open(store_url) as two, one.hold("aqjol"):
        two.save_bindings("aqjol", [])
        assert two.bindings("aqjol") == {}


def test_a_lock_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with Store.open(f"sqlite:///{folder / 'kopir.db'}") as store:
        store.close()
        folder.rename(tmp_path / "moved")
        folder.touch()
        with pytest.raises(Refused, match="database"), store.hold("aqjol"):
            pass

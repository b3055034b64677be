"""The demo tells its story from the first file to the last change, and leaves nothing behind."""

import csv
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.demo import SAMPLE, language_of, run_demo, shortened
from sync.errors import Refused

TREE = """\
School (3 members)
roles
  @A  2
channels
  ▾ Welcome
    # rules  — What holds here
  ▾ Algebra
    # powers  — Powers
      📌 **One\\: two**
      📌 Three
    # sums
  ▾ Biology
    # cells
      📌 Four
      📌 Five
    🔊 Biology
"""


def _small(sample: Path) -> Path:
    """Take one course out of the sample school, so that the whole story is short."""
    for part in ("inbox", "changed"):
        (sample / part).mkdir(parents=True)
        for file in (SAMPLE / part).glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as rows:
                reader = csv.DictReader(rows)
                kept = [r for r in reader if r.get("course", r.get("id")) in {"alg7", "phys8", ""} or "discord" in r]
            with (sample / part / file.name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, reader.fieldnames or [])
                writer.writeheader()
                writer.writerows(kept[:60] if file.name == "people.csv" else kept)
    return sample


def test_the_tree_shows_one_course_in_full_and_counts_the_pins_of_the_others() -> None:
    assert list(shortened(TREE)) == [
        "School (3 members)",
        "roles",
        "  @A  2",
        "channels",
        "  ▾ Welcome",
        "    # rules",
        "  ▾ Algebra",
        "    # powers",
        "      📌 One: two",
        "      📌 Three",
        "    # sums",
        "  ▾ Biology",
        "    # cells  📌 × 2",
        "    🔊 Biology",
    ]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("kk_KZ.UTF-8", "kk"), ("ru_RU", "ru"), ("en_US.UTF-8", "en"), ("C.UTF-8", "en"), ("de_DE", "en"), ("", "en")],
)
def test_the_story_is_told_in_the_language_of_the_system(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all I have")
    with pytest.raises(Refused, match="--folder"):
        run_demo(tmp_path, "en")
    assert (tmp_path / "thesis.txt").exists()


def test_an_unknown_language_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="kk, ru, en"):
        run_demo(tmp_path / "new", "de")
    assert not (tmp_path / "new").exists()


def test_the_whole_story(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "play"
    assert run_demo(folder, "en", sample=_small(tmp_path / "sample")) == 0
    told = capfd.readouterr().out
    steps = ["$ kopir pull", "$ kopir apply", "▾ Алгебра, 7-сынып", "$ kopir sync", "change 0 things", "$ kopir plan"]
    positions = [told.index(step) for step in steps]
    assert positions == sorted(positions)
    assert "Физика, 8 класс → Физика и астрономия, 8 класс" in told
    assert not folder.exists()


def test_a_demo_that_is_terminated_ends_its_sandbox(tmp_path: Path) -> None:
    folder = tmp_path / "play"
    command = [sys.executable, "-m", "bot", "demo", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as demo:  # noqa: S603
        ready = folder / "settings.ini"
        while not ready.exists():
            assert demo.poll() is None
            time.sleep(0.02)
        address = re.search(r"127\.0\.0\.1:(\d+)", ready.read_text(encoding="utf-8"))
        demo.send_signal(signal.SIGTERM)
        demo.wait(20)
    assert address
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address[1])))

"""Settings for every test: no deadlines, as speed is measured in benchmarks; the same examples on every CI run.

KOPIR_FUZZ is the number of examples that a property gets in a long run: `make fuzz`.
"""

import os
from collections import Counter

import pytest
from hypothesis import settings

from tests.fuzzing import FUZZ

MANY = int(os.environ.get("KOPIR_FUZZ", "0"))

settings.register_profile("kopir", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile(FUZZ, deadline=None, max_examples=max(1, MANY), print_blob=True)
settings.load_profile(FUZZ if MANY else "ci" if os.environ.get("CI") else "kopir")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at how many points the tests of test_bot_crash.py killed a process, of how many there are."""
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    tested: Counter[str] = Counter()
    for name, counted in (kept for report in reports for kept in report.user_properties):
        tested[counted[0]] += counted[1] if name == "crash points" else 0
    for said, count in tested.items():
        terminalreporter.write_line(f"{said}; tested {count}")

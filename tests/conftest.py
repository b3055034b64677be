"""Settings for every test: no deadlines, as speed is measured in benchmarks; the same examples on every CI run."""

import os

from hypothesis import settings

settings.register_profile("kopir", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "kopir")

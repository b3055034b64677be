"""Settings for every test: no deadlines, as speed is measured in benchmarks; the same examples on every CI run.

KOPIR_FUZZ is the number of examples that a property gets in a long run: `make fuzz`.
"""

import os

from hypothesis import settings

from tests.fuzzing import FUZZ

MANY = int(os.environ.get("KOPIR_FUZZ", "0"))

settings.register_profile("kopir", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile(FUZZ, deadline=None, max_examples=max(1, MANY), print_blob=True)
settings.load_profile(FUZZ if MANY else "ci" if os.environ.get("CI") else "kopir")

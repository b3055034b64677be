"""Makes Discord ids: time in milliseconds since Discord's epoch, then a counter. `world` owns the one generator."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
COUNTER_BITS = 22


def time_of(snowflake: int) -> datetime:
    """Return the moment an id was made."""
    return EPOCH + timedelta(milliseconds=snowflake >> COUNTER_BITS)


def first_at(moment: datetime) -> int:
    """Return the smallest id that could be made at a moment."""
    return int((moment - EPOCH) / timedelta(milliseconds=1)) << COUNTER_BITS


class Snowflakes:
    """Gives ids that always grow, even when the clock stands still or goes back."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return a new id, larger than every id given before."""
        self._last = max(self._last + 1, first_at(self._clock()))
        return self._last

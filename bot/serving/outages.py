"""Remembers one outage: how long to pause before the next try, and what is worth a line in the log. Pure."""

from dataclasses import dataclass, field

from bot.transport.sending import Retries
from sync.errors import KopirError, Refused, Stopped


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do after a failure: the pause before the next try (None: wait for a new reason), and a line to log."""

    pause: float | None
    line: str = ""


@dataclass(slots=True)
class Outage:
    """The failures of one thing since it last worked; `subject` begins its lines."""

    subject: str
    pauses: Retries = field(default_factory=lambda: Retries(first=1.0, longest=300.0))
    failures: int = 0
    _since: float = 0.0
    _said: str | None = None

    def failed(self, error: KopirError, now: float, draw: float) -> Verdict:
        """Count a failure. A line is due when an outage begins, and when somebody must act who was not told so yet."""
        if not self.failures:
            self._since = now
        self.failures += 1
        if isinstance(error, Refused):
            # What stops everything is one thing to mend, whichever request it was noticed with.
            matter = Stopped.__name__ if isinstance(error, Stopped) else str(error)
            line = "" if self._said == matter else f"{self.subject} stops here until this is mended: {error}"
            self._said = matter
            return Verdict(None, line)
        line = f"{self.subject} has to wait, trying again until it works: {error}" if self._said is None else ""
        self._said = self._said or str(error)
        advised = getattr(error, "after", None) or 0.0
        return Verdict(max(self.pauses.pause(self.failures, draw), advised), line)

    def worked(self, now: float) -> str:
        """Count a success; return the line that ends an outage, or an empty text."""
        if not self.failures:
            return ""
        seconds = now - self._since
        self.failures, self._said = 0, None
        return f"{self.subject} works again after {seconds:.0f} s."

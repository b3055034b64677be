"""The error tree of Kopir, sorted by what the caller does next.

KopirError
├── Retriable       the next scheduled run may succeed: wait, keep the last good state
├── Refused         an operator must act first; the message says what to do
│   ├── Gone              what was to be changed or read was deleted by somebody: the next run sees to it
│   ├── Denied            this very change is refused: it is remembered, and not tried again as it is
│   ├── Stopped           and until then nothing else can be done either: the run ends here
│   │   └── Unsent            which was known before this was sent
│   ├── SettingsInvalid   all problems of the settings at once
│   └── UnsafePlan        the plan breaks a limit that only a person may lift
└── Busy            another Kopir process already works on this school
"""

from dataclasses import dataclass

from sync.phrases import joined


class KopirError(Exception):
    """Carry one plain sentence that says what happened and what to do, a Phrase where coordinators may read it."""

    @property
    def said(self) -> str:
        """Return the sentence as it was given, to be said in the reader's language."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class Retriable(KopirError):
    """Say that the same call may succeed later; `after` is the advised pause in seconds, if known."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Refused(KopirError):
    """Say that trying again is pointless until somebody changes something."""


class Gone(Refused):
    """Say that what was to be changed or read does not exist any more."""


class Denied(Refused):
    """Say that a change would be refused again until it becomes another.

    Where `by_standing`, also until something changes about what the bot may do there, or about the member.
    """

    by_standing = False


class Stopped(Refused):
    """Say that the whole run must end: every further request would fail the same way."""


class Unsent(Stopped):
    """Say that the run has ended, before what was to be sent now was sent."""


class Busy(KopirError):
    """Say that another process holds this school."""


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One mistake in a settings file, its message a Phrase; `line` counts from 1, 0 when the line is unknown."""

    line: int
    message: str


class SettingsInvalid(Refused):
    """Carry every problem found in a settings file."""

    def __init__(self, path: str, problems: tuple[SettingsProblem, ...]) -> None:
        places = (f"{path}:{p.line}" if p.line else path for p in problems)
        lines = (joined(": ", (place, p.message)) for place, p in zip(places, problems, strict=True))
        super().__init__(joined("\n", lines))
        self.path = path
        self.problems = problems


class UnsafePlan(Refused):
    """Say which limit a plan breaks, with the numbers and the setting to change."""

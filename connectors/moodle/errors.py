"""What can go wrong with one call, beside Retriable and Refused: failures that concern only a part of a pull."""

from sync.errors import Gone, Refused


class Closed(Refused):
    """Say that our account may not enter this course; the others go on."""


class Absent(Gone):
    """Say that the course, module, user or file asked for does not exist, or is being deleted."""


class Forbidden(Refused):
    """Say that our account lacks the capability that this call needs."""


class BadRow(Refused):
    """Say that Moodle refuses its own answer because one record in it breaks its rules."""

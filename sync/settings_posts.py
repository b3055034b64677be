"""How a school wants its materials shown and announced: a part of its section in the settings."""

from dataclasses import dataclass, replace
from datetime import time

from sync.permissions import Permission
from sync.phrases import Phrase
from sync.settings_fields import Fields
from sync.words import MATERIALS

KEYS = frozenset({"attachments", "discussion", "notices", "quiet_hours", "digest_at"})
NOTICES = ("each", "digest", "off")
MEGABYTE = 1024 * 1024
MOST = 25  # MiB; https://discord.com/developers/docs/reference#uploading-files
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True, slots=True)
class PostSettings:
    """What is attached (`largest_file` in bytes), discussed (kinds, None: all) and announced, and when.

    `quiet` is the span of the day without notices, `digest_at` when those of a day go out together.
    """

    largest_file: int = 10 * MEGABYTE
    discussed: frozenset[str] | None = frozenset({"assignment", "quiz"})
    notices: str = "each"
    quiet: tuple[time, time] | None = (time(21), time(7))
    digest_at: time = time(16)

    def discusses(self, kind: str) -> bool:
        """Tell whether materials of a kind get a thread."""
        return self.discussed is None or kind in self.discussed

    def permitted(self, permissions: int) -> "PostSettings":
        """Leave out what the bot may not do on the server; a plan says what that is."""
        return replace(
            self,
            largest_file=self.largest_file if permissions & Permission.ATTACH_FILES else 0,
            discussed=self.discussed if permissions & Permission.CREATE_PUBLIC_THREADS else frozenset(),
        )

    def wanted(self) -> int:
        """Return the permissions without which something that was chosen here does not work."""
        wishes = (
            (self.largest_file, Permission.ATTACH_FILES),
            (self.discussed != frozenset(), Permission.CREATE_PUBLIC_THREADS),
            (self.notices != "off", Permission.MENTION_EVERYONE),
        )
        return sum(bit for wish, bit in wishes if wish)


def read(fields: Fields) -> PostSettings:
    """Read the keys of a school's section that are about its materials."""
    return PostSettings(
        largest_file=fields.number("attachments", 10, 0, MOST) * MEGABYTE,
        discussed=_kinds(fields),
        notices=fields.choice("notices", NOTICES, "each"),
        quiet=_quiet(fields),
        digest_at=_digest_at(fields),
    )


def _kinds(fields: Fields) -> frozenset[str] | None:
    value = fields.text("discussion", "assignment, quiz").lower()
    if value in {"on", "off"}:
        return None if value == "on" else frozenset()
    kinds = frozenset(part.strip() for part in value.split(",") if part.strip())
    if unknown := sorted(kinds - set(MATERIALS)):
        allowed = Phrase("on, off or some of {kinds}", kinds=", ".join(sorted(MATERIALS)))
        fields.complain(
            "discussion",
            Phrase("{key} = {value}: write {expected}", key="discussion", value=unknown[0], expected=allowed),
        )
    return kinds


def _quiet(fields: Fields) -> tuple[time, time] | None:
    expected = Phrase("two times such as 21:00-07:00, or off")
    value = fields.matching("quiet_hours", rf"off|{_CLOCK}-{_CLOCK}", expected) or "21:00-07:00"
    start, _, end = value.partition("-")
    return None if value == "off" or start == end else (time.fromisoformat(start), time.fromisoformat(end))


def _digest_at(fields: Fields) -> time:
    return time.fromisoformat(fields.matching("digest_at", _CLOCK, Phrase("a time such as 16:00")) or "16:00")

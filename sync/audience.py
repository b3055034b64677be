"""Who sees and may do what in a channel: the permission overwrites for every kind of place."""

from collections.abc import Iterable

from sync.keys import base_role
from sync.permissions import Permission
from sync.resources import BOT, EVERYONE, Overwrite, Overwrites

STAFF_ROLE = base_role("staff")
MODERATOR_ROLE = base_role("moderator")
VERIFIED_ROLE = base_role("verified")

READ = (
    Permission.VIEW_CHANNEL
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)
WRITE = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
)
SPEAK = Permission.CONNECT | Permission.SPEAK | Permission.STREAM | Permission.USE_VAD
LEAD = Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS
LOOK = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY | Permission.CONNECT  # to read beside a voice channel
OWN = READ | WRITE | LEAD | Permission.CONNECT
SILENT = Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS | Permission.CREATE_PUBLIC_THREADS
CLOSED = SILENT | Permission.VIEW_CHANNEL | Permission.CONNECT


class Audience:
    """Build overwrites that never name a permission the bot does not hold, as Discord would refuse them."""

    def __init__(self, grantable: int) -> None:
        self._grantable = grantable

    def course(self, students: str, teachers: str, *, hidden: bool) -> Overwrites:
        """Open a place to its students (of a course or a group), teachers and staff; a hidden one not to students."""
        people = [] if hidden else [(students, READ | WRITE | SPEAK)]
        return self._closed([*people, (teachers, READ | WRITE | SPEAK | LEAD), *self._staff()])

    def archive(self, readers: Iterable[str] = ()) -> Overwrites:
        """Let the staff, and the roles that are `readers`, read what people wrote; nobody writes there any more."""
        shut = self._overwrite(EVERYONE, 0, CLOSED | Permission.ADD_REACTIONS | SPEAK)
        allowed = [self._overwrite(role, LOOK) for role in (STAFF_ROLE, *readers)]
        return tuple(sorted([shut, self._bot(), *allowed]))

    def base(self, who: str, writes: str) -> Overwrites:
        """Open a place of the school itself to an audience of the template, and writing to another one."""
        ranks = ("everyone", "verified", "moderators", "staff")
        roles = {"verified": VERIFIED_ROLE, "moderators": MODERATOR_ROLE, "staff": STAFF_ROLE}
        allowed = []
        for name in ranks[1:]:
            if ranks.index(name) >= ranks.index(who):
                lead = LEAD if name in {"moderators", "staff"} else 0
                speak = WRITE | SPEAK | lead if ranks.index(name) >= ranks.index(writes) else 0
                allowed.append((roles[name], READ | speak))
        if who != "everyone":
            return self._closed(allowed)
        open_ = writes == "everyone"
        everyone = self._overwrite(EVERYONE, READ | (WRITE if open_ else 0), 0 if open_ else SILENT)
        return tuple(sorted([everyone, self._bot(), *(self._overwrite(*pair) for pair in allowed)]))

    def _staff(self) -> list[tuple[str, int]]:
        return [(STAFF_ROLE, READ | WRITE | SPEAK | LEAD)]

    def _closed(self, allowed: Iterable[tuple[str, int]]) -> Overwrites:
        shut = self._overwrite(EVERYONE, 0, CLOSED)
        return tuple(sorted([shut, self._bot(), *(self._overwrite(*pair) for pair in allowed)]))

    def _bot(self) -> Overwrite:
        """Let the bot in: a bot without ADMINISTRATOR is shut out by its own closed channels."""
        return self._overwrite(BOT, OWN)

    def _overwrite(self, target: str, allow: int, deny: int = 0) -> Overwrite:
        return Overwrite(target, allow & self._grantable, deny & self._grantable)

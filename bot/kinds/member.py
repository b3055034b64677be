"""Give a member nickname and roles with one request, from a fresh read, so that nobody else's change is undone."""

from collections.abc import Mapping

from bot import shapes
from bot.errors import Malformed, ResourceGone
from bot.guild import NOBODY
from bot.presence import Presence
from bot.wire import Wire
from sync.diff import Change
from sync.errors import Denied
from sync.guild import Guild, GuildMember
from sync.ledger import Binding
from sync.phrases import Phrase
from sync.ports import Sent
from sync.resources import Member
from sync.texts import N_

MEMBER = "/guilds/{guild_id}/members/{user_id}"
LEFT = N_("Discord lists this member, but does not find them.")


class Left(Denied):
    """Say that a member is not on the server any more; if they are listed again all the same, it is the same stay."""

    by_standing = True


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], guild: Guild, presence: Presence) -> Sent:
    """Apply one member's change; somebody who left meanwhile is nobody's failure."""
    if not isinstance(change.desired, Member):
        raise TypeError(change.key)
    user_id = change.desired.user_id
    gone = Sent(user_id, denied=Left(Phrase(LEFT)))
    now, seen = await presence.member(user_id), guild.member(user_id)
    if now is None or (change.desired.joined and now.joined != change.desired.joined):
        return gone  # or is back already, and the plan knows nothing of this stay: the next one judges it
    if seen is not None and seen.roles and not now.roles:
        raise Malformed(shapes.MEMBERS, "roles")  # what is sent replaces the list, with the roles that people gave
    if body := patch(now, change, bindings):
        try:
            await wire.send("PATCH", MEMBER, body, user_id=user_id)
        except ResourceGone as error:
            if error.code not in NOBODY:
                raise
            return gone
    return Sent(user_id)


def patch(now: GuildMember, change: Change, bindings: Mapping[str, Binding]) -> dict[str, object]:
    """Word what differs from the member as just read; roles that are not ours, or given meanwhile, stay."""
    desired = change.desired
    if not isinstance(desired, Member):
        raise TypeError(change.key)
    lost = {bindings[role].discord_id for role in change.lost_roles if role in bindings}
    wanted = {bindings[role].discord_id or "" for role in desired.roles}
    roles = (now.roles - lost) | wanted
    body: dict[str, object] = {} if roles == now.roles else {"roles": sorted(roles)}
    return body | ({} if desired.nick is None or desired.nick == now.nick else {"nick": desired.nick})

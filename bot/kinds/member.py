"""Give a member nickname and roles with one request, from a fresh read, so that nobody else's change is undone."""

from collections.abc import Mapping

from bot import shapes
from bot.errors import Malformed, ResourceGone
from bot.guild import NOBODY, DiscordReader
from bot.wire import Wire
from sync.diff import Change
from sync.guild import Guild, GuildMember
from sync.ledger import Binding
from sync.ports import Sent
from sync.resources import Member

MEMBER = "/guilds/{guild_id}/members/{user_id}"


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], guild: Guild) -> Sent:
    """Apply one member's change; somebody who left meanwhile is nobody's failure."""
    if not isinstance(change.desired, Member):
        raise TypeError(change.key)
    user_id = change.desired.user_id
    now = await DiscordReader(wire).member(user_id)
    seen = guild.member(user_id)
    if now is not None and seen is not None and seen.roles and not now.roles:
        raise Malformed(shapes.MEMBERS, "roles")  # what is sent replaces the list, with the roles that people gave
    if now is not None and (body := patch(now, change, bindings)):
        try:
            await wire.send("PATCH", MEMBER, body, user_id=user_id)
        except ResourceGone as error:
            if error.code not in NOBODY:
                raise
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

"""The one way to check permissions and hierarchy: who acts, and where. `rest` asks before every effect."""

from dataclasses import dataclass

from sandbox.bits import THREADS, Permission
from sandbox.errors import missing_access, missing_permissions, unknown
from sandbox.permissions import effective, is_administrator, rank, top_role
from sandbox.world import Channel, Guild, Member, Role, User, World

_DIRECT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.PIN_MESSAGES
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A member who acts in a guild."""

    world: World
    guild: Guild
    member: Member

    @property
    def owns(self) -> bool:
        """Say whether the actor owns the guild."""
        return self.member.user.id == self.guild.owner_id

    def bits(self, channel: Channel | None = None) -> Permission:
        """Return what the actor may do in the channel, or in the guild."""
        return effective(self.guild, self.member, channel, now=self.world.now())

    def sees(self, channel: Channel) -> bool:
        """Say whether the channel exists for the actor."""
        return Permission.VIEW_CHANNEL in self.bits(channel)

    def require(self, needed: Permission, channel: Channel | None = None) -> None:
        """Refuse what the actor may not see (50001) or may not do (50013)."""
        bits = self.bits(channel)
        if channel is not None and Permission.VIEW_CHANNEL not in bits:
            raise missing_access()
        if needed not in bits:
            raise missing_permissions()

    def require_any(self, *choices: Permission) -> None:
        """Refuse an actor who has none of several guild permissions."""
        if not any(choice in self.bits() for choice in choices):
            raise missing_permissions()

    def require_above_role(self, role: Role) -> None:
        """Refuse an actor whose highest role is not above the role."""
        if not self.owns and rank(role) >= rank(top_role(self.guild, self.member)):
            raise missing_permissions()

    def require_above_member(self, member: Member) -> None:
        """Refuse an actor who is not above the member; nobody is above the owner."""
        if member.user.id == self.guild.owner_id:
            raise missing_permissions()
        self.require_above_role(top_role(self.guild, member))

    def require_holds(self, granted: Permission, channel: Channel | None = None) -> None:
        """Refuse to hand out bits that the actor holds neither in the guild nor in the channel."""
        held = self.bits() | (self.bits(channel) if channel is not None else Permission(0))
        if granted & ~held:
            raise missing_permissions()

    def is_administrator(self) -> bool:
        """Say whether the actor is the owner or an administrator."""
        return is_administrator(self.guild, self.member)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that an actor can see; without a seat it is a direct conversation."""

    channel: Channel
    user: User
    seat: Seat | None

    def bits(self) -> Permission:
        """Return what the actor may do here."""
        return _DIRECT if self.seat is None else self.seat.bits(self.channel)

    def require(self, needed: Permission) -> None:
        """Refuse what the actor may not do here (50013)."""
        if needed not in self.bits():
            raise missing_permissions()

    def require_sending(self) -> None:
        """Refuse an actor who may not write here; threads have a permission of their own."""
        in_thread = self.channel.type in THREADS
        self.require(Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)


def find_seat(world: World, user: User, guild_id: int) -> Seat:
    """Return the actor's seat; 10004 for no such guild, 50001 for a guild the actor is not in."""
    guild = world.guilds.get(guild_id)
    if guild is None:
        raise unknown(10004)
    member = guild.members.get(user.id)
    if member is None:
        raise missing_access()
    return Seat(world, guild, member)


def find_place(world: World, user: User, channel_id: int) -> Place:
    """Return a channel the actor can see; 10003 for no such channel, 50001 for a hidden one."""
    channel = world.channels.get(channel_id)
    if channel is None:
        raise unknown(10003)
    if channel.guild_id is None:
        if user not in channel.recipients:
            raise missing_access()
        return Place(channel, user, None)
    seat = find_seat(world, user, channel.guild_id)
    seat.require(Permission.VIEW_CHANNEL, channel)
    return Place(channel, user, seat)

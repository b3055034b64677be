"""Makes servers, people and bots as Discord makes them: first channels, a bot's managed role."""

from sandbox.bits import EVERYONE_DEFAULT, ChannelType, Permission
from sandbox.world import Application, Channel, Guild, Member, Role, User, World

_FIRST_CHANNELS = (
    ("Text Channels", ChannelType.TEXT, "general"),
    ("Voice Channels", ChannelType.VOICE, "General"),
)


def add_person(world: World, username: str, global_name: str | None = None, user_id: int | None = None) -> User:
    """Create a person's account, or return the one with this id."""
    user = User(user_id or world.next_id(), username, global_name)
    return world.users.setdefault(user.id, user)


def add_application(world: World, name: str, token: str, app_id: int | None = None) -> Application:
    """Register a bot with the developer portal."""
    bot = User(app_id or world.next_id(), name, bot=True)
    world.users[bot.id] = bot
    return world.applications.setdefault(bot.id, Application(bot.id, name, bot, token))


def found_guild(world: World, name: str, owner: User, guild_id: int | None = None) -> Guild:
    """Create a server as a person's click does: @everyone, two categories, a text and a voice channel."""
    guild = Guild(guild_id or world.next_id(), name, owner.id)
    world.guilds[guild.id] = guild
    guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE_DEFAULT)
    guild.members[owner.id] = Member(owner, world.now())
    for position, (title, kind, child) in enumerate(_FIRST_CHANNELS):
        category = Channel(world.next_id(), ChannelType.CATEGORY, title, guild.id, position=position)
        world.add_channel(category)
        world.add_channel(Channel(world.next_id(), kind, child, guild.id, parent_id=category.id))
    first = next(c for c in guild.channels.values() if c.type is ChannelType.TEXT)
    guild.settings["system_channel_id"] = str(first.id)
    return guild


def add_bot(world: World, guild: Guild, application: Application, permissions: Permission) -> Member:
    """Bring a bot into a server: it joins with a managed role, put on top by the owner."""
    top = max(role.position for role in guild.roles.values())
    role = Role(world.next_id(), application.name, permissions, top + 1, bot_id=application.user.id)
    guild.roles[role.id] = role
    member = Member(application.user, world.now(), roles={role.id})
    guild.members[application.user.id] = member
    return member

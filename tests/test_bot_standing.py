"""What a refusal in the middle of a run means for the rest of it."""

import pytest

from bot import shapes
from bot.errors import PermissionMissing, RequestFailed, RequestInvalid
from bot.guild import DiscordReader
from bot.http import DiscordHTTP
from bot.standing import LOOK_EVERY, Standing, closed, shortfalls
from bot.wire import Wire
from sync.errors import Retriable, Stopped, Unsent
from sync.guild import Guild, GuildOverwrite
from sync.permissions import EVERYTHING, Permission
from sync.render import say
from sync.texts import texts
from tests.builders import BOT_USER, GUILD, binding, bound, guild_channel, guild_member, guild_role, school

ANYTHING = int(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.PIN_MESSAGES)


class Looking(DiscordReader):
    """Counts the looks at a server on which nothing is wrong, or which cannot be looked at."""

    def __init__(self, *, away: bool = False) -> None:
        super().__init__(Wire(DiscordHTTP(), GUILD))
        self.looks, self.away = 0, away

    async def server(self) -> shapes.Server:
        self.looks += 1
        if self.away:
            raise Retriable("away")
        return shapes.Server(id=GUILD, owner_id=BOT_USER)

    async def read_members(self, users: object) -> Guild:
        return Guild(GUILD, BOT_USER, BOT_USER, (guild_role(GUILD, permissions=EVERYTHING),))


def refusal(code: int) -> PermissionMissing:
    return PermissionMissing("PATCH", "/x", 403, code)


async def test_a_server_that_demands_a_second_factor_stops_the_run_and_is_named() -> None:
    standing = Standing(Looking())
    with pytest.raises(Stopped, match="two-factor"):
        await standing.doubt(refusal(60003), {})
    assert standing.doubtful
    with pytest.raises(Unsent, match="two-factor"):
        await standing.firm()


@pytest.mark.parametrize("away", [False, True], ids=["all is well", "nobody knows"])
async def test_a_server_that_refuses_single_things_is_looked_at_now_and_then_and_the_run_goes_on(away: bool) -> None:
    reader = Looking(away=away)
    standing = Standing(reader)
    for _ in range(2 * LOOK_EVERY):
        await standing.doubt(refusal(50013), {})
    await standing.firm()
    assert reader.looks == 2
    assert not standing.doubtful


@pytest.mark.parametrize("error", [RequestInvalid("PATCH", "/x", 400, 50035), RequestFailed("PATCH", "/x", 404, 10003)])
async def test_what_is_not_about_rights_raises_no_doubts(error: RequestFailed) -> None:
    reader = Looking()
    await Standing(reader).doubt(error, {})
    assert not reader.looks


THREADS = int(Permission.MANAGE_THREADS | Permission.SEND_MESSAGES_IN_THREADS)
FORUMS = [
    pytest.param("forum", "text", 0, True, id="wanted"),
    pytest.param("auto", "forum", 0, True, id="there"),
    pytest.param("auto", "text", 0, False, id="not needed"),
    pytest.param("channels", "forum", 0, False, id="somebody else's"),
    pytest.param("forum", "forum", THREADS, False, id="permitted"),
]


@pytest.mark.parametrize(("layout", "channel", "more", "said"), FORUMS)
def test_permissions_that_only_forums_need_are_named_where_there_are_forums(
    layout: str, channel: str, more: int, said: bool
) -> None:
    roles, members = (guild_role(GUILD, permissions=EVERYTHING & ~THREADS & ~8 | more),), (guild_member(BOT_USER),)
    server = Guild(GUILD, "owner", BOT_USER, roles, (guild_channel("1", type_=channel),), members)
    messages = [say(notice, texts("en")) for notice in shortfalls(server, school(layout=layout))]
    assert any("Manage Threads, Send Messages in Threads" in message for message in messages) is said


PERMITTED = ("POST", "/channels/{channel_id}/messages")
LEARNT = [
    pytest.param(50001, "1", *PERMITTED, True, id="nothing more in a channel out of sight"),
    pytest.param(50001, "1", "PUT", "/channels/{channel_id}/messages/pins/{message_id}", True, id="of any kind"),
    pytest.param(50013, "1", *PERMITTED, True, id="nothing more of this kind"),
    pytest.param(50013, "1", "PUT", "/channels/{channel_id}/messages/pins/{message_id}", False, id="other kinds go on"),
    pytest.param(50013, "2", *PERMITTED, False, id="other channels go on"),
    pytest.param(50005, "1", *PERMITTED, False, id="one message says nothing of others"),
]


@pytest.mark.parametrize(("code", "channel", "method", "path", "known"), LEARNT)
def test_what_is_refused_in_a_channel_is_not_sent_there_again(
    code: int, channel: str, method: str, path: str, known: bool
) -> None:
    standing = Standing(Looking())
    standing.learn(*PERMITTED, {"channel_id": "1"}, refusal(code))
    if known:
        with pytest.raises(PermissionMissing):
            standing.recall(method, path, {"channel_id": channel})
    else:
        standing.recall(method, path, {"channel_id": channel})


@pytest.mark.parametrize(
    ("language", "named"),
    [("en", "View Channels"), ("ru", "Просматривать каналы"), ("kk", "Арналарды көру")],
)
def test_a_permission_taken_in_a_channel_is_named_with_the_channel(language: str, named: str) -> None:
    shut = GuildOverwrite(BOT_USER, 0, int(Permission.VIEW_CHANNEL))
    channels = (guild_channel("1", "open"), guild_channel("2", "shut", overwrites=(shut,)), guild_channel("3"))
    roles, members = (guild_role(GUILD, permissions=ANYTHING),), (guild_member(BOT_USER),)
    server = Guild(GUILD, "owner", BOT_USER, roles, channels, members)
    found = list(closed(server, bound(binding("a", "channel", "1"), binding("b", "channel", "2"))))
    assert len(found) == 1, "what is not ours does not matter, nor what the bot lacks everywhere"
    message = say(found[0], texts(language))
    assert "shut" in message
    assert named in message

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bits import EVERYTHING, NOTHING, ChannelType, Permission
from sandbox.permissions import effective, rank, top_role
from sandbox.world import Channel, Guild, Member, Overwrite, Role, ThreadState, User

NOW = datetime(2026, 9, 1, tzinfo=UTC)
P = Permission
BASE = P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.CONNECT
OWNER, PUPIL, GUILD, CLASS, STAFF = 1, 2, 10, 11, 12
any_bits = st.integers(0, 2**53 - 1).map(lambda bits: P(bits & int(EVERYTHING)))


def guild_with(everyone: P = BASE, of_class: P = NOTHING, of_staff: P = NOTHING) -> Guild:
    roles = [Role(GUILD, "@everyone", everyone), Role(CLASS, "7A", of_class, 1), Role(STAFF, "staff", of_staff, 2)]
    return Guild(GUILD, "school", OWNER, {role.id: role for role in roles})


def pupil(*roles: int, user_id: int = PUPIL, until: datetime | None = None) -> Member:
    return Member(User(user_id, "aru"), NOW, roles=set(roles), timed_out_until=until)


def channel_with(*overwrites: tuple[int, P, P], kind: ChannelType = ChannelType.TEXT) -> Channel:
    made = {i: Overwrite(i, int(i == PUPIL), allow, deny) for i, allow, deny in overwrites}
    return Channel(20, kind, "algebra", GUILD, overwrites=made)


@pytest.mark.parametrize(
    ("overwrites", "roles", "expected"),
    [
        pytest.param([], [], BASE, id="nothing set: the guild's permissions"),
        pytest.param([(GUILD, NOTHING, P.VIEW_CHANNEL)], [], NOTHING, id="hidden: nothing else counts"),
        pytest.param(
            [(GUILD, NOTHING, P.VIEW_CHANNEL), (CLASS, P.VIEW_CHANNEL, NOTHING)],
            [CLASS],
            BASE,
            id="a role's allow beats everyone's deny",
        ),
        pytest.param(
            [(CLASS, NOTHING, P.SEND_MESSAGES), (STAFF, P.SEND_MESSAGES, NOTHING)],
            [CLASS, STAFF],
            BASE,
            id="among roles allow beats deny, whatever their order",
        ),
        pytest.param(
            [(STAFF, P.PIN_MESSAGES, NOTHING), (PUPIL, NOTHING, P.PIN_MESSAGES)],
            [STAFF],
            BASE,
            id="the member's own overwrite comes last",
        ),
        pytest.param(
            [(GUILD, NOTHING, P.SEND_MESSAGES)],
            [],
            P.VIEW_CHANNEL | P.CONNECT,
            id="without sending there are no embeds",
        ),
    ],
)
def test_overwrites_apply_in_discords_order(overwrites: list[tuple[int, P, P]], roles: list[int], expected: P) -> None:
    assert effective(guild_with(), pupil(*roles), channel_with(*overwrites), now=NOW) == expected


@given(allow=any_bits, deny=any_bits)
def test_nothing_is_denied_to_the_owner_or_an_administrator(allow: P, deny: P) -> None:
    guild = guild_with(of_staff=P.ADMINISTRATOR)
    channel = channel_with((GUILD, allow, deny), (PUPIL, allow, deny))
    late = NOW + timedelta(days=1)
    assert effective(guild, pupil(user_id=OWNER, until=late), channel, now=NOW) == EVERYTHING
    assert effective(guild, pupil(STAFF, until=late), channel, now=NOW) == EVERYTHING


@given(allow=any_bits, deny=any_bits, of_class=any_bits)
def test_a_channel_one_cannot_see_gives_nothing_at_all(allow: P, deny: P, of_class: P) -> None:
    guild = guild_with(of_class=of_class & ~P.ADMINISTRATOR)
    bits = effective(guild, pupil(CLASS), channel_with((CLASS, allow, deny)), now=NOW)
    assert P.VIEW_CHANNEL in bits or bits == NOTHING


def test_voice_without_connect_can_only_be_seen() -> None:
    channel = channel_with((GUILD, NOTHING, P.CONNECT), kind=ChannelType.VOICE)
    guild = guild_with(everyone=BASE | P.MANAGE_CHANNELS)
    assert effective(guild, pupil(), channel, now=NOW) == P.VIEW_CHANNEL


def test_a_timeout_leaves_looking_and_reading_until_it_passes() -> None:
    guild = guild_with(everyone=BASE | P.READ_MESSAGE_HISTORY)
    member = pupil(until=NOW + timedelta(minutes=1))
    assert effective(guild, member, now=NOW) == P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY
    assert effective(guild, member, now=NOW + timedelta(minutes=2)) == BASE | P.READ_MESSAGE_HISTORY


def test_a_thread_inherits_its_channel_except_for_sending() -> None:
    guild = guild_with(everyone=BASE | P.SEND_MESSAGES_IN_THREADS)
    parent = guild.channels[20] = channel_with((GUILD, NOTHING, P.SEND_MESSAGES))
    thread = Channel(30, ChannelType.PUBLIC_THREAD, "help", GUILD, parent.id, thread=ThreadState(OWNER, NOW))
    assert P.EMBED_LINKS in effective(guild, pupil(), thread, now=NOW)
    assert P.EMBED_LINKS not in effective(guild, pupil(), parent, now=NOW)


def test_a_private_thread_is_seen_by_those_in_it_and_by_thread_managers() -> None:
    guild = guild_with(of_staff=P.MANAGE_THREADS)
    guild.channels[20] = channel_with()
    state = ThreadState(OWNER, NOW)
    thread = Channel(30, ChannelType.PRIVATE_THREAD, "ticket", GUILD, 20, thread=state)
    assert effective(guild, pupil(), thread, now=NOW) == NOTHING
    assert P.VIEW_CHANNEL in effective(guild, pupil(STAFF), thread, now=NOW)
    state.members[PUPIL] = NOW
    assert P.VIEW_CHANNEL in effective(guild, pupil(), thread, now=NOW)


def test_of_two_roles_at_one_position_the_older_is_higher() -> None:
    guild = guild_with()
    guild.roles[STAFF].position = 1
    assert top_role(guild, pupil(CLASS, STAFF)).id == CLASS
    assert rank(guild.roles[CLASS]) > rank(guild.roles[STAFF])

"""Discord's permission algorithm as the core computes it, against the sandbox's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import bits as discord
from sandbox.permissions import effective as as_discord
from sandbox.world import Channel, Guild, Member, Overwrite, Role, User
from sync import permissions
from sync.permissions import EVERYTHING, Permission
from sync.resources import Overwrite as Ours
from tests.builders import NOW

KNOWN = sum(Permission)
GUILD, OWNER, PUPIL, ROLES = 1, 2, 3, (11, 12, 13)
any_bits = st.sets(st.sampled_from(list(Permission))).map(sum)
some_bits = any_bits.map(lambda value: value & ~Permission.ADMINISTRATOR) | any_bits
pairs = st.tuples(any_bits, any_bits)


def test_every_bit_is_where_discord_has_it() -> None:
    assert {p.name: p.value for p in Permission} == {
        name: value for name, value in discord.Permission.__members__.items() if name in Permission.__members__
    }


@given(
    st.lists(some_bits, min_size=4, max_size=4),
    st.sets(st.sampled_from(ROLES)),
    st.dictionaries(st.sampled_from([GUILD, *ROLES, PUPIL]), pairs),
    st.booleans(),
)
def test_the_algorithm_is_discords(
    guild_wide: list[int], held: set[int], overwrites: dict[int, tuple[int, int]], owner: bool
) -> None:
    owner_id = PUPIL if owner else OWNER
    roles = {
        id_: Role(id_, str(id_), discord.Permission(b)) for id_, b in zip((GUILD, *ROLES), guild_wide, strict=True)
    }
    channel = Channel(
        20,
        discord.ChannelType.TEXT,
        "algebra",
        GUILD,
        overwrites={
            i: Overwrite(i, int(i == PUPIL), discord.Permission(a), discord.Permission(d))
            for i, (a, d) in overwrites.items()
        },
    )
    pupil = Member(User(PUPIL, "aru"), NOW, roles=held)
    expected = as_discord(Guild(GUILD, "school", owner_id, roles), pupil, channel, now=NOW)

    start = permissions.base([roles[i].permissions for i in (GUILD, *held)], owner=owner)
    ours = {str(i): Ours(str(i), allow, deny) for i, (allow, deny) in overwrites.items()}
    computed = permissions.effective(start, str(GUILD), map(str, held), str(PUPIL), ours)
    assert computed & KNOWN == int(expected) & KNOWN


def test_the_owner_and_administrators_may_do_everything() -> None:
    assert permissions.base([0], owner=True) == EVERYTHING
    assert permissions.base([0, Permission.ADMINISTRATOR]) == EVERYTHING


def test_permissions_are_read_by_name_in_any_case() -> None:
    assert permissions.bits(["view_channel", "SEND_MESSAGES"]) == Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
    assert permissions.bits([]) == 0
    with pytest.raises(KeyError):
        permissions.bits(["fly"])


@given(st.sets(st.sampled_from(list(Permission))))
def test_names_and_bits_are_each_others_inverse(chosen: set[Permission]) -> None:
    assert permissions.bits(permissions.names(sum(chosen))) == sum(chosen)


def test_names_come_lowest_bit_first() -> None:
    assert permissions.names(Permission.PIN_MESSAGES | Permission.VIEW_CHANNEL) == ("VIEW_CHANNEL", "PIN_MESSAGES")

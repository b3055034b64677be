"""Put the roles and channels of a desired State in order, as Discord's lists show them. Pure."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping

from sync.audience import VERIFIED_ROLE
from sync.guild import Guild
from sync.keys import CHANNEL_ORDER, ROLE_ORDER
from sync.ledger import Binding
from sync.resources import Category, Channel, Order, Role, State


def orders(state: State, guild: Guild, bindings: Mapping[str, Binding]) -> tuple[Order, Order]:
    """Give the order of roles and that of channels."""
    return Order(ROLE_ORDER, _role_order(state)), Order(CHANNEL_ORDER, tuple(_channel_order(state, guild, bindings)))


def _role_order(state: State) -> tuple[str, ...]:
    """Rank roles for the member list: school roles first, then teachers, students and groups; the base role last."""
    roles = [key for key, resource in state.items() if isinstance(resource, Role)]
    return tuple(sorted(roles, key=_role_rank))


def _role_rank(key: str) -> int:
    if key == VERIFIED_ROLE:
        return 4
    if key.startswith("school/"):
        return 0
    return {"teachers": 1, "students": 2}.get(key.rpartition("/")[2], 3)


def _channel_order(state: State, guild: Guild, bindings: Mapping[str, Binding]) -> Iterator[str]:
    """Put channels behind their category, those for voice last, as Discord shows them wherever they are put."""
    voices = {channel.id for channel in guild.channels if channel.type == "voice"}
    children = defaultdict(list)
    for key, resource in state.items():
        if isinstance(resource, Category | Channel):
            children[resource.parent if isinstance(resource, Channel) else ""].append(key)
    for category in children[""]:
        yield category
        yield from sorted(children[category], key=lambda key: _is_voice(key, state, bindings, voices))


def _is_voice(key: str, state: State, bindings: Mapping[str, Binding], voices: Container[str]) -> bool:
    place = state[key]
    speaks = isinstance(place, Channel) and place.type == "voice"
    return speaks or (key in bindings and bindings[key].discord_id in voices)

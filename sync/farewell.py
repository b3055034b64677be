"""Plans what is taken back from a member who is to be forgotten: roles that we gave, a nickname that we set. Pure."""

from collections.abc import Iterable, Mapping

from sync.diff import Change, diff
from sync.estimate import estimate
from sync.guild import Guild
from sync.keys import member as member_key
from sync.layout import Capacity
from sync.ledger import Binding
from sync.naming import nick, plain
from sync.observe import existing_member, granted, places
from sync.plan import Plan, digest
from sync.resources import Member


def farewell(
    school: str, guild: Guild, bindings: Mapping[str, Binding], users: Iterable[str], names: Iterable[str]
) -> Plan:
    """Plan to take back from some users what we gave them; `names` are those of which we made nicknames.

    What a person gave or changed by hand stays. Nothing is held: somebody asked for this very removal.
    """
    ours = {nick(name) for name in names if name}
    changes = tuple(change for user in sorted(users) for change in _member(guild, bindings, user, ours))
    free = Capacity({})
    return Plan(
        school, changes, (), free, (), (), estimate(changes), digest(changes, ()), (), _names(bindings), guild.newest
    )


def _member(guild: Guild, bindings: Mapping[str, Binding], user: str, ours: set[str]) -> tuple[Change, ...]:
    if (member := guild.member(user)) is None:
        return ()
    keys = places(bindings)
    held = frozenset(keys[role] for role in member.roles if role in keys)
    left = held - granted(bindings.get(member_key(user)))
    named = plain(member.nick) in ours and not guild.outranks_bot(member)
    old, new = existing_member(member, held), Member(member_key(user), "" if named else None, left, user)
    return diff({old.key: old}, {new.key: new})


def _names(bindings: Mapping[str, Binding]) -> dict[str, str]:
    return {key: one.digest.partition("\n")[2] for key, one in bindings.items() if one.kind == "role"}

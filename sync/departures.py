"""Notice who went from the server and how, and decide what they get when they come back. Pure.

A stay on the server is known by the time at which it began, as Discord tells it; our own clock decides nothing. The
Binding of a member remembers the stay in which it was written. So a return is noticed even if nobody saw the absence,
and an absence that a bad reading pretended is none once the same stay goes on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sync import keys
from sync.guild import Guild, GuildMember
from sync.ledger import Binding, Cause, Departure
from sync.observe import granted, places

STAY = "joined"  # in the memo of a member's Binding
UNTIED = frozenset({Cause.UNLINKED, Cause.DROPPED})  # they may be on the server all the time
Bindings = Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class Expulsion:
    """An entry of the server's audit log: somebody was kicked or banned."""

    user_id: str
    cause: Cause
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Back:
    """What is made of departures: who is barred until let in, as `users` or as `pairs` of person and user.

    Departures that are `over` (by user) need not be remembered; what was given in a stay that ended is `void`, by Key.
    Bindings whose stay goes on under another date are `renewed`.
    """

    users: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    over: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()
    renewed: tuple[Binding, ...] = ()

    def bars(self, person: str, user: str) -> bool:
        """Tell whether a person gets nothing through a Discord account."""
        return user in self.users or (person, user) in self.pairs


def went(
    bindings: Bindings, guild: Guild, people: Mapping[str, str], known: Collection[str], now: datetime
) -> tuple[Departure, ...]:
    """List who had something from us and is not on the server any more, or not in the same stay.

    `people` maps Discord users to the person they are linked with; of `known` users a departure is remembered.
    """
    ours = ((b.discord_id, b) for b in bindings.values() if b.kind == "member" and b.discord_id)
    gone = ((user, b) for user, b in ours if user in people and user not in known and _ended(b, guild.member(user)))
    return tuple(Departure(user, Cause.LEFT, now, people[user], "", b.memo.get(STAY, "")) for user, b in gone)


def _ended(binding: Binding, member: GuildMember | None) -> bool:
    stay = binding.memo.get(STAY, "")
    return bool(stay) and member.joined != stay if member else bool(stay or granted(binding))


def back_by_themselves(departures: Iterable[Departure], guild: Guild) -> tuple[Departure, ...]:
    """List who left by themselves, as far as is known, and is on the server in another stay."""
    left = ((one, guild.member(one.user_id)) for one in departures if one.cause is Cause.LEFT and one.stay)
    return tuple(one for one, member in left if member and member.joined != one.stay)


def explained(departures: Iterable[Departure], expulsions: Iterable[Expulsion]) -> tuple[Departure, ...]:
    """Tell who did not leave by themselves, by the last entry of the audit log since their stay began."""
    last = {one.user_id: one for one in sorted(expulsions, key=lambda one: one.at)}
    return tuple(_explained(departure, last.get(departure.user_id)) for departure in departures)


def _explained(departure: Departure, last: Expulsion | None) -> Departure:
    if last is None or (departure.stay and last.at < datetime.fromisoformat(departure.stay)):
        return departure
    return replace(departure, cause=last.cause, by=last.by, at=last.at)


def dropped(
    bindings: Bindings, people: Mapping[str, str], listed: Collection[str], known: Collection[str], now: datetime
) -> tuple[Departure, ...]:
    """List who is in no list any more and has lost all that we gave."""
    ours = (b.discord_id for b in bindings.values() if b.kind == "member" and b.discord_id and not granted(b))
    gone = [user for user in ours if user in people and user not in known and people[user] not in listed]
    return tuple(Departure(user, Cause.DROPPED, now, people[user]) for user in gone)


def back(departures: Iterable[Departure], guild: Guild, bindings: Bindings, asked: Collection[Cause]) -> Back:
    """Judge who is back; after `asked` causes nobody gets anything before somebody of the staff says so."""
    departures, ours = tuple(departures), places(bindings)
    present = [(one, member) for one in departures if one.cause not in UNTIED and (member := guild.member(one.user_id))]
    other = [(one, member) for one, member in present if one.stay != member.joined]
    anew = [one for one, member in other if not _goes_on(one, member, bindings, ours)]
    # Of whom we never knew the stay we cannot be sure that they were away, unless somebody threw them out.
    barred = {one.user_id for one in anew if one.cause in asked and (one.stay or one.cause is not Cause.LEFT)}
    untied = [one for one in departures if one.cause in UNTIED]
    return Back(
        frozenset(barred),
        frozenset((one.person, one.user_id) for one in untied if one.cause in asked),
        frozenset({one.user_id for one, _ in present} - barred) | {o.user_id for o in untied if o.cause not in asked},
        frozenset(keys.member(one.user_id) for one in anew if one.stay or one.user_id in barred) & bindings.keys(),
        tuple(
            in_stay(bindings[keys.member(member.user_id)], member.joined)
            for one, member in other
            if _goes_on(one, member, bindings, ours)
        ),
    )


def _goes_on(one: Departure, member: GuildMember, bindings: Bindings, ours: Mapping[str | None, str]) -> bool:
    """Tell whether somebody was never away, whatever a reading says of their stay: a new one begins without our roles.

    Who was thrown out may have got a role from a moderator, or by the invite, since.
    """
    held = {ours.get(role, "") for role in member.roles}
    return one.cause is Cause.LEFT and not held.isdisjoint(granted(bindings.get(keys.member(one.user_id))))


def stays(bindings: Bindings, guild: Guild) -> tuple[Binding, ...]:
    """Remember the stays that older versions of Kopir did not note."""
    members = ((b, guild.member(b.discord_id or "")) for b in bindings.values() if b.kind == "member")
    return tuple(in_stay(b, member.joined) for b, member in members if member and member.joined and STAY not in b.memo)


def in_stay(binding: Binding, joined: str) -> Binding:
    """Remember in a member's Binding in which stay it was written."""
    return replace(binding, memo={**binding.memo, STAY: joined}) if joined else binding

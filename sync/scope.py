"""Say what part of a school a run concerns, and narrow rosters and plans to it. Pure; `bot.planning` uses it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sync.diff import Change
from sync.estimate import estimate
from sync.guild import Guild
from sync.keys import course, course_of
from sync.keys import member as member_key
from sync.ledger import Binding, Link
from sync.linking import account
from sync.merge import Roster
from sync.plan import Plan, digest
from sync.resources import Member


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run concerns: one course, some members by user id, or, with both empty, the whole school."""

    course: str = ""
    members: frozenset[str] = frozenset()

    def covers(self, other: "Scope") -> bool:
        """Tell whether a run of this scope does all that one of the other would do."""
        if self in (SCHOOL, other):
            return True
        return bool(other.members) and not other.course and other.members <= self.members


SCHOOL = Scope()


def roster_of(roster: Roster, links: Mapping[str, Link], guild: Guild) -> Roster:
    """Keep of a roster what decides the roles of the guild's members: all courses and groups, no materials."""
    accounts = {name for m in guild.members if not m.bot for name in (m.user_id, m.username.casefold())}
    linked = {person for person, link in links.items() if link.user_id in accounts}
    people = tuple(p for p in roster.people if p.id in linked or account(p.discord) in accounts)
    wanted = {person.id for person in people}
    enrolments = tuple(e for e in roster.enrolments if e.person in wanted)
    return replace(roster, people=people, enrolments=enrolments, modules=(), materials=(), conflicts=())


def bindings_of(bindings: Mapping[str, Binding], guild: Guild) -> dict[str, Binding]:
    """Keep the bindings of the roles that exist and of the guild's members; intents belong to another run."""
    roles = {role.id for role in guild.roles}
    members = {member_key(member.user_id) for member in guild.members}
    return {b.key: b for b in bindings.values() if (b.kind == "role" and b.discord_id in roles) or b.key in members}


def narrow(plan: Plan, scope: Scope, roles: Iterable[str] = ()) -> Plan:
    """Keep the changes within a scope; `roles` are the Keys of the roles that exist, for a scope of members.

    Members only gain: what they lose may be held, which only a plan of the whole school can tell.
    """
    if scope == SCHOOL:
        return plan
    if scope.course:
        changes = tuple(change for change in plan.changes if _concerns(change, scope.course))
        return replace(plan, changes=changes, estimate=estimate(changes), digest=digest(changes, plan.held))
    there, keys = frozenset(roles), {member_key(user) for user in scope.members}
    gains = (_gain(change, there) for change in plan.changes if change.key in keys)
    changes = tuple(change for change in gains if change is not None)
    return replace(
        plan,
        changes=changes,
        held=(),
        notices=(),
        refusals=tuple(notice for notice in plan.refusals if notice.code != "over-capacity"),
        estimate=estimate(changes),
        digest=digest(changes, ()),
    )


def _concerns(change: Change, course_id: str) -> bool:
    if isinstance(change.desired, Member) and isinstance(change.existing, Member):
        moved = change.desired.roles ^ change.existing.roles
        return any(course_of(role) == _spelt(course_id) for role in moved)
    return course_of(change.key) == _spelt(course_id)


def _spelt(course_id: str) -> str:
    return course_of(course(course_id))


def _gain(change: Change, there: frozenset[str]) -> Change | None:
    """Leave out of a member's change what they lose, so that neither is it taken nor, if another run took it, given."""
    old, new = change.existing, change.desired
    if not isinstance(old, Member) or not isinstance(new, Member):
        return None
    roles, held = new.roles & there, old.roles & new.roles
    fields = {name: values for name, values in change.fields.items() if name != "roles"}
    if roles - held:
        fields["roles"] = (held, roles | held)
    if not fields:
        return None
    return replace(change, fields=fields, existing=replace(old, roles=held), desired=replace(new, roles=roles | held))

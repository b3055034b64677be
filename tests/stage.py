"""One school on an ideal Discord: plan it, apply the plan, ask who may do what. For tests of the core as a whole."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.planning import decide
from bot.tables import Tables
from sync import keys
from sync.guild import GuildMember
from sync.ledger import Binding, Link
from sync.merge import Roster
from sync.observe import observe
from sync.permissions import Permission
from sync.plan import Plan
from sync.ports import Entry
from sync.reconcile import Report, Status, apply
from sync.recover import recover
from sync.removals import Removal
from sync.resources import Index, Post, State
from sync.settings import SchoolSettings
from sync.texts import texts
from sync.undo import Done, Undone, undo
from sync.undo_plan import Now, undo_plan
from tests.builders import NOW, guild_member, school
from tests.fake_guild import FakeDiscord


class MemoryLedger:
    """Bindings in memory, and the log of what was done to them."""

    def __init__(self) -> None:
        self.bindings: dict[str, Binding] = {}
        self.log: list[tuple[str, tuple[Binding | str, ...]]] = []
        self.journal: list[Entry] = []

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        saved = tuple(bindings)
        self.journal += done
        self.log.append(("save", saved))
        self.bindings |= {binding.key: binding for binding in saved}

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        gone = tuple(keys)
        self.journal += done
        self.log.append(("remove", gone))
        for key in gone:
            self.bindings.pop(key, None)


class Stage:
    """A school with its roster, its server and what Kopir remembers."""

    def __init__(self, roster: Roster, settings: SchoolSettings | None = None, now: datetime = NOW) -> None:
        """Set up the school; everybody in the roster who names an account is on the server."""
        self.roster, self.kept = roster, roster
        self.settings = settings or school()
        self.now = now
        self.ledger = MemoryLedger()
        self.discarded: frozenset[Removal] = frozenset()
        self.links: Mapping[str, Link] = {}
        accounts = [person.discord for person in roster.people if person.discord]
        self.server = FakeDiscord(*(self.member(account) for account in dict.fromkeys(accounts)))

    @staticmethod
    def member(username: str) -> GuildMember:
        return guild_member(user_id(username), username)

    def plan(self, approved: str = "") -> Plan:
        tables = Tables(self.roster, self.kept, self.links, self.ledger.bindings, (), self.discarded)
        bindings = dict(self.ledger.bindings)
        found = decide(
            self.settings, tables, self.server.guild(), bindings, self.now, lambda digest: digest == approved
        )
        return found.plan

    def apply(self, plan: Plan, run: str = "") -> Report:
        return asyncio.run(self._apply(plan, run))

    async def _apply(self, plan: Plan, run: str = "") -> Report:
        self.server.channel_order = plan.channel_order
        nobody = lambda _: None  # noqa: E731
        return await apply(plan, self.ledger.bindings, self.server, self.ledger, lambda: self.now, nobody, run)

    def sync(self, roster: Roster | None = None, run: str = "") -> Plan:
        """Apply a new roster; every change must work."""
        if roster is not None:
            self.roster = self.kept = roster
        return self.carry_out(self.plan(), run)

    def carry_out(self, plan: Plan, run: str = "") -> Plan:
        """Apply a plan; every change must work."""
        assert not plan.refusals
        report = self.apply(plan, run)
        assert [o for o in report.outcomes if o.status is not Status.APPLIED] == []
        return plan

    def state(self) -> State:
        """Return what there is."""
        return observe(self.server.guild(), self.ledger.bindings)

    def undoing(self, run: str) -> tuple[Undone, Plan]:
        """Plan to undo a run."""
        guild, bindings, existing = self.server.guild(), dict(self.ledger.bindings), self.state()
        entries = [entry for entry in self.ledger.journal if entry.run == run]
        messages = [one.desired for one in self.ledger.journal if isinstance(one.desired, Post | Index)]
        said = {(one.key, one.digest): one for one in messages if one.digest}
        undone = undo(Done(entries, said, existing, bindings, guild, texts("en")))
        tables = Tables(self.roster, self.kept, self.links, bindings)
        wanted = decide(self.settings, tables, guild, bindings, self.now, lambda _: False).wanted
        now = Now("aqjol", existing, wanted, guild, bindings, self.discarded, (), unsorted=False)
        return undone, undo_plan(undone, now)

    def undo(self, run: str, by: str = "undo") -> Undone:
        """Undo a run; every change must work."""
        undone, plan = self.undoing(run)
        self.discarded |= undone.restored
        self.carry_out(plan, by)
        return undone

    def recover(self) -> None:
        """Find again what a killed run had made."""
        found = asyncio.run(recover(self.ledger.bindings, self.server.guild(), self.server))
        self.ledger.remove_bindings("", found.void)
        self.ledger.save_bindings("", found.found)

    def id(self, key: str) -> str:
        return self.ledger.bindings[key].discord_id or ""

    def can(self, who: str, key: str) -> int:
        """Say what a person (by user name) may do in a place (by Key)."""
        return self.server.can(user_id(who), self.id(key))

    def sees(self, who: str, key: str) -> bool:
        return bool(self.can(who, key) & Permission.VIEW_CHANNEL)

    def roles_of(self, who: str) -> set[str]:
        """Name the roles of a person by Key; those that are not ours by id."""
        ours = {b.discord_id: key for key, b in self.ledger.bindings.items() if b.kind == "role"}
        return {ours.get(role, role) for role in self.server.members[user_id(who)].roles}


def user_id(username: str) -> str:
    """Give every user name an id of its own."""
    return str(1000 + int.from_bytes(username.encode()[:6]))


def places(stage: Stage) -> Iterable[str]:
    """List the Keys of the categories and channels that stand on the server."""
    return [k for k, b in stage.ledger.bindings.items() if b.kind in {"category", "channel"} and b.discord_id]


def in_course(key: str) -> bool:
    return bool(keys.course_of(key))

"""Lets two runs of one school remember side by side what they gave to members; `desk` gives each run its ledger."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sync.ledger import Binding
from sync.observe import granted
from sync.ports import Entry, Ledger

MEMBER = "member"


@dataclass(slots=True)
class SharedLedger:
    """The ledgers of the runs under way.

    A member's binding lists the roles that we gave; others came from a person's hand and stay. Each run knows only its
    own, so what any run wrote while another was under way is added to what the other writes. Otherwise a role would
    look as if given by hand, and stay for ever.
    """

    ledger: Ledger
    _runs: list["RunLedger"] = field(default_factory=list)

    def open(self, *, only_gives: bool = False) -> "RunLedger":
        """Give a run its ledger; it ends with `close`. One that `only_gives` forgets no role that we gave before."""
        run = RunLedger(self, only_gives)
        self._runs.append(run)
        return run

    def close(self, run: "RunLedger") -> None:
        """Note that a run is over."""
        self._runs.remove(run)

    def given(self, writer: "RunLedger", binding: Binding) -> None:
        """Tell the other runs what one gave."""
        for run in tuple(self._runs):
            if run is not writer:
                run.others[binding.key] |= granted(binding)


@dataclass(slots=True, eq=False)
class RunLedger:
    """One run's ledger, with what others gave meanwhile by the member's Key; implements `sync.ports.Ledger`."""

    _shared: SharedLedger
    _only_gives: bool
    others: defaultdict[str, frozenset[str]] = field(default_factory=lambda: defaultdict(frozenset))

    def save_bindings(self, school: str, bindings: Iterable[Binding], done: Iterable[Entry] = ()) -> None:
        """Save bindings in one transaction."""
        bindings = tuple(bindings)
        for binding in bindings:
            if binding.kind == MEMBER:
                self._shared.given(self, binding)
                if self._only_gives:
                    self.others[binding.key] |= granted(binding)
        self._shared.ledger.save_bindings(school, [self._joined(binding) for binding in bindings], done)

    def remove_bindings(self, school: str, keys: Iterable[str], done: Iterable[Entry] = ()) -> None:
        """Forget bindings."""
        self._shared.ledger.remove_bindings(school, keys, done)

    def _joined(self, binding: Binding) -> Binding:
        if binding.kind != MEMBER or binding.key not in self.others:
            return binding
        return replace(binding, digest="\n".join(sorted(granted(binding) | self.others[binding.key])))

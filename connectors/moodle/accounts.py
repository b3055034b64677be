"""Ask for people's accounts in batches; one broken account must not cost the others."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from connectors.moodle import listing, shapes
from connectors.moodle.client import Client
from connectors.moodle.errors import BadRow
from connectors.moodle.looks import each

BATCH = 400  # PHP cuts a list of more than `max_input_vars` values, 1,000 by default, without a word


@dataclass(slots=True)
class Accounts:
    """What a site said of the accounts asked for. `broken` ones it cannot answer for, `asked` includes the unseen."""

    found: dict[str, shapes.User] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    @property
    def unseen(self) -> set[str]:
        """Return who was asked for and not told: not shown to us, or lost on the way."""
        return self.asked - self.found.keys() - self.broken


def ask_accounts(client: Client, people: Collection[str], workers: int, done: Callable[[], None]) -> Accounts:
    """Ask for accounts by id."""
    accounts = Accounts(asked=set(people))
    for users, broken in each(workers, lambda batch: _ask(client, batch), list(batches(people)), done):
        accounts.found |= {str(user.id): user for user in users}
        accounts.broken |= broken
    return accounts


def batches(people: Iterable[str]) -> Iterator[list[str]]:
    """Cut ids into batches, in the order of numbers."""
    ordered = sorted(people, key=int)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


def _ask(client: Client, batch: list[str]) -> tuple[list[shapes.User], set[str]]:
    """Ask for a batch; when a record in it breaks Moodle's rules, halve the batch until that one is alone."""
    try:
        users, _ = shapes.read_all(shapes.User, client.call(listing.USERS, field="id", values=batch))
    except BadRow:
        if len(batch) == 1:
            return [], set(batch)
        middle = len(batch) // 2
        first, second = _ask(client, batch[:middle]), _ask(client, batch[middle:])
        return first[0] + second[0], first[1] | second[1]
    return users, set()

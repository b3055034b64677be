"""Plan what deletes an archived course for good: the only plan in which a channel is deleted. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync import keys
from sync.diff import Action, Change
from sync.estimate import estimate
from sync.guild import Guild
from sync.ledger import Binding
from sync.observe import observe, places
from sync.plan import Plan, capacity, digest
from sync.resources import Category, Channel, Resource, Role, State

Bindings = Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class Archived:
    """A course in the archive, as spelt in Keys: what is left of it on the server, and since when it stands there."""

    course: str
    title: str
    channels: tuple[Channel, ...]
    roles: tuple[Role, ...]
    since: datetime

    @property
    def id(self) -> str:
        """Return the course's id as the source spells it."""
        return keys.last_part(self.course)


def archived_courses(guild: Guild, bindings: Bindings, live: frozenset[str]) -> tuple[Archived, ...]:
    """List the courses that stand in the archive with all they have; `live` are those that go on, as spelt in Keys."""
    left: defaultdict[str, list[Category | Channel | Role]] = defaultdict(list)
    for key, resource in observe(guild, bindings).items():
        course = keys.course_of(key)
        if course and course not in live and isinstance(resource, Category | Channel | Role):
            left[course].append(resource)
    found = (_archived(course, those, bindings) for course, those in sorted(left.items()))
    return tuple(one for one in found if one is not None)


def _archived(course: str, left: Sequence[Category | Channel | Role], bindings: Bindings) -> Archived | None:
    channels = tuple(one for one in left if isinstance(one, Channel))
    roles = tuple(one for one in left if isinstance(one, Role))
    inside = all(keys.archive_part(channel.parent or "") for channel in channels)
    if not inside or any(isinstance(one, Category) for one in left):
        return None
    students = next((role.name for role in roles if role.key == f"course/{course}/students"), "")
    since = max(bindings[one.key].at for one in left)
    return Archived(course, students or keys.last_part(course), channels, roles, since)


def purge_plan(school: str, courses: Sequence[Archived], guild: Guild, bindings: Bindings) -> Plan:
    """Plan to delete the channels and roles of archived courses, and the parts of the archive that this empties."""
    channels = [channel for course in courses for channel in course.channels]
    roles = [role for course in courses for role in course.roles]
    existing = observe(guild, bindings)
    gone: list[Resource] = [
        *channels,
        *roles,
        *_emptied({channel.key for channel in channels}, existing, guild, bindings),
    ]
    changes = tuple(Change(Action.DELETE, one.key, {}, one, None) for one in gone)
    left = {key: resource for key, resource in existing.items() if key not in {one.key for one in gone}}
    use, purged = capacity(guild, bindings, left), frozenset(course.course for course in courses)
    return Plan(
        school,
        changes,
        (),
        use,
        (),
        (),
        estimate(changes),
        digest(changes, ()),
        (),
        {role.key: role.name for role in roles},
        guild.newest,
        purged=purged,
    )


def _emptied(gone: set[str], existing: State, guild: Guild, bindings: Bindings) -> Iterator[Category]:
    """Give the parts of the archive in which nothing is left, not even a channel of somebody else."""
    ours = places(bindings)
    full = {channel.parent_id for channel in guild.channels if ours.get(channel.id) not in gone}
    for key, resource in existing.items():
        if isinstance(resource, Category) and keys.archive_part(key) and bindings[key].discord_id not in full:
            yield resource


def forgettable(purged: frozenset[str], known: frozenset[str], bindings: Bindings) -> list[str]:
    """Name what need not be remembered of purged courses, unless a source still has them.

    A hidden course that was shown once must not be taken for one that is being prepared.
    """
    return [key for key in bindings if keys.course_of(key) in purged - known]

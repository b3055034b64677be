"""Say what must be there before a resource can be written; `reconcile` and `futile` skip what lacks it. Pure."""

from collections.abc import Iterable

from sync.resources import (
    BOT,
    EVERYONE,
    Category,
    Channel,
    Discussion,
    Index,
    Member,
    Notice,
    Pin,
    Post,
    Question,
    Resource,
    Thread,
)


def needs(resource: Resource) -> frozenset[str]:
    """Name the Keys that must be bound before a resource can be written."""
    match resource:
        case Category(overwrites=overwrites):
            return _targets(overwrites)
        case Channel(parent=parent, overwrites=overwrites):
            return _targets(overwrites or ()) | ({parent} if parent else set())
        case Thread(parent=str(parent)):
            return frozenset({parent})
        case Post(channel=str(channel)) | Index(channel=channel) | Question(channel=str(channel)):
            return frozenset({channel})
        case Pin(post=post) | Discussion(post=post):
            return frozenset({post})
        case Notice(channel=channel, role=role):
            return frozenset({channel, role})
        case Member(roles=roles):
            return roles
    return frozenset()


def _targets(overwrites: Iterable[object]) -> frozenset[str]:
    return frozenset(str(getattr(overwrite, "target", "")) for overwrite in overwrites) - {EVERYONE, BOT}

"""Keep what is no longer wanted without destroying what people wrote: the archive of a school, and struck-out posts.

A course that is over goes there as a whole and stays as it was, its roles included, so that its people may read it.
What a course that goes on has lost goes there for the staff alone. Pure; `finished` tells which courses are over.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from sync import keys, naming
from sync.audience import Audience
from sync.layout import MAX_IN_CATEGORY
from sync.ledger import Binding
from sync.looks import retired
from sync.observe import places
from sync.permissions import Permission
from sync.resources import Category, Channel, Discussion, Overwrites, Pin, Post, Resource, Role, State, Thread
from sync.texts import Texts


@dataclass(frozen=True, slots=True)
class Past:
    """What there is and what it came from. `live` are the courses that go on, as spelt in Keys; `audiences` maps the
    channels of those that are over, but still in the source, to whom it would show them."""

    existing: State
    bindings: Mapping[str, Binding]
    live: Container[str]
    audiences: Mapping[str, Overwrites]
    audience: Audience
    texts: Texts

    def is_over(self, key: str) -> bool:
        """Tell whether a Key belongs to a course that is over."""
        return bool(keys.course_of(key)) and keys.course_of(key) not in self.live


def kept(past: Past) -> Iterator[Resource]:
    """Give what courses that are over leave as it is: roles, so that people read on, posts, lists, pins, threads."""
    for key, resource in sorted(past.existing.items(), key=itemgetter(0)):  # Discord lists roles in no order of ours
        if past.is_over(key):
            if isinstance(resource, Role):
                yield Role(key, resource.name, resource.colour)
            elif not isinstance(resource, Category | Channel):
                yield resource


def archived(past: Past, state: State) -> Iterator[Resource]:
    """Move channels that are no longer wanted into the archive; one that is there stays in its part."""
    gone = {key: r for key, r in past.existing.items() if isinstance(r, Channel) and key not in state}
    shelves = _shelves(gone)
    for number in sorted(set(shelves.values())):
        yield shelf(number, past.audience, past.texts)
    for key in sorted(gone):
        parent = keys.nth(keys.ARCHIVE, shelves[key])
        open_to = past.audience.archive(_readers(gone[key], past, state))
        yield Channel(key, None, None, parent, _topic(gone[key], past), open_to)
    for binding in past.bindings.values():
        if binding.kind == "thread" and binding.key in past.existing and binding.key not in state:
            yield Thread(binding.key, None, None, locked=True)


def shelf(number: int, audience: Audience, texts: Texts) -> Category:
    """Give a part of the archive; only the staff see more of it than what is opened to them."""
    name = naming.suffixed(texts.text("Archive"), f" ({number})" if number > 1 else "")
    return Category(keys.nth(keys.ARCHIVE, number), name, audience.archive())


def _shelves(channels: Mapping[str, Channel]) -> dict[str, int]:
    """Number the part of the archive that each channel belongs to: where it is, or the first with room."""
    there = {key: keys.archive_part(channel.parent or "") for key, channel in channels.items()}
    used = Counter(number for number in there.values() if number)
    placed = {key: number for key, number in there.items() if number}
    for key in sorted(channels.keys() - placed.keys()):
        number = next(n for n in range(1, len(channels) + 2) if used[n] < MAX_IN_CATEGORY)
        placed[key] = number
        used[number] += 1
    return placed


def _readers(channel: Channel, past: Past, state: State) -> list[str]:
    """Name the roles of a finished course that may read a channel: those whom it showed it to, or would now."""
    if not past.is_over(channel.key):
        return []
    shown = past.audiences.get(channel.key, channel.overwrites or ())
    of_course = [o.target for o in shown if keys.course_of(o.target) and o.allow & Permission.VIEW_CHANNEL]
    return [role for role in of_course if role in state]


def _topic(channel: Channel, past: Past) -> str | None:
    """Put the course's title into the topic, as channels of many courses stand side by side in the archive."""
    students = past.existing.get(f"course/{keys.course_of(channel.key)}/students")
    if not past.is_over(channel.key) or channel.type == "voice" or not isinstance(students, Role):
        return None
    before = channel.topic or ""
    if before.startswith(students.name):
        return None
    return naming.cut(" · ".join(filter(None, [students.name, before])), naming.TOPIC_LIMIT)


def struck_out(past: Past, state: State) -> Iterator[Resource]:
    """Keep posts whose material went: unpinned and marked, as people replied to them; untouched in the archive."""
    ours = places(past.bindings)
    for binding in past.bindings.values():
        if binding.kind not in {"post", "index", "pin", "discussion"} or not binding.discord_id or binding.key in state:
            continue
        if past.is_over(binding.key):
            continue
        place = state.get(ours.get(binding.parent_id, ""))
        yield from _left(binding, place, past)


def _left(binding: Binding, place: Resource | None, past: Past) -> Iterator[Resource]:
    in_archive = isinstance(place, Channel) and place.name is None
    if binding.kind == "discussion":
        post = past.bindings.get(binding.key.removeprefix("discussion/"))
        if post is not None and post.discord_id == binding.discord_id:  # else it is on a message of the past
            yield Discussion(binding.key, post.key, None)
    elif binding.kind == "pin":
        yield from [Pin(binding.key, binding.key.removeprefix("pin/"), None)] if in_archive else []
    elif place is not None:
        gone = retired(binding.title, past.texts)
        yield Post(binding.key, None, None, None if in_archive else True, binding.title, gone)

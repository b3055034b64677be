"""What one course's materials become: posts and their discussions, lists, the course's overview, pins."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from sync import keys, looks, naming, posts
from sync.layout import OUR_PINS
from sync.ledger import Binding
from sync.records import Course, Group, Material, Module
from sync.resources import Discussion, Entry, Index, Look, Pin, Post, Resource
from sync.settings_posts import PostSettings
from sync.texts import N_, Texts

OVERVIEW = N_("Course overview: {course}")
OVERVIEW_COLOUR = 0xF1C40F
INDEX_COLOUR = 0x1ABC9C
LOCAL_SIGN = "📍"
NOWHERE = "nowhere"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CourseRecords:
    """One course with what belongs to it, in the source's order."""

    course: Course
    modules: tuple[Module, ...]
    materials: Mapping[str, tuple[Material, ...]]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """What decides how a course's materials are shown: the school's choices and language, bindings, the clock."""

    settings: PostSettings
    texts: Texts
    bindings: Mapping[str, Binding]
    local: Mapping[str, tuple[Binding, ...]]
    now: datetime
    forum: bool = False


def visible(material: Material, now: datetime) -> bool:
    """Tell whether students, or those in its groups, may see a material now."""
    begun = material.visible_from is None or material.visible_from <= now
    return not material.hidden and begun and (material.visible_until is None or now < material.visible_until)


class CoursePosts:
    """Build one course's messages; pure."""

    def __init__(self, records: CourseRecords, publication: Publication) -> None:
        self._records = records
        self._course = records.course
        self._settings = publication.settings
        self._texts = publication.texts
        self._bindings = publication.bindings
        self._local = publication.local
        self._now = publication.now
        self._forum = publication.forum

    def place(self, module: Module) -> str:
        """Return the Key of the channel or forum post that stands for a module."""
        return (keys.thread if self._forum else keys.module)(self._course.id, module.id)

    def home(self) -> str:
        """Return the Key of the place that holds the course's overview and its notices, if there is one to see."""
        if self._forum:
            return keys.overview_thread(self._course.id) if self._records.modules else ""
        return next((self.place(module) for module in self._records.modules if not module.hidden), "")

    def messages(self) -> Iterator[Resource]:
        """Give the posts of each module, its list and its pins, and the overview of them all."""
        overview = self._overview()
        yield from overview
        for module in self._records.modules:
            if not (self._forum and module.hidden):
                yield from self._module(module, overview)
        if self._forum:
            yield from self._pins(overview, self.home())

    def of_group(self, group: Group) -> Iterator[Resource]:
        """Give the posts that are for a group only, in the group's own channel; no list names them."""
        channel = keys.group(self._course.id, group.id, "channel")
        shown = [self._post(m, channel, module, group.id) for module, m in self.released(group.id)]
        yield from shown
        yield from self._discussions(shown, [m for _, m in self.released(group.id)])
        yield from self._pins(_newest(shown, OUR_PINS), channel)

    def released(self, group: str = "") -> list[tuple[Module, Material]]:
        """List what the course, or a group alone, may see now; of what is hidden only what was posted already."""
        return [(module, material) for module in self._records.modules for material in self._released(module, group)]

    def kinds(self, module: Module) -> tuple[str, ...]:
        """List the kinds of a module's materials, the most frequent first."""
        kinds = [material.type for material in self._released(module)]
        return tuple(sorted(dict.fromkeys(kinds), key=lambda kind: (-kinds.count(kind), kind)))

    def _module(self, module: Module, overview: Sequence[Index]) -> Iterator[Resource]:
        channel, shown = self.place(module), self._released(module)
        made = [self._post(material, channel, module) for material in shown]
        found = self._locals(module, channel)
        lists = list(self._lists(module, channel, shown, found)) if shown or found or self._forum else []
        yield from made
        yield from self._discussions(made, shown)
        yield from lists
        above = [*(one for one in overview if one.channel == channel), *lists]
        room = OUR_PINS - len(above)
        taught = _newest(found, room)
        yield from self._pins([*above, *_newest(made, room - len(taught))], channel, taught)

    def _released(self, module: Module, group: str = "") -> list[Material]:
        hidden = module.hidden or self._course.hidden
        return [
            material
            for material in self._records.materials.get(module.id, ())
            if (group in material.groups if group else not material.groups)
            and visible(material, self._now)
            and not (hidden and keys.material(self._course.id, material.id, group) not in self._bindings)
        ]

    def _post(self, material: Material, channel: str, module: Module, group: str = "") -> Post:
        files = looks.attachments(material, self._settings.largest_file, self._texts)
        look = looks.look(material, files, self._texts)
        key = keys.material(self._course.id, material.id, group)
        digest = posts.post_digest(look, files)
        moved = looks.retired(material.title, self._texts, module.title)
        return Post(key, channel, digest, title=material.title, look=look, files=files, farewell=moved)

    def _discussions(self, made: Sequence[Post], materials: Iterable[Material]) -> Iterator[Discussion]:
        """Give a thread for each post whose kind is to be discussed; in a forum the module's own post is for that."""
        for post, material in zip(made, materials, strict=True):
            known = self._bindings.get(post.key)
            if not self._forum and self._settings.discusses(material.type):
                changed = known is not None and known.digest != post.digest
                name = naming.display_name(material.title)
                yield Discussion(keys.discussion(post.key), post.key, name, True if changed else None, post.channel)

    def _locals(self, module: Module, channel: str) -> list[Binding]:
        """List the messages that teachers made materials of the module, as long as they stand in its place."""
        place = self._bindings.get(channel)
        found = self._local.get(keys.module(self._course.id, module.id), ())
        return [binding for binding in found if place is not None and binding.parent_id == place.discord_id]

    def _lists(
        self, module: Module, channel: str, shown: Sequence[Material], found: Sequence[Binding]
    ) -> Iterator[Index]:
        entries = [self._entry(number, material) for number, material in enumerate(shown, 1)]
        entries += [Entry(b.key, posts.entry_text(b.title), f"{LOCAL_SIGN} ") for b in found]
        for page, lines in enumerate(posts.pages(entries), 1):
            name = module.title if page == 1 else f"{module.title} ({page})"
            key = keys.index(self._course.id, module.id, page)
            yield self._index(key, channel, name, lines, looks.retired(name, self._texts), INDEX_COLOUR)

    def _entry(self, number: int, material: Material) -> Entry:
        due = f" · {looks.timestamp(material.due, 'd')}" if material.due else ""
        before = f"{number}. {looks.sign(material.type)} "
        return Entry(keys.material(self._course.id, material.id), posts.entry_text(material.title), before, due)

    def _overview(self) -> list[Index]:
        if not (home := self.home()):
            return []
        entries = [
            Entry(self.place(module), posts.entry_text(module.title), f"{number}. ")
            for number, module in enumerate((m for m in self._records.modules if not m.hidden), 1)
        ]
        name = self._texts.text(OVERVIEW).format(course=self._course.title)
        there = next((module.title for module in self._records.modules if self.place(module) == home), "")
        moved = looks.retired(name, self._texts, there)
        return [self._index(keys.overview(self._course.id), home, name, entries, moved, OVERVIEW_COLOUR)]

    def _index(self, key: str, channel: str, name: str, entries: Sequence[Entry], farewell: Look, colour: int) -> Index:
        look = Look(title=looks.title(name), colour=colour)
        # A list with a line that leads nowhere is written again: by then what could not be posted may be there.
        ids = [self._target(entry.target, channel) or NOWHERE for entry in entries]
        digest = posts.index_digest(look, entries, ids)
        return Index(key, channel, digest, name, look, tuple(entries), farewell)

    def _pins(self, shown: Sequence[Post | Index], channel: str, found: Sequence[Binding] = ()) -> Iterator[Pin]:
        """Pin messages so that the first is on top, those of teachers below: Discord shows the newest pin on top.

        A post's pin stays where time put it, but the lists are lifted above what was pinned since.
        """
        pins = [Pin(keys.pin(b.key), b.key, channel, b.title) for b in reversed(found)]
        pins += [Pin(keys.pin(post.key), post.key, channel, post.title) for post in reversed(shown)]
        lists = {keys.pin(post.key) for post in shown if isinstance(post, Index)}
        newest, risen = self._now.min.replace(tzinfo=UTC), False
        for pin in pins:
            own = self._standing(pin)
            buried = pin.key in lists and own is not None and (risen or own.at < newest)
            yield replace(pin, lifted=True) if buried else pin
            risen |= buried or own is None
            newest = max(newest, own.at) if own else newest

    def _standing(self, pin: Pin) -> Binding | None:
        """Return the binding of a pin that is where it should be."""
        own, post, place = (self._bindings.get(key) for key in (pin.key, pin.post, pin.channel or ""))
        if own is None or post is None or place is None or own.parent_id != place.discord_id:
            return None
        return own if own.discord_id == post.discord_id else None

    def _target(self, key: str, channel: str) -> str:
        """Return the id a line leads to; a post that moves here gets a new one, so the list changes with it."""
        binding, place = self._bindings.get(key), self._bindings.get(channel)
        if binding is None or binding.kind in posts.PLACES:
            return posts.target_id(key, self._bindings)
        here = place is not None and binding.parent_id == place.discord_id
        return (binding.discord_id or "") if here else ""


def _newest(items: Sequence[T], count: int) -> Sequence[T]:
    return items[max(0, len(items) - count) :]


def local_materials(bindings: Mapping[str, Binding], there: Container[str | None]) -> Mapping[str, tuple[Binding, ...]]:
    """Gather the messages that teachers made materials in places that are `there`, by their module, oldest first."""
    found: defaultdict[str, list[Binding]] = defaultdict(list)
    local = [b for b in bindings.values() if b.kind == "local" and b.parent_id in there]
    for binding in sorted(local, key=lambda b: (b.at, b.key)):
        found[binding.key.rpartition("/local/")[0]].append(binding)
    return {module: tuple(those) for module, those in found.items()}

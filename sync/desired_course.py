"""What one course becomes on the server: a category, roles, channels or forum posts, messages and pins."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync import keys, naming, posts
from sync.audience import Audience
from sync.layout import MAX_PINS, Demand, split
from sync.ledger import Binding
from sync.records import Course, Group, Material, Module
from sync.resources import (
    Category,
    Channel,
    Index,
    IndexEntry,
    Overwrites,
    Pin,
    Post,
    Resource,
    Role,
    Thread,
)
from sync.texts import Texts

STUDENT_COLOUR = 0x3498DB
TEACHER_COLOUR = 0xE67E22
GROUP_COLOUR = 0x95A5A6


@dataclass(frozen=True, slots=True)
class Settings:
    """What a school chose for all of its courses."""

    groups: str
    voice: bool


@dataclass(frozen=True, slots=True)
class CourseRecords:
    """One course with what belongs to it, in the source's order."""

    course: Course
    modules: tuple[Module, ...]
    materials: Mapping[str, tuple[Material, ...]]
    groups: tuple[Group, ...]


def visible(material: Material, now: datetime) -> bool:
    """Tell whether students, or those in its groups, may see a material now."""
    begun = material.visible_from is None or material.visible_from <= now
    return not material.hidden and begun and (material.visible_until is None or now < material.visible_until)


class CourseState:
    """Build one course's resources; pure, `now` decides what is released."""

    def __init__(
        self,
        records: CourseRecords,
        settings: Settings,
        audience: Audience,
        texts: Texts,
        bindings: Mapping[str, Binding],
        now: datetime,
    ) -> None:
        self._records = records
        self._settings = settings
        self._audience = audience
        self._texts = texts
        self._bindings = bindings
        self._now = now
        self._course = records.course
        self._students = keys.course(self._course.id, "students")
        self._teachers = keys.course(self._course.id, "teachers")

    def demand(self, standing: Container[str]) -> Demand:
        """Say how many channels the course asks for, and how it is built; `standing` are the channels in use."""
        modules = [keys.module(self._course.id, module.id) for module in self._records.modules]
        built = "channels" if any(key in standing for key in modules) else ""
        built = "forum" if self._forum_key in standing else built
        return Demand(self._course.id, len(modules), len(list(self._other_channels(""))), built)

    def resources(self, *, forum: bool) -> Iterator[Resource]:
        """Give the course's resources, in the order in which Discord should show them."""
        yield from self._roles()
        yield from self._places(forum=forum)
        if forum:
            yield from self._threads()
        for module in self._shown_modules() if forum else self._records.modules:
            place = keys.thread if forum else keys.module
            yield from self._messages(module, place(self._course.id, module.id))
        if self._settings.groups == "channels":
            yield from self._group_messages()

    def _roles(self) -> Iterator[Role]:
        title = self._course.title
        teachers = naming.suffixed(title, " · " + self._texts.text("teachers"))
        yield Role(self._teachers, teachers, TEACHER_COLOUR)
        yield Role(self._students, naming.display_name(title), STUDENT_COLOUR)
        if self._settings.groups != "off":
            for group in self._records.groups:
                name = naming.suffixed(title, " · " + naming.cut(naming.plain(group.title), 40))
                yield Role(keys.group(self._course.id, group.id, "role"), name, GROUP_COLOUR)

    def _places(self, *, forum: bool) -> Iterator[Resource]:
        channels = list(self._forum() if forum else self._module_channels())
        channels += self._other_channels(self._course.title)
        for number, part in enumerate(split(channels), 1):
            key = keys.nth(keys.course(self._course.id), number)
            name = naming.suffixed(self._course.title, f" ({number})" if number > 1 else "")
            yield Category(key, name, self._overwrites(hidden=False))
            for channel in part:
                yield Channel(channel.key, channel.name, channel.type, key, channel.topic, channel.overwrites)

    def _module_channels(self) -> Iterator[Channel]:
        for module in self._records.modules:
            yield Channel(
                keys.module(self._course.id, module.id),
                naming.channel_name(module.title),
                "text",
                topic=naming.cut(naming.plain(module.title), naming.TOPIC_LIMIT),
                overwrites=self._overwrites(hidden=module.hidden),
            )

    def _forum(self) -> Iterator[Channel]:
        if self._records.modules:
            name = naming.channel_name(self._texts.text("modules"))
            yield Channel(self._forum_key, name, "forum", topic="", overwrites=self._overwrites(hidden=False))

    def _other_channels(self, title: str) -> Iterator[Channel]:
        open_to_all = self._overwrites(hidden=False)
        general = keys.course(self._course.id, "general")
        if not self._records.modules or general in self._bindings:
            yield Channel(general, naming.channel_name(title), "text", topic="", overwrites=open_to_all)
        if self._settings.groups == "channels":
            yield from self._group_channels()
        if self._settings.voice:
            name = naming.display_name(title)
            yield Channel(keys.course(self._course.id, "voice"), name, "voice", overwrites=open_to_all)

    def _group_channels(self) -> Iterator[Channel]:
        for group in self._records.groups:
            role = keys.group(self._course.id, group.id, "role")
            yield Channel(
                keys.group(self._course.id, group.id, "channel"),
                naming.channel_name(group.title),
                "text",
                topic="",
                overwrites=self._audience.course(role, self._teachers, hidden=self._course.hidden),
            )

    def _threads(self) -> Iterator[Thread]:
        for module in self._shown_modules():
            yield Thread(keys.thread(self._course.id, module.id), naming.display_name(module.title), self._forum_key)

    def _shown_modules(self) -> Iterable[Module]:
        return [module for module in self._records.modules if not module.hidden]

    def _messages(self, module: Module, channel: str) -> Iterator[Resource]:
        """Give a module's posts, then its index, then the pins, last first: Discord shows the newest pin on top."""
        shown = self._released(module)
        if not shown:
            return
        messages = [self._post(material, channel) for material in shown]
        index = self._index(module, channel, shown)
        yield from messages
        yield index
        pinned: list[Post | Index] = [*reversed(messages[-(MAX_PINS - 1) :]), index]
        for post in pinned:
            yield Pin(keys.pin(post.key), post.key, channel, post.title)

    def _group_messages(self) -> Iterator[Resource]:
        """Give the posts that are for a group only, in the group's own channel; the index does not name them."""
        for group in self._records.groups:
            channel = keys.group(self._course.id, group.id, "channel")
            materials = [m for module in self._records.modules for m in self._released(module, group.id)]
            shown = [self._post(material, channel, group.id) for material in materials]
            yield from shown
            yield from (Pin(keys.pin(post.key), post.key, channel, post.title) for post in reversed(shown[-MAX_PINS:]))

    def _released(self, module: Module, group: str = "") -> list[Material]:
        """List what the course, or a group alone, may see now; of what is hidden only what was posted already."""
        hidden = module.hidden or self._course.hidden
        return [
            material
            for material in self._records.materials.get(module.id, ())
            if (group in material.groups if group else not material.groups)
            and visible(material, self._now)
            and not (hidden and keys.material(self._course.id, material.id, group) not in self._bindings)
        ]

    def _post(self, material: Material, channel: str, group: str = "") -> Post:
        body = posts.body(material, self._texts)
        key = keys.material(self._course.id, material.id, group)
        return Post(key, channel, posts.digest(body), body=body, title=material.title)

    def _index(self, module: Module, channel: str, shown: Iterable[Material]) -> Index:
        entries = tuple(IndexEntry(m.title, keys.material(self._course.id, m.id)) for m in shown)
        ids = [self._message_id(entry.post, channel) for entry in entries]
        digest = posts.index_digest(module.title, entries, ids)
        return Index(keys.index(self._course.id, module.id), channel, digest, module.title, entries)

    def _message_id(self, post: str, channel: str) -> str:
        """Return the bound message's id; a post that moves here gets a new one, so the index changes with it."""
        binding = self._bindings.get(post)
        place = self._bindings.get(channel)
        here = binding and place and binding.parent_id == place.discord_id
        return (binding.discord_id or "") if binding and here else ""

    @property
    def _forum_key(self) -> str:
        return keys.course(self._course.id, "forum")

    def _overwrites(self, *, hidden: bool) -> Overwrites:
        return self._audience.course(self._students, self._teachers, hidden=hidden or self._course.hidden)

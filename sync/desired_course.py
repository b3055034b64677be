"""What one course becomes on the server: a category, roles, channels or forum posts, and what is told in them."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sync import keys, naming
from sync.audience import Audience as Overwriting
from sync.desired_posts import OVERVIEW, CoursePosts, CourseRecords, Publication
from sync.layout import MAX_TAGS, TAG_LIMIT, TAGS_ON_A_POST, Demand, split
from sync.ledger import Binding
from sync.looks import kind_name
from sync.news import Audience, Newsroom, Told, notices
from sync.posts import news_digest
from sync.records import Material
from sync.resources import Category, Channel, Notice, Overwrites, Post, Resource, Role, Thread
from sync.settings_posts import PostSettings
from sync.texts import Texts

STUDENT_COLOUR = 0x3498DB
TEACHER_COLOUR = 0xE67E22
GROUP_COLOUR = 0x95A5A6


@dataclass(frozen=True, slots=True)
class Settings:
    """What a school chose for all of its courses."""

    groups: str
    voice: bool
    zone: ZoneInfo
    posts: PostSettings


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a school: bindings, and what they say of teachers' own materials and of what was told.

    `tags_by_hand` counts, by forum, the tags that people made there; in those `pinned_by_hand` they pinned a post.
    """

    bindings: Mapping[str, Binding]
    local: Mapping[str, tuple[Binding, ...]]
    told: Mapping[str, Told]
    tags_by_hand: Mapping[str, int]
    pinned_by_hand: frozenset[str]


class CourseState:
    """Build one course's resources; pure, `now` decides what is released."""

    def __init__(
        self,
        records: CourseRecords,
        settings: Settings,
        audience: Overwriting,
        texts: Texts,
        memory: Memory,
        now: datetime,
    ) -> None:
        self._records = records
        self._settings = settings
        self._audience = audience
        self._texts = texts
        self._memory = memory
        self._bindings = memory.bindings
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
        shown = self._posts(forum=forum)
        yield from self._roles()
        yield from self._places(shown, forum=forum)
        if forum:
            yield from self._threads(shown)
        messages = [*shown.messages()]
        if self._settings.groups == "channels":
            messages += [message for group in self._records.groups for message in shown.of_group(group)]
        yield from messages
        yield from self._notices(shown, frozenset(self._fresh(messages)))

    def audiences(self) -> Mapping[str, Overwrites]:
        """Map the Keys of the channels that the course has, in either layout, to who may be there."""
        channels = [*self._module_channels(), *self._forum(self._posts(forum=True)), *self._other_channels("")]
        return {channel.key: channel.overwrites or () for channel in channels}

    def _fresh(self, messages: Iterable[Resource]) -> Iterator[str]:
        """List the posts that are to be written: new ones, and those that read differently now."""
        for post in messages:
            known = self._bindings.get(post.key)
            if isinstance(post, Post) and (known is None or known.digest != post.digest):
                yield post.key

    def _posts(self, *, forum: bool) -> CoursePosts:
        shown = Publication(self._settings.posts, self._texts, self._bindings, self._memory.local, self._now, forum)
        return CoursePosts(self._records, shown)

    def _notices(self, shown: CoursePosts, fresh: frozenset[str]) -> Iterator[Notice]:
        """Give what is told to the course, and to each of its groups that has a channel."""
        school, memory = self._settings, self._memory
        newsroom = Newsroom(school.posts, school.zone, self._texts, self._bindings, memory.told, fresh, self._now)
        place, title = keys.course(self._course.id), self._course.title
        everybody = Audience(place, shown.home(), self._students, title)
        yield from notices(everybody, self._visible(shown), newsroom)
        for group in self._records.groups if self._settings.groups == "channels" else ():
            own = keys.group(self._course.id, group.id, "channel")
            role = keys.group(self._course.id, group.id, "role")
            some = Audience(own, own, role, f"{title} · {group.title}")
            yield from notices(some, self._visible(shown, group.id), newsroom)

    def _visible(self, shown: CoursePosts, group: str = "") -> dict[str, Material]:
        """Map the Keys of the posts that students see now to their materials."""
        if self._course.hidden:
            return {}
        return {
            keys.material(self._course.id, material.id, group): material
            for module, material in shown.released(group)
            if not module.hidden
        }

    def _told(self, shown: CoursePosts, group: str = "") -> dict[str, str]:
        return {key: news_digest(material) for key, material in self._visible(shown, group).items()}

    def _roles(self) -> Iterator[Role]:
        title = self._course.title
        teachers = naming.suffixed(title, " · " + self._texts.text("teachers"))
        yield Role(self._teachers, teachers, TEACHER_COLOUR)
        yield Role(self._students, naming.display_name(title), STUDENT_COLOUR)
        if self._settings.groups != "off":
            for group in self._records.groups:
                name = naming.suffixed(title, " · " + naming.cut(naming.plain(group.title), 40))
                yield Role(keys.group(self._course.id, group.id, "role"), name, GROUP_COLOUR)

    def _places(self, shown: CoursePosts, *, forum: bool) -> Iterator[Resource]:
        channels = list(self._forum(shown) if forum else self._module_channels())
        channels += self._other_channels(self._course.title, shown)
        for number, part in enumerate(split(channels), 1):
            key = keys.nth(keys.course(self._course.id), number)
            name = naming.suffixed(self._course.title, f" ({number})" if number > 1 else "")
            told = self._told(shown) if number == 1 else {}
            yield Category(key, name, self._overwrites(hidden=False), told)
            yield from (replace(channel, parent=key) for channel in part)

    def _module_channels(self) -> Iterator[Channel]:
        for module in self._records.modules:
            yield Channel(
                keys.module(self._course.id, module.id),
                naming.channel_name(module.title),
                "text",
                topic=naming.cut(naming.plain(module.title), naming.TOPIC_LIMIT),
                overwrites=self._overwrites(hidden=module.hidden),
            )

    def _forum(self, shown: CoursePosts) -> Iterator[Channel]:
        if self._records.modules:
            name = naming.channel_name(self._texts.text("modules"))
            tags = tuple(sorted(self._tags(shown)))
            yield Channel(
                self._forum_key, name, "forum", topic="", overwrites=self._overwrites(hidden=False), tags=tags
            )

    def _tags(self, shown: CoursePosts) -> frozenset[str]:
        """Choose the forum's tags: the kinds that most modules have, as many as a forum takes."""
        kinds = Counter(kind for module in self._records.modules for kind in shown.kinds(module))
        frequent = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
        room = max(0, MAX_TAGS - self._memory.tags_by_hand.get(self._forum_key, 0))
        return frozenset([*dict.fromkeys(map(self._tag, frequent))][:room])

    def _tag(self, kind: str) -> str:
        return naming.cut(kind_name(kind, self._texts), TAG_LIMIT)

    def _other_channels(self, title: str, shown: CoursePosts | None = None) -> Iterator[Channel]:
        open_to_all = self._overwrites(hidden=False)
        general = keys.course(self._course.id, "general")
        if not self._records.modules or general in self._bindings:
            yield Channel(general, naming.channel_name(title), "text", topic="", overwrites=open_to_all)
        if self._settings.groups == "channels":
            yield from self._group_channels(shown)
        if self._settings.voice:
            name = naming.display_name(title)
            yield Channel(keys.course(self._course.id, "voice"), name, "voice", overwrites=open_to_all)

    def _group_channels(self, shown: CoursePosts | None) -> Iterator[Channel]:
        for group in self._records.groups:
            role = keys.group(self._course.id, group.id, "role")
            yield Channel(
                keys.group(self._course.id, group.id, "channel"),
                naming.channel_name(group.title),
                "text",
                topic="",
                overwrites=self._audience.course(role, self._teachers, hidden=self._course.hidden),
                told=self._told(shown, group.id) if shown else {},
            )

    def _threads(self, shown: CoursePosts) -> Iterator[Thread]:
        """Give the forum's posts, the last module first: Discord shows the newest post on top."""
        known = self._tags(shown)
        for module in reversed([module for module in self._records.modules if not module.hidden]):
            tags = [tag for tag in dict.fromkeys(map(self._tag, shown.kinds(module))) if tag in known]
            name, first = naming.display_name(module.title), tuple(sorted(tags[:TAGS_ON_A_POST]))
            yield Thread(keys.thread(self._course.id, module.id), name, self._forum_key, tags=first)
        if home := shown.home():
            name = naming.display_name(self._texts.text(OVERVIEW).format(course=self._course.title))
            pinned = None if self._forum_key in self._memory.pinned_by_hand else True
            yield Thread(home, name, self._forum_key, tags=(), pinned=pinned)

    @property
    def _forum_key(self) -> str:
        return keys.course(self._course.id, "forum")

    def _overwrites(self, *, hidden: bool) -> Overwrites:
        return self._audience.course(self._students, self._teachers, hidden=hidden or self._course.hidden)

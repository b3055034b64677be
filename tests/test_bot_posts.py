"""Posts with files, discussions, notices and tags on a server, and how many requests each costs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.files import SourceFiles
from bot.pulls import pull
from bot.runs import RunResult
from sandbox.faults import Fault, Kind
from sync import keys
from sync.errors import KopirError, Refused, Retriable
from sync.ports import Progress, unwatched
from sync.reconcile import Status
from sync.records import (
    Course,
    Enrolment,
    File,
    Group,
    Material,
    Module,
    Person,
    Pulled,
    Snapshot,
    StoredPull,
)
from tests import openapi_bodies
from tests.rehearsal import Rehearsal, rehearsal, writes
from tests.trouble import MESSAGE, MESSAGES, PIN

POST, PATCH, UNPIN = f"POST {MESSAGES}", f"PATCH {MESSAGE}", f"DELETE {PIN}"
OPEN, EDIT = f"POST {MESSAGE}/threads", "PATCH /channels/{channel_id}"
SILENT = "notices = off"
COURSE = "rosters:alg"
PLACE = keys.module(COURSE, "1")
MIB = 2**20


class Teaching:
    """A source in memory, in the place of the rosters: one course with two modules, its materials and their files."""

    name, type = "rosters", "csv"

    def __init__(self) -> None:
        self.materials: tuple[Material, ...] = ()
        self.modules = tuple(Module(str(n), "alg", f"Unit {n}", position=n) for n in (1, 2))
        self.groups: tuple[Group, ...] = ()
        self.fail: dict[str, KopirError] = {}
        self.fetched: list[str] = []

    def pull(self, previous: Callable[[], Snapshot], progress: Progress = unwatched) -> Pulled:
        materials = tuple(replace(one, position=place) for place, one in enumerate(self.materials))
        people = (Person("s1", "Asem", discord="asem"), Person("t1", "Aiman", discord="aiman"))
        enrolments = (Enrolment("s1", "alg", groups=tuple(group.id for group in self.groups)),)
        courses = (Course("alg", "Algebra"),)
        return Pulled(Snapshot(courses, self.modules, materials, people, enrolments, self.groups))

    def tell_waiting(self, lines: Sequence[str]) -> None:
        pass

    def acknowledge(self, pulled: Pulled, stored: StoredPull | None) -> None:
        return

    def download(self, file: File, limit: int) -> bytes:
        self.fetched.append(file.name)
        if file.name in self.fail:
            raise self.fail[file.name]
        return file.hash.encode().ljust(file.size, b".")[: file.size]


class School:
    """A rehearsal whose records come from `Teaching`."""

    def __init__(self, stage: Rehearsal) -> None:
        self.stage, self.source = stage, Teaching()
        stage.files = SourceFiles([self.source], stage.school.posts.largest_file)

    async def run(self, *materials: Material) -> RunResult:
        """Pull these materials and apply; what it sent is counted from here on."""
        self.source.materials = materials
        await asyncio.to_thread(pull, self.stage.app.store, self.stage.school.id, self.source)
        self.stage.sent()
        return await self.stage.apply()

    async def sync(self, *materials: Material) -> dict[str, int]:
        """Run, let nothing fail, and return the writes; a second run must find nothing to do."""
        result = await self.run(*materials)
        assert [(o.change.key, o.message) for o in result.report.outcomes if o.status is not Status.APPLIED] == []
        assert not openapi_bodies.problems(self.stage.sandbox.counts.records)
        sent = writes(self.stage.sent())
        await self.stage.apply()
        assert writes(self.stage.sent()) == {}
        return sent

    async def message(self, key: str) -> dict[str, Any]:
        binding = self.stage.app.store.bindings(self.stage.school.id)[key]
        found = await self.stage.by_hand("GET", f"/channels/{binding.parent_id}/messages/{binding.discord_id}")
        return dict(found)

    async def messages(self, place: str) -> list[dict[str, Any]]:
        found = await self.stage.by_hand("GET", f"/channels/{self.stage.id_of(place)}/messages?limit=100")
        return list(found)

    async def channel(self, key: str) -> dict[str, Any]:
        found = await self.stage.by_hand("GET", f"/channels/{self.stage.id_of(key)}")
        return dict(found)

    async def notices(self) -> list[dict[str, Any]]:
        """List the messages in the course's channels that call somebody, oldest first."""
        places = [key for key, b in self.stage.app.store.bindings("one").items() if b.kind in {"channel", "thread"}]
        found = [m for place in places if "/" in place for m in await self.messages(place) if m["content"]]
        return sorted(found, key=lambda message: int(message["id"]))


@asynccontextmanager
async def school(folder: Path, options: str = SILENT) -> AsyncIterator[School]:
    async with rehearsal(folder, {}, ("asem", "aiman"), options=f"voice = no\n{options}") as stage:
        yield School(stage)


def item(id_: str = "m", module: str = "1", **more: Any) -> Material:
    return Material(id_, "alg", module, more.pop("title", f"Material {id_}"), **more)


def post_of(id_: str = "m", group: str = "") -> str:
    return keys.material(COURSE, id_, group)


def pdf(name: str, version: str = "1", size: int = 9) -> File:
    return File(name, size, "application/pdf", f"{version}{name}")


def held(message: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(one["filename"], one["size"]) for one in message["attachments"]]


def ids(message: Mapping[str, Any]) -> dict[str, str]:
    return {one["filename"]: one["id"] for one in message["attachments"]}


async def test_files_hang_on_their_materials_message(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(
            item(title="Slides", type="file", text="Read it", files=(pdf("week/a.pdf"), pdf("b.pdf", size=5)))
        )
        message = await one.message(post_of())
        assert held(message) == [("a.pdf", 9), ("b.pdf", 5)]
        (embed,) = message["embeds"]
        assert (embed["author"]["name"], embed["title"], embed["description"]) == ("📄 File", "Slides", "Read it")
        path = message["attachments"][0]["url"].partition("/_sandbox")[2]
        async with one.stage.session.get(f"{one.stage.sandbox.url}/_sandbox{path}") as answer:
            assert await answer.read() == b"1week/a.p"


async def test_a_replaced_file_is_one_request_and_the_others_are_neither_fetched_nor_sent(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(files=(pdf("a.pdf"), pdf("b.pdf"))))
        before = ids(await one.message(post_of()))
        one.source.fetched.clear()
        assert await one.sync(item(files=(pdf("a.pdf", "2"), pdf("b.pdf")))) == {PATCH: 1}
        after = ids(await one.message(post_of()))
        assert one.source.fetched == ["a.pdf"]
        assert after["b.pdf"] == before["b.pdf"]
        assert after["a.pdf"] != before["a.pdf"]
        assert len(after) == 2


async def test_a_text_that_changes_leaves_the_files_alone_and_a_file_that_goes_is_taken_off(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(files=(pdf("a.pdf"), pdf("b.pdf"))))
        before = ids(await one.message(post_of()))
        one.source.fetched.clear()
        assert await one.sync(item(text="New", files=(pdf("a.pdf"), pdf("b.pdf")))) == {PATCH: 1}
        assert ids(await one.message(post_of())) == before
        assert await one.sync(item(text="New", files=(pdf("b.pdf"),))) == {PATCH: 1}
        assert ids(await one.message(post_of())) == {"b.pdf": before["b.pdf"]}
        assert one.source.fetched == []


async def test_a_file_that_cannot_be_had_is_named_until_the_post_changes(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        one.source.fail["b.pdf"] = Refused("the token has expired")
        files = (pdf("a.pdf"), pdf("b.pdf"))
        await one.sync(item(files=files))
        message = await one.message(post_of())
        assert [name for name, _ in held(message)] == ["a.pdf"]
        assert message["embeds"][0]["description"] == "📎 b.pdf (1 kB)"
        assert await one.sync(item(files=files)) == {}
        one.source.fail.clear()
        assert await one.sync(item(text="New", files=files)) == {PATCH: 1}
        message = await one.message(post_of())
        assert [name for name, _ in held(message)] == ["a.pdf", "b.pdf"]
        assert message["embeds"][0]["description"] == "New"


async def test_a_file_that_is_too_large_for_the_server_is_named(tmp_path: Path) -> None:
    async with school(tmp_path, options="attachments = 25") as one:
        await one.run(item(files=(replace(pdf("b.pdf"), size=11 * MIB),)))
        message = await one.message(post_of())
        assert held(message) == []
        assert message["embeds"][0]["description"] == "📎 b.pdf (11 MB)"


async def test_a_source_that_is_away_delays_its_own_post_only(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        one.source.fail["a.pdf"] = Retriable("Moodle is away")
        result = await one.run(item("m", files=(pdf("a.pdf"),)), item("other"))
        failed = {o.change.key: o.message for o in result.report.outcomes if o.status is Status.FAILED}
        assert failed == {post_of(): "Moodle is away"}
        assert (await one.message(post_of("other")))["embeds"][0]["title"] == "Material other"
        one.source.fail.clear()
        await one.sync(item("m", files=(pdf("a.pdf"),)), item("other"))
        assert held(await one.message(post_of())) == [("a.pdf", 9)]
        titles = [m["embeds"][0]["title"] for m in await one.messages(PLACE)]
        assert sorted(titles) == ["Course overview: Algebra", "Material m", "Material other", "Unit 1"]


async def test_a_file_too_large_for_the_school_is_named_with_its_page(tmp_path: Path) -> None:
    async with school(tmp_path, f"{SILENT}\nattachments = 1") as one:
        await one.sync(item(url="https://x.kz/7", files=(pdf("film.mp4", size=MIB + 1), pdf("a.pdf"))))
        message = await one.message(post_of())
        assert held(message) == [("a.pdf", 9)]
        assert message["embeds"][0]["description"] == "📎 [film.mp4](https://x.kz/7) (1 MB)"
        assert one.source.fetched == ["a.pdf"]


async def test_a_file_as_large_as_discord_takes_is_attached(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(files=(pdf("film.mp4", size=10 * MIB),)))
        assert held(await one.message(post_of())) == [("film.mp4", 10 * MIB)]


async def test_a_file_of_several_groups_is_fetched_once(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        one.source.groups = tuple(Group(f"g{n}", "alg", f"Group {n}") for n in range(4))
        await one.sync(item(groups=("g0", "g1", "g2", "g3"), files=(pdf("a.pdf"),)))
        assert one.source.fetched == ["a.pdf"]
        for group in one.source.groups:
            assert held(await one.message(post_of(group=f"rosters:{group.id}"))) == [("a.pdf", 9)]


async def test_a_material_that_went_loses_its_text_its_files_and_its_pin(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        book = item("m", title="Book", type="file", text="Read it", url="https://x.kz/1", files=(pdf("a.pdf"),))
        await one.sync(book, item("other"))
        assert await one.sync(item("other")) == {PATCH: 2, UNPIN: 1}, "the post and the list; its pin"
        message = await one.message(post_of())
        assert (message["content"], message["attachments"], message["pinned"]) == ("", [], False)
        (embed,) = message["embeds"]
        assert {name: embed[name] for name in ("title", "description")} == {
            "title": "~~Book~~",
            "description": "-# no longer part of the course",
        }
        assert not {"author", "url"} & set(embed)
        await one.sync(book, item("other"))
        again = await one.message(post_of())
        assert (held(again), again["pinned"], again["id"]) == ([("a.pdf", 9)], True, message["id"])


async def test_a_material_that_moves_takes_its_files_along(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(files=(pdf("a.pdf"),)), item("there", "2"), item("here"))
        old = await one.message(post_of())
        sent = await one.sync(item(module="2", files=(pdf("a.pdf"),)), item("there", "2"), item("here"))
        lists, lifted = 2, 1
        assert {route: sent[route] for route in (PATCH, UNPIN, POST)} == {PATCH: 1 + lists, UNPIN: 1 + lifted, POST: 1}
        left = await one.stage.by_hand("GET", f"/channels/{old['channel_id']}/messages/{old['id']}")
        assert (left["attachments"], left["embeds"][0]["description"]) == ([], "-# moved to: Unit 2")
        assert held(await one.message(post_of())) == [("a.pdf", 9)]
        assert one.source.fetched == ["a.pdf"], "kept in memory"


QUIZ: dict[str, Any] = {"title": "Test", "type": "quiz"}


async def test_a_discussion_is_opened_once_and_renamed_with_its_material(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        first = await one.sync(item(**QUIZ), item("book", type="file"))
        assert first[OPEN] == 1
        thread = await one.channel(post_of())
        assert (thread["name"], thread["parent_id"]) == ("Test", one.stage.id_of(PLACE))
        assert thread["thread_metadata"]["auto_archive_duration"] == 10_080
        lists = 1
        sent = await one.sync(item(title="Test 1", type="quiz"), item("book", type="file"))
        assert sent == {PATCH: 1 + lists, EDIT: 1}
        assert (await one.channel(post_of()))["name"] == "Test 1"


async def fold(one: School) -> None:
    await one.stage.by_hand("PATCH", f"/channels/{one.stage.id_of(post_of())}", {"archived": True})


async def folded(one: School) -> bool:
    return bool((await one.channel(post_of()))["thread_metadata"]["archived"])


async def test_a_discussion_that_was_folded_away_is_woken_by_a_change_of_its_material_alone(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(**QUIZ))
        await fold(one)
        assert await one.sync(item(**QUIZ)) == {}
        await one.sync(item(**QUIZ), item("other"))
        assert await folded(one)
        assert await one.sync(item(**QUIZ, text="An answer"), item("other")) == {PATCH: 1, EDIT: 1}
        assert not await folded(one)
        assert await one.sync(item(**QUIZ, text="Two answers"), item("other")) == {PATCH: 1}, "it is open already"
        await fold(one)
        assert (await one.sync(item("other")))[PATCH] == 2
        assert await folded(one), "nobody is called back to what is gone"


async def test_a_thread_that_somebody_opened_first_is_taken_as_the_discussion(tmp_path: Path) -> None:
    async with school(tmp_path, f"{SILENT}\ndiscussion = off") as one:
        await one.sync(item(**QUIZ))
        message = await one.message(post_of())
        path = f"/channels/{message['channel_id']}/messages/{message['id']}/threads"
        await one.stage.by_hand("POST", path, {"name": "How?"}, one.stage.users["asem"])
        await one.stage.by_hand(
            "POST", f"/channels/{message['id']}/messages", {"content": "Help"}, one.stage.users["asem"]
        )
        posts = replace(one.stage.school.posts, discussed=None)
        one.stage.app = replace(one.stage.app, schools=(replace(one.stage.school, posts=posts),))
        assert await one.sync(item(**QUIZ)) == {OPEN: 1, EDIT: 1}
        thread = await one.channel(keys.discussion(post_of()))
        assert (thread["id"], thread["name"]) == (message["id"], "Test")
        assert "Help" in {m["content"] for m in await one.messages(keys.discussion(post_of()))}


async def test_a_discussion_that_somebody_deleted_is_opened_again_once_its_material_changes(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(**QUIZ))
        await one.stage.by_hand("DELETE", f"/channels/{one.stage.id_of(post_of())}")
        result = await one.run(item(**QUIZ, text="An answer"))
        assert result.report.count(Status.FAILED) == 1
        assert await one.sync(item(**QUIZ, text="An answer")) == {OPEN: 1}


async def test_a_discussion_of_a_material_that_moves_is_opened_there_and_the_old_one_stays(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        await one.sync(item(**QUIZ))
        old = one.stage.id_of(post_of())
        assert (await one.sync(item(module="2", **QUIZ)))[OPEN] == 1
        assert (await one.channel(post_of()))["parent_id"] == one.stage.id_of(keys.module(COURSE, "2"))
        assert (await one.stage.by_hand("GET", f"/channels/{old}"))["name"] == "Test"


async def test_a_run_cut_after_opening_a_discussion_does_not_open_another(tmp_path: Path) -> None:
    async with school(tmp_path) as one:
        one.stage.sandbox.faults.arm(Fault(Kind.LOSE, "POST", f"{MESSAGE}/threads", count=None))
        assert (await one.run(item(**QUIZ))).report.count(Status.FAILED) == 1
        one.stage.sandbox.faults.clear()
        await one.sync(item(**QUIZ))
        assert (await one.channel(keys.discussion(post_of())))["name"] == "Test"


async def test_a_notice_pings_exactly_the_courses_students(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        await one.sync(item("old"))
        assert await one.notices() == []
        sent = await one.sync(item("old"), item("m", "2", title="@everyone <@1>", type="quiz"))
        (notice,) = await one.notices()
        role = one.stage.id_of(keys.course(COURSE, "students"))
        assert notice["content"] == f"<@&{role}>"
        assert (notice["mention_roles"], notice["mentions"], notice["mention_everyone"]) == ([role], [], False)
        assert notice["channel_id"] == one.stage.id_of(PLACE)
        assert not notice["flags"], "it may be heard"
        (embed,) = notice["embeds"]
        channel, post = one.stage.id_of(keys.module(COURSE, "2")), one.stage.id_of(post_of())
        link = f"https://discord.com/channels/{one.stage.sandbox.guild_id}/{channel}/{post}"
        assert (embed["title"], embed["description"]) == ("News: Algebra", f"🆕 ❓ [\\@everyone \\<\\@1>]({link})")
        assert sent[POST] == 3, "the post, the list of its module, the notice"


async def test_all_but_notices_are_silent(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        await one.sync(item(**QUIZ))
        posted = [m for place in (PLACE, keys.module(COURSE, "2")) for m in await one.messages(place)]
        assert {(m["flags"] & (1 << 12) > 0, str(m["mention_roles"] + m["mentions"])) for m in posted} == {(True, "[]")}


async def test_forty_materials_at_once_are_one_notice(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        await one.sync()
        many = [item(f"m{n:02}") for n in range(40)]
        sent = await one.sync(*many)
        assert sent[POST] == 40 + 2 + 1, "posts, pages of the list, the notice"
        (notice,) = await one.notices()
        text = notice["embeds"][0]["description"]
        assert len(text) <= 4096
        shown = text.count("🆕")
        assert text.endswith(f"\n… and {40 - shown} more")
        changed = [replace(one_, text="changed") for one_ in many]
        assert (await one.sync(*changed)) == {PATCH: 40, POST: 1}
        assert [m["embeds"][0]["description"].count("✏️") for m in await one.notices()] == [0, shown]


async def test_a_groups_notice_stands_in_its_channel_and_calls_the_group(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        one.source.groups = (Group("g1", "alg", "Group 1"), Group("g2", "alg", "Group 2"))
        await one.sync()
        await one.sync(item(groups=("g1",)))
        (notice,) = await one.notices()
        group = keys.group(COURSE, "rosters:g1", "role")
        assert notice["mention_roles"] == [one.stage.id_of(group)]
        assert notice["channel_id"] == one.stage.id_of(keys.group(COURSE, "rosters:g1", "channel"))


async def test_a_notice_whose_answer_was_lost_is_not_sent_twice(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        await one.sync(item("old"))
        one.stage.sandbox.faults.arm(Fault(Kind.LOSE, "POST", MESSAGES, count=None, after=1))
        result = await one.run(item("old"), item("m"))
        assert [o.change.kind for o in result.report.outcomes if o.status is Status.FAILED] == ["notice"]
        one.stage.sandbox.faults.clear()
        one.stage.sandbox.world.nonces.clear()
        assert await one.sync(item("old"), item("m")) == {}
        assert len(await one.notices()) == 1


async def test_what_could_not_be_posted_is_told_of_once_it_stands(tmp_path: Path) -> None:
    async with school(tmp_path, "") as one:
        await one.sync(item("old"))
        one.source.fail["a.pdf"] = Retriable("Moodle is away")
        with_file = item("m", files=(pdf("a.pdf"),))
        await one.run(item("old"), with_file, item("n"))
        one.source.fail.clear()
        await one.sync(item("old"), with_file, item("n"))
        told = [m["embeds"][0]["description"].partition("]")[0] for m in await one.notices()]
        assert told == ["🆕 📌 [Material n", "🆕 📌 [Material m"]


FORUM = f"layout = forum\n{SILENT}"


async def test_tags_that_people_made_in_a_forum_stay_as_they_are_on_it_and_on_its_posts(tmp_path: Path) -> None:
    async with school(tmp_path, FORUM) as one:
        await one.sync(item(**QUIZ))
        forum = await one.channel(keys.course(COURSE, "forum"))
        theirs = {"name": "Urgent", "moderated": True, "emoji_name": "🔥"}
        body = {"available_tags": [*forum["available_tags"], theirs]}
        now = await one.stage.by_hand("PATCH", f"/channels/{forum['id']}", body)
        urgent = next(tag for tag in now["available_tags"] if tag["name"] == "Urgent")
        thread = one.stage.id_of(keys.thread(COURSE, "1"))
        quiz = next(tag["id"] for tag in now["available_tags"] if tag["name"] == "Quiz")
        await one.stage.by_hand("PATCH", f"/channels/{thread}", {"applied_tags": [urgent["id"], quiz]})
        assert await one.sync(item(**QUIZ)) == {}
        await one.sync(item(**QUIZ), item("book", type="book"))
        now = await one.channel(keys.course(COURSE, "forum"))
        names = {tag["id"]: tag["name"] for tag in now["available_tags"]}
        assert set(names.values()) == {"Urgent", "Quiz", "Book"}
        assert urgent in now["available_tags"]
        assert names[quiz] == "Quiz", "posts keep their tag, as it keeps its id"
        applied = (await one.stage.by_hand("GET", f"/channels/{thread}"))["applied_tags"]
        assert {names[tag] for tag in applied} == {"Urgent", "Quiz", "Book"}


async def test_a_forums_overview_is_pinned_above_the_modules(tmp_path: Path) -> None:
    async with school(tmp_path, FORUM) as one:
        await one.sync(item(**QUIZ))
        home = await one.channel(keys.overview_thread(COURSE))
        assert (home["name"], home["flags"]) == ("Course overview: Algebra", 1 << 1)
        first = await one.message(keys.overview(COURSE))
        assert (first["id"], first["content"], first["pinned"]) == (home["id"], "", True)
        units = [f"/{one.stage.id_of(keys.thread(COURSE, n))})" for n in "12"]
        assert [
            line[-len(unit) :] for line, unit in zip(first["embeds"][0]["description"].split("\n"), units, strict=True)
        ] == units
        assert (await one.channel(keys.thread(COURSE, "1")))["flags"] == 0


@pytest.mark.parametrize("locked", [False, True], ids=["folded away by Discord", "locked by a run that was killed"])
async def test_a_forum_post_that_is_folded_away_is_locked_when_its_module_goes(tmp_path: Path, locked: bool) -> None:
    async with school(tmp_path, f"{SILENT}\nlayout = forum\nremoval_limit = 100") as one:
        await one.sync(item("a"), item("b", "2"))
        place = one.stage.id_of(keys.thread(COURSE, "2"))
        await one.stage.by_hand("PATCH", f"/channels/{place}", {"archived": True, "locked": locked})
        one.source.modules = one.source.modules[:1]
        await one.sync(item("a"))
        state = (await one.channel(keys.thread(COURSE, "2")))["thread_metadata"]
        assert (state["archived"], state["locked"]) == (True, True)


async def test_files_in_a_forum_post_that_was_folded_away(tmp_path: Path) -> None:
    async with school(tmp_path, FORUM) as one:
        await one.sync(item(**QUIZ))
        thread = one.stage.id_of(keys.thread(COURSE, "1"))
        await one.stage.by_hand("PATCH", f"/channels/{thread}", {"archived": True})
        assert await one.sync(item(**QUIZ)) == {}
        await one.sync(item(**QUIZ), item("n", type="quiz", files=(pdf("a.pdf"),)))
        assert held(await one.message(post_of("n"))) == [("a.pdf", 9)]


async def test_a_first_sync_of_a_forum_costs_one_request_per_thing_and_one_for_its_pinned_post(tmp_path: Path) -> None:
    async with school(tmp_path, FORUM) as one:
        result = await one.run(item(**QUIZ, files=(pdf("a.pdf"),)), item("n", "2"))
        sent = one.stage.sent()
        made = Counter(change.kind for change in result.plan.changes)
        opened = made["thread"]
        starters = opened  # the overview and the modules' lists open the posts
        assert (made["post"], made["index"], made["discussion"], opened) == (2, 3, 0, 3)
        assert {route: count for route, count in sent.items() if "channels/{channel_id}" in route} == {
            "POST /channels/{channel_id}/threads": opened,
            EDIT: 1,
            POST: made["post"],
            PATCH: starters,
            f"PUT {PIN}": made["pin"],
            f"GET {MESSAGES}": opened,
            f"POST {MESSAGES}/bulk-delete": 2,
            f"DELETE {MESSAGE}": 1,
        }


async def test_a_tag_that_goes_from_the_forum_goes_from_its_posts_and_later_changes_work(tmp_path: Path) -> None:
    async with school(tmp_path, f"{SILENT}\nlayout = forum") as one:
        await one.sync(item("a", type="book"), item("b", "2", type="link"))
        await one.sync(item("a", type="link"), item("b", "2", type="link"))
        await one.sync(item("a", type="link"), item("c", type="video"), item("b", "2", type="link"))
        thread = await one.channel(keys.thread(COURSE, "1"))
        forum = await one.channel(keys.course(COURSE, "forum"))
        names = {tag["id"]: tag["name"] for tag in forum["available_tags"]}
        assert {names[tag] for tag in thread["applied_tags"]} == {"Link", "Video"}

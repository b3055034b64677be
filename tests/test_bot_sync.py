"""The main job against a real server process and real HTTP: what a user would see on Discord after a sync."""

from collections import Counter
from pathlib import Path

import pytest

from bot.runs import RunResult
from sandbox.bits import BOT_DEFAULT
from sandbox.bits import Permission as Bits
from sandbox.server import Settings
from sync import keys
from sync.errors import Refused, Stopped
from sync.permissions import Permission
from sync.removals import MISSING_FILE
from tests.rehearsal import COURSES, ENROLMENTS, MATERIALS, PEOPLE, SCHOOL, rehearsal, writes
from tests.service_stage import people

SEE = Permission.VIEW_CHANNEL
WRITE = Permission.SEND_MESSAGES
MODULE = keys.module("rosters:alg", "дәрежелер")


def settled(result: RunResult) -> bool:
    """Tell that a run found nothing to do, and show what it did if not."""
    assert [(change.action.value, change.key, dict(change.fields)) for change in result.plan.changes] == []
    return not result.plan.held


async def test_first_sync_sends_one_request_per_thing(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        stage.sent()
        result = await stage.sync()
        sent = stage.sent()
        made = Counter(change.kind for change in result.plan.changes)
        notices = sum(len(c["pins"]) > 1 for c in (await stage.server())["channels"] if "pins" in c)
        assert writes(sent) == {
            "POST /guilds/{guild_id}/roles": made["role"],
            "POST /guilds/{guild_id}/channels": made["category"] + made["channel"],
            "POST /channels/{channel_id}/messages": made["post"] + made["index"],
            "PUT /channels/{channel_id}/messages/pins/{message_id}": made["pin"],
            "PATCH /guilds/{guild_id}/members/{user_id}": 4,
            "PATCH /guilds/{guild_id}/roles": 1,
            "POST /channels/{channel_id}/messages/{message_id}/threads": made["discussion"],
            "POST /channels/{channel_id}/messages/bulk-delete": notices,
        }
        assert result.plan.estimate.requests == sum(sent.values()) - 6


async def test_every_write_names_its_run_and_no_message_can_ping_or_double(tmp_path: Path) -> None:
    loud = MATERIALS + "bio,Клетка,Тест @everyone **<@1>**,https://example.org/x,,,,\n"
    async with rehearsal(tmp_path, {**SCHOOL, "materials.csv": loud}) as stage:
        stage.sent()
        result = await stage.sync()
        written = [record for record in stage.sandbox.counts.records if record.method != "GET"]
        assert {record.reason for record in written} == {f"Kopir, run {result.id}"}
        messages = [r.body for r in written if (r.method, r.route) == ("POST", "/channels/{channel_id}/messages")]
        assert {str(body["allowed_mentions"]) for body in messages} == {"{'parse': []}"}
        assert all(body["enforce_nonce"] for body in messages)
        assert len({body["nonce"] for body in messages}) == len(messages)
        assert {body["content"] for body in messages} == {""}
        assert "Тест \\@everyone \\*\\*\\<\\@1>\\*\\*" in {body["embeds"][0]["title"] for body in messages}


async def test_second_sync_sends_no_write_and_reads_a_handful(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        stage.sent()
        await stage.sync()
        assert stage.sent() == {
            "GET /guilds/{guild_id}": 1,
            "GET /users/@me": 1,
            "GET /guilds/{guild_id}/roles": 1,
            "GET /guilds/{guild_id}/channels": 1,
            "GET /guilds/{guild_id}/threads/active": 1,
            "GET /guilds/{guild_id}/members": 1,
        }


async def test_people_get_their_real_name_and_the_roles_of_their_enrolments(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        assert await stage.nick("asem") == "Әсем Қайратқызы"
        assert await stage.roles("asem") == {"School member", "Алгебра", "Алгебра · 7А"}
        assert await stage.roles("aiman") == {"School member", "Алгебра · teachers"}
        assert await stage.roles("stranger") == set()


@pytest.mark.parametrize(
    ("who", "place", "sees", "writes_there"),
    [
        pytest.param("asem", MODULE, True, True, id="a student in the course's module"),
        pytest.param("aiman", MODULE, True, True, id="a teacher in the course's module"),
        pytest.param("dana", MODULE, False, False, id="a student of another course"),
        pytest.param("stranger", MODULE, False, False, id="a newcomer"),
        pytest.param("asem", keys.group("rosters:alg", "7а", "channel"), True, True, id="a group's student"),
        pytest.param("oleg", keys.group("rosters:alg", "7а", "channel"), False, False, id="a student of another group"),
        pytest.param("aiman", keys.group("rosters:alg", "7а", "channel"), True, True, id="a teacher in a group"),
        pytest.param("stranger", keys.base_channel("rules"), True, False, id="a newcomer reads the rules"),
        pytest.param("stranger", keys.base_channel("sorting"), True, True, id="a newcomer in the sorting room"),
        pytest.param("stranger", keys.base_channel("general"), False, False, id="a newcomer in the general channel"),
        pytest.param("dana", keys.base_channel("announcements"), True, False, id="a student reads announcements"),
        pytest.param("dana", keys.base_channel("staff"), False, False, id="a student in the staff channel"),
    ],
)
async def test_who_sees_and_writes_what(tmp_path: Path, who: str, place: str, sees: bool, writes_there: bool) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        allowed = await stage.permissions(who, place)
        assert (bool(allowed & SEE), bool(allowed & WRITE)) == (sees, writes_there)


async def test_only_teachers_pin_and_manage_messages_of_their_course(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        lead = Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES
        assert await stage.permissions("aiman", MODULE) & lead == lead
        assert not await stage.permissions("asem", MODULE) & lead
        assert await stage.permissions("asem", MODULE) & Permission.CREATE_PUBLIC_THREADS


async def test_materials_are_pinned_in_the_sources_order_under_the_overview_and_their_list(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        channel = stage.id_of(MODULE)
        pins = (await stage.by_hand("GET", f"/channels/{channel}/messages/pins"))["items"]
        shown = [pin["message"]["embeds"][0] for pin in pins]
        assert [item["title"] for item in shown] == ["Course overview: Алгебра", "Дәрежелер", "Оқулық", "Үй жұмысы"]
        assert [item.get("author", {}).get("name") for item in shown[2:]] == ["🔗 Link", "📝 Assignment"]
        modules = shown[0]["description"].split("\n")
        assert [line.partition("]")[0] for line in modules] == ["1. [Дәрежелер", "2. [Функция"]
        assert modules[0].endswith(f"/{channel})")
        lines = shown[1]["description"].split("\n")
        assert [line.partition("]")[0] for line in lines] == ["1. 🔗 [Оқулық", "2. 📝 [Үй жұмысы"]
        assert lines[0].endswith(f"/{channel}/{pins[2]['message']['id']})")
        assert " · <t:" in lines[1]
        messages = await stage.by_hand("GET", f"/channels/{channel}/messages")
        assert {message["type"] for message in messages} == {0}, "no pin notices are left"


async def test_a_renamed_course_is_renamed_and_keeps_its_messages(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        before = stage.id_of("course/rosters:alg")
        result = await stage.sync({"courses.csv": COURSES.replace("Алгебра", "Алгебра 7")})
        assert stage.id_of("course/rosters:alg") == before
        assert {change.action.value for change in result.plan.changes} == {"update"}
        assert await stage.roles("asem") == {"School member", "Алгебра 7", "Алгебра 7 · 7А"}


async def test_a_changed_material_is_edited_in_place_with_one_request(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="notices = off") as stage:
        await stage.sync()
        stage.sent()
        await stage.sync({"materials.csv": MATERIALS.replace("example.org/book", "example.org/book2")})
        assert writes(stage.sent()) == {"PATCH /channels/{channel_id}/messages/{message_id}": 1}


async def test_a_material_that_went_is_retired_and_comes_back_as_the_same_message(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        key = keys.material("rosters:alg", "үй жұмысы")
        message, channel = stage.id_of(key), stage.id_of(MODULE)
        without = "\n".join(line for line in MATERIALS.splitlines() if "Үй жұмысы" not in line) + "\n"
        await stage.sync({"materials.csv": without})
        retired = await stage.by_hand("GET", f"/channels/{channel}/messages/{message}")
        assert (retired["content"], len(retired["embeds"])) == ("", 1)
        assert retired["embeds"][0]["title"] == "~~Үй жұмысы~~"
        assert retired["embeds"][0]["description"] == "-# no longer part of the course"
        assert not retired["pinned"]
        await stage.sync({"materials.csv": MATERIALS})
        again = await stage.by_hand("GET", f"/channels/{channel}/messages/{message}")
        assert again["embeds"][0]["url"] == "https://example.org/home"
        assert again["pinned"]
        assert settled(await stage.sync())


async def test_a_material_that_moves_is_posted_there_and_retired_here(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        moved = MATERIALS.replace("alg,Дәрежелер,Үй жұмысы", "alg,Функция,Үй жұмысы")
        await stage.sync({"materials.csv": moved})
        pins = await stage.by_hand(
            "GET", f"/channels/{stage.id_of(keys.module('rosters:alg', 'функция'))}/messages/pins"
        )
        assert len(pins["items"]) == 3
        assert settled(await stage.sync())


async def test_a_dropped_course_is_archived_with_what_people_wrote(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        channel = stage.id_of(keys.module("rosters:bio", "клетка"))
        await stage.by_hand("POST", f"/channels/{channel}/messages", {"content": "сұрақ"}, stage.users["dana"])
        courses = "\n".join(line for line in COURSES.splitlines() if "bio" not in line) + "\n"
        await stage.sync(
            {
                "courses.csv": courses,
                "enrolments.csv": ENROLMENTS.replace("s3,bio,student,,,\n", ""),
                "materials.csv": MATERIALS.replace("bio,Клетка,Видео,https://example.org/video,,video,,\n", ""),
            }
        )
        messages = await stage.by_hand("GET", f"/channels/{channel}/messages")
        assert "сұрақ" in {message["content"] for message in messages}
        allowed = await stage.permissions("dana", keys.module("rosters:bio", "клетка"))
        assert allowed & SEE
        assert not allowed & WRITE
        assert await stage.roles("dana") == {"School member", "Биология"}
        assert (await stage.channel("Archive"))["type"] == 4
        assert settled(await stage.sync())
        await stage.sync(SCHOOL)
        assert stage.id_of(keys.module("rosters:bio", "клетка")) == channel
        assert await stage.permissions("dana", keys.module("rosters:bio", "клетка")) & SEE


async def test_what_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        theirs = await stage.by_hand("POST", f"{stage.guild}/roles", {"name": "Алгебра", "permissions": "0"})
        place = await stage.by_hand("POST", f"{stage.guild}/channels", {"name": "дәрежелер", "type": 0})
        member = f"{stage.guild}/members/{stage.users['asem']}"
        await stage.by_hand("PUT", f"{member}/roles/{theirs['id']}")
        await stage.sync()
        await stage.sync({"enrolments.csv": ENROLMENTS.replace("s1,alg,student,7А,,\n", "")})
        found = await stage.ask("GET", f"/_sandbox{stage.guild}")
        assert theirs["id"] in {role["id"] for role in found["roles"]}
        assert place["id"] in {channel["id"] for channel in found["channels"]}
        assert await stage.roles("asem") == {"Алгебра", "School member"}, "only the role given by hand stays"


async def test_one_of_our_roles_given_by_hand_stays(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        role = stage.id_of("course/rosters:bio/students")
        await stage.by_hand("PUT", f"{stage.guild}/members/{stage.users['asem']}/roles/{role}")
        await stage.by_hand("PUT", f"{stage.guild}/members/{stage.users['stranger']}/roles/{role}")
        await stage.sync()
        assert "Биология" in await stage.roles("asem")
        assert await stage.roles("stranger") == {"Биология"}


async def test_overwrites_that_people_set_for_others_stay(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        channel, guest = stage.id_of(MODULE), stage.users["stranger"]
        body = {"type": 1, "allow": str(int(SEE)), "deny": "0"}
        await stage.by_hand("PUT", f"/channels/{channel}/permissions/{guest}", body)
        student = stage.id_of("course/rosters:alg/students")
        await stage.by_hand("DELETE", f"/channels/{channel}/permissions/{student}")
        await stage.sync()
        assert await stage.permissions("stranger", MODULE) & SEE
        assert await stage.permissions("asem", MODULE) & SEE


def many(count: int) -> dict[str, str]:
    """Give a school of `count` students in one course."""
    people = "".join(f"p{n},Person {n},p{n}@school.kz,user{n}\n" for n in range(count))
    enrolments = "".join(f"p{n},alg,student,,,\n" for n in range(count))
    return {
        **SCHOOL,
        "people.csv": PEOPLE + people,
        "enrolments.csv": ENROLMENTS + enrolments,
    }


async def test_removals_over_the_limit_wait_for_approval_while_additions_go_on(tmp_path: Path) -> None:
    usernames = [f"user{n}" for n in range(20)]
    async with rehearsal(tmp_path, many(20), ["aiman", "asem", "oleg", "dana", *usernames]) as stage:
        await stage.sync()
        cut = ENROLMENTS.replace("s3,bio", "s3,alg,student,,,\ns3,bio")
        result = await stage.sync({"enrolments.csv": cut})
        assert [held.values["kind"] for held in result.plan.held] == ["member", "member"]
        assert "Алгебра" in await stage.roles("user7")
        assert "Алгебра" in await stage.roles("dana")
        assert (await stage.apply(approve="0" * 32)).plan.held, "an approval of another plan releases nothing"
        released = await stage.apply(approve=result.plan.digest)
        assert not released.plan.held
        assert await stage.roles("user7") == {"School member"}
        assert settled(await stage.sync())


async def test_a_file_that_stops_coming_removes_nobody_until_approved(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        (stage.inbox / "enrolments.csv").unlink()
        result = await stage.sync()
        assert [held.template for held in result.plan.held] == [MISSING_FILE]
        assert "Алгебра" in await stage.roles("asem")
        released = await stage.apply(approve=result.plan.digest)
        assert not released.plan.held
        assert await stage.roles("asem") == {"School member"}


async def test_a_held_archiving_makes_no_archive(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        (stage.inbox / "materials.csv").unlink()
        result = await stage.sync()
        assert [held.template for held in result.plan.held] == [MISSING_FILE]
        assert "Archive" not in {channel["name"] for channel in (await stage.server())["channels"]}
        again = await stage.sync()
        assert [change.key for change in again.plan.changes] == []


async def test_a_truncated_file_removes_nobody(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        result = await stage.sync({"enrolments.csv": ""})
        assert not result.plan.changes
        assert not result.plan.held
        assert "Алгебра" in await stage.roles("asem")


async def test_a_revoked_token_stops_the_run_with_one_request(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        stage.write(SCHOOL)
        stage.pull()
        await stage.ask("POST", "/_sandbox/token", {"revoke": True})
        stage.sent()
        with pytest.raises(Stopped, match=r"token"):
            await stage.apply()
        assert sum(stage.sent().values()) == 1


async def test_a_missing_member_intent_says_what_to_switch_on(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.ask("POST", "/_sandbox/token", {"intents": 0, "token": stage.sandbox.token})
        with pytest.raises(Refused, match=r"Server Members Intent"):
            await stage.plan()


async def test_a_bot_without_a_needed_permission_changes_nothing_and_names_it(tmp_path: Path) -> None:
    settings = Settings(hurry=0, permissions=BOT_DEFAULT & ~Bits.MANAGE_ROLES)
    async with rehearsal(tmp_path, settings=settings) as stage:
        stage.pull()
        stage.sent()
        with pytest.raises(Refused, match=r"Manage Roles"):
            await stage.apply()
        assert not writes(stage.sent())


async def test_a_school_that_does_not_fit_is_refused_with_the_numbers_and_the_setting(tmp_path: Path) -> None:
    courses = "id,title\n" + "".join(f"c{n},Course {n}\n" for n in range(130))
    async with rehearsal(tmp_path, {**SCHOOL, "courses.csv": courses}) as stage:
        stage.pull()
        with pytest.raises(Refused, match=r"roles: \d+ needed, Discord allows 250; set groups = off"):
            await stage.apply()


async def test_a_forum_layout_gives_each_module_a_forum_post_and_settles(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, options="layout = forum") as stage:
        await stage.sync()
        threads = await stage.by_hand("GET", f"{stage.guild}/threads/active")
        overviews = {f"Course overview: {course}" for course in ("Алгебра", "Биология")}
        assert {thread["name"] for thread in threads["threads"]} == {"Дәрежелер", "Функция", "Клетка", *overviews}
        thread = stage.id_of(keys.thread("rosters:alg", "дәрежелер"))
        pins = await stage.by_hand("GET", f"/channels/{thread}/messages/pins")
        assert pins["items"][0]["message"]["embeds"][0]["title"] == "Дәрежелер"
        assert settled(await stage.sync())
        await stage.sync({"materials.csv": MATERIALS.replace("Клетка", "Ткани")})
        assert settled(await stage.sync())


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_the_base_structure_speaks_the_schools_language(tmp_path: Path, language: str) -> None:
    names = {"kk": "Мектеп мүшесі", "ru": "Участник школы", "en": "School member"}
    async with rehearsal(tmp_path, language=language) as stage:
        await stage.sync()
        assert names[language] in await stage.roles("dana")


async def test_a_channel_deleted_by_hand_is_made_again_with_its_messages(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        await stage.by_hand("DELETE", f"/channels/{stage.id_of(MODULE)}")
        await stage.sync()
        pins = await stage.by_hand("GET", f"/channels/{stage.id_of(MODULE)}/messages/pins")
        assert len(pins["items"]) == 4
        assert settled(await stage.sync())


async def test_somebody_above_the_bot_is_not_renamed_but_gets_roles(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        owner = str(stage.sandbox.guild.owner_id)
        stage.users["owner"] = owner
        people = PEOPLE + f"h1,Директор,head@school.kz,{owner}\n"
        await stage.sync({"people.csv": people, "enrolments.csv": ENROLMENTS + "h1,,staff,,,\n"})
        assert await stage.roles("owner") == {"School staff", "School member"}
        assert not await stage.nick("owner")


async def test_a_person_whose_id_changed_in_the_lists_keeps_account_and_roles(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        before = await stage.roles("asem")
        lists = {"people.csv": PEOPLE, "enrolments.csv": ENROLMENTS}
        await stage.sync({file: text.replace("s1,", "2026-001,") for file, text in lists.items()})
        assert await stage.roles("asem") == before
        assert "rosters:s1" not in {link.person for link in stage.app.store.links("one")}
        assert settled(await stage.sync())


async def test_a_receipt_says_which_removals_wait_until_somebody_decided(tmp_path: Path) -> None:
    """A coordinator who dropped half a list looks there first."""
    listed = people(12)
    async with rehearsal(tmp_path, listed, [f"p{n}" for n in range(12)], options="notices = off") as stage:
        await stage.sync()
        receipt = stage.inbox / "enrolments.csv.receipt.txt"
        assert "wait for a decision" not in receipt.read_text("utf-8-sig")
        held = await stage.sync({"enrolments.csv": people(6)["enrolments.csv"]})
        text = receipt.read_text("utf-8-sig")
        assert "6 removed" in text
        assert "- Algebra (no longer in this class list): Student Number 10, Student Number 11" in text
        await stage.sync()
        assert receipt.read_text("utf-8-sig") == text, "a look that changes nothing changes no receipt"
        await stage.apply(approve=held.plan.digest)
        assert "wait for a decision" not in receipt.read_text("utf-8-sig")

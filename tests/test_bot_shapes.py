"""Answers of Discord in a shape that is not its own: one sentence each, and the next run makes nothing twice."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from bot import shapes
from bot.errors import Malformed, RequestInvalid, ResourceGone, TooMuch, UnknownAnswer
from bot.guild import MEMBERS_PER_PAGE, MESSAGES_PER_PAGE, DiscordReader
from bot.http import Retries
from bot.kinds import post
from bot.runs import apply_school
from bot.transport import sending
from bot.wire import Wire
from sync.errors import KopirError, Retriable
from sync.missing import ASKED
from sync.reconcile import Status
from tests.damage import nested
from tests.discord_talks import ROLES, TOKEN, talking
from tests.recorded_discord import Spoiling
from tests.rehearsal import Rehearsal, rehearsal, writes
from tests.scripted_discord import Reply, Seen, scripted
from tests.trouble import content, undisturbed

DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply(body=DEEP.encode()), UnknownAnswer, id="nested without end"),
        pytest.param(Reply(body=b"9" * 10_000), UnknownAnswer, id="a number without end"),
        pytest.param(Reply(400, body=DEEP.encode()), UnknownAnswer, id="a refusal nested without end"),
        pytest.param(Reply(400, json={"errors": nested(500), "code": "x", "message": []}), RequestInvalid, id="a form"),
    ],
)
async def test_json_that_cannot_be_read_is_an_error_of_kopir(reply: Reply, error: type[KopirError]) -> None:
    async with talking(reply) as (http, _):
        with pytest.raises(error):
            await http.request(ROLES)


async def test_what_discord_says_is_quoted_only_so_far() -> None:
    form: dict[str, Any] = {"_errors": [{"code": "x" * 10_000}]}
    for _ in range(400):
        form = {"a": form, "b": {"_errors": ["y" * 10_000]}}
    said = Reply(400, json={"message": "z" * 10_000, "errors": form})
    async with talking(said) as (http, _):
        with pytest.raises(RequestInvalid) as caught:
            await http.request(ROLES)
    assert len(str(caught.value)) < 1200


async def test_an_answer_larger_than_any_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LARGEST", 2**20)
    async with talking(Reply(body=b'"' + b"x" * 2**20 + b'"'), Reply(json=[])) as (http, server):
        with pytest.raises(TooMuch, match=r"GET .* larger than 1 MB"):
            await http.request(ROLES)
        assert await http.request(ROLES) == []
    assert len(server.seen) == 2


ROLE: dict[str, Any] = {"id": "1", "name": "x", "hoist": False, "permissions": "8", "position": 1}
TEXT: dict[str, Any] = {"id": "2", "name": "x", "type": 0, "permission_overwrites": []}


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        pytest.param(shapes.ROLE_LIST, [ROLE, ROLE], id="a role twice"),
        pytest.param(shapes.ROLE_LIST, {"0": ROLE}, id="no list"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"id": 1}], id="an id that is a number"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"id": "²"}], id="an id that is no number"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"permissions": "-1"}], id="negative permissions"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"permissions": str(2**64)}], id="permissions without end"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"position": 2**70}], id="a huge position"),
        pytest.param(shapes.ROLE_LIST, [ROLE | {"name": "\ud800"}], id="half a letter"),
        pytest.param(shapes.CHANNEL_LIST, [TEXT | {"permission_overwrites": None}], id="no overwrites"),
        pytest.param(shapes.CHANNEL_LIST, [TEXT | {"type": 15}], id="a forum without tags"),
        pytest.param(shapes.MEMBER_LIST, [{"user": None, "roles": []}], id="a member without account"),
        pytest.param(shapes.SERVER_FORM, None, id="nothing"),
    ],
)
def test_an_answer_of_another_shape_is_refused_without_quoting_it(form: shapes.Form[Any], answer: Any) -> None:
    with pytest.raises(Malformed, match="is damaged") as caught:
        form.read(answer)
    assert "²" not in str(caught.value)


def test_an_answer_about_something_else_is_refused() -> None:
    assert shapes.ROLE.read(ROLE, "1").permissions == 8
    with pytest.raises(Malformed):
        shapes.ROLE.read(ROLE, "2")


def test_kinds_of_channels_that_do_not_exist_yet_are_read() -> None:
    assert shapes.CHANNEL_LIST.read([TEXT | {"type": 99, "new": {"a": 1}}])[0].type == 99


def member(number: int) -> dict[str, Any]:
    return {"user": {"id": str(number), "username": f"u{number}"}, "roles": []}


def message(number: int) -> dict[str, Any]:
    return {"id": str(number), "content": "", "type": 6, "author": {"id": "1"}, "embeds": []}


def same_page(path: str, page: list[dict[str, Any]]) -> Callable[[Seen], Reply]:
    """Answer one path with the same page for ever."""

    def answer(seen: Seen) -> Reply:
        if seen.path.endswith(path):
            return Reply(json=page)
        if seen.method != "GET":
            return Reply(204)
        single: dict[str, Any] = {"id": "7" if seen.path.endswith("guilds/7") else "1", "owner_id": "1", "threads": []}
        return Reply(json=[] if seen.path.endswith(("roles", "channels")) else single)

    return answer


WHOLE: dict[str, tuple[shapes.Form[Any], dict[str, Any]]] = {
    "server": (shapes.SERVER_FORM, {"id": "7", "owner_id": "1"}),
    "role": (shapes.ROLE, ROLE),
    "channel": (shapes.CHANNEL, TEXT),
    "threads": (shapes.THREAD_LIST, {"threads": []}),
    "member": (shapes.MEMBER, member(1)),
    "message": (shapes.MESSAGE, message(1)),
    "pins": (shapes.PINS, {"items": [], "has_more": False}),
    "sent message": (shapes.SENT, {"id": "1", "attachments": []}),
    "made channel": (shapes.MADE_CHANNEL, {"id": "1", "name": "x"}),
}


@pytest.mark.parametrize(("thing", "key"), [(thing, key) for thing, (_, whole) in WHOLE.items() for key in whole])
def test_what_discord_always_sends_may_not_be_missing_as_if_there_were_none(thing: str, key: str) -> None:
    form, whole = WHOLE[thing]
    form.read(whole)
    with pytest.raises(Malformed):
        form.read({name: value for name, value in whole.items() if name != key})


@asynccontextmanager
async def wired(answer: Callable[[Seen], Reply]) -> AsyncIterator[tuple[Wire, list[Seen]]]:
    async with scripted(otherwise=answer) as server:
        http = Spoiling(TOKEN, server.api_url)
        try:
            yield Wire(http, "7"), server.seen
        finally:
            await http.aclose()


@pytest.mark.parametrize(("code", "left"), [(10007, True), (10013, True), (10004, False), (0, False)])
async def test_only_whom_discord_does_not_know_has_left(code: int, left: bool) -> None:
    async with wired(lambda _: Reply(404, json={"code": code, "message": "x"})) as (wire, _):
        with nullcontext() if left else pytest.raises(ResourceGone):
            assert await DiscordReader(wire).member("5") is None


async def test_pages_of_members_that_lead_nowhere_come_to_an_end() -> None:
    page = [member(number) for number in range(1, MEMBERS_PER_PAGE + 1)]
    async with wired(same_page("/members", page)) as (wire, seen):
        with pytest.raises(Malformed, match="members"):
            await DiscordReader(wire).read()
    assert sum(one.path.endswith("/members") for one in seen) == 2


async def test_pages_of_messages_that_lead_nowhere_come_to_an_end() -> None:
    page = [message(number) for number in range(1, MESSAGES_PER_PAGE + 1)]
    async with wired(same_page("/messages", page)) as (wire, seen):
        with pytest.raises(Malformed, match="messages"):
            await DiscordReader(wire).own_messages("5", "0")
    assert sum(one.path.endswith("/messages") for one in seen) == 2


async def test_all_pages_of_pins_are_read_and_an_empty_one_is_the_last() -> None:
    def pages(seen: Seen) -> Reply:
        page = {"": [3], "at 3": [2], "at 2": []}[seen.query.get("before", "")]
        items = [{"pinned_at": f"at {one}", "message": message(one)} for one in page]
        return Reply(json={"items": items, "has_more": True})

    async with wired(pages) as (wire, _):
        assert [one.id for one in await DiscordReader(wire).pinned("5")] == ["3", "2"]


async def test_notices_that_cannot_be_cleared_are_cleared_once() -> None:
    page = [message(number) for number in range(1, post.PAGE + 1)]
    async with wired(same_page("/messages", page)) as (wire, seen):
        await post.tidy(wire, "5", "1")
    assert [one.method for one in seen] == ["GET", "POST", "GET"]


@asynccontextmanager
async def spoilt(folder: Path, options: str = "") -> AsyncIterator[tuple[Rehearsal, Spoiling]]:
    """Give a school and a client whose answers a test may change; its lists are read already."""
    async with rehearsal(folder, options=options) as stage:
        impatient = Retries(first=0.001, longest=0.01)
        http = Spoiling(stage.sandbox.token, stage.sandbox.api_url, per_second=10_000, retries=impatient)
        try:
            stage.pull()
            yield stage, http
        finally:
            await http.aclose()


def once(request: str, junk: Any) -> Callable[[str, Any], Any]:
    """Put junk in the place of the first answer to a request."""
    left = [junk]
    return lambda asked, answer: left.pop() if left and asked == request else answer


MAKING = [
    pytest.param("POST /guilds/{guild_id}/roles", "", id="a role"),
    pytest.param("POST /guilds/{guild_id}/channels", "", id="a channel"),
    pytest.param("POST /channels/{channel_id}/messages", "", id="a message"),
    pytest.param("POST /channels/{channel_id}/threads", "layout = forum", id="a forum post"),
    pytest.param("PATCH /guilds/{guild_id}/members/{user_id}", "", id="a member"),
]
JUNK = [pytest.param(None, id="nothing"), pytest.param({"id": {}}, id="a strange id")]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize(("request_", "options"), MAKING)
async def test_a_damaged_answer_to_making_something_makes_nothing_twice(
    tmp_path: Path, request_: str, options: str, junk: Any
) -> None:
    async with spoilt(tmp_path, options) as (stage, http):
        http.spoil = once(request_, junk)
        await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        result = await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        assert [o.message for o in result.report.outcomes if o.status is not Status.APPLIED] == []
        assert (await stage.plan()).changes == ()
        assert content(await stage.server()) == await undisturbed(tmp_path, options, changing=False)


@pytest.mark.parametrize(
    ("list_", "kept"),
    [
        pytest.param("roles", ("@everyone", "Kopir"), id="only the roles that are not ours"),
        pytest.param("channels", (), id="no channel"),
        pytest.param("channels", ("general", "algebra-7"), id="few channels"),
    ],
)
async def test_lists_that_are_suddenly_short_are_not_believed(
    tmp_path: Path, list_: str, kept: tuple[str, ...]
) -> None:
    def short(asked: str, answer: Any) -> Any:
        if asked != f"GET /guilds/{{guild_id}}/{list_}":
            return answer
        return [found for found in answer if found["name"] in kept]

    async with spoilt(tmp_path) as (stage, http):
        await stage.sync()
        stage.sent()
        http.spoil = short
        with pytest.raises(Retriable, match="not believed and nothing was changed"):
            await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        assert writes(stage.sent()) == {}
        http.spoil = lambda _, answer: answer
        assert (await stage.plan()).changes == ()


@pytest.mark.parametrize(
    ("list_", "lacking"),
    [("roles", "@everyone"), ("roles", "Kopir"), ("members", "Kopir")],
    ids=["@everyone", "the bot's role", "the bot"],
)
async def test_a_first_reading_without_what_every_server_has_is_not_believed(
    tmp_path: Path, list_: str, lacking: str
) -> None:
    def short(asked: str, answer: Any) -> Any:
        if asked != f"GET /guilds/{{guild_id}}/{list_}":
            return answer
        return [found for found in answer if lacking not in {found.get("name"), found.get("user", {}).get("username")}]

    async with spoilt(tmp_path) as (stage, http):
        http.spoil = short
        with pytest.raises(Malformed):
            await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        if list_ == "roles":
            with pytest.raises(Malformed):
                await DiscordReader(Wire(http, stage.school.guild)).read_members([stage.users["asem"]])
        assert writes(stage.sent()) == {}


async def test_what_somebody_really_deleted_is_made_anew_after_a_few_questions(tmp_path: Path) -> None:
    async with rehearsal(tmp_path) as stage:
        await stage.sync()
        for channel in await stage.by_hand("GET", f"{stage.guild}/channels"):
            await stage.by_hand("DELETE", f"/channels/{channel['id']}")
        stage.sent()
        await stage.apply()
        assert stage.sent()["GET /channels/{channel_id}"] == ASKED
        assert (await stage.plan()).changes == ()


async def test_people_s_overwrites_stay_when_the_channel_is_read_damaged(tmp_path: Path) -> None:
    def without_overwrites(asked: str, answer: Any) -> Any:
        if asked == "GET /channels/{channel_id}":
            return {key: value for key, value in answer.items() if key != "permission_overwrites"}
        return answer

    async with spoilt(tmp_path) as (stage, http):
        await stage.sync()
        channel = f"/channels/{stage.id_of('course/rosters:alg')}"
        for target, kind in ((stage.users["stranger"], 1), (stage.sandbox.guild_id, 0)):
            await stage.by_hand("PUT", f"{channel}/permissions/{target}", {"type": kind, "allow": "1024", "deny": "0"})
        before = (await stage.by_hand("GET", channel))["permission_overwrites"]
        http.spoil = without_overwrites
        result = await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        assert result.report.count(Status.APPLIED) == 0
        assert (await stage.by_hand("GET", channel))["permission_overwrites"] == before


async def test_roles_given_by_hand_stay_when_a_member_is_read_without_any(tmp_path: Path) -> None:
    def without_roles(asked: str, answer: Any) -> Any:
        return {**answer, "roles": []} if asked == "GET /guilds/{guild_id}/members/{user_id}" else answer

    async with spoilt(tmp_path) as (stage, http):
        role = await stage.by_hand("POST", f"{stage.guild}/roles", {"name": "Chess club", "permissions": "0"})
        await stage.by_hand("PUT", f"{stage.guild}/members/{stage.users['asem']}/roles/{role['id']}")
        http.spoil = without_roles
        await apply_school(stage.school, stage.app.store, http, "sync", stage.files)
        assert await stage.roles("asem") == {"Chess club"}
        await stage.apply()
        assert "Chess club" in await stage.roles("asem")
        assert len(await stage.roles("asem")) > 1

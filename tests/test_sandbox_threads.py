from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.bits import Permission
from tests.sandbox_bot import Bot, rehearsal


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def thread(bot: Bot, channel: str, name: str = "Сұрақ", **fields: Any) -> dict[str, Any]:
    body = {"name": name, "type": 11, **fields}
    answer: dict[str, Any] = await bot.ask("POST", f"/channels/{channel}/threads", body, expect=201)
    return answer


async def post(bot: Bot, forum: str, name: str = "1-апта", **fields: Any) -> dict[str, Any]:
    body = {"name": name, "message": {"content": "материал"}, **fields}
    answer: dict[str, Any] = await bot.ask("POST", f"/channels/{forum}/threads", body, expect=201)
    return answer


async def test_a_forum_post_is_a_thread_with_the_id_of_its_first_message(bot: Bot) -> None:
    forum = await bot.channel("f", type=15, available_tags=[{"name": "есеп"}])
    tag = (await bot.ask("GET", f"/channels/{forum}"))["available_tags"][0]["id"]
    made = await post(bot, forum, applied_tags=[tag])
    assert made["id"] == made["message"]["id"] == made["message"]["channel_id"]
    assert (made["applied_tags"], made["message_count"], made["parent_id"]) == ([tag], 0, forum)
    assert [e.name for e in bot.events if e.name in ("THREAD_CREATE", "MESSAGE_CREATE")] == [
        "THREAD_CREATE",
        "MESSAGE_CREATE",
    ]
    await bot.ask("PUT", f"/channels/{made['id']}/messages/pins/{made['id']}", expect=204)
    assert (await bot.ask("GET", f"/channels/{made['id']}/messages/{made['id']}"))["pinned"]


async def test_tags_must_exist_and_may_be_required(bot: Bot) -> None:
    forum = await bot.channel("f", type=15, flags=16, available_tags=[{"name": "есеп"}])
    body = {"name": "x", "message": {"content": "x"}}
    assert await bot.code("POST", f"/channels/{forum}/threads", body, status=400) == 40067
    unknown = {**body, "applied_tags": ["5"]}
    assert await bot.code("POST", f"/channels/{forum}/threads", unknown, status=404) == 10087


async def test_a_thread_is_private_unless_a_type_is_sent(bot: Bot) -> None:
    channel = await bot.channel()
    refused = {"name": "x"}
    # The bot lacks CREATE_PRIVATE_THREADS unless @everyone has it.
    everyone = str(bot.sandbox.guild_id)
    overwrite = bot.overwrite(everyone, deny=Permission.CREATE_PRIVATE_THREADS)
    await bot.by_hand().ask("PUT", f"/channels/{channel}/permissions/{everyone}", overwrite, expect=204)
    assert await bot.code("POST", f"/channels/{channel}/threads", refused, status=403) == 50013
    assert (await thread(bot, channel))["type"] == 11


async def test_a_message_starts_one_thread(bot: Bot) -> None:
    channel = await bot.channel()
    message = await bot.say(channel)
    path = f"/channels/{channel}/messages/{message}"
    made = await bot.ask("POST", f"{path}/threads", {"name": "help"}, expect=201)
    assert made["id"] == message
    assert (await bot.ask("GET", path))["thread"]["id"] == message
    assert await bot.code("POST", f"{path}/threads", {"name": "help"}, status=400) == 160004


async def test_active_threads_are_those_the_caller_sees(bot: Bot) -> None:
    channel = await bot.channel()
    seen, gone = await thread(bot, channel), await thread(bot, channel)
    await bot.ask("PATCH", f"/channels/{gone['id']}", {"archived": True})
    secret = {"name": "owner only", "type": 12}
    await bot.by_hand().ask("POST", f"/channels/{channel}/threads", secret, expect=201)
    active = (await bot.ask("GET", f"{bot.guild}/threads/active"))["threads"]
    assert [t["id"] for t in active if t["type"] == 11] == [seen["id"]]
    archived = await bot.ask("GET", f"/channels/{channel}/threads/archived/public")
    assert [t["id"] for t in archived["threads"]] == [gone["id"]]
    assert gone["id"] not in {c["id"] for c in await bot.ask("GET", f"{bot.guild}/channels")}


async def test_writing_wakes_an_archived_thread_unless_it_is_locked(bot: Bot) -> None:
    channel = await bot.channel()
    (aru,) = await bot.join("aru")
    made = await thread(bot, channel)
    path = f"/channels/{made['id']}"
    await bot.ask("PATCH", path, {"archived": True})
    await bot.by_hand(aru).say(made["id"])
    assert not (await bot.ask("GET", path))["thread_metadata"]["archived"]
    await bot.ask("PATCH", path, {"archived": True, "locked": True})
    assert await bot.by_hand(aru).code("POST", f"{path}/messages", {"content": "x"}, status=400) == 50083
    assert await bot.code("PATCH", path, {"name": "x", "archived": True}, status=400) == 50083


async def test_a_thread_is_changed_by_its_owner_and_by_thread_managers(bot: Bot) -> None:
    channel = await bot.channel()
    aru, bek = await bot.join("aru", "bek")
    path = f"/channels/{(await thread(bot.by_hand(aru), channel))['id']}"
    assert (await bot.by_hand(aru).ask("PATCH", path, {"name": "renamed"}))["name"] == "renamed"
    assert await bot.by_hand(bek).code("PATCH", path, {"name": "x"}, status=403) == 50013
    assert await bot.by_hand(aru).code("PATCH", path, {"locked": True}, status=403) == 50013
    await bot.ask("PATCH", path, {"locked": True})
    assert await bot.by_hand(aru).code("PATCH", path, {"name": "x"}, status=400) == 160005


async def test_people_join_leave_and_are_removed(bot: Bot) -> None:
    channel = await bot.channel()
    (aru,) = await bot.join("aru")
    made = await thread(bot, channel)
    members = f"/channels/{made['id']}/thread-members"
    await bot.ask("PUT", f"{members}/{aru}", expect=204)
    assert {m["user_id"] for m in await bot.ask("GET", members)} == {bot.id, aru}
    await bot.by_hand(aru).ask("DELETE", f"{members}/@me", expect=204)
    assert await bot.code("DELETE", f"{members}/{aru}", status=404) == 10007
    assert len(bot.heard("THREAD_MEMBERS_UPDATE")) == 2


async def test_a_deleted_channel_takes_its_threads_along(bot: Bot) -> None:
    channel = await bot.channel()
    made = await thread(bot, channel)
    await bot.ask("DELETE", f"/channels/{channel}")
    assert await bot.code("GET", f"/channels/{made['id']}", status=404) == 10003
    other = await thread(bot, await bot.channel())
    await bot.ask("DELETE", f"/channels/{other['id']}")
    assert bot.heard("THREAD_DELETE")[0]["id"] == other["id"]

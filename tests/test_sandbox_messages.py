import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from sandbox.bits import BOT_DEFAULT, Permission
from sandbox.world import World
from tests.sandbox_bot import Bot, rehearsal


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def pinned(bot: Bot, channel: str, **query: Any) -> list[str]:
    page = await bot.ask("GET", f"/channels/{channel}/messages/pins", params=query)
    return [item["message"]["content"] for item in page["items"]]


async def contents(bot: Bot, channel: str, **query: Any) -> list[str]:
    return [m["content"] for m in await bot.ask("GET", f"/channels/{channel}/messages", params=query)]


async def test_a_repeated_nonce_gives_the_first_message_again(bot: Bot) -> None:
    channel = await bot.channel()
    first = await bot.say(channel, nonce="run7-1", enforce_nonce=True)
    assert await bot.say(channel, "again", nonce="run7-1", enforce_nonce=True) == first
    assert await bot.say(channel, "not enforced", nonce="run7-1") != first
    assert len(await contents(bot, channel)) == 2


async def test_a_nonce_whose_message_was_deleted_is_unknown_and_an_old_one_is_forgotten() -> None:
    now = [datetime(2026, 9, 1, tzinfo=UTC)]
    async with rehearsal(World(lambda: now[0])) as bot:
        channel = await bot.channel()
        first = await bot.say(channel, nonce=7, enforce_nonce=True)
        await bot.ask("DELETE", f"/channels/{channel}/messages/{first}", expect=204)
        again: dict[str, Any] = {"content": "x", "nonce": 7, "enforce_nonce": True}
        assert await bot.code("POST", f"/channels/{channel}/messages", again, status=404) == 10008
        now[0] += timedelta(minutes=6)
        assert await bot.say(channel, **again) != first


async def test_pages_of_messages_go_back_from_the_newest(bot: Bot) -> None:
    channel = await bot.channel()
    ids = [await bot.say(channel, str(number)) for number in range(6)]
    assert await contents(bot, channel, limit=2) == ["5", "4"]
    assert await contents(bot, channel, limit=2, before=ids[4]) == ["3", "2"]
    assert await contents(bot, channel, limit=2, after=ids[1]) == ["3", "2"]
    assert await contents(bot, channel, limit=3, around=ids[2]) == ["3", "2", "1"]
    assert await bot.code("GET", f"/channels/{channel}/messages?limit=101", status=400) == 50035


async def test_without_reading_history_lists_are_empty_and_not_an_error(bot: Bot) -> None:
    blind = [bot.overwrite(bot.id, deny=Permission.READ_MESSAGE_HISTORY)]
    channel = await bot.channel()
    message = await bot.say(channel)
    await bot.ask("PUT", f"/channels/{channel}/messages/pins/{message}", expect=204)
    await bot.ask("PATCH", f"/channels/{channel}", {"permission_overwrites": blind})
    assert await contents(bot, channel) == []
    assert await pinned(bot, channel) == []
    assert await bot.code("GET", f"/channels/{channel}/messages/{message}", status=403) == 50001


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, 50006, id="empty"),
        pytest.param({"content": "x" * 2001}, 50035, id="too long"),
        pytest.param({"content": "x", "nonce": "n" * 26}, 50035, id="nonce too long"),
        pytest.param({"embeds": [{"title": "x" * 257}]}, 50035, id="embed title too long"),
        pytest.param({"embeds": [{"description": "x" * 4000}] * 2}, 50035, id="embeds too long together"),
        pytest.param({"embeds": [{"title": "x"}] * 11}, 50035, id="too many embeds"),
        pytest.param({"content": "x", "components": [{"type": 1, "components": []}] * 6}, 50035, id="6 rows"),
        pytest.param({"content": "x", "components": [{"type": 10, "content": "x"}]}, 50035, id="V2 without flag"),
        pytest.param({"content": "x", "flags": 1 << 15}, 50035, id="V2 with content"),
        pytest.param(
            {"content": "x", "components": [{"type": 1, "components": [{"type": 2, "style": 5}]}]},
            50035,
            id="link button without a link",
        ),
    ],
)
async def test_bad_messages_are_refused(bot: Bot, body: dict[str, Any], code: int) -> None:
    channel = await bot.channel()
    assert await bot.code("POST", f"/channels/{channel}/messages", body, status=400) == code


async def test_what_discord_has_and_the_sandbox_lacks_is_refused_loudly(bot: Bot) -> None:
    channel = await bot.channel()
    refusal = await bot.ask("POST", f"/channels/{channel}/messages", {"poll": {"question": {}}}, expect=501)
    assert refusal["message"] == "the sandbox does not implement polls"
    refusal = await bot.ask("GET", f"{bot.guild}/emojis", expect=501)
    assert "GET" in refusal["message"]


async def test_messages_go_only_where_messages_can_be(bot: Bot) -> None:
    forum, category = await bot.channel("f", type=15), await bot.channel("c", type=4)
    assert await bot.code("POST", f"/channels/{forum}/messages", {"content": "x"}, status=400) == 40058
    assert await bot.code("POST", f"/channels/{category}/messages", {"content": "x"}, status=400) == 50008


async def test_embeds_and_files_need_their_own_permissions(bot: Bot) -> None:
    deny = Permission.EMBED_LINKS | Permission.ATTACH_FILES
    channel = await bot.channel()
    await bot.ask("PUT", f"/channels/{channel}/permissions/{bot.id}", bot.overwrite(bot.id, deny=deny), expect=204)
    path = f"/channels/{channel}/messages"
    assert await bot.code("POST", path, {"embeds": [{"title": "x"}]}, status=403) == 50013
    assert await bot.code("POST", path, _upload("a.txt", b"x"), status=403) == 50013


def _upload(name: str, data: bytes, **payload: Any) -> FormData:
    form = FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(payload), content_type="application/json")
    form.add_field("files[0]", BytesIO(data), filename=name, content_type="text/plain")
    return form


async def test_files_are_uploaded_kept_and_served(bot: Bot) -> None:
    channel = await bot.channel()
    described = {"attachments": [{"id": 0, "description": "есептер"}]}
    upload = _upload("апта 1.txt", "сабақ".encode(), content="файл", **described)
    made = await bot.ask("POST", f"/channels/{channel}/messages", upload)
    (file,) = made["attachments"]
    assert (file["filename"], file["description"], file["size"]) == ("апта_1.txt", "есептер", 10)
    async with bot.session.get(file["url"]) as answer:
        assert await answer.text() == "сабақ"
    path = f"/channels/{channel}/messages/{made['id']}"
    assert (await bot.ask("PATCH", path, {"content": "new"}))["attachments"] == [file]
    assert (await bot.ask("PATCH", path, {"attachments": []}))["attachments"] == []
    assert bot.sandbox.counts.records[1].body["content"] == "файл"


async def test_a_file_over_10_mib_is_refused(bot: Bot) -> None:
    channel = await bot.channel()
    big = _upload("big", b"x" * (10 * 1024 * 1024 + 1))
    assert await bot.code("POST", f"/channels/{channel}/messages", big, status=413) == 50045


async def test_only_the_author_edits_and_managers_delete(bot: Bot) -> None:
    channel = await bot.channel()
    (aru,) = await bot.join("aru")
    theirs, ours = await bot.by_hand(aru).say(channel), await bot.say(channel)
    path = f"/channels/{channel}/messages/"
    assert await bot.code("PATCH", path + theirs, {"content": "x"}, status=403) == 50005
    assert await bot.code("DELETE", f"/_sandbox{path}{ours}?user_id={aru}", status=403) == 50013
    assert (await bot.ask("PATCH", path + theirs, {"flags": 4}))["flags"] == 4
    await bot.ask("DELETE", path + theirs, expect=204)
    assert (await bot.ask("PATCH", path + ours, {"content": "new"}))["edited_timestamp"]
    assert bot.heard("MESSAGE_UPDATE")[-1]["content"] == "new"


async def test_bulk_delete_takes_2_to_100_young_messages() -> None:
    now = [datetime(2026, 9, 1, tzinfo=UTC)]
    async with rehearsal(World(lambda: now[0])) as bot:
        channel = await bot.channel()
        old = await bot.say(channel)
        now[0] += timedelta(days=15)
        young = [await bot.say(channel) for _ in range(2)]
        path = f"/channels/{channel}/messages/bulk-delete"
        assert await bot.code("POST", path, {"messages": young[:1]}, status=400) == 50035
        assert await bot.code("POST", path, {"messages": [old, *young]}, status=400) == 50034
        await bot.ask("POST", path, {"messages": [*young, "5"]}, expect=204)
        assert bot.heard("MESSAGE_DELETE_BULK")[0]["ids"] == young


async def test_pins_are_newest_first_with_a_notice_each(bot: Bot) -> None:
    channel = await bot.channel()
    ids = [await bot.say(channel, str(number)) for number in range(3)]
    for message in ids:
        await bot.ask("PUT", f"/channels/{channel}/messages/pins/{message}", expect=204)
    assert len(bot.heard("CHANNEL_PINS_UPDATE")) == 3
    assert await pinned(bot, channel) == ["2", "1", "0"]
    page = await bot.ask("GET", f"/channels/{channel}/messages/pins", params={"limit": 1})
    assert page["has_more"]
    assert await pinned(bot, channel, before=page["items"][0]["pinned_at"]) == ["1", "0"]
    notices = [m for m in await bot.ask("GET", f"/channels/{channel}/messages") if m["type"] == 6]
    assert [n["message_reference"]["message_id"] for n in notices] == ids[::-1]
    notice = f"/channels/{channel}/messages/pins/{notices[0]['id']}"
    assert await bot.code("PUT", notice, status=403) == 50021
    everything = {"messages": [n["id"] for n in notices]}
    await bot.ask("POST", f"/channels/{channel}/messages/bulk-delete", everything, expect=204)
    assert len(await contents(bot, channel)) == 3


async def test_pinning_twice_does_nothing_and_a_deleted_message_loses_its_pin_silently(bot: Bot) -> None:
    channel = await bot.channel()
    message = await bot.say(channel)
    path = f"/channels/{channel}/messages/pins/{message}"
    await bot.ask("PUT", path, expect=204)
    await bot.ask("PUT", f"/channels/{channel}/pins/{message}", expect=204)
    assert len(await contents(bot, channel)) == 2
    bot.events.clear()
    await bot.ask("DELETE", f"/channels/{channel}/messages/{message}", expect=204)
    assert bot.heard("CHANNEL_PINS_UPDATE") == []
    assert await pinned(bot, channel) == []
    assert await bot.code("PUT", path, status=404) == 10008


async def test_the_251st_pin_is_refused_and_the_old_list_has_50(bot: Bot) -> None:
    channel = await bot.channel()
    ids = [await bot.say(channel) for _ in range(251)]
    for message in ids[:250]:
        await bot.ask("PUT", f"/channels/{channel}/messages/pins/{message}", expect=204)
    assert await bot.code("PUT", f"/channels/{channel}/messages/pins/{ids[250]}", status=400) == 30003
    assert len(await bot.ask("GET", f"/channels/{channel}/pins")) == 50
    await bot.ask("DELETE", f"/channels/{channel}/messages/pins/{ids[0]}", expect=204)
    await bot.ask("PUT", f"/channels/{channel}/messages/pins/{ids[250]}", expect=204)


async def test_managing_messages_is_not_enough_to_pin() -> None:
    async with rehearsal(permissions=BOT_DEFAULT & ~Permission.PIN_MESSAGES) as bot:
        channel = await bot.channel()
        message = await bot.say(channel)
        assert await bot.code("PUT", f"/channels/{channel}/messages/pins/{message}", status=403) == 50013


async def test_mentions_obey_allowed_mentions_and_permissions(bot: Bot) -> None:
    channel, role = await bot.channel(), await bot.role("7A")
    (aru,) = await bot.join("aru")
    text = f"<@{aru}> <@&{role}> @everyone"
    path = f"/channels/{channel}/messages"
    loud = await bot.by_hand().ask("POST", path, {"content": text})
    assert (loud["mentions"][0]["id"], loud["mention_roles"], loud["mention_everyone"]) == (aru, [role], True)
    quiet = await bot.ask("POST", path, {"content": text, "allowed_mentions": {"parse": []}})
    assert (quiet["mentions"], quiet["mention_roles"], quiet["mention_everyone"]) == ([], [], False)


async def test_a_reply_points_at_its_message(bot: Bot) -> None:
    channel = await bot.channel()
    first = await bot.say(channel, "question")
    body = {"content": "answer", "message_reference": {"message_id": first}}
    reply = await bot.ask("POST", f"/channels/{channel}/messages", body)
    assert (reply["type"], reply["referenced_message"]["content"]) == (19, "question")
    gone = {"content": "x", "message_reference": {"message_id": "5"}}
    assert await bot.code("POST", f"/channels/{channel}/messages", gone, status=404) == 10008


async def test_announcements_are_published_once(bot: Bot) -> None:
    bot.sandbox.guild.features.add("NEWS")
    news, plain = await bot.channel("news", type=5), await bot.channel()
    message = await bot.say(news)
    path = f"/channels/{news}/messages/{message}/crosspost"
    assert (await bot.ask("POST", path))["flags"] == 1
    assert await bot.code("POST", path, status=400) == 40033
    other = await bot.say(plain)
    assert await bot.code("POST", f"/channels/{plain}/messages/{other}/crosspost", status=400) == 50024


async def test_people_who_may_not_write_cannot(bot: Bot) -> None:
    read_only = [bot.overwrite(bot.sandbox.guild_id, deny=Permission.SEND_MESSAGES)]
    channel = await bot.channel("rules", permission_overwrites=read_only)
    (aru,) = await bot.join("aru")
    body = {"user_id": aru, "content": "hi"}
    assert await bot.code("POST", f"/_sandbox/channels/{channel}/messages", body, status=403) == 50013

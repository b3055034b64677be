from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.bits import BOT_DEFAULT, ChannelType, Permission
from tests.sandbox_bot import Bot, rehearsal

VIEW = Permission.VIEW_CHANNEL


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def category(bot: Bot, name: str = "Algebra", **fields: Any) -> str:
    return await bot.channel(name, type=ChannelType.CATEGORY, **fields)


async def test_a_channel_comes_back_with_the_name_discord_made_of_it(bot: Bot) -> None:
    body = {"name": "1-бөлім: Сандар", "topic": "Апта 1", "parent_id": await category(bot)}
    made = await bot.ask("POST", f"{bot.guild}/channels", body, expect=201)
    assert (made["name"], made["topic"], made["type"]) == ("1-бөлім-сандар", "Апта 1", 0)
    assert made in await bot.ask("GET", f"{bot.guild}/channels")
    assert bot.heard("CHANNEL_CREATE")[-1]["id"] == made["id"]


async def test_the_501st_channel_and_the_51st_of_a_category_are_refused(bot: Bot) -> None:
    full = await category(bot, "c0")
    for number in range(50):
        await bot.channel(f"n{number}", parent_id=full)
    more = {"name": "one-more", "parent_id": full}
    assert await bot.code("POST", f"{bot.guild}/channels", more, status=400) == 50035
    outside = await bot.channel("outside")
    assert await bot.code("PATCH", f"/channels/{outside}", {"parent_id": full}, status=400) == 50035
    guild = bot.sandbox.guild
    for _ in range(500 - len(guild.channels)):
        await bot.channel("x")
    assert await bot.code("POST", f"{bot.guild}/channels", {"name": "x"}, status=400) == 30013


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"name": "x" * 101}, id="name too long"),
        pytest.param({"name": "!!!"}, id="name of which nothing remains"),
        pytest.param({}, id="no name"),
        pytest.param({"name": "x", "topic": "t" * 1025}, id="topic too long"),
        pytest.param({"name": "x", "type": 5}, id="announcements without NEWS"),
        pytest.param({"name": "x", "rate_limit_per_user": 21601}, id="slowmode too slow"),
        pytest.param({"name": "x", "type": 2, "user_limit": 100}, id="too many in voice"),
        pytest.param({"name": "x", "parent_id": "5"}, id="no such category"),
        pytest.param({"name": "x", "permission_overwrites": [{"id": "5"}]}, id="overwrite without type"),
    ],
)
async def test_bad_channels_are_refused(bot: Bot, body: dict[str, Any]) -> None:
    assert await bot.code("POST", f"{bot.guild}/channels", body, status=400) == 50035


async def test_a_forum_may_have_a_long_topic_and_unique_tags(bot: Bot) -> None:
    tags = [{"name": "есеп"}, {"name": "видео", "moderated": True}]
    forum = await bot.channel("Сұрақтар", type=15, topic="t" * 4096, available_tags=tags)
    shown = (await bot.ask("GET", f"/channels/{forum}"))["available_tags"]
    kept = {"available_tags": [{"id": shown[1]["id"], "name": "бейне"}, {"name": "жаңа"}]}
    renamed = (await bot.ask("PATCH", f"/channels/{forum}", kept))["available_tags"]
    assert renamed[0]["id"] == shown[1]["id"]
    assert len({tag["id"] for tag in renamed}) == 2
    twice = {"available_tags": [{"name": "a"}, {"name": "a"}]}
    assert await bot.code("PATCH", f"/channels/{forum}", twice, status=400) == 40061


async def test_a_hidden_channel_is_listed_and_cannot_be_used(bot: Bot) -> None:
    hide = {"permission_overwrites": [bot.overwrite(bot.sandbox.guild_id, deny=VIEW)]}
    secret = await bot.by_hand().ask("POST", f"{bot.guild}/channels", {"name": "staff", **hide}, expect=201)
    assert secret in await bot.ask("GET", f"{bot.guild}/channels")
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/messages"), ("POST", "/messages")):
        assert await bot.code(method, f"/channels/{secret['id']}{path}", {}, status=403) == 50001
    assert await bot.code("GET", "/channels/5", status=404) == 10003


async def test_a_bot_that_hides_a_channel_from_itself_has_lost_it(bot: Bot) -> None:
    everyone = bot.overwrite(bot.sandbox.guild_id, deny=VIEW)
    lost = await bot.channel("lost", permission_overwrites=[everyone])
    assert await bot.code("DELETE", f"/channels/{lost}", status=403) == 50001
    kept = await bot.channel("kept", permission_overwrites=bot.hidden())
    await bot.ask("DELETE", f"/channels/{kept}")
    assert bot.heard("CHANNEL_DELETE")[-1]["id"] == kept


async def test_a_voice_channel_without_connect_cannot_be_managed(bot: Bot) -> None:
    shut = [bot.overwrite(bot.sandbox.guild_id, deny=Permission.CONNECT)]
    voice = await bot.channel("Voice", type=2, permission_overwrites=shut)
    assert await bot.code("PATCH", f"/channels/{voice}", {"name": "x"}, status=403) == 50013


async def test_only_held_bits_go_into_overwrites(bot: Bot) -> None:
    role, channel = await bot.role(), await bot.channel()
    too_much = bot.overwrite(role, allow=Permission.MANAGE_WEBHOOKS)
    body = {"name": "x", "permission_overwrites": [too_much]}
    assert await bot.code("POST", f"{bot.guild}/channels", body, status=403) == 50013
    path = f"/channels/{channel}/permissions/{role}"
    assert await bot.code("PUT", path, too_much, status=403) == 50013
    manage = {"name": "x", "permission_overwrites": [bot.overwrite(role, allow=Permission.MANAGE_ROLES)]}
    assert await bot.code("POST", f"{bot.guild}/channels", manage, status=403) == 50013


async def test_one_overwrite_is_set_and_deleted(bot: Bot) -> None:
    role, channel = await bot.role(), await bot.channel()
    path = f"/channels/{channel}/permissions/{role}"
    await bot.ask("PUT", path, {"type": 0, "allow": str(int(VIEW))}, expect=204)
    shown = (await bot.ask("GET", f"/channels/{channel}"))["permission_overwrites"]
    assert shown == [bot.overwrite(role, allow=VIEW)]
    await bot.ask("DELETE", path, expect=204)
    assert await bot.code("DELETE", path, status=404) == 10009
    missing = f"/channels/{channel}/permissions/5"
    assert await bot.code("PUT", missing, {"type": 0}, status=404) == 10011


async def test_editing_overwrites_needs_manage_roles() -> None:
    async with rehearsal(permissions=BOT_DEFAULT & ~Permission.MANAGE_ROLES) as bot:
        channel = await bot.channel()
        body = {"permission_overwrites": [bot.overwrite(bot.sandbox.guild_id, deny=VIEW)]}
        assert await bot.code("PATCH", f"/channels/{channel}", body, status=403) == 50013


async def test_children_follow_their_category_until_they_differ(bot: Bot) -> None:
    role = await bot.role()
    parent = await category(bot, permission_overwrites=bot.hidden())
    synced = await bot.channel("synced", parent_id=parent)
    own = await bot.channel("own", parent_id=parent, permission_overwrites=[])
    bot.events.clear()
    await bot.ask("PUT", f"/channels/{parent}/permissions/{role}", bot.overwrite(role, allow=VIEW), expect=204)
    assert [update["id"] for update in bot.heard("CHANNEL_UPDATE")] == [synced, parent]
    shown = {c["id"]: c["permission_overwrites"] for c in await bot.ask("GET", f"{bot.guild}/channels")}
    assert shown[synced] == shown[parent] != shown[own] == []


async def test_a_refused_edit_changes_nothing(bot: Bot) -> None:
    channel = await bot.channel("before")
    before = await bot.ask("GET", f"/channels/{channel}")
    body = {"name": "after", "permission_overwrites": [], "type": 5}
    assert await bot.code("PATCH", f"/channels/{channel}", body, status=400) == 50024
    assert await bot.ask("GET", f"/channels/{channel}") == before


async def test_a_deleted_category_leaves_its_children(bot: Bot) -> None:
    parent = await category(bot)
    child = await bot.channel(parent_id=parent)
    await bot.ask("DELETE", f"/channels/{parent}")
    assert (await bot.ask("GET", f"/channels/{child}"))["parent_id"] is None


async def test_a_bulk_move_sorts_many_and_reparents_one(bot: Bot) -> None:
    parent, one, other = await category(bot), await bot.channel("one"), await bot.channel("other")
    moves: list[dict[str, Any]] = [{"id": one, "position": 9}, {"id": other, "position": 8, "parent_id": parent}]
    await bot.ask("PATCH", f"{bot.guild}/channels", moves, expect=204)
    shown = {c["id"]: (c["position"], c["parent_id"]) for c in await bot.ask("GET", f"{bot.guild}/channels")}
    assert (shown[one], shown[other]) == ((9, None), (8, parent))
    both = [{"id": one, "parent_id": parent}, {"id": other, "parent_id": None}]
    assert await bot.code("PATCH", f"{bot.guild}/channels", both, status=400) == 40009
    assert await bot.code("PATCH", f"{bot.guild}/channels", [{"id": "5"}], status=404) == 10003


async def test_a_bulk_move_can_take_the_categorys_permissions(bot: Bot) -> None:
    parent = await category(bot, permission_overwrites=bot.hidden())
    channel = await bot.channel()
    move = [{"id": channel, "parent_id": parent, "lock_permissions": True}]
    await bot.ask("PATCH", f"{bot.guild}/channels", move, expect=204)
    shown = {c["id"]: c["permission_overwrites"] for c in await bot.ask("GET", f"{bot.guild}/channels")}
    assert shown[channel] == shown[parent]


async def test_position_only_moves_reach_channels_the_bot_cannot_see(bot: Bot) -> None:
    hide = [bot.overwrite(bot.sandbox.guild_id, deny=VIEW)]
    body = {"name": "staff", "permission_overwrites": hide}
    secret = (await bot.by_hand().ask("POST", f"{bot.guild}/channels", body, expect=201))["id"]
    await bot.ask("PATCH", f"{bot.guild}/channels", [{"id": secret, "position": 7}], expect=204)
    move = [{"id": secret, "parent_id": await category(bot)}]
    assert await bot.code("PATCH", f"{bot.guild}/channels", move, status=403) == 50001


async def test_audit_reasons_are_kept(bot: Bot) -> None:
    headers = {"X-Audit-Log-Reason": "kopir%20run%207%3A%20%D0%BA%D1%83%D1%80%D1%81"}
    channel = (await bot.ask("POST", f"{bot.guild}/channels", {"name": "x"}, expect=201, headers=headers))["id"]
    entry = (await bot.ask("GET", f"{bot.guild}/audit-logs?limit=1"))["audit_log_entries"][0]
    assert (entry["reason"], entry["action_type"], entry["target_id"]) == ("kopir run 7: курс", 10, channel)

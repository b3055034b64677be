from collections.abc import AsyncIterator

import pytest

from sandbox.bits import BOT_DEFAULT, EVERYONE_DEFAULT, Permission
from tests.sandbox_bot import Bot, rehearsal


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def positions(bot: Bot) -> list[str]:
    return [role["name"] for role in await bot.ask("GET", f"{bot.guild}/roles")]


async def test_a_role_without_permissions_copies_those_of_everyone(bot: Bot) -> None:
    made = await bot.ask("POST", f"{bot.guild}/roles", {})
    assert (made["name"], made["permissions"]) == ("new role", str(int(EVERYONE_DEFAULT)))
    assert (await bot.ask("POST", f"{bot.guild}/roles", {"permissions": "0"}))["permissions"] == "0"


async def test_new_roles_start_at_the_bottom_and_the_bots_own_stays_on_top(bot: Bot) -> None:
    await bot.role("first")
    await bot.role("second")
    assert await positions(bot) == ["@everyone", "second", "first", "Kopir"]
    created, updated = [e.name for e in bot.events].count("GUILD_ROLE_CREATE"), bot.heard("GUILD_ROLE_UPDATE")
    assert created == 2
    assert [u["role"]["name"] for u in updated] == ["Kopir", "first", "Kopir"]


async def test_the_251st_role_is_refused(bot: Bot) -> None:
    for number in range(248):
        await bot.role(f"r{number}")
    assert await bot.code("POST", f"{bot.guild}/roles", {"name": "x", "permissions": "0"}, status=400) == 30005


async def test_only_bits_that_the_bot_holds_can_be_put_into_a_role(bot: Bot) -> None:
    admin = {"permissions": str(int(Permission.ADMINISTRATOR))}
    assert await bot.code("POST", f"{bot.guild}/roles", admin, status=403) == 50013
    role = await bot.role(permissions=str(int(BOT_DEFAULT)))
    assert await bot.code("PATCH", f"{bot.guild}/roles/{role}", admin, status=403) == 50013


async def test_only_sent_fields_of_a_role_change_and_no_change_makes_no_event(bot: Bot) -> None:
    role = await bot.role("7A", hoist=True, color=0x112233)
    bot.events.clear()
    changed = await bot.ask("PATCH", f"{bot.guild}/roles/{role}", {"name": "7Ә"})
    assert (changed["name"], changed["hoist"], changed["color"]) == ("7Ә", True, 0x112233)
    assert len(bot.heard("GUILD_ROLE_UPDATE")) == 1
    await bot.ask("PATCH", f"{bot.guild}/roles/{role}", {"name": "7Ә"})
    assert not bot.events


async def test_role_colours_come_in_both_spellings(bot: Bot) -> None:
    made = await bot.ask("POST", f"{bot.guild}/roles", {"colors": {"primary_color": 7}, "permissions": "0"})
    assert made["color"] == made["colors"]["primary_color"] == 7
    boosted = {"colors": {"primary_color": 7, "secondary_color": 8}}
    assert await bot.code("POST", f"{bot.guild}/roles", boosted, status=400) == 50101


async def test_nobody_touches_roles_at_or_above_their_own(bot: Bot) -> None:
    high = (await bot.by_hand().ask("POST", f"{bot.guild}/roles", {"name": "principal", "permissions": "0"}))["id"]
    await bot.by_hand().ask("PATCH", f"{bot.guild}/roles", [{"id": high, "position": 2}])
    assert await positions(bot) == ["@everyone", "Kopir", "principal"]
    own = next(r["id"] for r in await bot.ask("GET", f"{bot.guild}/roles") if r["managed"])
    for role in (high, own):
        assert await bot.code("PATCH", f"{bot.guild}/roles/{role}", {"name": "x"}, status=403) == 50013
    assert await bot.code("DELETE", f"{bot.guild}/roles/{high}", status=403) == 50013
    assert await bot.code("DELETE", f"{bot.guild}/roles/{own}", status=400) == 50028


async def test_roles_are_sorted_in_one_request_but_never_above_the_bot(bot: Bot) -> None:
    a, b, c = [await bot.role(name) for name in "abc"]
    wanted = [{"id": a, "position": 1}, {"id": b, "position": 2}, {"id": c, "position": 3}]
    answer = await bot.ask("PATCH", f"{bot.guild}/roles", wanted)
    assert [r["name"] for r in answer] == ["@everyone", "a", "b", "c", "Kopir"]
    assert await bot.code("PATCH", f"{bot.guild}/roles", [{"id": a, "position": 4}], status=403) == 50013
    everyone = [{"id": str(bot.sandbox.guild_id), "position": 2}]
    assert await bot.code("PATCH", f"{bot.guild}/roles", everyone, status=400) == 50028
    assert await bot.code("PATCH", f"{bot.guild}/roles", [{"id": "5", "position": 1}], status=404) == 10011


async def test_a_deleted_role_leaves_members_and_channels(bot: Bot) -> None:
    role = await bot.role("7A")
    channel = await bot.channel(permission_overwrites=[bot.overwrite(role, allow=Permission.VIEW_CHANNEL)])
    (aru,) = await bot.join("aru")
    await bot.ask("PUT", f"{bot.guild}/members/{aru}/roles/{role}", expect=204)
    assert (await bot.ask("GET", f"{bot.guild}/roles/member-counts"))[role] == 1
    await bot.ask("DELETE", f"{bot.guild}/roles/{role}", expect=204)
    assert (await bot.ask("GET", f"{bot.guild}/members/{aru}"))["roles"] == []
    assert (await bot.ask("GET", f"/channels/{channel}"))["permission_overwrites"] == []
    assert await bot.code("DELETE", f"{bot.guild}/roles/{role}", status=404) == 10011


async def test_a_bot_without_the_permission_manages_no_roles() -> None:
    async with rehearsal(permissions=Permission.MANAGE_CHANNELS) as bot:
        assert await bot.code("POST", f"{bot.guild}/roles", {"permissions": "0"}, status=403) == 50013

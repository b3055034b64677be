from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bits import BOT_DEFAULT, Intent, Permission
from sandbox.world import World
from tests.sandbox_bot import Bot, rehearsal


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def higher_role(bot: Bot) -> str:
    """Return a role that the owner put above the bot's."""
    role = (await bot.by_hand().ask("POST", f"{bot.guild}/roles", {"permissions": "0"}))["id"]
    await bot.by_hand().ask("PATCH", f"{bot.guild}/roles", [{"id": role, "position": 9}])
    return str(role)


async def test_pages_of_members_go_up_by_id(bot: Bot) -> None:
    ids = await bot.join(*(f"person{number}" for number in range(2500)))
    found: list[str] = []
    page: list[dict[str, Any]] = [{}]
    while page:
        query = {"limit": 1000, "after": found[-1] if found else 0}
        page = await bot.ask("GET", f"{bot.guild}/members", params=query)
        found += [member["user"]["id"] for member in page]
    assert found == sorted(found, key=int)
    assert set(ids) < set(found)
    assert len(bot.heard("GUILD_MEMBER_ADD")) == 2500


async def test_listing_members_needs_the_intent_and_looking_up_one_does_not(bot: Bot) -> None:
    bot.sandbox.application.intents &= ~Intent.GUILD_MEMBERS
    (aru,) = await bot.join("aru")
    assert await bot.code("GET", f"{bot.guild}/members", status=403) == 50001
    assert (await bot.ask("GET", f"{bot.guild}/members/{aru}"))["user"]["username"] == "aru"
    assert len(await bot.ask("GET", f"{bot.guild}/members/search?query=AR")) == 1


async def test_who_left_is_an_unknown_member_and_who_never_was_an_unknown_user(bot: Bot) -> None:
    (aru,) = await bot.join("aru")
    await bot.ask("DELETE", f"/_sandbox{bot.guild}/members/{aru}", expect=204)
    assert len(bot.heard("GUILD_MEMBER_REMOVE")) == 1
    assert await bot.code("GET", f"{bot.guild}/members/{aru}", status=404) == 10007
    assert await bot.code("PATCH", f"{bot.guild}/members/5", {"nick": "x"}, status=404) == 10013


async def test_nickname_and_roles_change_in_one_request(bot: Bot) -> None:
    (aru,), role = await bot.join("aru"), await bot.role()
    body = {"nick": " Ару  Бекова ", "roles": [role]}
    changed = await bot.ask("PATCH", f"{bot.guild}/members/{aru}", body)
    assert (changed["nick"], changed["roles"]) == ("Ару Бекова", [role])
    (event,) = bot.heard("GUILD_MEMBER_UPDATE")
    assert (event["user"]["id"], event["nick"]) == (aru, "Ару Бекова")
    assert (await bot.ask("PATCH", f"{bot.guild}/members/{aru}", {"nick": None}))["nick"] is None
    assert await bot.code("PATCH", f"{bot.guild}/members/{aru}", {"nick": "x" * 33}, status=400) == 50035


async def test_the_owner_and_people_above_the_bot_cannot_be_renamed(bot: Bot) -> None:
    (aru,), high = await bot.join("aru"), await higher_role(bot)
    await bot.by_hand().ask("PUT", f"{bot.guild}/members/{aru}/roles/{high}", expect=204)
    owner = bot.sandbox.guild.owner_id
    for person in (aru, owner):
        assert await bot.code("PATCH", f"{bot.guild}/members/{person}", {"nick": "x"}, status=403) == 50013
    low = await bot.role()
    kept = {"roles": [high, low]}
    assert (await bot.ask("PATCH", f"{bot.guild}/members/{aru}", kept))["roles"] == sorted([high, low], key=int)


async def test_roles_above_the_bot_and_managed_ones_cannot_be_given_or_taken(bot: Bot) -> None:
    (aru,), high = await bot.join("aru"), await higher_role(bot)
    managed = next(str(r.id) for r in bot.sandbox.guild.roles.values() if r.managed)
    path = f"{bot.guild}/members/{aru}"
    assert await bot.code("PUT", f"{path}/roles/{high}", status=403) == 50013
    assert await bot.code("PUT", f"{path}/roles/{managed}", status=400) == 50028
    assert await bot.code("PATCH", path, {"roles": ["5"]}, status=404) == 10011
    await bot.by_hand().ask("PUT", f"{path}/roles/{high}", expect=204)
    assert await bot.code("PATCH", path, {"roles": []}, status=403) == 50013


async def test_people_rename_themselves_only_with_the_permission(bot: Bot) -> None:
    (aru,) = await bot.join("aru")
    person, path = bot.by_hand(aru), f"{bot.guild}/members/@me"
    assert (await person.ask("PATCH", path, {"nick": "star"}))["nick"] == "star"
    everyone = f"{bot.guild}/roles/{bot.sandbox.guild_id}"
    await bot.ask("PATCH", everyone, {"permissions": str(int(Permission.VIEW_CHANNEL))})
    assert await person.code("PATCH", path, {"nick": "moon"}, status=403) == 50013


async def test_a_timeout_silences_until_it_passes() -> None:
    now = [datetime(2026, 9, 1, tzinfo=UTC)]
    async with rehearsal(World(lambda: now[0])) as bot:
        (aru,), channel = await bot.join("aru"), await bot.channel()
        path = f"{bot.guild}/members/{aru}"
        until = {"communication_disabled_until": (now[0] + timedelta(hours=1)).isoformat()}
        await bot.ask("PATCH", path, until)
        assert (
            await bot.by_hand(aru).code("POST", f"/channels/{channel}/messages", {"content": "x"}, status=403) == 50013
        )
        now[0] += timedelta(hours=2)
        await bot.by_hand(aru).say(channel)
        too_long = {"communication_disabled_until": (now[0] + timedelta(days=29)).isoformat()}
        assert await bot.code("PATCH", path, too_long, status=400) == 50035
        owner = f"{bot.guild}/members/{bot.sandbox.guild.owner_id}"
        assert await bot.code("PATCH", owner, until, status=403) == 50013


async def test_nobody_in_voice_can_be_muted(bot: Bot) -> None:
    (aru,) = await bot.join("aru")
    assert await bot.code("PATCH", f"{bot.guild}/members/{aru}", {"mute": True}, status=400) == 40032


async def test_the_banned_are_removed_and_stay_out(bot: Bot) -> None:
    (aru,) = await bot.join("aru")
    await bot.ask("PUT", f"{bot.guild}/bans/{aru}", {}, expect=204, headers={"X-Audit-Log-Reason": "spam"})
    assert (await bot.ask("GET", f"{bot.guild}/bans"))[0]["reason"] == "spam"
    person = {"username": "aru", "id": aru}
    assert await bot.code("POST", f"/_sandbox{bot.guild}/members", person, status=403) == 40007
    await bot.ask("DELETE", f"{bot.guild}/bans/{aru}", expect=204)
    assert await bot.code("GET", f"{bot.guild}/bans/{aru}", status=404) == 10026
    await bot.ask("POST", f"/_sandbox{bot.guild}/members", person, expect=201)


async def test_kicking_needs_the_permission_and_a_place_above(bot: Bot) -> None:
    aru, bek = await bot.join("aru", "bek")
    assert await bot.by_hand(bek).code("DELETE", f"{bot.guild}/members/{aru}", status=403) == 50013
    owner = bot.sandbox.guild.owner_id
    assert await bot.code("DELETE", f"{bot.guild}/members/{owner}", status=403) == 50013
    await bot.ask("DELETE", f"{bot.guild}/members/{aru}", expect=204)


@pytest.mark.parametrize(
    ("missing", "body"),
    [(Permission.MANAGE_NICKNAMES, {"nick": "x"}), (Permission.MANAGE_ROLES, {"roles": []})],
)
async def test_each_part_of_a_member_needs_its_own_permission(missing: Permission, body: dict[str, Any]) -> None:
    async with rehearsal(permissions=BOT_DEFAULT & ~missing) as bot:
        (aru,) = await bot.join("aru")
        assert await bot.code("PATCH", f"{bot.guild}/members/{aru}", body, status=403) == 50013

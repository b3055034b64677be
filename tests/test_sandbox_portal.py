"""Tokens, invites, commands, the guild itself, and what a tester sees and does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.bits import Permission
from tests.sandbox_bot import Bot, rehearsal


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with rehearsal() as bot:
        yield bot


async def test_a_wrong_or_revoked_token_is_unauthorized(bot: Bot) -> None:
    wrong = {"Authorization": "Bot wrong"}
    refusal = await bot.ask("GET", "/users/@me", expect=401, headers=wrong)
    assert refusal == {"message": "401: Unauthorized", "code": 0}
    await bot.ask("POST", "/_sandbox/token", {"revoke": True})
    assert await bot.code("GET", "/users/@me", status=401) == 0
    await bot.ask("POST", "/_sandbox/token", {"token": "new"})
    assert (await bot.ask("GET", "/users/@me", headers={"Authorization": "Bot new"}))["id"] == bot.id


async def test_the_gateway_address_is_given_without_a_token(bot: Bot) -> None:
    answer = await bot.ask("GET", "/gateway", headers={"Authorization": ""})
    assert answer == {"url": bot.sandbox.url.replace("http", "ws") + "/gateway"}
    assert (await bot.ask("GET", "/gateway/bot"))["session_start_limit"]["max_concurrency"] == 1


async def test_answers_have_the_bare_content_type_that_clients_decode(bot: Bot) -> None:
    async with bot.session.get(bot.sandbox.api_url + "/users/@me") as answer:
        assert answer.headers["Content-Type"] == "application/json"


async def test_broken_json_and_ids_that_are_none_are_refused(bot: Bot) -> None:
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    assert await bot.code("POST", f"{bot.guild}/roles", status=400, **broken) == 50109
    assert await bot.code("GET", "/channels/general", status=400) == 50035
    assert await bot.code("GET", "/guilds/5", status=404) == 10004


async def test_community_needs_an_administrator_and_text_channels(bot: Bot) -> None:
    assert await bot.code("PATCH", bot.guild, {"features": ["COMMUNITY"]}, status=403) == 50013
    voice = await bot.channel("v", type=2)
    rules = await bot.channel("rules")
    owner = bot.by_hand()
    body = {"features": ["COMMUNITY"], "rules_channel_id": voice, "public_updates_channel_id": rules}
    assert await owner.code("PATCH", bot.guild, body, status=400) == 50086
    changed = await owner.ask("PATCH", bot.guild, {**body, "rules_channel_id": rules})
    assert (changed["features"], changed["rules_channel_id"]) == (["COMMUNITY", "NEWS"], rules)
    assert await bot.code("DELETE", f"/channels/{rules}", status=400) == 50074
    assert (await bot.ask("PATCH", bot.guild, {"name": "Ақжол"}))["name"] == "Ақжол"
    assert len(bot.heard("GUILD_UPDATE")) == 2


async def test_an_invite_gives_its_roles_until_it_is_used_up(bot: Bot) -> None:
    channel, role = await bot.channel(), await bot.role("guest")
    body = {"max_uses": 1, "role_ids": [role], "unique": True}
    code = (await bot.ask("POST", f"/channels/{channel}/invites", body))["code"]
    assert bot.heard("INVITE_CREATE")[0]["code"] == code
    join = {"username": "aru", "invite": code}
    (aru,) = (await bot.ask("POST", f"/_sandbox{bot.guild}/members", join, expect=201))["ids"]
    assert (await bot.ask("GET", f"{bot.guild}/members/{aru}"))["roles"] == [role]
    assert await bot.code("GET", f"/invites/{code}", status=404) == 10006
    assert len(bot.heard("INVITE_DELETE")) == 1


async def test_like_invites_are_shared_and_deleted_by_managers(bot: Bot) -> None:
    channel = await bot.channel()
    (aru,) = await bot.join("aru")
    one, other = [(await bot.ask("POST", f"/channels/{channel}/invites", {}))["code"] for _ in range(2)]
    assert one == other
    assert len(await bot.ask("GET", f"{bot.guild}/invites")) == 1
    assert await bot.by_hand(aru).code("DELETE", f"/invites/{one}", status=403) == 50013
    await bot.ask("DELETE", f"/invites/{one}")
    assert await bot.ask("GET", f"/channels/{channel}/invites") == []


async def test_the_1001st_invite_is_refused(bot: Bot) -> None:
    channel = await bot.channel()
    for _ in range(1000):
        await bot.ask("POST", f"/channels/{channel}/invites", {"unique": True})
    assert await bot.code("POST", f"/channels/{channel}/invites", {"unique": True}, status=400) == 30016


async def test_commands_are_replaced_as_a_whole_and_keep_their_ids(bot: Bot) -> None:
    path = f"/applications/{bot.id}{bot.guild}/commands"
    first = await bot.ask("PUT", path, [{"name": "сабақ", "description": "Сабақтар"}])
    both = [{"name": "сабақ", "description": "Материалдар"}, {"name": "Report", "type": 3}]
    second = await bot.ask("PUT", path, both)
    assert [c["name"] for c in second] == ["сабақ", "Report"]
    assert second[0]["id"] == first[0]["id"]
    edited = await bot.ask("PATCH", f"{path}/{first[0]['id']}", {"description": "new"})
    assert (edited["description"], edited["guild_id"]) == ("new", str(bot.sandbox.guild_id))
    await bot.ask("DELETE", f"{path}/{first[0]['id']}", expect=204)
    assert len(await bot.ask("GET", path)) == 1
    assert await bot.ask("GET", f"/applications/{bot.id}/commands") == []


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Upper", "description": "x"},
        {"name": "two words", "description": "x"},
        {"name": "x"},
        {"name": "x", "description": "x" * 101},
        {"name": "x", "description": "x", "options": [{"type": 3, "name": "A", "description": "x"}]},
        {"name": "x", "description": "x", "options": [{"type": 3, "name": "a", "description": "x"}] * 2},
        {"name": "Menu", "type": 2, "description": "not allowed"},
    ],
)
async def test_bad_commands_are_refused(bot: Bot, command: dict[str, Any]) -> None:
    assert await bot.code("POST", f"/applications/{bot.id}/commands", command, status=400) == 50035


async def test_the_101st_command_and_other_peoples_applications_are_refused(bot: Bot) -> None:
    commands = [{"name": f"c{number}", "description": "x"} for number in range(101)]
    assert await bot.code("PUT", f"/applications/{bot.id}/commands", commands, status=400) == 30032
    assert await bot.code("GET", "/applications/5/commands", status=403) == 20012


async def test_a_conversation_is_opened_once_and_belongs_to_two(bot: Bot) -> None:
    aru, bek = await bot.join("aru", "bek")
    opened = [await bot.ask("POST", "/users/@me/channels", {"recipient_id": aru}) for _ in range(2)]
    assert opened[0] == opened[1]
    channel = opened[0]["id"]
    await bot.say(channel, "сәлем")
    assert (await bot.by_hand(aru).ask("GET", f"/channels/{channel}/messages"))[0]["content"] == "сәлем"
    assert await bot.by_hand(bek).code("GET", f"/channels/{channel}/messages", status=403) == 50001


async def test_what_a_person_sees_is_what_their_permissions_give(bot: Bot) -> None:
    role = await bot.role("7A")
    aru, bek = await bot.join("aru", "bek")
    allow = bot.overwrite(role, allow=Permission.VIEW_CHANNEL)
    channel = await bot.channel("algebra", permission_overwrites=[*bot.hidden(), allow])
    await bot.say(channel, "материал")
    await bot.ask("PUT", f"{bot.guild}/members/{aru}/roles/{role}", expect=204)
    seen = {}
    for person in (aru, bek):
        view = await bot.ask("GET", f"/_sandbox/visible?user={person}")
        seen[person] = {c["name"]: [m["content"] for m in c["messages"]] for c in view["channels"]}
    assert seen[aru]["algebra"] == ["материал"]
    assert "algebra" not in seen[bek]
    bits = await bot.ask("GET", f"/_sandbox{bot.guild}/permissions")
    assert int(bits[aru]["channels"][channel]) & Permission.VIEW_CHANNEL
    assert bits[bek]["channels"][channel] == "0"


async def test_servers_built_alike_are_equal_by_name_and_differ_by_id() -> None:
    dumps: dict[str, list[Any]] = {"0": [], "1": []}
    for _ in range(2):
        async with rehearsal() as bot:
            channel = await bot.channel("algebra", permission_overwrites=bot.hidden())
            message = await bot.say(channel, "1-апта")
            await bot.ask("PUT", f"/channels/{channel}/messages/pins/{message}", expect=204)
            for names, kept in dumps.items():
                kept.append(await bot.ask("GET", f"/_sandbox{bot.guild}?names={names}"))
    assert dumps["1"][0] == dumps["1"][1]
    assert dumps["0"][0] != dumps["0"][1]


async def test_the_tree_shows_roles_channels_and_pinned_posts(bot: Bot) -> None:
    await bot.role("7Ә")
    parent = await bot.channel("Алгебра", type=4)
    channel = await bot.channel("1-бөлім", parent_id=parent, topic="Сандар")
    message = await bot.say(channel, "Есептер\nекінші жол")
    await bot.ask("PUT", f"/channels/{channel}/messages/pins/{message}", expect=204)
    tree = await bot.ask("GET", f"/_sandbox{bot.guild}/tree")
    lines = ["  @7Ә  0", "  ▾ Алгебра", "    # 1-бөлім  — Сандар", "      📌 Есептер"]
    assert [line for line in lines if line in tree.splitlines()] == lines


async def test_a_second_server_has_its_own_ids_and_the_bot(bot: Bot) -> None:
    made = await bot.ask("POST", "/_sandbox/guilds", {"name": "Екінші"}, expect=201)
    assert {g["id"] for g in await bot.ask("GET", "/users/@me/guilds")} == {made["guild_id"], str(bot.sandbox.guild_id)}
    assert bot.heard("GUILD_CREATE")[0]["name"] == "Екінші"
    alone = await bot.ask("POST", "/_sandbox/guilds", {"name": "Бөтен", "bot": False}, expect=201)
    assert await bot.code("GET", f"/guilds/{alone['guild_id']}", status=403) == 50001


async def test_by_hand_the_owner_moves_the_bots_role_down(bot: Bot) -> None:
    role = await bot.role("7A")
    own = next(str(r.id) for r in bot.sandbox.guild.roles.values() if r.managed)
    await bot.by_hand().ask("PATCH", f"{bot.guild}/roles", [{"id": own, "position": 1}])
    assert await bot.code("PATCH", f"{bot.guild}/roles/{role}", {"name": "x"}, status=403) == 50013

"""A client of Kopir's talking to a scripted server, and the routes that the tests talk about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from interactions.api.http.route import Route

from bot.http import DiscordHTTP, Retries, discord_http
from tests.scripted_discord import Reply, Scripted, scripted

TOKEN = "secret-token"
QUICK = Retries(failures=4, rate_limits=6, first=0.001, longest=0.002)
ROLES = Route("GET", "/guilds/{guild_id}/roles", guild_id=7)
NEW_ROLE = Route("POST", "/guilds/{guild_id}/roles", guild_id=7)
MESSAGE = Route("POST", "/channels/{channel_id}/messages", channel_id=5)
SAFE_MESSAGE = {"content": "x", "nonce": "n1", "enforce_nonce": True}


@asynccontextmanager
async def talking(*replies: Reply, **options: Any) -> AsyncIterator[tuple[DiscordHTTP, Scripted]]:
    async with (
        scripted(*replies) as server,
        discord_http(TOKEN, server.api_url, **({"retries": QUICK} | options)) as http,
    ):
        yield http, server

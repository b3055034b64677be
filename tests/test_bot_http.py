"""One request to Discord: what is sent, what comes back, and which error says what went wrong."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import interactions
import pytest
from interactions.api.http.route import Route
from interactions.client import errors as library
from interactions.models.discord.file import File

from bot import errors
from bot.http import DiscordHTTP
from bot.transport.ratelimits import InvalidBudget
from bot.transport.routes import audit_reason
from sync.errors import Denied, KopirError, Refused
from tests.discord_talks import MESSAGE, NEW_ROLE, ROLES, SAFE_MESSAGE, TOKEN, talking
from tests.scripted_discord import Reply


async def test_a_request_carries_the_token_the_reason_the_query_and_the_json() -> None:
    route = Route("PATCH", "/guilds/{guild_id}/roles/{role_id}", guild_id=7, role_id=9)
    async with talking(Reply(json={"id": "9"})) as (http, server):
        answer = await http.request(route, payload={"name": "Ұстаз"}, reason="run 12", params={"a": 1, "b": True})
    assert answer == {"id": "9"}
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.query) == ("PATCH", "/api/v10/guilds/7/roles/9", {"a": "1", "b": "true"})
    assert seen.json == {"name": "Ұстаз"}
    assert seen.headers["Authorization"] == f"Bot {TOKEN}"
    assert unquote(seen.headers["X-Audit-Log-Reason"]) == "run 12"


async def test_the_librarys_own_calls_go_through_it() -> None:
    async with talking(Reply(json=[{"id": "1"}])) as (http, server):
        roles: Any = await http.get_roles(7)
    assert roles == [{"id": "1"}]
    assert server.seen[0].path == "/api/v10/guilds/7/roles"


async def test_json_with_a_charset_is_decoded() -> None:
    async with talking(Reply(json={"id": "1"}, content_type="application/json; charset=utf-8")) as (http, _):
        assert await http.request(ROLES) == {"id": "1"}


async def test_no_content_is_none() -> None:
    async with talking(Reply(204)) as (http, _):
        assert await http.request(Route("DELETE", "/channels/{channel_id}", channel_id=1)) is None


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(200, body=b"{", content_type="application/json"), id="broken json"),
        pytest.param(Reply(200, body=b"<html>", content_type="text/html"), id="a proxy's page"),
        pytest.param(Reply(200, body=b""), id="nothing"),
        pytest.param(Reply(302, headers={"Location": "/elsewhere"}), id="a redirect"),
        pytest.param(Reply(404, body=b"not here", content_type="text/plain"), id="a 404 that is not Discord's"),
    ],
)
async def test_an_unknown_answer_is_an_error_that_names_the_request(reply: Reply) -> None:
    async with talking(reply) as (http, server):
        with pytest.raises(errors.UnknownAnswer, match=r"GET /guilds/\{guild_id\}/roles"):
            await http.request(ROLES)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "ours", "theirs", "kopir"),
    [
        (400, errors.RequestInvalid, library.BadRequest, Refused),
        (403, errors.PermissionMissing, library.Forbidden, Refused),
        (404, errors.ResourceGone, library.NotFound, Refused),
        (401, errors.TokenRefused, library.HTTPException, Refused),
        (405, errors.RequestInvalid, library.HTTPException, Refused),
        (501, errors.RequestInvalid, library.HTTPException, Refused),
    ],
)
async def test_refusals_are_typed_for_kopir_and_for_the_library(
    status: int, ours: type[Exception], theirs: type[Exception], kopir: type[KopirError]
) -> None:
    async with talking(Reply(status, json={"message": "No", "code": 50013})) as (http, server):
        with pytest.raises(ours) as caught:
            await http.request(ROLES)
    assert isinstance(caught.value, theirs)
    assert isinstance(caught.value, kopir)
    assert isinstance(caught.value, errors.RequestFailed)
    assert (caught.value.status, caught.value.code, caught.value.text) == (status, 50013, "No")
    assert (caught.value.method, caught.value.template) == ("GET", "/guilds/{guild_id}/roles")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "code", "lasts"),
    [
        pytest.param(400, 50035, True, id="a form error"),
        pytest.param(403, 50001, True, id="no access"),
        pytest.param(403, 50013, True, id="no permission"),
        pytest.param(400, 200000, True, id="AutoMod"),
        pytest.param(400, 0, True, id="no code"),
        pytest.param(404, 10007, False, id="gone"),
        pytest.param(400, 30013, False, id="a ceiling"),
        pytest.param(403, 20028, False, id="too fast for a channel"),
        pytest.param(403, 40333, False, id="a failure of the edge"),
        pytest.param(400, 130000, False, id="overloaded"),
        pytest.param(401, 0, False, id="the token"),
    ],
)
async def test_only_what_would_be_refused_again_as_it_is_is_said_to_last(status: int, code: int, lasts: bool) -> None:
    async with talking(Reply(status, json={"message": "No", "code": code})) as (http, _):
        with pytest.raises(Refused) as caught:
            await http.request(ROLES)
    assert isinstance(caught.value, Denied) is lasts


async def test_form_errors_are_flattened() -> None:
    form = {
        "name": {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be 1 or more."}]},
        "permission_overwrites": {"0": {"id": {"_errors": [{"code": "X", "message": "y"}]}}},
    }
    async with talking(Reply(400, json={"message": "Invalid Form Body", "code": 50035, "errors": form})) as (http, _):
        with pytest.raises(errors.RequestInvalid) as caught:
            await http.request(NEW_ROLE, payload={})
    assert caught.value.form == {
        "name": "BASE_TYPE_BAD_LENGTH: Must be 1 or more.",
        "permission_overwrites.0.id": "X: y",
    }
    assert "permission_overwrites.0.id: X: y" in str(caught.value)


SECRET_ROUTES = [
    Route("POST", "/webhooks/{application_id}/{webhook_token}", application_id=1, webhook_token="hook-secret"),
    Route("POST", "/webhooks/{webhook_id}/hook-secret", webhook_id=1),
    Route(
        "POST", "/interactions/{interaction_id}/{webhook_token}/callback", interaction_id=3, webhook_token="hook-secret"
    ),
    Route("GET", "/guilds/{guild_id}/scheduled-events?with={with}", guild_id=7, **{"with": "query-secret"}),
]


@pytest.mark.parametrize("reply", [Reply(400, json={"message": "No"}), Reply(drop=True), Reply(200, body=b"{")])
@pytest.mark.parametrize("route", SECRET_ROUTES, ids=str)
async def test_no_secret_is_in_an_errors_text(route: Route, reply: Reply) -> None:
    async with talking(*[reply] * 9) as (http, _):
        with pytest.raises(KopirError) as caught:
            await http.request(route, params={"q": "query-secret"})
    shown: BaseException | None = caught.value
    while shown is not None:
        assert not any(secret in f"{shown!s} {shown!r}" for secret in (TOKEN, "hook-secret", "query-secret"))
        shown = shown.__cause__ or shown.__context__


async def test_after_a_refused_token_nothing_is_sent_any_more() -> None:
    async with talking(Reply(401, json={"message": "401: Unauthorized", "code": 0})) as (http, server):
        for _ in range(3):
            with pytest.raises(errors.TokenRefused, match="Developer Portal"):
                await http.request(ROLES)
        assert len(server.seen) == 1
        await http.login("another-token")
    assert server.seen[-1].headers["Authorization"] == "Bot another-token"


async def test_a_refused_token_is_heard_of_once_before_whoever_sent_the_request_hears() -> None:
    heard: list[str] = []
    async with talking(Reply(401, json={"message": "401: Unauthorized"})) as (http, _):
        http.when_token_refused(lambda _: heard.append("the listener"))
        for _ in range(2):
            try:
                await http.request(ROLES)
            except errors.TokenRefused:
                heard.append("the sender")
        assert http.token_refused
    assert heard == ["the listener", "the sender", "the sender"]


async def test_requests_that_were_waiting_when_the_token_was_refused_are_not_sent() -> None:
    async with talking(Reply(401, json={"message": "401: Unauthorized"})) as (http, server):
        outcomes = await asyncio.gather(*(http.request(ROLES) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(outcome, errors.TokenRefused) for outcome in outcomes)
    assert len(server.seen) == 1


async def test_an_expired_interaction_does_not_stop_the_bot() -> None:
    async with talking(Reply(401, json={"message": "Invalid Webhook Token", "code": 50027})) as (http, server):
        with pytest.raises(errors.RequestInvalid):
            await http.request(SECRET_ROUTES[0], payload={"content": "x"})
        await http.request(ROLES)
    assert len(server.seen) == 2


async def test_too_many_refusals_stop_the_client_before_discord_does() -> None:
    async with talking(*[Reply(403, json={"message": "Missing Access", "code": 50001})] * 9) as (http, server):
        http._sender.budget = InvalidBudget(most=5)
        for _ in range(5):
            with pytest.raises(errors.PermissionMissing):
                await http.request(ROLES)
        with pytest.raises(errors.InvalidBudgetSpent) as caught:
            await http.request(ROLES)
    assert len(server.seen) == 5
    assert caught.value.after == pytest.approx(600, abs=5)


@pytest.mark.parametrize("whole", [True, False], ids=["File", "bare stream"])
async def test_an_upload_is_complete_at_every_attempt(whole: bool) -> None:
    stream = io.BytesIO(b"0123456789")
    files: Any = [File(file=stream, file_name="a.pdf", description="d")] if whole else [stream]
    async with talking(Reply(503), Reply(drop=True), Reply(json={})) as (http, server):
        await http.request(MESSAGE, payload=SAFE_MESSAGE | {"attachments": [{"id": "77"}]}, files=files)
    assert [seen.body.count(b"0123456789") for seen in server.seen] == [1, 1, 1]
    listed = json.loads(server.seen[2].body.split(b"payload_json")[1].split(b"\r\n\r\n")[1].split(b"\r\n")[0])
    assert [item["id"] for item in listed["attachments"]] == ["77", "0"]


async def test_a_file_on_disk_is_read_and_closed(tmp_path: Path) -> None:
    (tmp_path / "план.txt").write_bytes(b"content")
    async with talking(Reply(json={})) as (http, server):
        await http.request(MESSAGE, payload=SAFE_MESSAGE, files=[tmp_path / "план.txt"])
    assert "план.txt".encode() in server.seen[0].body
    assert b"content" in server.seen[0].body


@pytest.mark.parametrize(
    "reason",
    ["Ә" * 500, "a" * 511 + "Ә", "😀" * 200, "%" * 600, "line\nbreak\r\nX-Evil: 1", "  ", "x" * 512, "\ud800 lone"],
    ids=["kazakh", "edge", "emoji", "percent", "newlines", "blank", "fits", "surrogate"],
)
def test_a_reason_is_one_encoded_line_of_at_most_512_characters(reason: str) -> None:
    encoded = audit_reason(reason)
    assert len(encoded) <= 512
    assert encoded.isascii()
    assert "\n" not in encoded
    plain = " ".join(reason.split()).encode(errors="replace").decode()
    assert plain.startswith(unquote(encoded, errors="strict"))
    assert len(encoded) > 500 or unquote(encoded) == plain


async def test_plain_http_is_only_for_this_machine() -> None:
    with pytest.raises(errors.InsecureAddress, match="not encrypted"):
        DiscordHTTP(TOKEN, "http://discord.example/api")
    for address in ("http://127.0.0.1:1/api", "http://localhost/api", "http://[::1]/api", "https://discord.example"):
        DiscordHTTP(TOKEN, address)
    DiscordHTTP(TOKEN, "http://discord.example/api", allow_plain_http=True)
    async with talking() as (http, _):
        with pytest.raises(errors.InsecureAddress):
            await http.websocket_connect("ws://gateway.example")


async def test_files_of_the_file_server_are_fetched_without_the_token() -> None:
    picture = Reply(body=b"png", content_type="image/png")
    async with talking(picture, Reply(404, json={"message": "x"})) as (http, server):
        assert await http.request_cdn(f"{server.url}/icons/1.png", None) == b"png"
        with pytest.raises(errors.ResourceGone):
            await http.request_cdn(f"{server.url}/icons/2.png", None)
    assert "Authorization" not in server.seen[0].headers


async def test_two_clients_have_their_own_addresses_and_the_library_client_uses_ours() -> None:
    user = {"id": "1", "username": "k", "discriminator": "0", "avatar": None, "verified": True}
    application = {"id": "1", "name": "k", "description": "", "summary": "", "verify_key": "", "bot_public": True}
    application["bot_require_code_grant"] = False
    async with talking(Reply(json=user), Reply(json=application)) as (http, server), talking() as (other, elsewhere):
        client = interactions.Client(token=TOKEN)
        client.http = http
        await client.login(TOKEN)
        await other.request(ROLES)
        await client.http.close()
        await http.request(ROLES)
    assert [seen.path for seen in server.seen] == [
        "/api/v10/users/@me",
        "/api/v10/oauth2/applications/@me",
        "/api/v10/guilds/7/roles",
    ]
    assert len(elsewhere.seen) == 1


async def test_a_parameter_cannot_leave_its_place_in_the_path() -> None:
    async with talking() as (http, server):
        await http.request(Route("DELETE", "/invites/{code}", code="../guilds/1?x=1"))
    assert server.seen[0].path in ("/api/v10/invites/..%2Fguilds%2F1%3Fx=1", "/api/v10/invites/../guilds/1?x=1")
    assert server.seen[0].query == {}

"""Judges what came back from Discord: a value, or the typed error that it means. Pure; `bot.http` acts on it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.errors import (
    DiscordBroken,
    DiscordUnreachable,
    LostAnswer,
    NotNow,
    PermissionMissing,
    RequestFailed,
    RequestInvalid,
    ResourceGone,
    StillRateLimited,
    TokenRefused,
    Unanswered,
    UnknownAnswer,
)
from sync.errors import Denied

# Discord's edge says with these that the request never reached Discord; after any other 5xx it may have been done.
_NOT_DONE = frozenset({503, 521, 522, 523, 525, 526, 530})

# Codes of refusals that end without anybody changing the request: a ceiling is reached (30xxx), too much is asked for
# or Discord has put something off (20xxx, 40004), it is overloaded (130000). The edge's own failure is 40333.
# https://discord.com/developers/docs/topics/opcodes-and-status-codes
_PASSING = frozenset({*range(20_000, 21_000), *range(30_000, 31_000), 40_004, 40_333, 130_000})


@dataclass(frozen=True, slots=True)
class Call:
    """One request as far as errors speak of it."""

    method: str
    template: str
    repeatable: bool
    token_in_path: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Return the declared type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """Return the decoded body; None when none is declared or it cannot be decoded."""
        if self.media_type != "application/json":
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer, or only a part of it; `sent` says whether Discord may have got the request."""

    sent: bool
    reason: str


Outcome = Answer | Dropped


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a 429 asks for; `after` is None when it does not say."""

    scope: str
    after: float | None


def value(answer: Answer) -> Any:
    """Return the body of a good answer, None for 204; raise ValueError when there should be one and is not."""
    if answer.status == HTTPStatus.NO_CONTENT:
        return None
    decoded = answer.json()
    if decoded is None:
        raise ValueError(f"a body of type {answer.media_type or 'unknown'} that cannot be decoded")
    return decoded


def good(outcome: Outcome) -> bool:
    """Say whether Discord did what was asked."""
    return isinstance(outcome, Answer) and 200 <= outcome.status < 300


def ambiguous(outcome: Outcome) -> bool:
    """Say whether the request may have taken effect although its result is not known."""
    if isinstance(outcome, Dropped):
        return outcome.sent
    return good(outcome) or (outcome.status >= 500 and outcome.status not in _NOT_DONE | {501})


def unanswered(call: Call, outcome: Dropped) -> Unanswered:
    """Return the error for a request without an answer."""
    kind = LostAnswer if outcome.sent and not call.repeatable else DiscordUnreachable
    return kind(call.method, call.template, outcome.reason)


def refusal(call: Call, answer: Answer) -> RequestFailed | LostAnswer:
    """Return the error for an answer that is not a good one."""
    if ambiguous(answer) and not call.repeatable:
        return LostAnswer(call.method, call.template, f"HTTP {answer.status}")
    decoded = answer.json()
    said: Mapping[str, Any] = decoded if isinstance(decoded, dict) else {}
    kind = _kind(call, answer.status, isinstance(decoded, dict))
    kind = NotNow if issubclass(kind, Denied) and _code(said) in _PASSING else kind
    error = kind(
        call.method, call.template, answer.status, _code(said), str(said.get("message", "")), said.get("errors")
    )
    if isinstance(error, (StillRateLimited, DiscordBroken)):
        error.after = retry_after(answer)
    return error


def _code(said: Mapping[str, Any]) -> int:
    code = said.get("code", 0)
    return code if isinstance(code, int) else 0


def _kind(call: Call, status: int, readable: bool) -> type[RequestFailed]:
    if status == HTTPStatus.UNAUTHORIZED and not call.token_in_path:
        return TokenRefused
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return StillRateLimited
    if status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED:
        return DiscordBroken
    if status < 400:
        return UnknownAnswer
    known: dict[int, type[RequestFailed]] = {403: PermissionMissing, 404: ResourceGone}
    # A 4xx without Discord's JSON comes from something in between.
    return known.get(status, RequestInvalid) if readable or status == HTTPStatus.NOT_IMPLEMENTED else UnknownAnswer


def retry_after(answer: Answer) -> float | None:
    """Return the pause in seconds that an answer asks for: its body's, which has decimals, or its header's."""
    decoded = answer.json()
    stated = decoded.get("retry_after") if isinstance(decoded, dict) else None
    for candidate in (stated, answer.headers.get("Retry-After"), answer.headers.get("X-RateLimit-Reset-After")):
        try:
            seconds = float(candidate) if candidate is not None else -1.0
        except (TypeError, ValueError):
            continue
        if 0 <= seconds < 1e9:
            return seconds
    return None


def rate_limit(answer: Answer) -> RateLimit:
    """Read a 429: scope `user`, `global`, `shared`, or `edge` when it is not Discord's own."""
    decoded = answer.json()
    if not isinstance(decoded, dict):
        return RateLimit("edge", retry_after(answer))
    everything = decoded.get("global") is True or answer.headers.get("X-RateLimit-Global", "").lower() == "true"
    scope = "global" if everything else answer.headers.get("X-RateLimit-Scope", "user")
    return RateLimit(scope, retry_after(answer))


def counts_as_invalid(answer: Answer) -> bool:
    """Say whether Discord charges this answer to the budget of invalid requests."""
    return answer.status in (401, 403) or (answer.status == 429 and rate_limit(answer).scope != "shared")

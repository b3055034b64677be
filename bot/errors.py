"""What a request to Discord can end in, besides an answer; `bot.http` raises them, everybody else reads only the type.

RequestFailed        Discord answered, and the answer is no (also interactions' HTTPException)
├── TokenRefused        401: nothing is sent any more                      Refused
├── PermissionMissing   403, also interactions' Forbidden                  Denied
│   └── Barred              known from before, so not sent                 Denied
├── ResourceGone        404, also interactions' NotFound                   Gone
├── RequestInvalid      any other 4xx, also interactions' BadRequest       Denied
├── NotNow              a 4xx for a ceiling or for haste, which pass       Refused
├── StillRateLimited    429 after the last attempt                         Retriable
├── DiscordBroken       5xx after the last attempt                         Retriable
└── UnknownAnswer       an answer that Discord's API does not have         Retriable
Unanswered           no answer at all
├── DiscordUnreachable  nothing was sent, or repeating it was harmless     Retriable
└── LostAnswer          it may have taken effect: look before repeating    Retriable
Malformed            an answer in another shape than Discord's             Retriable
TooMuch              an answer larger than any of Discord's                Retriable
InvalidBudgetSpent   too many 401, 403 and 429 of late: not sent           Retriable
InsecureAddress      the token would travel in the clear: not sent         Refused

Texts hold the route's template and Discord's words: no id, no query, no token.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from interactions.client import errors as library

from sync.errors import Denied, Gone, Refused, Retriable, Stopped
from sync.phrases import Phrase
from sync.texts import N_

LONGEST = 500  # characters of what Discord says that are quoted
DEEPEST = 20  # levels of a form's errors


class RequestFailed(library.HTTPException):
    """Say which request Discord refused and why; `form` maps a field's path to what is wrong with it."""

    sentence = N_("Discord did not do this ({request}: {answer}).")
    code: int

    def __init__(
        self, method: str, template: str, status: int, code: int = 0, message: str = "", errors: object = None
    ) -> None:
        self.method = method
        self.template = template
        self.status = status
        self.code = code
        self.message = self.text = message[:LONGEST]
        self.errors = errors if isinstance(errors, dict) else {}
        self.form: Mapping[str, str] = dict(_flatten(self.errors))
        # The library's constructor keeps the response, and with it the Authorization header; it is left out on purpose.
        Exception.__init__(self, self._sentence())

    def _sentence(self) -> Phrase:
        form = "; ".join(f"{path}: {problem}" for path, problem in self.form.items())
        code = str(self.code) if self.code else ""
        answer = ", ".join(part for part in (str(self.status), code, self.message, form[:LONGEST]) if part)
        return Phrase(self.sentence, request=f"{self.method} {self.template}", answer=answer)

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def _flatten(errors: Mapping[str, Any], path: str = "", depth: int = DEEPEST) -> Iterator[tuple[str, str]]:
    """Yield the leaves of Discord's nested form errors as `embeds.0.title`, `CODE: message`."""
    for key, value in errors.items():
        if key == "_errors" and isinstance(value, list):
            yield path or "body", ", ".join(_leaf(item) for item in value)
        elif isinstance(value, Mapping) and depth:
            yield from _flatten(value, f"{path}.{key}" if path else str(key), depth - 1)


def _leaf(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    return f"{item.get('code', '?')}: {item.get('message', '')}"


class TokenRefused(RequestFailed, Stopped):
    """Say that Discord does not accept the bot's token."""

    sentence = N_(
        "Discord refused the bot's token ({request}: {answer}). "
        "Nothing more is sent; put the current token of the Developer Portal into the settings and start again."
    )


class PermissionMissing(RequestFailed, library.Forbidden, Denied):
    """Say that the bot may not do this here (403)."""

    by_standing = True

    sentence = N_(
        "Discord does not let the bot do this ({request}: {answer}). "
        "Give the bot's role the permissions of the quick start and drag it above the roles that it manages."
    )


class Barred(PermissionMissing):
    """Say that the bot may not do this here, as it was told before in the same run: not sent again."""


class ResourceGone(RequestFailed, library.NotFound, Gone):
    """Say that what the request names does not exist (404)."""

    sentence = N_(
        "Somebody deleted this on Discord meanwhile ({request}: {answer}). The next run puts right what is Kopir's."
    )


class RequestInvalid(RequestFailed, library.BadRequest, Denied):
    """Say that Discord does not accept the request as it is (400 and the like)."""

    sentence = N_("Discord does not accept this ({request}: {answer}).")


class NotNow(RequestFailed, library.BadRequest, Refused):
    """Say that Discord does not do this at the moment, whatever the request says: a ceiling, too much at once."""

    sentence = N_("Discord does not do this at the moment ({request}: {answer}). The next run tries again.")


class StillRateLimited(RequestFailed, library.RateLimited, Retriable):
    """Say that Discord kept answering 429; `after` is the last pause it asked for, in seconds."""

    sentence = N_("Discord asks to go slower ({request}: {answer}). The next run goes on from here.")
    after: float | None = None


class DiscordBroken(RequestFailed, library.DiscordError, Retriable):
    """Say that Discord kept failing with 5xx."""

    sentence = N_("Discord is out of order at the moment ({request}: {answer}). The next run goes on from here.")
    after: float | None = None


class UnknownAnswer(RequestFailed, Retriable):
    """Say that the answer is none that Discord's API gives, such as a proxy's page."""

    sentence = N_(
        "What answered is not Discord ({request}: {answer}). Check the proxy of your network and the setting `api_url`."
    )
    after: float | None = None


class Unanswered(Retriable):
    """Say that a request ended without an answer."""

    def __init__(self, method: str, template: str, reason: str) -> None:
        super().__init__(Phrase(self.sentence, request=f"{method} {template}", reason=reason))
        self.method = method
        self.template = template

    sentence = N_("Discord did not answer ({request}: {reason}). The next run goes on from here.")


class DiscordUnreachable(Unanswered):
    """Say that Discord could not be reached; nothing changed there that a repetition would double."""

    sentence = N_("Discord cannot be reached ({request}: {reason}). Check the network; the next run goes on from here.")


class LostAnswer(Unanswered):
    """Say that a request which must not be repeated blindly may or may not have taken effect."""

    sentence = N_(
        "Discord's answer was lost, {request} may have taken effect ({reason}). "
        "The next run will look before repeating it."
    )


class Malformed(Retriable):
    """Say that an answer has not the shape that Discord documents; `place` is where it differs."""

    def __init__(self, what: str, place: str) -> None:
        sentence = N_(
            "Discord's answer about {what} is damaged (at {place}), so nothing of it is used. The next run asks again. "
            "If it stays so, check the proxy of your network and the setting `api_url`."
        )
        super().__init__(Phrase(sentence, what=Phrase(what), place=place[:LONGEST]))


class TooMuch(Retriable):
    """Say that an answer is larger than any that Discord gives."""

    def __init__(self, method: str, template: str, limit: int) -> None:
        sentence = N_(
            "What answered {request} is larger than {limit} MB, so nothing of it is used. The next run asks again. "
            "If it stays so, check the proxy of your network and the setting `api_url`."
        )
        super().__init__(Phrase(sentence, request=f"{method} {template}", limit=limit // 2**20))


class InvalidBudgetSpent(Retriable):
    """Say that so many requests were refused of late that Discord would soon block this address."""

    def __init__(self, method: str, template: str, refused: int, after: float) -> None:
        sentence = N_(
            "Discord refused {refused} requests in the last 10 minutes (401, 403, 429), so {request} was not sent. "
            "Give the bot the permissions it lacks; sending goes on in {seconds} s."
        )
        request = f"{method} {template}"
        super().__init__(Phrase(sentence, refused=refused, request=request, seconds=f"{after:.0f}"), after)


class InsecureAddress(Refused):
    """Say that an address is neither encrypted nor on this machine."""

    def __init__(self, scheme: str, host: str) -> None:
        sentence = N_("{address} is not encrypted; use https (plain http only reaches this machine).")
        super().__init__(Phrase(sentence, address=f"{scheme}://{host}"))

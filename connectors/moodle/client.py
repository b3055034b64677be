"""Talks to one Moodle over its REST protocol; the only module that sends HTTP. `answers` decides what an answer means.

Everything goes by POST with the token in the body, so that it is in no address, log or exception.
Source: https://docs.moodle.org/dev/Web_services; what was measured is told in docs/moodle.md.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from threading import Lock, local
from typing import Any
from urllib.parse import unquote

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.wait import wait_random_exponential
from urllib3.exceptions import HTTPError

from connectors.downloads import too_large
from connectors.moodle import answers
from connectors.moodle.errors import Absent
from sync.errors import Refused, Retriable
from sync.phrases import Phrase
from sync.records import File
from sync.texts import N_

TIMEOUTS = 10.0, 60.0  # seconds to connect, and between two parts of an answer
PATIENCE = 120.0  # seconds for a whole file, with all attempts
PATIENCE_OF_A_CALL = 300.0  # seconds for the answer to one call
ATTEMPTS = 4
LONGEST_WAIT = 20.0  # seconds; a site that asks for more is asked again at the next pull
LARGEST = 64 * 2**20  # bytes of one answer
PART = 2**16  # bytes that are read at once; more than any failure that comes in place of a file
LEAST = 1024  # bytes that are read of a file whose hash alone is wanted
LATER = 60.0  # seconds; longer than LONGEST_WAIT
FILES = "/webservice/pluginfile.php/"

COMMON = {"moodlewsrestformat": "json", "moodlewssettingraw": "true"}

UNREACHABLE = N_("Moodle cannot be reached. It is asked again at the next pull.")
CERTIFICATE = N_("The site's certificate is not valid, so nothing is sent to it. Let it be renewed, or correct `url`.")
FOREIGN = N_("The file is not on the Moodle site in the settings, so it is not asked for.")
SLOW_CALL = N_("Moodle answers too slowly. It is asked again at the next pull.")
SLOW = N_("Moodle hands out the file too slowly. It is asked for again later.")
TOO_LARGE = N_("Moodle's answer to {function} is larger than {limit} MB; nothing of it is used.")


@dataclass(slots=True)
class Traffic:
    """What a pull cost: calls, the bytes of their answers."""

    calls: int = 0
    bytes: int = 0
    lock: Lock = field(default_factory=Lock)

    def add(self, calls: int, size: int) -> None:
        """Count something, from any thread."""
        with self.lock:
            self.calls += calls
            self.bytes += size


class Client:
    """One site and one token. Safe to use from several threads."""

    def __init__(
        self,
        site: str,
        token: str,
        language: str = "",
        *,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.site = site.rstrip("/")
        self.traffic = Traffic()
        self._token = token
        # what Moodle words itself, such as "General"; ignored where the site has not installed the language
        self._common = COMMON | ({"moodlewssettinglang": language} if language else {})
        self._retrying = Retrying(
            retry=retry_if_exception_type(Retriable),
            stop=lambda state: state.attempt_number >= attempts or (_after(state) or 0.0) > LONGEST_WAIT,
            wait=_pause,
            sleep=sleep,
            reraise=True,
        )
        self._mine = local()

    def call(self, function: str, **parameters: Any) -> Any:
        """Call a function and return its data. Raise Retriable or one of the Refused."""
        fields = {"wstoken": self._token, "wsfunction": function, **self._common, **flattened(parameters)}
        return self._retrying(self._call, function, fields)

    def etag(self, url: str, known: str = "") -> str:
        """Return the SHA-1 of a file's content, asking only whether it is still the `known` one; empty if not told.

        Raise Absent for a file that is not there any more.
        """
        return self._retrying(self._etag, url, known) if self._has(url) else ""

    def download(self, file: File, limit: int) -> bytes:
        """Return a file's content, at most `limit` bytes.

        Raise Absent for a file that is not there any more, Refused for one that is too large or not of this site.
        """
        if not self._has(file.url):
            raise Refused(Phrase(FOREIGN))
        if file.size > limit:
            raise too_large(limit)
        return self._retrying(self._download, file, limit, time.monotonic() + PATIENCE)

    def _has(self, url: str) -> bool:
        """Tell whether an address is that of a file of this site: the token goes nowhere else."""
        steps = unquote(url.partition("?")[0]).replace("\\", "/").split("/")
        return url.startswith(self.site + FILES) and not {".", ".."} & set(steps)

    def _call(self, function: str, fields: Mapping[str, str]) -> Any:
        read = partial(_whole, function=function, deadline=time.monotonic() + PATIENCE_OF_A_CALL)
        status, headers, body = self._post(f"{self.site}/webservice/rest/server.php", fields, {}, read)
        return answers.data(status, headers, body, function)

    def _etag(self, url: str, known: str) -> str:
        asked = {"Range": "bytes=0-0"} | ({"If-None-Match": f'"{known}"'} if known else {})
        status, headers, body = self._post(url.partition("?")[0], {"token": self._token}, asked, _beginning)
        if status == 304:
            return known
        if status == 404:
            raise Absent(Phrase(answers.ABSENT, function=answers.FILE))
        if "json" in headers.get("content-type", "") and not headers.get("etag"):
            answers.data(status, headers, body, answers.FILE)
        if error := answers.of_status(status, headers):
            raise error
        return headers.get("etag", "").removeprefix("W/").strip('"')

    def _download(self, file: File, limit: int, deadline: float) -> bytes:
        connect, wait = TIMEOUTS
        timeouts = connect, min(wait, _left(deadline))
        read = partial(_arriving, most=max(limit, PART), deadline=deadline)
        plain = {"Accept-Encoding": "identity"}  # to pack what is packed already only takes time
        url = file.url.partition("?")[0]
        status, headers, body = self._post(url, {"token": self._token}, plain, read, timeouts)
        content = answers.content(status, headers, body, file.type)
        if len(content) > limit:
            raise too_large(limit)
        return content

    def _post(
        self,
        url: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str],
        read: Callable[[requests.Response], bytes],
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request. What is raised never holds the request, which holds the token."""
        try:
            with self._session().post(
                url, data=fields, headers=headers, timeout=timeouts, allow_redirects=False, stream=True
            ) as answer:
                named = {name.lower(): value for name, value in answer.headers.items()}
                body = read(answer)
        except requests.exceptions.SSLError:
            raise Refused(Phrase(CERTIFICATE)) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            raise Refused(Phrase(answers.NO_MOODLE)) from None
        except (requests.exceptions.RequestException, HTTPError):
            raise Retriable(Phrase(UNREACHABLE)) from None
        self.traffic.add(1, len(body))
        return answer.status_code, named, body

    def _session(self) -> requests.Session:
        """Return this thread's own session: requests does not promise to share one."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
            self._mine.session.headers["User-Agent"] = "Kopir"
        session: requests.Session = self._mine.session
        return session


def _whole(answer: requests.Response, function: str, deadline: float) -> bytes:
    body = _arriving(answer, LARGEST, deadline, SLOW_CALL)
    if len(body) > LARGEST:
        raise Refused(Phrase(TOO_LARGE, function=function, limit=LARGEST // 2**20))
    return body


def _beginning(answer: requests.Response) -> bytes:
    taken = BytesIO()
    parts = answer.iter_content(PART)
    while taken.tell() <= LEAST and (part := next(parts, b"")):
        taken.write(part)
    return taken.getvalue()


def _arriving(answer: requests.Response, most: int, deadline: float, slow: str = SLOW) -> bytes:
    """Take what arrives until it is more than `most`, or too late; to wait for whole parts could last for ever."""
    taken = BytesIO()
    answer.raw.decode_content = True  # not given to read1: a replayed answer's does not take it
    while taken.tell() <= most and (part := answer.raw.read1(PART)):
        taken.write(part)
        _left(deadline, slow)
    return taken.getvalue()


def _left(deadline: float, slow: str = SLOW) -> float:
    """Return the seconds that are left. Raise Retriable when there are none; it is not tried again at once."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise Retriable(Phrase(slow), LATER)
    return left


def flattened(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Write nested parameters as PHP reads them: `courseids[0]=2`, booleans as 1 and 0."""
    flat: dict[str, str] = {}
    for name, value in parameters.items():
        _flatten(name, value, flat)
    return flat


def _flatten(name: str, value: Any, flat: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(f"{name}[{key}]", inner, flat)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            _flatten(f"{name}[{number}]", inner, flat)
    else:
        flat[name] = str(int(value)) if isinstance(value, bool) else str(value)


def options(**values: Any) -> list[dict[str, Any]]:
    """Write options as Moodle's functions take them: a list of names and values."""
    return [{"name": name, "value": value} for name, value in values.items()]


def _pause(state: RetryCallState) -> float:
    """Wait as long as the site asks, otherwise ever longer, at random, so that many schools do not come at once."""
    return _after(state) or wait_random_exponential(multiplier=1.0, max=LONGEST_WAIT)(state)


def _after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, Retriable) else None

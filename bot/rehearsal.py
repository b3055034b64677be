"""Start the sandbox as a process of its own and be its people: join, look, count requests. `demo` plays on it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sync.errors import KopirError
from sync.phrases import Phrase
from sync.texts import N_

START_SECONDS = 30.0
STOP_SECONDS = 5.0
_ANSWER_SECONDS = 30.0
SILENT = N_("The sandbox does not answer ({request}); start again.")
NOT_STARTED = N_("The sandbox did not start; {log} says why.")


@dataclass(frozen=True, slots=True)
class LocalDiscord:
    """A running sandbox with one server in it."""

    url: str
    api_url: str
    token: str
    guild: str

    def join(self, usernames: Iterable[str]) -> None:
        """Let people join the server."""
        people = [{"username": name} for name in usernames]
        self._call("POST", f"guilds/{self.guild}/members", {"users": people})

    def tree(self) -> str:
        """Return the server as a text tree: roles, channels, pinned posts."""
        return self._call("GET", f"guilds/{self.guild}/tree").text

    def forget_sent(self) -> None:
        """Start counting requests anew."""
        self._call("DELETE", "requests")

    def sent(self) -> Mapping[str, int]:
        """Return how many requests of each method came since the count began."""
        counts: dict[str, int] = self._call("GET", "requests").json()["methods"]
        return counts

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        try:
            answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=_ANSWER_SECONDS)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise KopirError(Phrase(SILENT, request=f"{method} /_sandbox/{path}")) from error
        return answer


@contextmanager
def local_discord(folder: Path, guild: str, name: str, hurry: float) -> Iterator[LocalDiscord]:
    """Run a sandbox for the length of a block; it ends with the block, whatever happens in it.

    `hurry` divides the waits of its rate limits. Raise KopirError when it does not start.
    """
    ready, log = folder / "sandbox.ready", folder / "sandbox.log"
    options = {"--port": "0", "--ready-file": str(ready), "--guild-id": guild, "--guild-name": name}
    options["--hurry"] = str(hurry)
    command = [sys.executable, "-m", "sandbox", *(part for option in options.items() for part in option)]
    with log.open("wb") as errors:
        # A session of its own: Ctrl-C reaches the running command first, and the sandbox is ended after it.
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)  # noqa: S603
    try:
        facts = _wait(process, ready, log)
        yield LocalDiscord(facts["url"], facts["api_url"], facts["token"], facts["guild_id"])
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path) -> Mapping[str, str]:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if ready.exists():
            facts: dict[str, str] = json.loads(ready.read_text("utf-8"))
            return facts
        time.sleep(0.05)
    raise KopirError(Phrase(NOT_STARTED, log=log))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""A school in a real Moodle, replayed from recordings; with a site of one's own they can be made anew.

`tests/moodle_site` has the school and its changes. To record, seed it and set KOPIR_MOODLE_CHANGE to a command that
brings the site back to the seeded school and then applies the change that is its last argument (`base`: none).
"""

import gzip
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import vcr
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize

from connectors.moodle.client import Client
from connectors.moodle.config import MoodleConfig, read_config
from connectors.moodle.source import MoodleSource
from sync.records import Pulled, Snapshot
from sync.settings import Every, SourceSettings

CASSETTES = Path(__file__).parent / "cassettes" / "moodle"
SITE = "http://127.0.0.1:8089"
SITE_OF_THE_TERM = "http://127.0.0.1:8087"
TOKEN = "a0" * 16
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RECORD = shlex.split(os.environ.get("KOPIR_MOODLE_CHANGE", ""))
_recorded: set[str] = set()
_SECRET = re.compile(rb'("userprivateaccesskey":")[^"]*')
KEPT_HEADERS = frozenset({"content-type", "etag", "location", "retry-after"})


def _trimmed(response: dict[str, Any]) -> dict[str, Any]:
    """Leave out headers that say nothing to Kopir, and the account's secret key."""
    headers = {name: value for name, value in response["headers"].items() if name.lower() in KEPT_HEADERS}
    body = _SECRET.sub(rb"\1PRIVATEKEY", response["body"]["string"])
    return {**response, "headers": headers, "body": {"string": body}}


def _to_a_site(request: Any) -> Any:
    """Leave alone what is sent elsewhere meanwhile, as to the sandbox."""
    return request if request.uri.startswith((SITE, SITE_OF_THE_TERM)) else None


class _Zipped:
    """Keep recordings compressed: most of what a site answers is the same after every change."""

    @staticmethod
    def load_cassette(path: Path, serializer: Any) -> Any:
        try:
            text = gzip.decompress(Path(path).read_bytes()).decode()
        except FileNotFoundError as error:
            raise CassetteNotFoundError from error
        return deserialize(text, serializer)

    @staticmethod
    def save_cassette(path: Path, cassette_dict: Any, serializer: Any) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(gzip.compress(serialize(cassette_dict, serializer).encode(), mtime=0))


_VCR = vcr.VCR(
    cassette_library_dir=str(CASSETTES),
    match_on=("method", "path", "body", "range"),
    filter_headers=["User-Agent", "Accept-Encoding", "Accept", "Connection", "Content-Length", "Content-Type"],
    filter_post_data_parameters=[("wstoken", "TOKEN"), ("token", "TOKEN")],
    before_record_request=_to_a_site,
    before_record_response=_trimmed,
    decode_compressed_response=True,
)


@contextmanager
def recorded(change: str) -> Iterator[None]:
    """Replay what the site answered after a change; if that is asked for, record it first, once in a run."""
    name = f"{change}.yaml.gz".replace("without:", "without-").replace("/", ".").replace(":", ".")
    anew = bool(RECORD) and change not in _recorded
    if anew:
        _recorded.add(change)
        (CASSETTES / name).unlink(missing_ok=True)
        subprocess.run([*RECORD, change], check=True, stdout=subprocess.DEVNULL)  # noqa: S603  one's own command
    mode = "all" if anew else "none"
    with _VCR.use_cassette(name, record_mode=mode, allow_playback_repeats=True):
        yield


def _same_range(one: Any, other: Any) -> bool:
    """Tell a whole file from its first byte, which is all that its fingerprint takes."""
    return bool(one.headers.get("Range") == other.headers.get("Range"))


_VCR.register_persister(_Zipped)
_VCR.register_matcher("range", _same_range)


def config(**options: str) -> MoodleConfig:
    """Read the options of a source at the recorded site; vcrpy cannot tell threads apart, so it asks one at a time."""
    given: Mapping[str, str] = {"url": SITE, "token": TOKEN, "parallel": "1", **options}
    found, problems = read_config(SourceSettings("one", "moodle", "moodle", Every(300), given, {}, 1))
    assert not problems
    return found


def source(name: str = "moodle", at: datetime = NOW, site: str = SITE, **options: str) -> MoodleSource:
    """Return a source at a recorded site, at a fixed time, in Kazakh."""
    return MoodleSource(
        name=name,
        config=config(url=site, **options),
        language="kk",
        clock=lambda: at,
        client=lambda: Client(site, TOKEN, "kk", sleep=lambda _: None),
    )


def pulled(change: str, previous: Snapshot | None = None, at: datetime = NOW, **options: str) -> Pulled:
    """Pull once after a change."""
    with recorded(change):
        return source("moodle", at, SITE, **options).pull(lambda: previous or Snapshot())

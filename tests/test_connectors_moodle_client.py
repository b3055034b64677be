"""The client over real HTTP: what is repeated, what is not, and that the token stays where it belongs."""

import traceback

import pytest

from connectors.moodle import client as client_module
from connectors.moodle.client import Client
from connectors.moodle.errors import Absent
from sync.errors import KopirError, Refused, Retriable
from tests.moodle_server import CUT, Answer, Script, scripted

TOKEN = "0123456789abcdef"
BUSY = Answer(503, b"<html>", {"Content-Type": "text/html"})
MAINTENANCE = Answer(body=b'{"exception": "e", "errorcode": "sitemaintenance", "message": ""}')
HASH = "2b55da48dd285f4532a0dddb57742cf4e307b42f"


class Clocked:
    """A client whose pauses are only noted."""

    def __init__(self, script: Script) -> None:
        self.pauses: list[float] = []
        self.client = Client(script.url, TOKEN, "kk", sleep=self.pauses.append)


def test_a_call_carries_the_token_in_its_body_and_asks_for_raw_texts() -> None:
    with scripted(Answer(body=b'{"sitename": "x"}')) as script:
        client = Client(script.url + "/", TOKEN, "kk")
        assert client.call("core_webservice_get_site_info", ids=[1]) == {"sitename": "x"}
    (asked,) = script.asked
    assert asked.path == "/webservice/rest/server.php"
    assert list(asked.fields)[:2] == ["wstoken", "wsfunction"]
    assert asked.fields["moodlewssettingraw"] == "true"
    assert asked.fields["moodlewssettinglang"] == "kk"
    assert asked.fields["ids[0]"] == "1"
    assert (client.traffic.calls, client.traffic.bytes) == (1, 17)


@pytest.mark.parametrize("trouble", [BUSY, MAINTENANCE, Answer(CUT), Answer(body=b"[")], ids=["503", "m", "cut", "["])
def test_what_may_pass_is_asked_again_with_longer_pauses(trouble: Answer) -> None:
    with scripted(trouble, trouble, Answer(body=b"[7]")) as script:
        clocked = Clocked(script)
        assert clocked.client.call("f") == [7]
    assert len(script.asked) == 3
    assert len(clocked.pauses) == 2
    assert all(0 <= pause <= client_module.LONGEST_WAIT for pause in clocked.pauses)


def test_a_site_that_stays_away_is_given_up() -> None:
    with scripted(BUSY) as script:
        clocked = Clocked(script)
        with pytest.raises(Retriable):
            clocked.client.call("f")
    assert len(script.asked) == client_module.ATTEMPTS


def test_a_site_s_own_pause_is_kept() -> None:
    with scripted(Answer(503, b"", {"Retry-After": "7"}), Answer()) as script:
        clocked = Clocked(script)
        clocked.client.call("f")
    assert clocked.pauses == [7.0]


def test_a_site_that_asks_for_minutes_is_left_to_the_next_pull() -> None:
    with scripted(Answer(503, b"", {"Retry-After": "300"})) as script:
        clocked = Clocked(script)
        with pytest.raises(Retriable) as raised:
            clocked.client.call("f")
    assert raised.value.after == 300
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, b"", {}),
        Answer(404, b"<html>", {"Content-Type": "text/html"}),
        Answer(body=b'{"exception": "e", "errorcode": "invalidtoken", "message": ""}'),
        Answer(302, b"", {"Location": "http://127.0.0.1:9/login"}),
    ],
    ids=["off", "no moodle", "token", "redirect"],
)
def test_what_an_operator_must_mend_is_asked_once(answer: Answer) -> None:
    with scripted(answer) as script:
        clocked = Clocked(script)
        with pytest.raises(Refused):
            clocked.client.call("f")
    assert len(script.asked) == 1


def test_nobody_there_is_retriable_and_tells_no_token() -> None:
    with scripted() as script:
        pass
    with pytest.raises(Retriable) as raised:
        Clocked(script).client.call("f")
    shown = "".join(traceback.format_exception(raised.value))
    assert TOKEN not in shown
    assert raised.value.__suppress_context__


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST", 100_000)
    with scripted(Answer(body=b"[" + b" " * 200_000 + b"]")) as script, pytest.raises(Refused, match="larger"):
        Clocked(script).client.call("f")


@pytest.mark.parametrize("url", ["http://", "http://[::1", "nonsense"])
def test_an_impossible_address_is_one_sentence(url: str) -> None:
    with pytest.raises(KopirError):
        Client(url, TOKEN, attempts=1).call("f")


class TestFiles:
    """Asking whether a file's content changed."""

    def test_the_etag_is_asked_for_with_the_token_in_the_body(self) -> None:
        with scripted(Answer(206, b"%", {"ETag": f'"{HASH}"', "Content-Type": "application/pdf"})) as script:
            client = Client(script.url, TOKEN)
            url = f"{script.url}/webservice/pluginfile.php/86/mod_resource/content/0/a.pdf?forcedownload=1"
            assert client.etag(url) == HASH
        (asked,) = script.asked
        assert asked.path == "/webservice/pluginfile.php/86/mod_resource/content/0/a.pdf"
        assert asked.fields == {"token": TOKEN}
        assert asked.headers["Range"] == "bytes=0-0"

    def test_a_known_content_costs_no_download(self) -> None:
        with scripted(Answer(304, b"", {})) as script:
            client = Client(script.url, TOKEN)
            assert client.etag(f"{script.url}/webservice/pluginfile.php/86/a.pdf", HASH) == HASH
        assert script.asked[0].headers["If-None-Match"] == f'"{HASH}"'

    def test_a_server_without_ranges_is_not_read_to_the_end(self) -> None:
        with scripted(Answer(200, b"%" * 10_000_000, {"ETag": f'"{HASH}"'})) as script:
            client = Client(script.url, TOKEN)
            assert client.etag(f"{script.url}/webservice/pluginfile.php/86/a.pdf") == HASH
        assert client.traffic.bytes < 1_000_000

    def test_a_file_that_went_is_absent(self) -> None:
        gone = Answer(404, b'{"error": "x", "errorcode": "filenotfound"}')
        with scripted(gone) as script, pytest.raises(Absent):
            Client(script.url, TOKEN).etag(f"{script.url}/webservice/pluginfile.php/86/a.pdf")

    def test_a_refused_file_is_no_file(self) -> None:
        refused = Answer(200, b'{"error": "x", "errorcode": "invalidtoken"}')
        with scripted(refused) as script, pytest.raises(Refused, match="token"):
            Client(script.url, TOKEN).etag(f"{script.url}/webservice/pluginfile.php/86/a.pdf")

    def test_the_token_goes_to_no_other_host_or_place(self) -> None:
        with scripted(Answer()) as script:
            client = Client(script.url, TOKEN)
            assert not client.etag("https://elsewhere.kz/webservice/pluginfile.php/1/a.pdf")
            assert not client.etag(f"{script.url}/draftfile.php/1/a.pdf")
            assert not client.etag(f"{script.url}.evil.kz/webservice/pluginfile.php/1/a.pdf")
        assert not script.asked

"""The client over real HTTP: what is repeated, what is not, and that the token stays where it belongs."""

import time
import traceback
import tracemalloc
from hashlib import sha1

import pytest

from connectors.moodle import client as client_module
from connectors.moodle.client import Client
from connectors.moodle.errors import Absent
from connectors.moodle.source import MoodleSource
from sync.errors import Gone, KopirError, Refused, Retriable
from sync.records import File
from tests.moodle_server import CUT, Answer, Script, scripted
from tests.moodle_stage import config

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


def test_an_answer_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PATIENCE_OF_A_CALL", 0.2)
    with scripted(Answer(body=b" " * 10_000, drip=0.02)) as script, pytest.raises(Retriable, match="too slowly"):
        Clocked(script).client.call("core_webservice_get_site_info")
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"[" * 100_000), id="nested without end"),
        pytest.param(Answer(body=b"9" * 10_000), id="a number without end"),
        pytest.param(Answer(body=b"[1", headers={"Content-Type": "application/json"}), id="cut"),
        pytest.param(Answer(body=b"x", headers={"Content-Encoding": "gzip"}), id="no gzip"),
        pytest.param(Answer(body=b'"\xff"'), id="no text"),
        pytest.param(Answer(body=b"<html>", headers={"Content-Type": "text/html"}), id="a page"),
        pytest.param(Answer(302, headers={"Location": "/"}), id="a redirect to itself"),
        pytest.param(Answer(body=b'{"exception": [], "errorcode": {"a": 1}}'), id="a strange failure"),
    ],
)
def test_what_is_no_answer_is_an_error_of_kopir(answer: Answer) -> None:
    with scripted(answer) as script, pytest.raises((Retriable, Refused)):
        Clocked(script).client.call("core_webservice_get_site_info")
    assert len(script.asked) <= client_module.ATTEMPTS


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


CONTENT = b"%PDF-1.4 " + bytes(range(256)) * 40
CONTENT_HASH = sha1(CONTENT, usedforsecurity=False).hexdigest()
PDF = {"Content-Type": "application/pdf", "ETag": f'"{CONTENT_HASH}"'}
WHOLE = Answer(200, CONTENT, PDF)
LIMIT = 2**20


def file_of(script: Script, path: str = "/webservice/pluginfile.php/86/mod_resource/content/0/a.pdf") -> File:
    return File("a.pdf", len(CONTENT), "application/pdf", CONTENT_HASH, None, script.url + path)


def failure(code: str, status: int = 200) -> Answer:
    """Answer as Moodle does in place of a file."""
    return Answer(status, b'{"error": "x", "errorcode": "%s", "stacktrace": null}' % code.encode())


class TestDownloads:
    """Reading a file's content."""

    def test_a_file_is_asked_for_with_the_token_in_the_body_and_counted(self) -> None:
        with scripted(WHOLE) as script:
            client = Client(script.url, TOKEN)
            assert client.download(file_of(script), len(CONTENT)) == CONTENT
        (asked,) = script.asked
        assert asked.path == "/webservice/pluginfile.php/86/mod_resource/content/0/a.pdf"
        assert asked.fields == {"token": TOKEN}
        assert asked.headers["Accept-Encoding"] == "identity"
        assert "Range" not in asked.headers
        assert (client.traffic.calls, client.traffic.bytes) == (1, len(CONTENT))

    @pytest.mark.parametrize("trouble", [BUSY, failure("sitemaintenance"), Answer(CUT, CONTENT, PDF)])
    def test_what_may_pass_is_asked_again(self, trouble: Answer) -> None:
        with scripted(trouble, WHOLE) as script:
            clocked = Clocked(script)
            assert clocked.client.download(file_of(script), LIMIT) == CONTENT
        assert len(clocked.pauses) == 1

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            pytest.param(failure("filenotfound", 404), Gone, id="deleted"),
            pytest.param(failure("invalidtoken"), Refused, id="token"),
            pytest.param(failure("accessexception"), Refused, id="no downloads"),
            pytest.param(failure("requireloginerror"), Refused, id="no access"),
            pytest.param(failure("missingparam"), Refused, id="something else"),
            pytest.param(Answer(200, b"<html>", {"Content-Type": "text/html"}), Refused, id="a page in its place"),
            pytest.param(Answer(206, b"%PDF", PDF), Refused, id="a part"),
            pytest.param(Answer(403, b"", {}), Refused, id="forbidden"),
        ],
    )
    def test_what_comes_in_place_of_a_file_is_sorted_and_asked_for_once(
        self, answer: Answer, kind: type[Exception]
    ) -> None:
        with scripted(answer) as script, pytest.raises(kind) as raised:
            Clocked(script).client.download(file_of(script), LIMIT)
        assert issubclass(kind, Gone) == isinstance(raised.value, Gone)
        assert len(script.asked) == 1

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            pytest.param({"ETag": '"x"'}, b'{"errorcode": 7, "error": 1}', id="that the store has, whatever it holds"),
            pytest.param({}, b'{"answers": [1, 2]}', id="that names no failure"),
            pytest.param({}, b"[1, 2", id="that is none"),
        ],
    )
    def test_a_file_of_json_is_no_failure(self, headers: dict[str, str], body: bytes) -> None:
        with scripted(Answer(200, body, {"Content-Type": "application/json", **headers})) as script:
            assert Client(script.url, TOKEN).download(file_of(script), LIMIT) == body

    def test_a_redirect_is_refused_and_not_followed(self) -> None:
        with scripted(WHOLE) as elsewhere:
            moved = Answer(302, b"", {"Location": f"{elsewhere.url}/webservice/pluginfile.php/86/a.pdf"})
            with scripted(moved) as script, pytest.raises(Refused, match="another address"):
                Clocked(script).client.download(file_of(script), LIMIT)
        assert len(script.asked) == 1
        assert not elsewhere.asked

    def test_a_file_of_another_place_is_never_asked_for(self) -> None:
        with scripted(WHOLE) as script:
            client = Clocked(script).client
            for url in (
                "",
                "https://elsewhere.kz/webservice/pluginfile.php/1/a.pdf",
                f"{script.url}.evil.kz/webservice/pluginfile.php/1/a.pdf",
                f"{script.url}@evil.kz/webservice/pluginfile.php/1/a.pdf",
                f"{script.url}/draftfile.php/1/a.pdf",
                f"{script.url}/pluginfile.php/1/a.pdf",
                f"{script.url}/webservice/pluginfile.php/../../draftfile.php/1/a.pdf",
                f"{script.url}/webservice/pluginfile.php/%2e%2E/%2e./draftfile.php/1/a.pdf",
                f"{script.url}/webservice/pluginfile.php/..\\..\\draftfile.php",
            ):
                with pytest.raises(Refused, match="not on the Moodle site"):
                    client.download(File("a.pdf", url=url), LIMIT)
                assert not client.etag(url)
        assert not script.asked

    def test_a_file_known_to_be_too_large_is_not_asked_for(self) -> None:
        with scripted(WHOLE) as script, pytest.raises(Refused, match="larger"):
            Clocked(script).client.download(file_of(script), len(CONTENT) - 1)
        assert not script.asked

    @pytest.mark.parametrize("sized", [True, False])
    def test_a_file_without_end_is_read_up_to_the_limit(self, sized: bool) -> None:
        endless = Answer(200, b"%" * 50_000_000, {"Content-Type": "application/pdf"}, sized=sized)
        with scripted(endless) as script:
            client = Clocked(script).client
            tracemalloc.start()
            with pytest.raises(Refused, match=r"larger than 1 MB"):
                client.download(File("a.pdf", url=file_of(script).url), LIMIT)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert len(script.asked) == 1
        assert client.traffic.bytes < LIMIT + 2 * client_module.PART
        assert peak < 4 * LIMIT

    def test_one_byte_more_than_the_limit_is_too_large_and_the_limit_is_not(self) -> None:
        with scripted(WHOLE) as script:
            unknown = File("a.pdf", url=file_of(script).url)
            client = Clocked(script).client
            assert client.download(unknown, len(CONTENT)) == CONTENT
            with pytest.raises(Refused, match="larger"):
                client.download(unknown, len(CONTENT) - 1)

    def test_a_file_that_drips_is_given_up_in_time_and_left_to_a_later_call(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client_module, "PATIENCE", 0.3)
        began = time.monotonic()
        with scripted(Answer(200, CONTENT[:500], PDF, drip=0.02)) as script:
            with pytest.raises(Retriable, match="slowly") as raised:
                Clocked(script).client.download(file_of(script), LIMIT)
            assert time.monotonic() - began < 5
        assert len(script.asked) == 1
        assert (raised.value.after or 0) > client_module.LONGEST_WAIT

    def test_all_attempts_share_the_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_module, "PATIENCE", 0.2)
        with scripted(BUSY, WHOLE) as script:
            client = Client(script.url, TOKEN, sleep=lambda _: time.sleep(0.3))
            with pytest.raises(Retriable, match="slowly"):
                client.download(file_of(script), LIMIT)
        assert len(script.asked) == 1


class TestDownloadsOfASource:
    """The same through MoodleSource, outside of a pull."""

    def test_a_replaced_file_waits_for_the_next_pull(self) -> None:
        with scripted(Answer(200, CONTENT[::-1], PDF)) as script:
            source = MoodleSource(name="m", config=config(url=script.url), language="kk")
            with pytest.raises(Retriable, match="replaced"):
                source.download(file_of(script), LIMIT)
        assert len(script.asked) == 1

    @pytest.mark.parametrize("told", ["", "5f3a-1c2", HASH + "-gzip"], ids=["nothing", "a proxy's", "packed"])
    def test_a_hash_that_is_not_moodle_s_proves_nothing(self, told: str) -> None:
        with scripted(WHOLE) as script:
            source = MoodleSource(name="m", config=config(url=script.url), language="kk")
            file = File("a.pdf", len(CONTENT), hash=told, url=file_of(script).url)
            assert source.download(file, LIMIT) == CONTENT

    def test_one_client_serves_all_downloads(self) -> None:
        made: list[Client] = []
        with scripted(WHOLE) as script:

            def make() -> Client:
                made.append(Client(script.url, TOKEN))
                return made[-1]

            source = MoodleSource(name="m", config=config(url=script.url), language="kk", client=make)
            assert not made
            for _ in range(2):
                source.download(file_of(script), LIMIT)
        assert [client.traffic.calls for client in made] == [2]

"""`kopir check` says what is missing before a sync would, and changes nothing."""

from sync.store import Store
from tests.moodle_server import Answer, scripted
from tests.test_bot_commands import ROSTER, Desk, desk, discord

__all__ = ["desk", "discord"]

REVOKED = Answer(body=b'{"exception": "e", "errorcode": "invalidtoken", "message": "x"}')


def moodle(url: str) -> str:
    return f"[source:one/moodle]\ntype = moodle\nurl = {url}\ntoken = env/KOPIR_TEST_MOODLE\n"


def test_a_school_that_is_ready_is_told_so(desk: Desk) -> None:
    ran = desk.run("check")
    assert ran.code == 0
    assert "rosters: can be read; courses: 1, people: 12" in ran.out
    assert "the server: Kopir may do all it needs" in ran.out


def test_nothing_is_kept_of_what_was_tried(desk: Desk) -> None:
    desk.run("check")
    with Store.open(f"sqlite:///{desk.folder / 'kopir.db'}") as store:
        assert store.load_snapshot("one", "rosters").people == ()
        assert store.last_pulls("one") == {}
    assert not list((desk.folder / "inbox").glob("*receipt*"))


def test_every_problem_is_named(desk: Desk) -> None:
    desk.drop({"roster.csv": ROSTER + "?лия,x@school.kz,Algebra,student,x1\n"})
    ran = desk.run("check")
    assert ran.code == 1
    assert "roster.csv" in ran.out
    assert "question marks" in ran.out


def test_a_refused_token_of_moodle_is_one_sentence_and_the_rest_is_checked(
    desk: Desk,
) -> None:
    desk.monkeypatch.setenv("KOPIR_TEST_MOODLE", "0123456789abcdef")
    with scripted(REVOKED) as script:
        desk.configure(more=moodle(script.url))
        ran = desk.run("check", "--json")
    assert ran.code == 1
    rosters, tried = ran.json["sources"]
    assert rosters["ok"]
    assert not tried["ok"]
    assert tried["failure"].startswith("Moodle does not know the token")
    assert ran.json["server"] == []
    assert "0123456789abcdef" not in ran.out + ran.err


def test_a_server_that_refuses_is_named(desk: Desk) -> None:
    desk.configure(token="wrong")
    ran = desk.run("check")
    assert ran.code == 1
    assert "token" in ran.out
    assert "Traceback" not in ran.err

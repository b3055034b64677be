"""The `kopir` command as a user runs it: exit codes, JSON by contract, one plain sentence for an error, no surprise."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import typer

from bot import app as app_module
from bot.cli import app as typer_app
from bot.cli import main
from bot.http import Retries, discord_http
from bot.rehearsal import LocalDiscord, local_discord
from sync.errors import KopirError
from sync.store import Store

ROSTER = "name,email,course,role,discord\n" + "".join(
    f"Person {n},p{n}@school.kz,Algebra,student,user{n}\n" for n in range(12)
)
MATERIALS = "course,module,title,url\nAlgebra,Powers,Book,https://example.org/book\n"
FEW = "".join(ROSTER.splitlines(keepends=True)[:3])
TOKEN = "env/KOPIR_TEST_TOKEN"
USERS = [f"user{n}" for n in range(12)]


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """A user's folder with settings and an inbox, and a server of their own on the sandbox."""

    folder: Path
    discord: LocalDiscord
    guild: str
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @property
    def settings(self) -> Path:
        return self.folder / "settings.ini"

    def configure(self, *, api_url: str = "", token: str = TOKEN, more: str = "") -> None:
        self.settings.write_text(
            "[kopir]\ndatabase = sqlite:///kopir.db\nlanguage = en\n"
            f"[discord]\ntoken = {token}\napi_url = {api_url or self.discord.api_url}\n"
            f"[school:one]\nname = One\nguild = {self.guild}\n"
            f"[source:one/rosters]\ntype = csv\npath = inbox\n{more}",
            "utf-8",
        )

    def drop(self, files: Mapping[str, str]) -> None:
        """Put files into the inbox, a minute old: nobody is still copying them."""
        for name, text in files.items():
            path = self.folder / "inbox" / name
            path.write_text(text, "utf-8")
            os.utime(path, (time.time() - 60,) * 2)

    def run(self, *words: str) -> Ran:
        """Run a command in this process, as the console script does."""
        self.monkeypatch.setattr(sys, "argv", ["kopir", *words])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self.capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Run a command in a process of its own, which Ctrl-C reaches even if we run where it is ignored."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.Popen(  # noqa: S603 - our own module
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        )

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.discord.url}/_sandbox/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def server(self) -> Any:
        return self.ask("GET", f"guilds/{self.guild}?names=1")

    def fault(self, **fault: Any) -> None:
        self.ask("POST", "faults", fault)


@pytest.fixture(scope="module")
def discord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDiscord]:
    with local_discord(tmp_path_factory.mktemp("sandbox"), "1234567890", "School", 0) as found:
        yield found


@pytest.fixture
def desk(
    tmp_path: Path, discord: LocalDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    created = requests.post(f"{discord.url}/_sandbox/guilds", json={"name": "One"}, timeout=30).json()
    found = Desk(tmp_path, discord, created["guild_id"], monkeypatch, capsys)
    monkeypatch.setenv("KOPIR_TEST_TOKEN", discord.token)
    monkeypatch.setenv("KOPIR_SETTINGS", str(found.settings))
    monkeypatch.setenv("KOPIR_DEBUG", "")
    hasty = functools.partial(discord_http, per_second=10_000, retries=Retries(first=0.001, longest=0.01))
    monkeypatch.setattr(app_module, "discord_http", hasty)
    (tmp_path / "inbox").mkdir()
    found.configure()
    found.drop({"roster.csv": ROSTER, "materials.csv": MATERIALS})
    found.ask("POST", f"guilds/{found.guild}/members", {"users": [{"username": name} for name in USERS]})
    yield found
    found.ask("DELETE", "faults")


def one_sentence(ran: Ran) -> str:
    """Return the error, which is plain: no traceback, nothing on stdout but what was done before."""
    assert "Traceback" not in ran.err
    assert ran.err.strip().endswith(".") or ran.code == 4, ran.err
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


def shape(value: Any) -> Any:
    """Reduce JSON to its keys and types; a list to its first item's."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


NUMBERS = dict.fromkeys(("courses", "modules", "materials", "people", "enrolments", "groups"), "int")
ACTIONS = dict.fromkeys(("create", "update", "delete"), "int")
PLAN_KEYS = {"school", "digest", "changes", "counts", "capacity", "held", "requests", "eta_seconds", "problems"}
SYNC_KEYS = PLAN_KEYS | {"outcomes", "requests_sent", "seconds", "run"}


def test_pull_reads_the_sources_and_leaves_discord_alone(desk: Desk) -> None:
    desk.ask("DELETE", "requests")
    ran = desk.run("pull", "--json")
    assert (ran.code, ran.err) == (0, "")
    source = ran.json["sources"][0]
    assert shape(ran.json) == {
        "school": "str",
        "sources": [
            {
                "name": "str",
                "type": "str",
                "ok": "bool",
                "dialects": {"roster.csv": "str", "materials.csv": "str"},
                "counts": NUMBERS,
                "removed": NUMBERS,
                "unknown": [],
                "problems": [],
                "calls": "int",
                "bytes": "int",
                "seconds": "float",
            }
        ],
    }
    assert (source["counts"]["people"], source["counts"]["materials"]) == (12, 1)
    assert desk.ask("GET", "requests")["methods"] == {}
    assert "people: 12" in desk.run("pull").out


def test_pull_tells_the_place_of_a_bad_row_and_fails_only_without_a_usable_source(desk: Desk) -> None:
    desk.drop({"materials.csv": MATERIALS + "Algebra,Powers,Test,ftp://x\n,,,\nNowhere,,,\n"})
    ran = desk.run("pull", "--json")
    problem = ran.json["sources"][0]["problems"][0]
    assert shape(problem) == {"file": "str", "line": "int", "column": "str", "code": "str", "message": "str"}
    assert (ran.code, problem["file"]) == (0, "materials.csv")
    for path in (desk.folder / "inbox").iterdir():
        path.unlink()
    ran = desk.run("pull", "--json")
    assert (ran.code, ran.json["sources"][0]["ok"]) == (1, False)


def test_plan_shows_everything_and_writes_nothing(desk: Desk) -> None:
    before = desk.server()
    desk.ask("DELETE", "requests")
    ran = desk.run("plan", "--json")
    assert (ran.code, ran.err) == (2, "")
    assert set(ran.json) == PLAN_KEYS
    assert shape(ran.json["changes"][0]) == {
        "action": "str",
        "kind": "str",
        "key": "str",
        "name": "str",
        "fields": {"name": ["NoneType"], "colour": ["NoneType"], "hoist": ["NoneType"], "permissions": ["NoneType"]},
    }
    assert all(len(pair) == 2 for change in ran.json["changes"] for pair in change["fields"].values())
    assert all(shape(count) == ACTIONS for count in ran.json["counts"].values())
    assert shape(ran.json["capacity"]) == {
        name: ["int"] for name in ("channels", "roles", "channels_in_category", "pins_in_channel")
    }
    assert shape([ran.json[key] for key in ("held", "requests", "eta_seconds")]) == [[]]
    assert isinstance(ran.json["requests"], int)
    assert isinstance(ran.json["eta_seconds"], float)
    assert set(desk.ask("GET", "requests")["methods"]) == {"GET"}
    assert desk.server() == before
    assert "Algebra" in desk.run("plan", "--no-pull").out


def test_sync_brings_the_server_in_line_and_plan_then_finds_nothing(desk: Desk) -> None:
    ran = desk.run("sync", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.json) == SYNC_KEYS
    assert shape(ran.json["outcomes"]) == dict.fromkeys(("applied", "failed", "skipped", "held"), "int")
    assert ran.json["outcomes"]["applied"] == len(ran.json["changes"])
    assert sum(ran.json["requests_sent"].values()) >= ran.json["requests"]
    assert shape([ran.json["seconds"]]) == ["float"]
    assert desk.run("plan").code == 0
    again = desk.run("apply", "--json")
    assert (again.code, again.json["changes"], set(again.json["requests_sent"])) == (0, [], {"GET"})
    status = desk.run("status", "--json")
    assert status.code == 0
    assert shape(status.json) == {
        "school": "str",
        "pulls": [{"source": "str", "at": "str", "ok": "bool", "counts": NUMBERS, "problems": "int"}],
        "runs": [
            {
                "run": "str",
                "command": "str",
                "started": "str",
                "finished": "str",
                "outcomes": dict.fromkeys(("applied", "failed", "skipped", "held"), "int"),
            }
        ],
        "decisions": [],
        "linked": "int",
    }
    assert {run["run"] for run in status.json["runs"]} == {ran.json["run"], again.json["run"]}
    assert status.json["linked"] == 12
    assert "12" in desk.run("status").out


def test_held_removals_go_through_with_the_digest_of_their_plan_and_with_no_other(desk: Desk) -> None:
    desk.run("sync")
    desk.drop({"roster.csv": FEW})
    held = desk.run("sync", "--json")
    assert held.code == 3
    assert shape(held.json["held"][0]) == {"reason": "str", "keys": ["str"]}
    assert held.json["outcomes"]["held"] == sum(len(entry["keys"]) for entry in held.json["held"])
    plan = desk.run("plan")
    assert plan.code == 3
    assert f"kopir apply --approve {held.json['digest']}" in plan.out
    before = desk.server()
    wrong = desk.run("apply", "--approve", "0" * 32)
    assert wrong.code == 1
    assert "another plan" in one_sentence(wrong)
    assert desk.server() == before
    assert desk.run("apply", "--approve", held.json["digest"]).code == 0
    assert [m["roles"] for m in desk.server()["members"] if m["username"] == "user9"] == [[]]
    assert desk.run("plan").code == 0


def test_link_and_unlink_say_what_they_did_and_refuse_what_is_unclear(desk: Desk) -> None:
    desk.drop({"roster.csv": "name,email,course,role\nAnna,anna@school.kz,Algebra,student\n"})
    assert desk.run("sync").code == 0
    assert "Linked" in desk.run("link", "anna@school.kz", "@user3").out
    assert desk.run("sync").code == 0
    assert [m["nick"] for m in desk.server()["members"] if m["username"] == "user3"] == ["Anna"]
    assert "Unlinked" in desk.run("unlink", "ANNA@school.kz").out
    for words, said in (
        (("unlink", "anna@school.kz"), "not linked"),
        (("link", "nobody@school.kz", "user3"), "nobody@school.kz"),
        (("link", "anna@school.kz", "no-such-user"), "no-such-user"),
    ):
        ran = desk.run(*words)
        assert (ran.code, ran.out) == (1, "")
        assert said in one_sentence(ran)


def test_wrong_settings_are_told_all_at_once_with_their_lines(desk: Desk) -> None:
    desk.configure(more="every = sometimes\ncolour = red\n[nonsense]\nx = 1\n")
    ran = desk.run("plan", "--json")
    assert (ran.code, ran.out) == (4, "")
    assert "Traceback" not in ran.err
    lines = ran.err.strip().split("\n")
    assert len(lines) == 3
    assert all(line.startswith(f"{desk.settings}:{number}: ") for line, number in zip(lines, (13, 14, 15), strict=True))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["plan", "--settings", "nowhere.ini"], "nowhere.ini", id="no settings file"),
        pytest.param(["plan"], "DISCORD_TOKEN", id="no token"),
        pytest.param(["link", "p1@school.kz", "user1"], "DISCORD_TOKEN", id="no token to look a name up"),
    ],
)
def test_what_is_missing_from_the_settings_is_code_4(desk: Desk, words: list[str], said: str) -> None:
    desk.configure(token="")
    desk.run("pull")
    ran = desk.run(*words)
    assert ran.code == 4
    assert said in one_sentence(ran)


def test_commands_that_need_no_token_work_without_one(desk: Desk) -> None:
    desk.configure(token="")
    assert [desk.run(*words).code for words in (["pull"], ["status"], ["link", "p1@school.kz", "123"])] == [0, 0, 0]


@pytest.mark.parametrize("command", ["pull", "plan", "apply", "sync", "status"])
def test_an_unknown_school_is_an_error_that_names_the_known(desk: Desk, command: str) -> None:
    ran = desk.run(command, "--school", "two")
    assert ran.code == 1
    assert "one" in one_sentence(ran)


def test_an_unreachable_discord_is_one_sentence_and_nothing_else(desk: Desk) -> None:
    desk.configure(api_url="http://127.0.0.1:9/api/v10")
    desk.run("pull")
    ran = desk.run("apply", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be reached" in one_sentence(ran)


def test_a_revoked_token_and_a_foreign_server_say_what_to_fix(desk: Desk) -> None:
    desk.monkeypatch.setenv("KOPIR_TEST_TOKEN", "wrong")
    ran = desk.run("plan", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "token" in one_sentence(ran)
    desk.monkeypatch.setenv("KOPIR_TEST_TOKEN", desk.discord.token)
    desk.guild = "42"
    desk.configure()
    ran = desk.run("sync", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "not on the server 42" in one_sentence(ran)


def test_a_school_that_cannot_be_served_does_not_stop_the_others(desk: Desk) -> None:
    more = f"[school:two]\nname = Two\nguild = {desk.guild}\n[source:two/rosters]\ntype = csv\npath = inbox\n"
    desk.guild = "42"
    desk.configure(more=more)
    for words, key in ((["plan", "--json"], "changes"), (["sync", "--json"], "outcomes")):
        ran = desk.run(*words)
        assert ran.code == 1
        assert [(entry["school"], bool(entry[key])) for entry in ran.json] == [("two", True)]
        assert "not on the server 42" in one_sentence(ran)


def test_a_change_that_failed_is_code_1_and_is_told(desk: Desk) -> None:
    desk.fault(kind="error", status=403, method="POST", route="/channels/{channel_id}/messages")
    ran = desk.run("sync", "--json")
    assert (ran.code, ran.json["outcomes"]["failed"]) == (1, 1)
    assert ran.json["outcomes"]["skipped"] == 1, "the pin of what could not be posted"
    assert desk.run("sync").code == 0


def test_debug_shows_where_an_error_happened(desk: Desk) -> None:
    desk.configure(token="")
    desk.monkeypatch.setattr(sys, "argv", ["kopir", "--debug", "plan"])
    with pytest.raises(KopirError, match="DISCORD_TOKEN"):
        main()


def test_a_second_process_on_the_same_school_is_told_to_wait(desk: Desk) -> None:
    desk.run("pull")
    with Store.open(f"sqlite:///{desk.folder / 'kopir.db'}") as store, store.hold("one"):
        process = desk.start("apply", "--json")
        out, err = process.communicate(timeout=30)
    ran = Ran(process.returncode, out, err)
    assert (ran.code, ran.out) == (1, "")
    assert "Another Kopir process" in one_sentence(ran)
    assert desk.run("apply").code == 0


def test_ctrl_c_ends_a_sync_with_one_sentence_and_the_next_goes_on(desk: Desk) -> None:
    desk.fault(kind="slow", delay=20, method="POST", route="/guilds/{guild_id}/channels")
    desk.ask("DELETE", "requests")
    process = desk.start("sync")
    end = time.monotonic() + 20
    while "PATCH /guilds/{guild_id}/roles" not in desk.ask("GET", "requests")["routes"] and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert one_sentence(Ran(1, out, err)).startswith("Stopped.")
    desk.ask("DELETE", "faults")
    assert desk.run("sync").code == 0
    names = [role["name"] for role in desk.server()["roles"]]
    assert len(names) == len(set(names)), "nothing is there twice"


def commands() -> Mapping[str, Any]:
    group = typer.main.get_command(typer_app)
    found: Mapping[str, Any] = group.commands  # type: ignore[attr-defined]
    return found


def test_help_lists_each_command_with_a_whole_sentence(desk: Desk) -> None:
    desk.monkeypatch.setenv("COLUMNS", "80")
    ran = desk.run("--help")
    assert ran.code == 0
    listed = ran.out.partition("Commands:")[2]
    assert all(f"  {name} " in listed for name in commands())
    assert "..." not in listed


@pytest.mark.parametrize("name", sorted(set(commands()) - {"sandbox"}))
def test_help_explains_a_command_and_every_option(desk: Desk, name: str) -> None:
    ran = desk.run(name, "--help")
    assert ran.code == 0
    assert all(option.help for option in commands()[name].params)
    assert "(settings.ini)" not in ran.out


def test_a_link_of_somebody_who_left_the_lists_can_still_be_removed(desk: Desk) -> None:
    desk.drop(
        {"roster.csv": "name,email,course,role\nAnna,anna@school.kz,Algebra,student\nBoris,b@school.kz,Algebra,\n"}
    )
    assert desk.run("pull").code == 0
    assert desk.run("link", "anna@school.kz", "123456789012345678").code == 0
    desk.drop({"roster.csv": "name,email,course,role\nBoris,b@school.kz,Algebra,\n"})
    assert desk.run("pull").code == 0
    assert desk.run("unlink", "123456789012345678").code == 0
    assert desk.run("link", "b@school.kz", "123456789012345678").code == 0
    assert "class lists" in one_sentence(desk.run("link", "", "123456789012345679"))


def test_status_explains_why_somebody_has_or_lacks_a_role_with_the_row_it_comes_from(desk: Desk) -> None:
    assert desk.run("sync").code == 0
    ran = desk.run("status", "--person", "user3")
    assert ran.code == 0, ran
    assert any("has it" in line and "roster.csv" in line for line in ran.out.splitlines()), ran.out
    stranger = desk.run("status", "--person", "nobody@school.kz")
    assert (stranger.code, stranger.out) == (1, "")
    assert stranger.err.startswith("Nothing is stored about nobody@school.kz.")

"""Secrets come from the environment or from files that only their owner can read; anything else is refused."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import connectors
from bot.app import open_app
from sync.errors import Refused, SettingsInvalid
from sync.sealing import Seal, new_key
from sync.settings import Settings
from sync.settings_file import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
MOODLE = "[school:a]\n[source:a/m]\ntype = moodle\nurl = {url}\ntoken = {token}\n"
DISCORD = "[discord]\ntoken = {token}\n"
POSTGRESQL = "postgresql://kopir:{password}@{host}/kopir"
Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def _read(text: str, mode: int = 0o644, **environ: str) -> Settings:
        file = tmp_path / "settings.ini"
        file.write_text(text)
        file.chmod(mode)
        return load(file, environ, connectors.check)

    return _read


def secret(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_bytes(content)
    file.chmod(mode)
    return file


def complaint(read: Read, text: str, **more: int) -> tuple[int, str]:
    with pytest.raises(SettingsInvalid) as caught:
        read(text, **more)
    (problem,) = caught.value.problems
    return problem.line, problem.message


@pytest.mark.parametrize("content", [b"abc.def", b"abc.def\n", b"\xef\xbb\xbfabc.def\r\n"], ids=["bare", "line", "bom"])
def test_a_file_of_its_owner_holds_the_token(tmp_path: Path, read: Read, content: bytes) -> None:
    secret(tmp_path, content)
    assert read(DISCORD.format(token="file/token")).discord.token == "abc.def"


def test_a_path_from_the_root_is_followed(tmp_path: Path, read: Read) -> None:
    assert read(DISCORD.format(token=f"file/{secret(tmp_path, b'abc')}")).discord.token == "abc"


def test_a_source_has_its_token_in_a_file(tmp_path: Path, read: Read) -> None:
    secret(tmp_path, b"wstoken")
    (school,) = read(MOODLE.format(url="https://m.kz", token="file/token")).schools
    assert school.sources[0].options["token"] == "wstoken"


def test_the_databases_address_is_in_a_file_or_in_the_environment(tmp_path: Path, read: Read) -> None:
    address = POSTGRESQL.format(password="pw", host="db.kz")
    secret(tmp_path, address.encode())
    assert read("[kopir]\ndatabase = file/token\n").database == address
    assert read("[kopir]\ndatabase = env/DB\n", DB=address).database == address


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, read: Read, mode: int) -> None:
    secret(tmp_path, b"abc", mode)
    line, message = complaint(read, DISCORD.format(token="file/token"))
    assert line == 2
    assert "token" in message
    assert "chmod 600" in message
    assert "abc" not in message


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"\xff\xfe\xfd", b"x" * 5000], ids=["empty", "blank", "bytes", "too much"]
)
def test_a_file_without_a_secret_is_refused(tmp_path: Path, read: Read, content: bytes) -> None:
    secret(tmp_path, content)
    assert "secret alone" in complaint(read, DISCORD.format(token="file/token"))[1]


@pytest.mark.parametrize("name", ["none", "."], ids=["missing", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, read: Read, name: str) -> None:
    line, message = complaint(read, DISCORD.format(token=f"file/{name}"))
    assert line == 2
    assert str(tmp_path / name) in message


EXPOSED = {
    "moodle": (MOODLE.format(url="https://m.kz", token="abc"), 5),
    "database": ("[kopir]\ndatabase = " + POSTGRESQL.format(password="abc", host="db.kz") + "\n", 2),
}


@pytest.mark.parametrize(("text", "line"), EXPOSED.values(), ids=EXPOSED)
def test_a_secret_in_settings_that_others_can_read_is_refused(read: Read, text: str, line: int) -> None:
    found, message = complaint(read, text, mode=0o644)
    assert found == line
    assert "env/NAME" in message
    assert "chmod 600" in message
    assert "abc" not in message


async def test_a_token_of_discord_in_the_open_is_refused_by_whoever_needs_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text(DISCORD.format(token="abc") + "[school:a]\n")
    file.chmod(0o644)
    with open_app(file) as opened, pytest.raises(SettingsInvalid, match=r"settings.ini:2.*chmod 600") as caught:
        async with opened.discord():
            pass
    assert "abc" not in str(caught.value)
    file.chmod(0o600)
    with open_app(file) as opened:
        async with opened.discord() as http:
            assert http.token == "abc"


@pytest.mark.parametrize("text", [text for text, _ in EXPOSED.values()], ids=EXPOSED)
def test_a_secret_in_private_settings_is_accepted(read: Read, text: str) -> None:
    read(text, mode=0o600)


@pytest.mark.parametrize(
    "text",
    [
        MOODLE.format(url="http://localhost:8085", token="abc"),
        "[kopir]\ndatabase = " + POSTGRESQL.format(password="abc", host="127.0.0.1") + "\n",
        "[kopir]\ndatabase = postgresql://kopir@db.kz/kopir\n",
        "[discord]\ntoken =\n",
    ],
    ids=["own moodle", "own database", "no password", "no token"],
)
def test_what_guards_nothing_outside_this_machine_may_stand_in_the_open(read: Read, text: str) -> None:
    read(text, mode=0o644)


def test_a_database_from_an_unset_variable_is_not_the_default(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[kopir]\ndatabase = env/KOPIR_NOT_SET\n[school:a]\n")
    with pytest.raises(Refused, match="not an address"), open_app(file):
        pass


def key_settings(key: str, more: str = "encrypt_contacts = yes\n") -> str:
    return f"[kopir]\nencryption_key = {key}\n{more}[school:a]\n"


def test_keys_come_from_a_file_the_newest_first(tmp_path: Path, read: Read) -> None:
    newest, old = new_key(), new_key()
    secret(tmp_path, f"{newest}\n{old}\n".encode())
    seal = read(key_settings("file/token")).seal
    assert seal is not None
    assert seal.open(Seal([old]).close("a@b.kz")) == "a@b.kz"
    assert Seal([newest]).open(seal.close("a@b.kz")) == "a@b.kz"


def test_a_key_alone_only_opens(tmp_path: Path, read: Read) -> None:
    key = new_key()
    seal = read(key_settings("env/KEY", ""), KEY=key).seal
    assert seal is not None
    assert seal.close("a@b.kz") == "a@b.kz"
    assert seal.open(Seal([key]).close("a@b.kz")) == "a@b.kz"


def test_without_the_package_its_name_is_told(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(SettingsInvalid, match=r"pip install kopir\[encryption\]"):
        read(key_settings("env/KEY"), KEY="x")


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        (key_settings("env/KEY"), 2, "new-key"),
        (key_settings("env/NONE"), 3, "new-key"),
        ("[kopir]\nencrypt_contacts = yes\n[school:a]\n", 2, "new-key"),
        (key_settings("gJ2sOlpBgf39yWuHYfQJtJrHvXt2DPmi-8nLSdqHk-s="), 2, "chmod 600"),
    ],
    ids=["no key", "empty", "none", "in the open"],
)
def test_a_key_that_is_none_is_refused(read: Read, text: str, line: int, advice: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(text, KEY="secret")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert advice in problem.message

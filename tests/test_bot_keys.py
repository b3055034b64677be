"""The commands around the key for contacts, as somebody at the command line sees them."""

import json
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main

Run = Callable[..., tuple[int, str, str]]
SETTINGS = "[kopir]\n{key}[school:a]\nguild = 1\n[source:a/r]\ntype = csv\npath = inbox\n"
WITH_KEY = SETTINGS.format(key="encryption_key = file/kopir.key\nencrypt_contacts = yes\n")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inbox").mkdir()
    list_ = tmp_path / "inbox" / "people.csv"
    list_.write_text("id,name,email,discord\n1,Aru,aru@school.kz,aru.whisper\n")
    os.utime(list_, (time.time() - 60,) * 2)

    def _run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kopir", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return _run


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
@pytest.mark.parametrize("mask", [0o000, 0o077], ids=["open umask", "closed umask"])
def test_a_new_key_is_private_and_the_settings_accept_it(tmp_path: Path, run: Run, mask: int) -> None:
    before = os.umask(mask)
    try:
        code, out, _ = run("new-key", "kopir.key")
    finally:
        os.umask(before)
    assert code == 0
    assert "encryption_key = file/kopir.key" in out
    assert stat.S_IMODE((tmp_path / "kopir.key").stat().st_mode) == 0o600
    assert (tmp_path / "kopir.key").read_text().strip() not in out
    (tmp_path / "settings.ini").write_text(WITH_KEY)
    assert run("pull")[0] == 0
    assert b"aru.whisper" not in (tmp_path / "kopir.db").read_bytes()


def test_a_renewed_key_stands_before_the_old_one_and_what_was_encrypted_is_read(tmp_path: Path, run: Run) -> None:
    run("new-key", "kopir.key")
    (tmp_path / "settings.ini").write_text(WITH_KEY)
    run("pull")
    old = (tmp_path / "kopir.key").read_text()
    assert "afterwards delete" in run("new-key", "kopir.key")[1]
    assert (tmp_path / "kopir.key").read_text().splitlines()[1:] == old.splitlines()
    assert json.loads(run("export", "r:1")[1])["people"][0]["email"] == "aru@school.kz"
    (tmp_path / "kopir.key").write_text((tmp_path / "kopir.key").read_text().splitlines()[0])
    assert json.loads(run("export", "aru@school.kz")[1])["ids"] == ["r:1"]


def test_a_lost_key_is_told_with_its_remedy_and_the_remedy_works(tmp_path: Path, run: Run) -> None:
    run("new-key", "kopir.key")
    (tmp_path / "settings.ini").write_text(WITH_KEY)
    run("pull")
    (tmp_path / "settings.ini").write_text(SETTINGS.format(key=""))
    code, _, told = run("pull")
    assert (code, told.count("\n")) == (1, 1)
    assert "kopir lost-key" in told
    assert run("lost-key")[0] == 1
    assert "people: 1" in run("lost-key", "--yes")[1]
    assert run("pull")[0] == 0
    assert json.loads(run("export", "r:1")[1])["people"][0]["email"] == "aru@school.kz"


@pytest.mark.parametrize("place", ["inbox", "none/kopir.key"], ids=["a folder", "no folder"])
def test_a_key_file_that_cannot_be_written_is_one_sentence(run: Run, place: str) -> None:
    code, _, told = run("new-key", place)
    assert code == 1
    assert told.count("\n") == 1
    assert place in told

"""A coordinator whose settings say Kazakh or Russian reads no English on the terminal and in receipts."""

import re
from pathlib import Path

import pytest

from bot.cli import main

ENGLISH = re.compile(r"\b(the|is|are|was|not|of|and|found|expected|nothing|changed|added|accepted|column|line)\b")
ROSTER = "name,email,course,role\nАйгүл Сәрсен,aigul@example.kz,Алгебра,директор\nДана Омар,dana,Алгебра,student\n"


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["kopir", *arguments])
    monkeypatch.delenv("KOPIR_DEBUG", raising=False)
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return int(str(left.value.code)), said.out, said.err


def settings(folder: Path, language: str, more: str = "") -> str:
    (folder / "inbox").mkdir(exist_ok=True)
    file = folder / "settings.ini"
    file.write_text(
        f"[kopir]\nlanguage = {language}\ndatabase = sqlite:///kopir.db\n{more}"
        "[school:aqjol]\n[source:aqjol/rosters]\ntype = csv\npath = inbox\n",
        encoding="utf-8",
    )
    return str(file)


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["plan"], 4, id="no token"),
        pytest.param(["unlink", "nobody@example.kz"], 1, id="nobody"),
        pytest.param(["status", "--school", "other"], 1, id="no such school"),
        pytest.param(["link", "nobody@example.kz", "1"], 1, id="nobody to link"),
    ],
)
def test_what_a_command_refuses_is_said_in_the_language_of_the_settings(
    language: str,
    arguments: list[str],
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended, _, said = run(capsys, monkeypatch, *arguments, "--settings", settings(tmp_path, language))
    assert ended == code
    assert re.search("[а-яәғқңөұүһі]", said)
    assert not ENGLISH.search(said.replace(str(tmp_path), "")), said


@pytest.mark.parametrize(("language", "said"), [("kk", "«nope» кілті белгісіз"), ("ru", "неизвестный ключ «nope»")])
def test_mistakes_in_the_settings_are_said_in_the_language_that_they_name(
    language: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(tmp_path, language, "nope = 1\n")
    code, _, errors = run(capsys, monkeypatch, "status", "--settings", file)
    assert code == 4
    assert said in errors
    assert "settings.ini:4: " in errors


@pytest.mark.parametrize(
    ("locale", "said"),
    [("kk_KZ.UTF-8", "баптау файлы жоқ"), ("ru_RU.UTF-8", "нет файла настроек"), ("C", "no settings")],
)
def test_without_settings_the_terminals_language_is_spoken(
    locale: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    code, _, errors = run(capsys, monkeypatch, "status", "--settings", str(tmp_path / "none.ini"))
    assert code == 4
    assert said in errors


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_pull_with_problems_its_receipt_and_the_status_hold_no_english(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(tmp_path, language)
    (tmp_path / "inbox" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    code, said, errors = run(capsys, monkeypatch, "pull", "--settings", file)
    assert (code, errors) == (0, "")
    receipt = (tmp_path / "inbox" / "roster.csv.receipt.txt").read_text("utf-8-sig")
    _, status, _ = run(capsys, monkeypatch, "status", "--settings", file)
    for text in (said, receipt, status):
        assert re.search("[а-яәғқңөұүһі]", text)
        assert not ENGLISH.search(text), text


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_source_that_cannot_be_used_says_so_without_english(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings(tmp_path, language)
    (tmp_path / "inbox" / "roster.csv").write_bytes("name,course\nА�".encode()[:-1])
    code, said, _ = run(capsys, monkeypatch, "pull", "--settings", file)
    assert code == 1
    assert not ENGLISH.search(said), said

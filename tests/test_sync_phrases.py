"""A sentence that was made in English is said whole in the reader's language, with all that it quotes untouched."""

import pytest

from sync.errors import KopirError, Refused, Retriable, SettingsInvalid, SettingsProblem
from sync.phrases import Phrase, joined
from sync.records import Problem
from sync.texts import texts


def test_a_phrase_is_its_english_sentence() -> None:
    phrase = Phrase("line {line}", line=3)
    assert phrase == "line 3"
    assert f"{phrase}." == "line 3."
    assert (phrase.template, phrase.values) == ("line {line}", {"line": 3})


@pytest.mark.parametrize(("language", "said"), [("kk", "3-жол"), ("ru", "строка 3"), ("en", "line 3")])
def test_a_phrase_is_said_in_the_readers_language(language: str, said: str) -> None:
    assert texts(language).say(Phrase("line {line}", line=3)) == said


def test_a_phrase_within_a_phrase_is_said_too() -> None:
    inner = Phrase("a whole number from {low} to {high}", low=1, high=9)
    outer = Phrase("{key} = {value}: write {expected}", key="every", value="x", expected=inner)
    assert texts("ru").say(outer) == "every = x: напишите: целое число от 1 до 9"


def test_several_phrases_are_said_one_after_the_other() -> None:
    lines = joined("\n", (Phrase("roles"), "{as it is}", Phrase("channels")))
    assert lines == "roles\n{as it is}\nchannels"
    assert texts("kk").say(lines) == "рөлдер\n{as it is}\nарналар"


def test_what_is_no_phrase_is_said_as_it_is() -> None:
    assert texts("kk").say("courses") == "courses"
    assert texts("kk").say(7) == "7"


@pytest.mark.parametrize("found", ["channels", "{expected}", "{0}", "%s", "roles {"])
def test_what_a_file_holds_is_neither_translated_nor_read_as_a_template(found: str) -> None:
    template = "The role {found} is not known, so nothing is granted. Expected: one of {expected}."
    problem = Problem("roster.csv", 1, "role", "unknown-role", template, {"found": found, "expected": "a name"})
    said = texts("ru").problem(problem)
    assert f"Роль «{found}» неизвестна" in said
    assert said.endswith("имя и фамилия.")


def test_an_empty_expectation_does_not_say_the_catalogues_header() -> None:
    problem = Problem("a.csv", 1, "", "x", "The cell is empty. Expected: {expected}; fill it in.", {"expected": ""})
    assert "Plural-Forms" not in texts("kk").problem(problem)


@pytest.mark.parametrize("kind", [KopirError, Refused, Retriable])
def test_an_error_keeps_its_phrase_and_reads_in_english_in_logs(kind: type[KopirError]) -> None:
    error = kind(Phrase("{person} is not linked.", person="rosters:7"))
    assert str(error) == "rosters:7 is not linked."
    assert texts("ru").say(error.said) == "rosters:7: привязки нет."


def test_an_error_without_a_sentence_is_said_as_nothing() -> None:
    assert texts("kk").say(KopirError().said) == ""


def test_every_mistake_in_the_settings_is_said_at_its_place() -> None:
    problems = (
        SettingsProblem(3, Phrase("{key} = {value}: write yes or no", key="voice", value="{maybe}")),
        SettingsProblem(0, Phrase("give either `every` or `cron`, not both")),
    )
    error = SettingsInvalid("my{settings}.ini", problems)
    assert str(error).splitlines() == [
        "my{settings}.ini:3: voice = {maybe}: write yes or no",
        "my{settings}.ini: give either `every` or `cron`, not both",
    ]
    assert texts("ru").say(error.said).splitlines() == [
        "my{settings}.ini:3: voice = {maybe}: напишите yes или no",
        "my{settings}.ini: укажите что-то одно: `every` или `cron`",
    ]

"""Whoever reads Kazakh or Russian is never answered in English: the catalogues hold all that the source can say."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.core import Locale
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

import bot.cli  # noqa: F401  imports every error there is
from connectors.csv import words
from connectors.csv.table import EXPECTED
from sync.errors import KopirError, SettingsInvalid
from sync.texts import CATALOGUES, LANGUAGES, texts

ROOT = CATALOGUES.parent
SOURCES = [file for package in ("bot", "connectors", "sync") for file in sorted((ROOT / package).rglob("*.py"))]
TRANSLATED = ("kk", "ru")
COUNTS = (0, 1, 2, 4, 5, 10, 11, 12, 14, 21, 22, 25, 101, 111, 112, 1000)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Extract all messages with the very command that CONTRIBUTING.md gives to translators."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    command = re.search(r"pybabel (extract .*?-o )\S+ (.*)", page.replace("\\\n", " "))
    assert command, "CONTRIBUTING.md says how to extract messages"
    target = tmp_path_factory.mktemp("locale") / "kopir.pot"
    folders = [str(ROOT / part) for part in command[2].removesuffix(" &&").split()]
    arguments = ["pybabel", "--quiet", *shlex.split(command[1]), str(target), *folders]
    CommandLineInterface().run(arguments)  # type: ignore[no-untyped-call]
    with target.open("rb") as found:
        return read_po(found)


def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "kopir.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def ids(found: Catalog) -> set[object]:
    return {message.id for message in messages(found)}


def strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def fields(text: str) -> list[str]:
    return sorted({f"{name}{'!' if conversion else ''}{conversion or ''}:{form}" for _, name, form, conversion in
                   Formatter().parse(text) if name is not None})  # fmt: skip


def test_messages_are_found_in_all_three_layers(template: Catalog) -> None:
    files = {Path(file).parts[-2] for message in messages(template) for file, _ in message.locations}
    assert {"bot", "sync", "csv"} <= files


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_every_message_and_none_that_is_gone(template: Catalog, language: str) -> None:
    found = catalogue(language)
    assert {"missing": ids(template) - ids(found), "stale": ids(found) - ids(template)} == {
        "missing": set(),
        "stale": set(),
    }
    assert not found.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in messages(catalogue(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated(language: str) -> None:
    cyrillic = re.compile("[а-яёәғқңөұүһі]", re.IGNORECASE)
    untranslated = [m.id for m in messages(catalogue(language)) if not all(map(cyrillic.search, strings(m)))]
    assert untranslated == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = []
    for message in messages(catalogue(language)):
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = fields(originals[-1])
        if any(text and fields(text) != wanted for text in (*originals, *strings(message))):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    found, known = catalogue(language), get_plural(language)
    assert (found.num_plurals, found.plural_expr) == (known.num_plurals, known.plural_expr)
    plural = [message for message in messages(found) if not isinstance(message.id, str)]
    assert plural
    assert [m.id for m in plural if len(strings(m)) != known.num_plurals or not all(strings(m))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_get_the_form_that_speakers_use(language: str) -> None:
    """Two numbers of one CLDR category read alike; in Russian three categories differ."""
    category = Locale.parse(language).plural_form
    said = {number: texts(language).count("{n} row accepted", "{n} rows accepted", number) for number in COUNTS}
    for number, other in ((a, b) for a in COUNTS for b in COUNTS if category(a) == category(b)):
        assert said[number] == said[other], (number, other)
    assert len(set(said.values())) == {"kk": 1, "ru": 3, "en": 2}[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_given_as_an_example_is_understood(language: str) -> None:
    """A header and roles copied from a message into a file are ones that Kopir knows."""
    say = texts(language).text
    known = {"name": words.PERSON_COLUMNS, "email": words.PERSON_COLUMNS, "discord": words.PERSON_COLUMNS}
    for column, said in zip(EXPECTED.split(","), say(EXPECTED).split(","), strict=True):
        table = known.get(column, words.SCHOOL_COLUMNS)
        assert words.key(said) in table[column], said
    roles = words.ROLE_EXAMPLES.split(", ")
    assert [words.ROLES[words.key(said)] for said in say(words.ROLE_EXAMPLES).split(", ")] == roles


def errors(kind: type[KopirError] = KopirError) -> Iterator[str]:
    yield kind.__name__
    for child in kind.__subclasses__():
        yield from errors(child)


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func
            yield name.id if isinstance(name, ast.Name) else getattr(name, "attr", ""), node


def written_out(node: ast.expr) -> bool:
    """Tell whether an argument is words in the source, so that it should have been marked."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_errors_and_settings_problems_can_be_said_in_every_language(file: Path) -> None:
    raised = [node.exc for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Raise)]
    spoken = set(errors()) - {SettingsInvalid.__name__}
    lines = [call.lineno for name, call in calls(file) if name in spoken and call in raised and call.args
             and written_out(call.args[0])]  # fmt: skip
    lines += [call.lineno for name, call in calls(file) if name == "SettingsProblem" and written_out(call.args[1])]
    assert lines == [], "write Phrase(…) around these"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_marked_texts_stand_where_the_extractor_sees_them(file: Path) -> None:
    """It reads no text with values inside (f"…{x}…"), nor a call inside such a text on Python 3.11."""
    marks = {"N_", "Phrase", "text", "count", "required"}
    lines = [call.lineno for name, call in calls(file) if name in marks and any(isinstance(a, ast.JoinedStr) for a in
             call.args)]  # fmt: skip
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Call) and n.args and written_out(n.args[0])]
            lines += [n.lineno for n in inner if getattr(n.func, "attr", getattr(n.func, "id", "")) in marks]
    assert lines == []

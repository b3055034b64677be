"""Names and texts of Moodle as people should read them: plain, and in the school's language."""

import pytest

from connectors.moodle import prose

SPANS = '<span lang="kk" class="multilang">Физика</span> <span lang="en" class="multilang">Physics</span>'
BRACES = "{mlang kk}Физика{mlang}{mlang en, de}Physics{mlang}{mlang other}Физика (рус){mlang}"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("  Алгебра   7 ", "kk", "Алгебра 7", id="spaces"),
        pytest.param("A & B", "kk", "A & B", id="an ampersand as typed"),
        pytest.param("A &amp; B", "kk", "A & B", id="an escaped one"),
        pytest.param("x <b>y</b> 1 < 2", "kk", "x y 1 < 2", id="markup"),
        pytest.param(f"{SPANS} 8", "kk", "Физика 8", id="the school's language"),
        pytest.param(f"{SPANS} 8", "en", "Physics 8", id="another one"),
        pytest.param(f"{SPANS} 8", "ru", "Физика 8", id="the first where it is missing"),
        pytest.param('<lang lang="en">A</lang><lang lang="ru">Б</lang>', "ru", "Б", id="the old way of writing"),
        pytest.param('8 <span lang="en" class="multilang">only</span>', "kk", "8 only", id="one language only"),
        pytest.param(BRACES, "de", "Physics", id="braces"),
        pytest.param(BRACES, "ru", "Физика (рус)", id="braces with a rest"),
        pytest.param("{mlang kk}x", "kk", "{mlang kk}x", id="braces that do not end"),
    ],
)
def test_a_name_is_read_in_one_language(text: str, language: str, expected: str) -> None:
    assert prose.name(text, language) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<p>Бір</p><p>Екі <b>үш</b></p>", "Бір\nЕкі үш", id="paragraphs"),
        pytest.param("<ul><li>a</li><li>b</li></ul>c<br>d", "a\nb\nc\nd", id="lists and breaks"),
        pytest.param("<script>alert(1)</script><style>p{}</style>x", "x", id="nothing that runs"),
        pytest.param(f"<p>{SPANS}</p>", "Физика", id="one language"),
        pytest.param("", "", id="empty"),
    ],
)
def test_html_becomes_lines(markup: str, expected: str) -> None:
    assert prose.prose(markup, "kk") == expected


@pytest.mark.parametrize("tag", ["<div>", "<b>", '<span lang="kk">', "{mlang kk}", "<script>", "<", "&"])
def test_a_text_without_end_is_cut(tag: str) -> None:
    assert len(prose.prose(tag * 50_000 + "мәтін " * 100_000, "kk")) <= prose.LONGEST
    assert len(prose.prose("мәтін " * 100_000 + tag * 50_000, "kk")) <= prose.LONGEST

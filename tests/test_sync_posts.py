"""What a material's message says, and that nothing in it can break out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import posts
from sync.records import File, Material
from sync.resources import IndexEntry
from sync.texts import LANGUAGES, texts
from tests.builders import material

EN = texts("en")
DUE = datetime(2026, 9, 20, 18, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        pytest.param(material(title="Book"), "**Book**", id="a title alone"),
        pytest.param(material(title="Book", type="file"), "**Book**\nfile", id="its kind"),
        pytest.param(
            material(title="Essay", type="task", due=DUE),
            f"**Essay**\ntask · due <t:{int(DUE.timestamp())}:f>",
            id="due, in the reader's own time zone",
        ),
        pytest.param(
            material(title="Book", text="Read *all*", url="https://x.kz/a b"),
            "**Book**\nRead \\*all\\*\nhttps://x.kz/a%20b",
            id="text and link",
        ),
        pytest.param(
            material(title="Slides", files=(File("week_1.pdf"),)), "**Slides**\n📎 week\\_1.pdf", id="a file's name"
        ),
        pytest.param(
            material(title="Slides", files=(File("1.pdf", modified=DUE),), url="https://x.kz/1"),
            f"**Slides**\n📎 1\\.pdf · <t:{int(DUE.timestamp())}:d>\nhttps://x.kz/1",
            id="a file's name and day, and the link",
        ),
        pytest.param(
            material(title="Slides", files=tuple(File(f"{n}.pdf") for n in range(7))),
            "**Slides**\n" + "".join(f"📎 {n}\\.pdf\n" for n in range(5)) + "… and 2 more",
            id="the first of many files",
        ),
        pytest.param(
            material(title="Test", type="quiz", opens=DUE),
            f"**Test**\nquiz · opens <t:{int(DUE.timestamp())}:f>",
            id="opens later",
        ),
    ],
)
def test_a_post_says_what_the_material_is(given_: Material, expected: str) -> None:
    assert posts.body(given_, EN) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_post_is_worded_in_every_language(language: str) -> None:
    assert f"<t:{int(DUE.timestamp())}:f>" in posts.body(material(due=DUE), texts(language))


def test_a_kind_that_is_known_is_named_in_the_school_s_language() -> None:
    assert "тапсырма" in posts.body(material(type="assignment"), texts("kk"))
    assert "сборник" in posts.body(material(type="сборник"), texts("kk"))


endless = st.builds(
    lambda word, times: word * times, st.sampled_from(["a", "*", "\\", "жа ", "<@1>"]), st.integers(0, 3000)
)
anything = st.text(max_size=40) | endless


@given(anything, anything, anything, anything)
def test_a_post_fits_and_keeps_its_shape(title: str, type_: str, text: str, file: str) -> None:
    made = posts.body(
        Material("m", "c", "1", title, type_, text, "https://x.kz/1", (File(file, modified=DUE),) * 7), EN
    )
    assert len(made) <= 2000
    assert made.startswith("**")
    assert made.endswith("\nhttps://x.kz/1")


def test_an_escape_is_never_cut_in_half() -> None:
    assert posts.cut_escaped(r"aaaa\*bbbb", 6) == "aaaa…"
    assert posts.cut_escaped(r"aaaa\*", 6) == r"aaaa\*"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://x.kz/a?b=1#c", "https://x.kz/a?b=1#c", id="as it is"),
        pytest.param(" HTTP://x.kz ", "HTTP://x.kz", id="trimmed"),
        pytest.param("https://x.kz/a|b>c", "https://x.kz/a%7Cb%3Ec", id="markdown is quoted"),
        pytest.param("https://x.kz/a\nb", "https://x.kz/a%0Ab", id="no second line"),
        pytest.param("javascript:alert(1)", "", id="not http"),
        pytest.param("file:///etc/passwd", "", id="a file"),
        pytest.param("https://good.kz@evil.kz/", "", id="a name in front of the host"),
        pytest.param("https://", "", id="no host"),
        pytest.param("https://[::1", "", id="broken"),
        pytest.param("https://x.kz/" + "a" * 1000, "", id="too long"),
        pytest.param("", "", id="none"),
    ],
)
def test_only_safe_links_are_posted(url: str, expected: str) -> None:
    assert posts.safe_url(url) == expected


def test_the_index_changes_with_its_lines_and_with_the_messages_behind_them() -> None:
    lines = (IndexEntry("A", "a"), IndexEntry("B", "b"))
    first = posts.index_digest("Module", lines, ["1", "2"])
    assert posts.index_digest("Module", lines, ["1", "2"]) == first
    different = [
        posts.index_digest("Module 1", lines, ["1", "2"]),
        posts.index_digest("Module", lines[::-1], ["1", "2"]),
        posts.index_digest("Module", lines, ["1", "3"]),
        posts.index_digest("Module", lines[:1], ["1"]),
    ]
    assert len({first, *different}) == 5

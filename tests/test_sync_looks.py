"""How a material's post looks: alike for every kind, within Discord's limits, and nothing in it can break out."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import looks
from sync.records import File, Material
from sync.resources import Attachment, Look
from sync.texts import LANGUAGES, texts
from sync.words import MATERIALS
from tests.builders import material

EN = texts("en")
DUE = datetime(2026, 9, 20, 18, 59, tzinfo=UTC)
SECONDS = int(DUE.timestamp())
MIB = 2**20
PAGE = "https://moodle.kz/mod/resource/view.php?id=7"


def shown(item: Material, language: str = "en", largest: int = 0) -> Look:
    words = texts(language)
    return looks.look(item, looks.attachments(item, largest, words), words)


def attached(*files: File, largest: int = 10 * MIB) -> list[str]:
    return [one.name for one in looks.attachments(material(files=files), largest, EN)]


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        pytest.param("assignment", "📝 Assignment", id="assignment"),
        pytest.param("file", "📄 File", id="file"),
        pytest.param("quiz", "❓ Quiz", id="quiz"),
        pytest.param("text", "ℹ️ Note", id="text without a text"),
        pytest.param("", "📌 Material", id="no kind"),
        pytest.param("сборник", "📌 Сборник", id="a kind of the source's own"),
        pytest.param("h5p", "🧩 Interactive exercise", id="a kind with a longer word"),
    ],
)
def test_the_line_above_the_title_names_the_kind(kind: str, head: str) -> None:
    assert shown(material(type=kind)).head == head


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(MATERIALS))
def test_every_kind_has_a_picture_and_a_name_with_a_capital_letter(kind: str, language: str) -> None:
    picture, _, name = shown(material(type=kind), language).head.partition(" ")
    assert picture != looks.sign("a kind of the source's own")
    assert name == looks.kind_name(kind, texts(language))
    assert name[:1] == name[:1].upper()


def test_kinds_are_told_apart_by_their_picture() -> None:
    assert len({looks.sign(kind) for kind in MATERIALS}) == len(MATERIALS)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        pytest.param(material(), "", id="nothing to say"),
        pytest.param(material(text="Read it"), "Read it", id="a text"),
        pytest.param(
            material(due=DUE, text="Read it"),
            f"⏰ due **<t:{SECONDS}:f>** · <t:{SECONDS}:R>\nRead it",
            id="due, in the reader's own time zone, above the text",
        ),
        pytest.param(material(opens=DUE), f"🔓 opens <t:{SECONDS}:f>", id="opens later"),
        pytest.param(material(type="link", url="https://x.kz/a"), "🔗 x.kz", id="a link's host"),
        pytest.param(material(type="video", url="https://youtu.be/1"), "🔗 youtu.be", id="a video's host"),
        pytest.param(material(type="page", url="https://x.kz/a"), "", id="the title alone leads to a page"),
        pytest.param(material(type="link", url="javascript:alert(1)"), "", id="no host of an unsafe link"),
        pytest.param(material(files=(File("week_1.pdf"),)), "📎 week\\_1.pdf", id="a file that is only named"),
        pytest.param(
            material(files=(File("a/b/1.pdf", 2 * MIB),), url=PAGE),
            f"📎 [1\\.pdf]({PAGE}) (2 MB)",
            id="a file that is too large leads to its page",
        ),
        pytest.param(
            material(files=(File("1.pdf", 1, modified=DUE),)),
            f"📎 1\\.pdf (1 kB) · <t:{SECONDS}:d>",
            id="a tiny file, and its day",
        ),
    ],
)
def test_the_text_says_what_students_need(item: Material, text: str) -> None:
    assert shown(item).text == text


@pytest.mark.parametrize(
    ("language", "due", "opens", "size", "more"),
    [
        pytest.param("en", "due **", "opens <t", "(1.5 mb)", "… and 2 more", id="English"),
        pytest.param("ru", "срок", "откр", "(1,5 ", "2", id="Russian"),
        pytest.param("kk", "мерзім", "ашыл", "(1,5 ", "2", id="Kazakh"),
    ],
)
def test_the_text_is_in_the_schools_language(language: str, due: str, opens: str, size: str, more: str) -> None:
    text = shown(material(due=DUE, opens=DUE, files=(File("a.pdf", MIB * 3 // 2),) * 12), language).text
    lines = text.lower().split("\n")
    assert opens.lower() in lines[0]
    assert due in lines[1]
    assert size.lower() in lines[2].replace("\xa0", " ")
    assert more in lines[-1]
    assert len(lines) == 2 + 10 + 1


@pytest.mark.parametrize(
    ("size", "said"),
    [
        pytest.param(1, "1 kB", id="never nothing"),
        pytest.param(1536, "2 kB", id="rounded"),
        pytest.param(MIB - 1, "1,024 kB", id="just below a megabyte"),
        pytest.param(MIB, "1 MB", id="a megabyte"),
        pytest.param(350 * MIB + 60_000, "350.1 MB", id="a film"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert looks.file_line(File("a", size), "", EN) == f"📎 a ({said})"


def test_a_label_shows_its_text_and_no_title() -> None:
    assert shown(material(type="text", title="Read th…", text="Read this")).title == ""
    assert shown(material(type="text", title="Empty")).title == "Empty"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Book", "Book", id="as it is"),
        pytest.param("A*b*_c_ <@1>", r"A\*b\*\_c\_ \<\@1>", id="markdown and mentions are escaped"),
        pytest.param("one\n\ttwo", "one two", id="on one line"),
        pytest.param("a" * 300, "a" * 199 + "…", id="cut"),
        pytest.param("*" * 300, r"\*" * 127 + "…", id="never cut inside an escape"),
    ],
)
def test_titles_fit_and_are_plain(title: str, expected: str) -> None:
    assert looks.title(title) == expected
    assert shown(material(title=title)).title == expected


@pytest.mark.parametrize(
    ("files", "names"),
    [
        pytest.param([File("a.pdf", 5), File("b.pdf", 6)], ["a.pdf", "b.pdf"], id="small ones"),
        pytest.param([File("week/a.pdf", 5)], ["a.pdf"], id="without its folders"),
        pytest.param([File("a.pdf")], [], id="one that nobody has"),
        pytest.param([File("a.pdf", 10 * MIB), File("b.pdf", 10 * MIB + 1)], ["a.pdf"], id="one byte too large"),
        pytest.param([File(f"{n}", 1) for n in range(12)], [f"{n}" for n in range(10)], id="ten of a dozen"),
        pytest.param(
            [File("a", 10 * MIB), File("b", 10 * MIB), File("c", 5 * MIB), File("d", 4 * MIB)],
            ["a", "b", "d"],
            id="as many as one request takes; a smaller one still goes in",
        ),
    ],
)
def test_files_are_attached_as_far_as_a_message_takes_them(files: list[File], names: list[str]) -> None:
    assert attached(*files) == names


def test_a_school_may_attach_nothing() -> None:
    assert attached(File("a.pdf", 5), largest=0) == []


def test_a_file_names_its_source_and_the_line_that_may_stand_for_it() -> None:
    item = Material("m", "moodle:7", "1", "Slides", url=PAGE, files=(File("a.pdf", MIB, hash="1"),))
    (one,) = looks.attachments(item, MIB, EN)
    assert one == Attachment("moodle", item.files[0], f"📎 [a.pdf]({PAGE}) (1 MB)")


def test_what_is_attached_is_not_named_and_the_rest_is() -> None:
    files = (File("a.pdf", 5), File("film.mp4", 90 * MIB), File("b.pdf", 5))
    assert shown(material(files=files), largest=MIB).text == "📎 film.mp4 (90 MB)"


def test_ten_files_are_named_beside_ten_attached_ones() -> None:
    files = tuple(File(f"week {n}", 5) for n in range(25))
    lines = shown(material(files=files), largest=MIB).text.split("\n")
    assert lines == [*(f"📎 week {n} (1 kB)" for n in range(10, 20)), "… and 5 more"]


def test_files_that_do_not_fit_beside_the_text_are_counted() -> None:
    url = "https://x.kz/" + "a" * 900
    lines = shown(material(files=tuple(File(f"week {n}", 5) for n in range(10)), url=url)).text.split("\n")
    assert lines == [*(f"📎 [week {n}]({url}) (1 kB)" for n in range(4)), "… and 6 more"]


def test_a_long_text_is_cut_and_read_on_at_the_source() -> None:
    long = "Жұмыс " * 1000
    here = shown(material(text=long, url=PAGE)).text
    assert here.endswith(f"…\n[read on]({PAGE})")
    assert len(here) < 2000
    assert shown(material(text=long)).text.endswith("…")


def test_what_is_gone_keeps_its_name_struck_out_and_says_where_it_went() -> None:
    gone, moved = looks.retired("A*b", EN), looks.retired("A*b", EN, "Unit *2*")
    assert (gone.title, gone.text) == (r"~~A\*b~~", "-# no longer part of the course")
    assert (moved.title, moved.text) == (gone.title, r"-# moved to: Unit \*2\*")
    assert looks.retired("", EN).title == ""
    assert gone.url == gone.head == ""


endless = st.builds(
    lambda word, times: word * times,
    st.sampled_from(["a", "*", "\\", "жа ", "<@1>", "@everyone ", "\n", "[x](", "`", "https://x.kz/"]),
    st.integers(0, 6000),
)
anything = st.text(max_size=60) | endless
moments = st.none() | st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
files = st.builds(File, anything, st.integers(0, 30 * MIB), hash=st.text("01", max_size=2), modified=moments)
links = st.sampled_from(["", PAGE, "javascript:alert(1)", "https://x.kz/" + "a" * 900, "https://x.kz/)[("])
materials = st.builds(
    Material,
    st.just("m"),
    st.just("moodle:7"),
    st.just("1"),
    anything,
    st.sampled_from(sorted(MATERIALS)) | anything,
    anything,
    links,
    st.lists(files, max_size=25).map(tuple),
    opens=moments,
    due=moments,
)


@given(materials, st.sampled_from(LANGUAGES), st.integers(0, 25 * MIB))
def test_any_material_fits_into_a_message(item: Material, language: str, largest: int) -> None:
    """https://discord.com/developers/docs/resources/message#embed-object-embed-limits"""
    words = texts(language)
    held = looks.attachments(item, largest, words)
    look = looks.look(item, held, words)
    assert len(look.title) <= 256
    assert len(look.head) <= 256
    assert len(look.text) <= 4096
    assert len(look.title) + len(look.head) + 4096 <= 6000, "lines of missing files may follow the text"
    assert len(held) <= looks.FILES_PER_MESSAGE
    assert sum(one.file.size for one in held) <= looks.REQUEST_LIMIT
    assert "\n" not in look.title + look.head


@given(anything, anything)
def test_what_becomes_of_a_post_fits_too(name: str, module: str) -> None:
    look = looks.retired(name, EN, module)
    assert len(look.title) <= 256
    assert len(look.text) <= 4096
    assert "\n" not in look.title + look.text


@given(materials)
def test_a_title_holds_no_mention(item: Material) -> None:
    """An embed pings nobody; Discord shows the line above the title as it is."""
    assert not re.search(r"(?<!\\)<@|(?<!\\)@everyone", shown(item).title)

"""One example of each kind of material as it is posted; `python -m tests.material_examples` puts them into the docs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.markdown import markdown
from sync.looks import attachments, look
from sync.records import File, Material
from sync.texts import texts

PAGE = Path(__file__).resolve().parents[1] / "docs" / "materials.md"
HEADING = "## Examples\n"
SITE = "https://moodle.example.kz"
DUE = datetime(2026, 12, 8, 13, tzinfo=UTC)
OPENS = datetime(2026, 12, 1, 3, tzinfo=UTC)
_BLOCK = re.compile(r"\s*(?:\d+\.|-|>) ")
_MOMENT = re.compile(r"<t:(\d+):(\w)>")
PDF = File("Дәріс 1.pdf", 2_411_724, "application/pdf", "a1", OPENS)
FILM = File("тәжірибе.mp4", 92_274_688, "video/mp4", "b2", OPENS)

EXAMPLES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("file", "Дәріс 1 — дәрежелер", "<p>Read <b>before</b> Monday's lesson.</p>", {"files": (PDF,)}),
    (
        "page",
        "How to write a report",
        (
            "<h3>Three parts</h3><ol><li>the question</li><li>what you <i>did</i><ul><li>with a drawing</li></ul></li>"
            "<li>what you found</li></ol><blockquote>A number without a unit is no result.</blockquote>"
        ),
        {},
    ),
    ("link", "Map of minerals", '<p>From the <a href="https://geo.example.org/">survey</a>.</p>', {"url": "geo"}),
    ("video", "Опыт с маятником", "<p>7 минут.</p>", {"url": "https://www.youtube.com/watch?v=abcdefghijk"}),
    ("folder", "Үлестірме материалдар", "<p>Барлық сыныпқа.</p>", {"files": (PDF, FILM)}),
    ("book", "Алгебра 8, оқулық", "<p>Тараулар: дәрежелер, түбірлер, функциялар.</p>", {}),
    (
        "assignment",
        "Үй жұмысы 3",
        (
            r"<p>Теңдеуді шешіңіз: \(x^2 + \frac{1}{2}x = 6\).</p><table><tr><th>есеп</th><th>ұпай</th></tr>"
            "<tr><td>1–3</td><td>по 2</td></tr><tr><td>4</td><td>4</td></tr></table>"
        ),
        {"opens": OPENS, "due": DUE},
    ),
    ("quiz", "Test: powers and roots", "<p>20 questions, 40 minutes, <u>one</u> attempt.</p>", {"due": DUE}),
    ("forum", "Questions about the project", "<p>Ask here; everybody may answer.</p>", {}),
    ("text", "This week", "<p>No lesson on <b>Thursday</b>. The room is <code>214</code>, not 241.</p>", {}),
    ("h5p", "Drag the planets", "<p>Try until you have all eight.</p>", {}),
    ("lesson", "Осмос", "<p>Шаг за шагом, с вопросами.</p>", {}),
    ("glossary", "Терминдер сөздігі", "<p>Әр оқушы екі термин қосады.</p>", {"due": DUE}),
    ("wiki", "Our village", "<p>Write about the place where you live.</p>", {}),
    ("choice", "Which day for the excursion?", "<p>Friday or Saturday.</p>", {"due": DUE}),
    ("feedback", "После первой четверти", "<p>Анонимно, пять вопросов.</p>", {}),
    ("survey", "How do you learn?", "", {}),
    ("workshop", "Essays, read by classmates", "<p>Each of you reads two.</p>", {"opens": OPENS, "due": DUE}),
    ("database", "Herbarium", "<p>One plant with a photo each.</p>", {}),
    ("chat", "Сұрақ-жауап", "<p>Жұма күні 18:00-де.</p>", {}),
    ("meeting", "Онлайн сабақ", "<p>Камера мен микрофонды алдын ала тексеріңіз.</p>", {"opens": OPENS}),
    ("scorm", "Safety in the laboratory", "", {}),
    ("tool", "GeoGebra", "<p>Draw the graph of the function.</p>", {}),
)


def example(kind: str, title: str, html: str, more: dict[str, Any]) -> str:
    """Render one example the way Discord shows it, as a quote."""
    given = {"url": f"{SITE}/mod/{kind}/view.php?id=7", **more}
    given["url"] = "https://geo.example.org/map" if given["url"] == "geo" else given["url"]
    material = Material("7", "moodle:1", "2", title, kind, markdown(html, SITE), **given)
    words = texts("en")
    files = attachments(material, 10 * 2**20, words)
    shown = look(material, files, words)
    lines = [shown.head if shown.title else f"[{shown.head}]({shown.url})"]
    lines += [f"**[{shown.title}]({shown.url})**"] if shown.title else []
    lines += _MOMENT.sub(_moment, shown.text).split("\n") if shown.text else []
    lines += [f"`⬇ {file.name}` (attached)" for file in files]
    breaks = [bool(line and following and not _BLOCK.match(following)) for line, following in pairwise([*lines, ""])]
    ended = (line + "\\" * breaks_here for line, breaks_here in zip(lines, breaks, strict=True))
    return "\n".join(f"> {line}".rstrip() for line in ended) + "\n"


def _moment(found: re.Match[str]) -> str:
    """Write a timestamp as a reader in Almaty a week earlier sees it."""
    moment = datetime.fromtimestamp(int(found[1]), ZoneInfo("Asia/Almaty"))
    return {"R": "in 7 days", "d": f"{moment:%d/%m/%Y}"}.get(found[2], f"{moment:%d %B %Y %H:%M}")


def chapter() -> str:
    """Render all examples."""
    opening = (
        "One of each kind, in the language of its source, with the words of a school that set English. Timestamps are"
        "\nas somebody in Almaty sees them; ⬇ stands for an attachment.\n"
    )
    return "\n".join([HEADING, opening, *_quotes()])


def _quotes() -> Iterator[str]:
    for kind, title, html, more in EXAMPLES:
        yield example(kind, title, html, more)
        yield "<!-- -->\n"


def written(page: str) -> str:
    """Return a page with the chapter as it should be."""
    return page.partition(HEADING)[0] + chapter()


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")

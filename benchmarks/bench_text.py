"""What it costs to turn descriptions into Markdown, to shorten them and to tell their words: new ones, and known ones.

Run: python -m benchmarks.bench_text
"""

import time
from collections.abc import Callable

from connectors.markdown import markdown
from sync.markdown import shorten, words

COUNT = 200
SITE = "https://moodle.example.kz"
PARAGRAPH = '<p>Дәреженің <b>қасиеттерін</b> қолдану, <a href="/mod/page/view.php?id=7">есеп шығару</a>.</p>'
ROWS = "<table><tr><th>Апта</th><th>Тақырып</th></tr><tr><td>1</td><td>Дәреже</td></tr></table>"
LENGTHS = {"short": 3, "long": 40}  # paragraphs


def main() -> None:
    """Measure, and print milliseconds for each text."""
    print(f"{COUNT} texts of each length, ms for each")
    print(f"{'':14}{'markdown':>10}{'shorten':>10}{'words':>10}{'known':>10}")
    for name, paragraphs in LENGTHS.items():
        pages = [f"<p>№ {n}</p>" + PARAGRAPH * paragraphs + ROWS for n in range(COUNT)]
        new = _each(_written, pages)
        made = [_written(page) for page in pages]
        costs = [new, _each(lambda text: shorten(text, 1_500), made), _each(words, made)]
        known = _each(_written, pages)
        size = f"{name} ({len(pages[0]):,})"
        print(f"{size:14}{''.join(f'{cost:10.3f}' for cost in (*costs, known))}")


def _written(page: str) -> str:
    return markdown(page, SITE)


def _each(work: Callable[[str], object], texts: list[str]) -> float:
    started = time.perf_counter()
    for text in texts:
        work(text)
    return (time.perf_counter() - started) * 1000 / len(texts)


if __name__ == "__main__":
    main()

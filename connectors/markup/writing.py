"""Write a marked text as lines of Discord's Markdown: quotes, lists, blocks of code; every format ends on its line."""

import re
from collections import Counter
from collections.abc import Iterator

from connectors.markup import marks
from connectors.markup.inline import NO_LINK, Cell, inline, unlinked
from connectors.markup.marks import BULLET, INDENT, NUMBER, QUOTE, STYLES, Store

_STEPS = re.compile(f"[{INDENT}{BULLET}]|{NUMBER}[0-9]+{NUMBER}")
_LEVELS = 2  # steps to the right; a telephone has no room for more


def write(marked: str, store: Store, enough: int) -> str:
    """Write a marked text; what comes after enough characters is left out."""
    written: list[str] = []
    size = 0
    for line in _single_gaps(_Lines(store).read(marked)):
        written.append(line)
        size += len(line) + 1
        if size > enough:
            break
    return "\n".join(written)


def _single_gaps(lines: Iterator[str | None]) -> Iterator[str]:
    """Leave one empty line where there are several, and none at the beginning or the end."""
    begun = gap = False
    for line in lines:
        if line is None:
            gap = begun
            continue
        if gap:
            yield ""
        yield line
        begun, gap = True, False


class _Lines:
    """Reads marks from line to line: a format or link that is open at the end of one goes on in the next."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._links = store.links()
        self._styles: Counter[int] = Counter()
        self._inside: list[int] = []

    def read(self, marked: str) -> Iterator[str | None]:
        """Yield the lines as they are posted, and None for one that is empty."""
        for line in marked.split("\n"):
            yield from self._read_line(*marks.split_prefix(line))

    def _read_line(self, prefix: str, line: str) -> Iterator[str | None]:
        cells: list[Cell] = []
        for character in line:
            if marks.is_block(character):
                yield f"```\n{unlinked(self._store.code(character))}\n```"
            elif not self._takes(character):
                cells.append(Cell(character, self._style(), self._inside[-1] if self._inside else NO_LINK))
        if text := inline(cells, self._links):
            yield _placed(prefix) + text
        elif not prefix and not any(map(marks.is_block, line)):
            yield None

    def _style(self) -> int:
        return sum(style for style, depth in self._styles.items() if depth > 0)

    def _takes(self, character: str) -> bool:
        """Read a mark; any other character is text."""
        if character in STYLES:
            style, ends = STYLES[character]
            self._styles[style] += -1 if ends else 1
        elif (number := marks.link_number(character)) >= 0:
            self._inside.append(number)
        elif character == marks.LINK_END:
            del self._inside[-1:]
        else:
            return marks.is_mark(character)
        return True


def _placed(prefix: str) -> str:
    """Write what a line begins with; the last of the steps may be its bullet or number."""
    steps = _STEPS.findall(prefix)
    sign = steps.pop() if steps and steps[-1] != INDENT else ""
    head = "> " if QUOTE in prefix else ""
    shown = f"{sign.strip(NUMBER)}. " if sign.startswith(NUMBER) else "- " if sign else ""
    return head + "  " * min(len(steps), _LEVELS) + shown

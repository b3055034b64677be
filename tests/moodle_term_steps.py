"""What each step of the term costs in writes, and what is told of it; `tests/moodle_site/term_changes.php` makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """The writes of one step by kind; `forum` where it is not as in the layout of channels."""

    channels: Mapping[str, int]
    told: tuple[str, ...] = ()
    forum: Mapping[str, int] | None = field(default=None)

    def writes(self, layout: str) -> Mapping[str, int]:
        """Return the writes in a layout."""
        return self.forum if layout == "forum" and self.forum is not None else self.channels


STEPS: Mapping[str, Step] = {
    "add-page": Step(
        {"unpin": 1, "edit": 1, "post": 2, "clear": 1, "thread": 1, "pin": 2},
        ("🆕 📃 Қайталау беті",),
        forum={"unpin": 1, "edit": 1, "post": 2, "clear": 1, "pin": 2},
    ),
    "edit-text": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📃 Конспект 1",),
    ),
    "touch-markup": Step(
        {},
    ),
    "rename-material": Step(
        {"place": 1, "edit": 2, "post": 1},
        ("✏️ ❓ Тест 1 (қайта)",),
        forum={"edit": 2, "post": 1},
    ),
    "swap-file": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📄 Дәріс 1",),
    ),
    "upload-same-file-again": Step(
        {},
    ),
    "add-file": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📁 Үлестірме 1",),
    ),
    "remove-file": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📁 Үлестірме 1",),
    ),
    "move-material": Step(
        {"unpin": 2, "edit": 3, "post": 1, "clear": 1, "thread": 1, "pin": 2},
        forum={"unpin": 2, "place": 1, "edit": 3, "post": 1, "clear": 1, "pin": 2},
    ),
    "reorder-material": Step(
        {"edit": 1},
    ),
    "move-section": Step(
        {"edit": 1, "order": 1},
        forum={"edit": 1},
    ),
    "rename-section": Step(
        {"place": 1, "edit": 2},
    ),
    "hide-material": Step(
        {"unpin": 1, "edit": 2},
    ),
    "show-material": Step(
        {"unpin": 1, "edit": 2, "clear": 1, "pin": 2},
    ),
    "hide-section": Step(
        {"place": 1, "edit": 1},
        forum={"unpin": 8, "place": 1, "edit": 9},
    ),
    "show-section": Step(
        {"place": 1, "edit": 1},
        forum={"place": 1, "edit": 9, "clear": 1, "pin": 8},
    ),
    "restrict-to-group": Step(
        {"unpin": 1, "clear": 1, "edit": 2, "post": 2, "thread": 1, "pin": 1},
        ("🆕 📃 Конспект 2",),
        forum={"unpin": 1, "clear": 1, "place": 1, "edit": 2, "post": 2, "pin": 1},
    ),
    "lift-restriction": Step(
        {"unpin": 2, "edit": 3, "clear": 1, "pin": 2},
        forum={"unpin": 2, "place": 1, "edit": 3, "clear": 1, "pin": 2},
    ),
    "set-due-date": Step(
        {"edit": 2, "post": 1},
        ("✏️ 📝 Үй жұмысы 1",),
    ),
    "postpone-due-date": Step(
        {"edit": 2, "post": 1},
        ("✏️ 📝 Үй жұмысы 1",),
    ),
    "remove-due-date": Step(
        {"edit": 2, "post": 1},
        ("✏️ 📝 Үй жұмысы 1",),
    ),
    "set-opening-date": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📝 Үй жұмысы 2",),
    ),
    "release-day-comes": Step(
        {"unpin": 1, "edit": 1, "post": 2, "clear": 1, "thread": 1, "pin": 2},
        ("🆕 📃 Конспект 5",),
        forum={"unpin": 1, "place": 1, "edit": 1, "post": 2, "clear": 1, "pin": 2},
    ),
    "last-day-passes": Step(
        {"unpin": 1, "edit": 2},
        forum={"unpin": 1, "place": 1, "edit": 2},
    ),
    "delete-material": Step(
        {"unpin": 1, "edit": 2},
        forum={"unpin": 1, "place": 1, "edit": 2},
    ),
    "add-section-with-three": Step(
        {"edit": 1, "order": 1, "post": 5, "clear": 1, "thread": 3, "new place": 1, "pin": 4},
        (
            "🆕 📃 Қорытынды 1",
            "🆕 📃 Қорытынды 2",
            "🆕 📃 Қорытынды 3",
        ),
        forum={"edit": 2, "post": 4, "clear": 1, "forum post": 1, "pin": 4},
    ),
    "upload-twelve": Step(
        {"unpin": 1, "edit": 1, "post": 13, "clear": 1, "thread": 12, "pin": 13},
        (
            "🆕 📃 Есептер 1",
            "🆕 📃 Есептер 2",
            "🆕 📃 Есептер 3",
            "🆕 📃 Есептер 4",
            "🆕 📃 Есептер 5",
            "🆕 📃 Есептер 6",
            "🆕 📃 Есептер 7",
            "🆕 📃 Есептер 8",
            "🆕 📃 Есептер 9",
            "🆕 📃 Есептер 10",
            "🆕 📃 Есептер 11",
            "🆕 📃 Есептер 12",
        ),
        forum={"unpin": 1, "place": 1, "edit": 1, "post": 13, "clear": 1, "pin": 13},
    ),
    "move-ten-dates": Step(
        {"edit": 16, "post": 1},
        (
            "✏️ 📝 Үй жұмысы 4",
            "✏️ ❓ Тест 4",
            "✏️ ❓ Тест 1 (қайта)",
            "✏️ 📝 Үй жұмысы 2",
            "✏️ ❓ Тест 2",
            "✏️ 📝 Үй жұмысы 3",
            "✏️ ❓ Тест 3",
            "✏️ 📝 Үй жұмысы 5",
            "✏️ ❓ Тест 5",
            "✏️ 📝 Үй жұмысы 6",
        ),
    ),
    "rename-course": Step(
        {"place": 1, "edit": 1, "role": 4},
        forum={"place": 2, "edit": 1, "role": 4},
    ),
    "list-stealth": Step(
        {"unpin": 1, "edit": 1, "post": 2, "clear": 1, "thread": 1, "pin": 2},
        ("🆕 📃 Сілтеме арқылы ғана",),
        forum={"unpin": 1, "place": 1, "edit": 1, "post": 2, "clear": 1, "pin": 2},
    ),
    "grade-and-discuss": Step(
        {},
    ),
    "purge-caches": Step(
        {},
    ),
    "delete-last-of-section": Step(
        {"unpin": 2, "edit": 2},
        forum={"unpin": 1, "place": 1, "edit": 2},
    ),
    "add-twin": Step(
        {"unpin": 1, "edit": 1, "post": 2, "clear": 1, "thread": 1, "pin": 2},
        ("🆕 📃 Конспект 4",),
        forum={"unpin": 1, "edit": 1, "post": 2, "clear": 1, "pin": 2},
    ),
    "link-with-session": Step(
        {"edit": 1, "post": 1},
        ("✏️ 🔗 Бейне 2",),
    ),
    "another-session": Step(
        {},
    ),
    "unenrol-student": Step(
        {"member": 1},
    ),
    "duplicate-material": Step(
        {"unpin": 1, "edit": 1, "post": 2, "clear": 1, "thread": 1, "pin": 2},
        ("🆕 📃 Конспект 5 (copy)",),
        forum={"unpin": 1, "edit": 1, "post": 2, "clear": 1, "pin": 2},
    ),
    "change-label": Step(
        {"place": 1, "edit": 2, "post": 1},
        ("✏️ ℹ️ Апта 2: бақылау жұма күні.",),
        forum={"edit": 2, "post": 1},
    ),
    "huge-text": Step(
        {"edit": 1, "post": 1},
        ("✏️ 📃 Конспект 3",),
    ),
    "hide-course": Step(
        {"place": 14},
        forum={"place": 4},
    ),
    "show-course": Step(
        {"place": 14},
        forum={"place": 4},
    ),
}

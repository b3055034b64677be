"""Write what became of each file beside it, in the school's language. The files themselves are never touched."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from connectors.csv.files import RECEIPT
from connectors.csv.origins import parts
from sync.records import Kind, Problem, Pulled, StoredPull, Tally
from sync.texts import N_, Texts
from sync.words import RECORDS

DIALECT_WORDS: Mapping[str, str] = {
    "kopir": N_("Kopir's own format"),
    "oneroster-1.1": N_("OneRoster 1.1 export"),
    "oneroster-1.2": N_("OneRoster 1.2 export"),
    "canvas-sis": N_("Canvas SIS export"),
    "clever": N_("Clever export"),
    "moodle-upload-users": N_("Moodle list for uploading users"),
    "moodle-participants": N_("Moodle participants list"),
    "moodle-user-list": N_("Moodle user list"),
    "moodle-groups": N_("Moodle list for importing groups"),
    "microsoft-sds": N_("Microsoft School Data Sync export"),
}
WAITING = N_("These removals wait for a decision, in the staff channel or by `kopir plan`:")
_LISTED = 200
_QUIET = frozenset({"still-changing", "folder-missing", "folder-empty"})


def write_receipts(
    root: Path, pulled: Pulled, stored: StoredPull | None, accepted: Mapping[str, int], words: Texts
) -> None:
    """Write one receipt per file on the disk; those within a ZIP share the ZIP's."""
    files: dict[str, list[str]] = {}
    for file in sorted({*pulled.dialects, *(found.file for found in pulled.problems)}):
        files.setdefault(file.split("!", 1)[0], []).append(file)
    skipped = {found.file.split("!", 1)[0] for found in pulled.problems if found.code in _QUIET}
    folder = root.parent if root.is_file() else root
    for outer, within in files.items():
        if outer not in skipped and (folder / outer).is_file():
            head = [line for file in within for line in _head(file, pulled, accepted, words)]
            _write(folder / outer, head, _changes(within, stored, words), words)


def write_waiting(root: Path, lines: Sequence[str], words: Texts) -> None:
    """Say at the end of every receipt which removals wait for a decision, in place of what it said before."""
    title = words.text(WAITING)
    more = "\n".join(["", title, *(f"  {line}" for line in lines), ""]) if lines else ""
    folder = root.parent if root.is_file() else root
    with suppress(OSError, UnicodeError):
        for receipt in sorted(folder.rglob(f"*{RECEIPT}")):
            text = receipt.read_text("utf-8-sig")
            body = text.partition(f"\n{title}\n")[0]
            if body + more != text:
                _replace(receipt, body + more)


def _head(file: str, pulled: Pulled, accepted: Mapping[str, int], words: Texts) -> Iterable[str]:
    found = [item for item in pulled.problems if item.file == file]
    dialect = pulled.dialects.get(file)
    if dialect is None:
        yield words.text("{file}: not used.").format(file=file)
    else:
        rows = accepted.get(file, 0)
        counted = words.count("{n} row accepted", "{n} rows accepted", rows).format(n=rows)
        yield f"{file}: {words.text(DIALECT_WORDS[dialect])}, {counted}."
    for item in found[:_LISTED]:
        yield f"  {_place(item, words)}{words.problem(item)}"
    if len(found) > _LISTED:
        rest = len(found) - _LISTED
        yield "  " + words.count("and {n} more problem", "and {n} more problems", rest).format(n=rest)


def _place(item: Problem, words: Texts) -> str:
    place = words.text("line {line}").format(line=item.line) if item.line else ""
    column = words.text("column {column}").format(column=item.column) if item.column else ""
    return ", ".join(filter(None, (place, column))) + ": " if place or column else ""


def _changes(files: Iterable[str], stored: StoredPull | None, words: Texts) -> list[str]:
    if stored is None:
        return []
    wanted = set(files)
    totals: dict[Kind, Tally] = {}
    for (origin, kind), tally in stored.changes.items():
        if wanted.intersection(parts(origin)):
            past = totals.get(kind, Tally())
            totals[kind] = Tally(past.added + tally.added, past.changed + tally.changed, past.removed + tally.removed)
    return [
        "  "
        + words.text("{kind}: {added} added, {changed} changed, {removed} removed").format(
            kind=words.say(RECORDS[kind]), added=tally.added, changed=tally.changed, removed=tally.removed
        )
        for kind, tally in totals.items()
        if tally.added or tally.changed or tally.removed
    ]


def _write(file: Path, head: list[str], changes: list[str], words: Texts) -> None:
    """Write a receipt when it says something new: a look that changed nothing does not wipe out what changed last."""
    target = file.with_name(file.name + RECEIPT)
    title = words.text("What changed:")
    opening = "\n".join([*head, "", title, ""])
    with suppress(OSError, UnicodeError):
        before = target.read_text("utf-8-sig") if target.is_file() else ""
        if before.startswith(opening) and not changes:
            return
        text = opening + "\n".join(changes or ["  " + words.text("nothing")]) + "\n"
        if text != before:
            _replace(target, text)


def _replace(target: Path, text: str) -> None:
    """Put the whole receipt in place at once; a byte-order mark lets Notepad show it everywhere."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, "utf-8-sig")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)

"""Every problem a CSV input can have: its stable code and its sentence. All modules of this package make them here."""

from types import MappingProxyType

from sync.records import Problem
from sync.texts import N_

SHOWN = 60
PER_FILE = 500

TEMPLATES = MappingProxyType(
    {
        "folder-missing": N_("There is no folder or ZIP file {found}. Create it, or correct `path` in the settings."),
        "folder-empty": N_("The folder holds no roster. Put {expected} into it."),
        "unreadable": N_(
            "The file could not be opened ({found}). Close it in other programs and check its permissions."
        ),
        "too-many-files": N_(
            "There are more than {expected} files in the folder, so nothing of it is read. "
            "Give the lists a folder of their own, or correct `path` in the settings."
        ),
        "still-changing": N_(
            "The file is still being written. It is read at the next look. Until then its last content counts."
        ),
        "too-large": N_("The file is larger than {expected}. Split it into smaller files."),
        "zip-damaged": N_(
            "The ZIP file is damaged or incomplete ({found}). Make it again. Until then its last content counts."
        ),
        "zip-bomb": N_("The ZIP file unpacks to much more than its own size. Allowed: {expected}."),
        "zip-method": N_(
            "The file in the ZIP is packed in a rare way. Make the ZIP again with Deflate, the usual one."
        ),
        "zip-encrypted": N_("The file in the ZIP is protected by a password. Make the ZIP again without one."),
        "spreadsheet": N_(
            "This is a spreadsheet ({found}), not a CSV file. Open it and choose File, Save as, CSV UTF-8."
        ),
        "damaged": N_(
            "The file is damaged or no text ({found}). Save it again as CSV UTF-8. Until then its last content counts."
        ),
        "encoding": N_("The letters of this file cannot be read. Save it again as CSV UTF-8."),
        "empty-file": N_(
            "The file is empty. Expected: a header and at least one row. Until then its last content counts."
        ),
        "no-rows": N_(
            "The file has a header but no rows. Expected: at least one row. Until then its last content counts."
        ),
        "truncated": N_(
            "The file ends in the middle of a row. Copy or save it again. Until then its last content counts."
        ),
        "unclosed-quote": N_(
            "A quotation mark is opened here and closed too late or never. "
            "Correct it; until then the last content counts."
        ),
        "unknown-header": N_(
            "This is no roster that Kopir knows (found: {found}). Expected: a header such as {expected}."
        ),
        "grade-export": N_("This is a grade export of Moodle. Download the participants list of the course instead."),
        "repeated-column": N_(
            "The column {found} stands twice in the header. Keep one; until then the last content counts."
        ),
        "unknown-column": N_(
            "The column {found} is not known in this format and is skipped. Expected: the columns of {expected}."
        ),
        "lost-letters": N_(
            "Letters were lost and became question marks ({found}). Save the table again as CSV UTF-8 and copy it anew."
        ),
        "formula": N_(
            "The cell starts like a formula ({found}). Expected: plain text; paste the value without the formula."
        ),
        "missing-cell": N_("The cell is empty. Expected: {expected}; fill it in."),
        "bad-email": N_(
            "{found} is no e-mail address. Expected: a form such as aigul@example.kz; the cell is skipped."
        ),
        "bad-discord": N_(
            "{found} is no Discord user name or user id. Expected: a form such as aigul.s; the cell is skipped."
        ),
        "rounded-discord": N_(
            "The Discord id {found} was rounded by a spreadsheet. Format the column as text and enter the id again."
        ),
        "rounded-id": N_(
            "The id {found} was rounded by a spreadsheet. Format the column as text and enter the id again."
        ),
        "bad-date": N_("{found} is no date. Expected: a form such as 2026-09-01 or 01.09.2026."),
        "ambiguous-date": N_("{found} can be read as two different dates. Write it as 2026-09-01 or 01.09.2026."),
        "date-order": N_("The end {found} lies before the start {expected}. Correct one of the two."),
        "bad-flag": N_("{found} is neither yes nor no. Expected: {expected}; the cell is skipped."),
        "bad-url": N_(
            "{found} is no web address. Expected: a form such as https://example.kz/page; the cell is skipped."
        ),
        "unknown-role": N_("The role {found} is not known, so nothing is granted. Expected: one of {expected}."),
        "unknown-status": N_("The status {found} is not known, so the row is not used. Expected: one of {expected}."),
        "unknown-course": N_("No course has the id or title {found}. Add it to the courses or correct the cell."),
        "ambiguous-course": N_("Several courses have the title {found}. Write the course's id instead."),
        "unknown-section": N_("No section or group has the id {found}. Add it to its file or correct the cell."),
        "unknown-person": N_("Nobody in the rosters has the id or e-mail {found}. Add the person or correct the cell."),
        "ambiguous-person": N_(
            "Several people are called {found}, so nobody was guessed. Give them an e-mail or an id."
        ),
        "shared-email": N_("Several people have the e-mail {found}, so nobody was guessed. Use the person's id."),
        "different-names": N_(
            "One person has two names here; the first one counts, the other is {found}. Correct one of the rows."
        ),
        "duplicate-id": N_("The id {found} occurs twice; the first row counts. Give every row an id of its own."),
        "duplicate-row": N_("The row repeats an earlier one and is skipped. Delete it."),
        "no-course-name": N_(
            "The file does not say which course it is for. "
            "Name the file or its folder after the course, as in {expected}."
        ),
        "extra-cells": N_(
            "The row has more cells than the header ({found} instead of {expected}). "
            "Put a cell that holds the separator in quotes."
        ),
        "long-cell": N_("The cell holds more than {expected} letters, so the row is not used. Shorten it."),
        "manifest-mismatch": N_(
            "The manifest says {expected} for this file, but {found} was found. Export the whole set again."
        ),
        "no-manifest": N_(
            "The rows have a status but there is no manifest.csv, so nothing is removed. Export the whole set again."
        ),
        "status-in-bulk": N_(
            "A bulk file should have no status, but {found} was found. The rows are read all the same."
        ),
        "more-problems": N_("More problems of this file that are not listed: {found}. Correct these first."),
    }
)


def problem(code: str, file: str, line: int = 0, column: str = "", found: str = "", expected: str = "") -> Problem:
    """Make a problem; long finds are cut, since a receipt is read by people."""
    short = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
    return Problem(file, line, column, code, TEMPLATES[code], {"found": short, "expected": expected})


class BadCell(Exception):
    """Say why one cell cannot be used; the row reader adds file, line and column."""

    def __init__(self, code: str, found: str = "", expected: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found
        self.expected = expected
        self.column = ""


class BadFile(Exception):
    """Say why a whole file cannot be used: its last good content counts."""

    def __init__(self, code: str, line: int = 0, column: str = "", found: str = "", expected: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column
        self.found = found
        self.expected = expected

    def problem(self, file: str) -> Problem:
        """Return it as a problem of that file."""
        return problem(self.code, file, self.line, self.column, self.found, self.expected)

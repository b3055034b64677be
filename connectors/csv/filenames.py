"""What a file's name tells: the steps of its path, its type, whether it may be a list. Pure; `files` has the disk."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from mimetypes import MimeTypes

_DRIVE = re.compile(r"[A-Za-z]:")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_NEWER = {
    ".7z": "application/x-7z-compressed",
    ".djvu": "image/vnd.djvu",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".heic": "image/heic",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".odp": f"{_OPEN}.presentation",
    ".ods": f"{_OPEN}.spreadsheet",
    ".odt": f"{_OPEN}.text",
    ".ogg": "audio/ogg",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".rar": "application/vnd.rar",
    ".rtf": "application/rtf",
    ".webp": "image/webp",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}
_SPREADSHEETS = frozenset({"application/vnd.ms-excel", _NEWER[".ods"], _NEWER[".xlsm"], _NEWER[".xlsx"]})
_LISTS = frozenset(
    {"", "text/csv", "text/plain", "text/tab-separated-values", "application/octet-stream", "application/zip"}
)


def _table() -> MimeTypes:
    """Return Python's own table and what it lacks; the system's would make types differ between computers."""
    types = MimeTypes()
    for ending, name in _NEWER.items():
        types.add_type(name, ending)
    return types


_TYPES = _table()


def type_of(name: str) -> str:
    """Return the media type that a file's ending stands for, empty for an unknown one."""
    found, packed = _TYPES.guess_type(name.rsplit("/", 1)[-1])
    return f"application/{packed}" if packed else found or ""


def may_be_list(name: str) -> bool:
    """Tell whether a file is worth a look: not a picture or document by its ending. What it is, its header decides."""
    return type_of(name) in _LISTS or is_spreadsheet(name)


def is_spreadsheet(name: str) -> bool:
    """Tell whether a file is a spreadsheet by its ending: if it was meant as a list, it gets advice."""
    return type_of(name) in _SPREADSHEETS


def steps_of(name: str) -> tuple[str, ...]:
    """Split a name into folders and file as a list writes it; nothing for one that leads out of the source's folder."""
    path = name.replace("\\", "/")
    steps = tuple(step for step in path.split("/") if step not in {"", "."})
    return () if path.startswith("/") or _DRIVE.match(path) or ".." in steps else steps


class Names:
    """The names in a folder. Disks and people differ in normal forms and capitals: an exact name comes first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._alike = [(form, _grouped(self._names, form)) for form in (_composed, _folded)]

    def find(self, wanted: str) -> str:
        """Return the one name that is meant; empty when there is none or more than one."""
        if wanted in self._names:
            return wanted
        found = next((same for form, groups in self._alike if (same := groups.get(form(wanted)))), [])
        return found[0] if len(found) == 1 else ""


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return _composed(_composed(name).casefold())


def _grouped(names: Iterable[str], form: Callable[[str], str]) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(form(name), []).append(name)
    return groups

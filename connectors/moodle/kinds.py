"""What a module's type is called with us, and which of its contents are files for students. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from connectors.moodle import prose, shapes
from connectors.text import clean
from sync.records import File, Material

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "assign": "assignment",
        "bigbluebuttonbn": "meeting",
        "book": "book",
        "chat": "chat",
        "choice": "choice",
        "data": "database",
        "feedback": "feedback",
        "folder": "folder",
        "forum": "forum",
        "glossary": "glossary",
        "h5pactivity": "h5p",
        "label": "text",
        "lesson": "lesson",
        "lti": "tool",
        "page": "page",
        "quiz": "quiz",
        "resource": "file",
        "scorm": "scorm",
        "survey": "survey",
        "url": "link",
        "wiki": "wiki",
        "workshop": "workshop",
        "imscp": "page",
    }
)
WITH_FILES = frozenset({"resource", "folder"})


def material_type(found: shapes.Module) -> str:
    """Return our word for a module's type; that of an additional plugin is what the site calls it."""
    return TYPES.get(found.modname) or prose.name(found.modplural) or clean(found.modname)


def module_type(material: Material) -> str:
    """Return Moodle's word for a stored material's type, as it stands in the names of capabilities."""
    return next((theirs for theirs, ours in TYPES.items() if ours == material.type), material.type)


def named_files(found: shapes.Module) -> tuple[File, ...]:
    """Return a module's files, the main one first; pages and books consist of files that nobody downloads."""
    files = [content for content in found.contents if content.type == "file" and content.filename]
    if found.modname not in WITH_FILES:
        return ()
    return tuple(_file(content) for content in sorted(files, key=lambda content: not content.sortorder))


def _file(content: shapes.Content) -> File:
    folder = (content.filepath or "/").strip("/")
    title = clean(f"{folder}/{content.filename}" if folder else content.filename or "")
    changed = content.timemodified or 0
    return File(
        name=title,
        size=content.filesize or 0,
        type=clean(content.mimetype or ""),
        modified=datetime.fromtimestamp(changed, UTC) if 0 < changed < 2**36 else None,
        url=(content.fileurl or "").partition("?")[0].strip(),
    )

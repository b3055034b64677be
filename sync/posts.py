"""Word the messages that stand for materials and modules; every text from a source is escaped."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

from sync.naming import MESSAGE_LIMIT, cut, escape
from sync.phrases import Phrase
from sync.records import File, Material
from sync.resources import IndexEntry
from sync.texts import Texts
from sync.words import MATERIALS

_TITLE_LIMIT = 200
_TYPE_LIMIT = 50
_FILE_LIMIT = 80
_FILES_SHOWN = 5
_LINK_LIMIT = 1000
_UNSAFE_IN_URL = re.compile(r"[\s<>\"\\^`{|}\x00-\x1f]")


def body(material: Material, texts: Texts) -> str:
    """Word a material's post: title, kind and dates, text, files, link. At most 2,000 characters."""
    head = [f"**{escape(cut(material.title, _TITLE_LIMIT))}**", " · ".join(_facts(material, texts))]
    tail = [*_files(material.files, texts), safe_url(material.url)]
    room = MESSAGE_LIMIT - sum(len(part) + 1 for part in head + tail)
    return "\n".join(part for part in [*head, cut_escaped(escape(material.text), room), *tail] if part)


def _facts(material: Material, texts: Texts) -> Iterator[str]:
    """Name the kind and the dates that a student plans with."""
    if material.type:
        yield escape(cut(texts.say(MATERIALS.get(material.type, material.type)), _TYPE_LIMIT))
    if material.opens:
        yield texts.text("opens {when}").format(when=timestamp(material.opens))
    if material.due:
        yield texts.text("due {when}").format(when=timestamp(material.due))


def _files(files: Sequence[File], texts: Texts) -> Iterator[str]:
    """Name the first files; the day of a file's last change tells that it was replaced."""
    for file in files[:_FILES_SHOWN]:
        changed = f" · {timestamp(file.modified, 'd')}" if file.modified else ""
        yield f"📎 {escape(cut(file.name, _FILE_LIMIT))}{changed}"
    if more := len(files) - _FILES_SHOWN if len(files) > _FILES_SHOWN else 0:
        yield texts.say(Phrase("… and {count} more", count=more))


def cut_escaped(text: str, limit: int) -> str:
    """Shorten an escaped text without leaving half an escape behind."""
    short = cut(text, limit)
    return short if short == text else f"{short[:-1].rstrip(chr(92))}{short[-1]}"


def timestamp(moment: datetime, style: str = "f") -> str:
    """Write a moment so that every reader sees it in their own time zone; style `d` is the day alone."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def safe_url(url: str) -> str:
    """Give an http(s) link that cannot break out of its message, or nothing."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return ""
    link = _UNSAFE_IN_URL.sub(lambda match: quote(match[0]), url.strip())
    return link if len(link) <= _LINK_LIMIT else ""


def digest(*parts: str) -> str:
    """Stand for a content: equal contents have equal digests."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def index_digest(title: str, entries: Iterable[IndexEntry], ids: Iterable[str]) -> str:
    """Stand for an index: its lines and the messages they lead to."""
    return digest(title, *(entry.title for entry in entries), *ids)

"""Decide how a material's post looks, alike for every kind: kind, title, dates, text, files, link. Pure.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from babel.units import format_unit

from sync.links import safe_link
from sync.markdown import shorten
from sync.naming import cut, cut_escaped, escape, plain
from sync.phrases import Phrase
from sync.posts import TEXT_LIMIT, fitting
from sync.records import File, Material
from sync.resources import Attachment, Look
from sync.texts import N_, Texts
from sync.words import MATERIALS

TITLE_LIMIT = 256
_TITLE_SHOWN = 200
_TYPE_LIMIT = 50
_TEXT_LIMIT = 1_500  # of 4,096: what a phone shows without endless scrolling
_FILE_LIMIT = 80
_FILES_NAMED = 10
_MEGABYTE = 1024 * 1024
FILES_PER_MESSAGE = 10
REQUEST_LIMIT = 24 * _MEGABYTE  # bytes of all files of one message: a request may have 25, with its words
GONE = N_("no longer part of the course")
MOVED = N_("moved to: {module}")
READ_ON = N_("read on")


@dataclass(frozen=True, slots=True)
class Style:
    """What marks a kind of material at a glance."""

    sign: str
    colour: int


_BLUE, _GREEN, _ORANGE, _PURPLE, _RED, _GREY = 0x3498DB, 0x2ECC71, 0xE67E22, 0x9B59B6, 0xE74C3C, 0x95A5A6
_OTHER = Style("📌", _GREY)
_STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "assignment": Style("📝", _ORANGE),
        "book": Style("📚", _BLUE),
        "chat": Style("💬", _GREEN),
        "choice": Style("🗳️", _GREEN),
        "database": Style("🗃️", _PURPLE),
        "feedback": Style("📋", _GREEN),
        "file": Style("📄", _BLUE),
        "folder": Style("📁", _BLUE),
        "forum": Style("💭", _GREEN),
        "glossary": Style("🔤", _PURPLE),
        "h5p": Style("🧩", _PURPLE),
        "lesson": Style("🎓", _BLUE),
        "link": Style("🔗", _BLUE),
        "meeting": Style("🎦", _RED),
        "page": Style("📃", _BLUE),
        "quiz": Style("❓", _ORANGE),
        "scorm": Style("📦", _PURPLE),
        "survey": Style("📊", _GREEN),
        "text": Style("ℹ️", _GREY),
        "tool": Style("🧰", _PURPLE),
        "video": Style("▶️", _RED),
        "wiki": Style("📖", _PURPLE),
        "workshop": Style("🛠️", _ORANGE),
    }
)


def sign(kind: str) -> str:
    """Return the picture that stands for a kind of material."""
    return _STYLES.get(kind, _OTHER).sign


def kind_name(kind: str, texts: Texts) -> str:
    """Say a kind of material with a capital letter; one of the source's own is said as it is."""
    name = cut(texts.say(MATERIALS.get(kind) or plain(kind) or Phrase("Material")), _TYPE_LIMIT)
    return name[:1].upper() + name[1:]


def attachments(material: Material, largest: int, texts: Texts) -> tuple[Attachment, ...]:
    """Choose the files that are attached: of a known size up to `largest` bytes, as many as one message takes."""
    source = material.course.partition(":")[0]
    chosen: list[File] = []
    for file in material.files:
        fits = sum(other.size for other in chosen) + file.size <= REQUEST_LIMIT
        if 0 < file.size <= largest and fits and len(chosen) < FILES_PER_MESSAGE:
            chosen.append(file)
    return tuple(Attachment(source, file, file_line(file, material.url, texts)) for file in chosen)


def look(material: Material, attached: Sequence[Attachment], texts: Texts) -> Look:
    """Give a material's look. What is attached shows itself, and is not named in the text."""
    url = safe_link(material.url)
    above = "\n".join(_lines(material, url, texts))
    named = _others(material, attached, TEXT_LIMIT - len(above) - 1, texts)
    is_label = material.type == "text" and bool(material.text)
    style = _STYLES.get(material.type, _OTHER)
    return Look(
        head=f"{style.sign} {kind_name(material.type, texts)}",
        title="" if is_label else title(material.title),
        text="\n".join(part for part in (above, named) if part),
        url=url,
        colour=style.colour,
    )


def title(text: str) -> str:
    """Escape a title and fit it into an embed."""
    return cut_escaped(escape(cut(text, _TITLE_SHOWN)), TITLE_LIMIT)


def retired(name: str, texts: Texts, module: str = "") -> Look:
    """Give the look of what is no longer there: the title struck out, and where it went if it only moved."""
    where = Phrase(MOVED, module=title(module)) if module else Phrase(GONE)
    return Look(title=f"~~{title(name)}~~"[:TITLE_LIMIT] if name else "", text=f"-# {texts.say(where)}", colour=_GREY)


def timestamp(moment: datetime, style: str = "f") -> str:
    """Write a moment so that every reader sees it in their own time zone; style `d` is the day alone."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def file_line(file: File, page: str, texts: Texts) -> str:
    """Name a file that is not attached, with its size, and lead to the page that has it."""
    name = escape(cut(file.name.rpartition("/")[2], _FILE_LIMIT))
    link = safe_link(page)
    size = f" ({_size(file.size, texts)})" if file.size else ""
    changed = f" · {timestamp(file.modified, 'd')}" if file.modified else ""
    return f"📎 {f'[{name}]({link})' if link else name}{size}{changed}"


def _size(size: int, texts: Texts) -> str:
    unit, amount = ("megabyte", size / _MEGABYTE) if size >= _MEGABYTE else ("kilobyte", max(1, round(size / 1024)))
    return format_unit(round(amount, 1), f"digital-{unit}", length="short", locale=texts.language)


def _lines(material: Material, url: str, texts: Texts) -> Iterator[str]:
    if material.opens:
        yield "🔓 " + texts.text("opens {when}").format(when=timestamp(material.opens))
    if material.due:
        due = f"**{timestamp(material.due)}** · {timestamp(material.due, 'R')}"
        yield "⏰ " + texts.text("due {when}").format(when=due)
    yield from _prose(material.text, url, texts)
    if material.type in {"link", "video"} and url:
        yield f"🔗 {escape(urlsplit(url).hostname or '')}"


def _others(material: Material, attached: Sequence[Attachment], room: int, texts: Texts) -> str:
    """Name the files that are not attached, as far as there is room."""
    held = {one.file for one in attached}
    lines = [file_line(file, material.url, texts) for file in material.files if file not in held]
    return fitting(lines, room, texts, _FILES_NAMED)


def _prose(text: str, url: str, texts: Texts) -> Iterator[str]:
    short = shorten(text, _TEXT_LIMIT)
    if short:
        yield short
    if short != text and url:
        yield f"[{texts.text(READ_ON)}]({url})"

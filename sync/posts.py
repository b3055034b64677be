"""Stand for the contents of our messages by digests, and word the lists among them. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sync.ledger import Binding
from sync.links import safe_link
from sync.markdown import words
from sync.naming import cut, cut_escaped, escape
from sync.phrases import Phrase
from sync.records import Material
from sync.resources import Attachment, Entry, Look
from sync.texts import Texts

TEXT_LIMIT = 4096  # https://discord.com/developers/docs/resources/message#embed-object-embed-limits
_LINK = len("[](https://discord.com/channels///)\n") + 3 * 20  # characters of a line around its own; ids have up to 20
_ENTRY_LIMIT = 60
PLACES = frozenset({"channel", "thread"})


def digest(*parts: str) -> str:
    """Stand for a content: equal contents have equal digests."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def look_digest(look: Look) -> str:
    """Stand for what is read of a message; the same for what Discord gives back."""
    return digest(look.head.strip(), look.title.strip(), look.text.strip(), look.url)


def post_digest(look: Look, files: Sequence[Attachment]) -> str:
    """Stand for a post: its look, and behind a dot its files, if there are any."""
    held = [digest(*(file.identity for file in files))] if files else []
    return ".".join([look_digest(look), *held])


def news_digest(material: Material) -> str:
    """Stand for what matters to students about a material: its words, dates, link and files, not how it looks."""
    files = [Attachment("", file, "").identity for file in material.files]
    moments = [str(moment.timestamp()) if moment else "" for moment in (material.opens, material.due)]
    return digest(words(material.title), words(material.text), safe_link(material.url), *moments, *files)


def entry_text(title: str) -> str:
    """Fit a title into one line of a list, escaped."""
    return cut_escaped(escape(cut(title, _ENTRY_LIMIT)), 2 * _ENTRY_LIMIT)


def index_digest(look: Look, entries: Iterable[Entry], ids: Iterable[str]) -> str:
    """Stand for a list: its lines and what they lead to."""
    return digest(look.title, look.text, *(f"{e.before}{e.text}{e.behind}" for e in entries), *ids)


def target_id(key: str, bindings: Mapping[str, Binding]) -> str:
    """Return the id that a line leads to, or an empty text while there is none."""
    return (bindings[key].discord_id or "") if key in bindings else ""


def listing(entries: Sequence[Entry], bindings: Mapping[str, Binding], guild: str, texts: Texts) -> str:
    """Word the lines of a list, as many as an embed takes, and say how many more there are."""
    return fitting([_line(entry, bindings, guild) for entry in entries], TEXT_LIMIT, texts)


def pages(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Split the lines of a list so that each part fits into one message, about twenty to each; there is always one."""
    found: list[list[Entry]] = [[]]
    room = TEXT_LIMIT
    for entry in entries:
        size = len(entry.before) + len(entry.text) + len(entry.behind) + _LINK
        if size > room:
            found.append([])
            room = TEXT_LIMIT
        found[-1].append(entry)
        room -= size
    return found


def fitting(lines: Sequence[str], room: int, texts: Texts, most: int | None = None) -> str:
    """Join as many lines as fit into some room, `most` at best, and say how many more there are."""
    for shown in range(len(lines[:most]), -1, -1):
        more = len(lines) - shown
        rest = [texts.say(Phrase("… and {count} more", count=more))] if more else []
        if len(text := "\n".join([*lines[:shown], *rest])) <= room:
            return text
    return ""


def _line(entry: Entry, bindings: Mapping[str, Binding], guild: str) -> str:
    link = _link(bindings.get(entry.target), guild)
    return f"{entry.before}{f'[{entry.text}]({link})' if link else entry.text}{entry.behind}"


def _link(target: Binding | None, guild: str) -> str:
    if target is None or not target.discord_id:
        return ""
    parts = [target.discord_id] if target.kind in PLACES else [target.parent_id or "", target.discord_id]
    return "/".join(["https://discord.com/channels", guild, *parts])

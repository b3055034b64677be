"""Word looks as Discord's embeds, and give new messages their nonce; the handlers of messages share it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.shapes import Head, Message
from sync.ledger import Binding
from sync.posts import TEXT_LIMIT
from sync.resources import Look

NO_PINGS: Mapping[str, Any] = {"allowed_mentions": {"parse": []}}


def embed(look: Look, more: str = "") -> dict[str, Any]:
    """Word a look, with further lines below its text; without a title the head leads to the source."""
    head = {"name": look.head} | ({"url": look.url} if look.url and not look.title else {})
    parts: dict[str, Any] = {
        "author": head if look.head else None,
        "title": look.title,
        "url": look.url if look.title else "",
        "description": "\n".join(part for part in (look.text, more) if part)[:TEXT_LIMIT],
        "color": look.colour,
    }
    return {name: value for name, value in parts.items() if value}


def look_of(message: Message) -> Look:
    """Read the look of a message of ours; empty where it has none."""
    if not message.embeds:
        return Look()
    first = message.embeds[0]
    head = first.author or Head()
    url = first.url or head.url or ""
    return Look(head.name or "", first.title or "", first.description or "", url, first.color or 0)


def nonce(key: str, channel_id: str, bindings: Mapping[str, Binding]) -> dict[str, Any]:
    """Give the keys that make Discord answer with the first message when one is sent again."""
    intent = bindings.get(key)
    moment = intent.at.isoformat() if intent else ""
    return {
        "nonce": hashlib.sha256(f"{key} {channel_id} {moment}".encode()).hexdigest()[:25],
        "enforce_nonce": True,
    }

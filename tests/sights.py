"""What one person sees of a server, free of ids and of what only time decides, so that two servers can be compared.

Left out on purpose: the order of messages and pins (Discord's, by time), struck-out posts, notices, archived threads.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ID = re.compile(r"\d{15,}")
Json = Mapping[str, Any]


def sight(shown: Json) -> dict[str, Any]:
    """Compare-ready form of the sandbox's `visible` answer."""
    places = [*shown["channels"], *(t for t in shown["threads"] if not t["thread_metadata"]["archived"])]
    names = dict(_names(places, str(shown["channels"][0]["guild_id"])))
    live = {message["id"] for place in places for message in place["messages"] if _is_lasting(message)}
    started = {
        place["id"] for place in places if place["type"] != 11 or place["id"] in live or place.get("applied_tags")
    }
    order = [names[channel["id"]] for channel in sorted(shown["channels"], key=lambda c: (c["position"], c["id"]))]
    seen = {}
    for place in places:
        if place["type"] != 11 or place["id"] in started or _is_forum_post(place, shown):
            seen[names[place["id"]]] = {
                "parent": names.get(str(place["parent_id"])),
                "topic": place.get("topic"),
                "tags": sorted(_tags(place, shown)),
                "messages": sorted(_messages(place, names)),
            }
    return {"order": order, "places": seen}


def _is_lasting(message: Json) -> bool:
    """Tell posts and lists from notices, struck-out posts and what Discord says itself."""
    text = "".join(f"{e.get('title', '')}{e.get('description', '')}" for e in message["embeds"])
    return message["type"] == 0 and not message["content"].startswith("<@&") and not text.startswith(("~~", "-# "))


def _names(places: list[Any], guild: str) -> Iterator[tuple[str, str]]:
    yield guild, "the server"
    for place in places:
        yield place["id"], f"#{place['name']}"
        for message in place["messages"]:
            embed: Json = next(iter(message["embeds"]), {})
            label = embed.get("title") or str(embed.get("description", ""))[:40] or message["content"]
            if message["id"] != place["id"]:
                yield message["id"], f"“{label}”"


def _messages(place: Json, names: Mapping[str, str]) -> Iterator[str]:
    for message in place["messages"]:
        if _is_lasting(message):
            files = sorted((file["filename"], file["size"]) for file in message["attachments"])
            parts = [_parts(embed) for embed in message["embeds"]]
            told = f"{message['content']} {parts} {files} {'pinned' if message['pinned'] else ''}"
            yield _ID.sub(lambda found: names.get(found[0], found[0]), told)


def _parts(embed: Json) -> tuple[object, ...]:
    head = embed.get("author") or {}
    return (
        head.get("name"),
        head.get("url"),
        embed.get("title"),
        embed.get("url"),
        embed.get("description"),
        embed.get("color"),
    )


def _is_forum_post(place: Json, shown: Json) -> bool:
    return any(channel["id"] == place["parent_id"] and channel["type"] == 15 for channel in shown["channels"])


def _tags(place: Json, shown: Json) -> list[str]:
    offered = {tag["id"]: tag["name"] for channel in shown["channels"] for tag in channel.get("available_tags") or ()}
    return [offered[tag] for tag in place.get("applied_tags") or () if tag in offered] + [
        tag["name"] for tag in place.get("available_tags") or ()
    ]

"""Decide what is told to whom: each material once students can first see it, and again when what matters changed. Pure.

What people know lives with the place where they were told: a course's category, a group's channel. What stood there
when the place was made needs no telling, so the first sync is silent.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync import keys, looks, posts
from sync.ledger import Binding
from sync.records import Material
from sync.resources import Entry, Look, Notice
from sync.settings_posts import PostSettings
from sync.texts import N_, Texts

NEWS = N_("News: {course}")
NEW_SIGN, CHANGED_SIGN = "🆕", "✏️"
COLOUR = 0x5865F2
Told = Mapping[str, str]  # Key of a post → digest of what people know of it
# In the memory of a place that is older than notices: what was posted there then is known, whatever it said.
ALL_BEFORE = "*"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of some materials: the place whose memory counts, the channel to write in, the role to call."""

    place: str
    channel: str
    role: str
    title: str


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What decides a school's notices. `told` is what people know, by place; `fresh` are posts this very run writes."""

    settings: PostSettings
    zone: ZoneInfo
    texts: Texts
    bindings: Mapping[str, Binding]
    told: Mapping[str, Told]
    fresh: frozenset[str]
    now: datetime


def known(bindings: Mapping[str, Binding]) -> Mapping[str, Told]:
    """Gather what people were told, by the Key of the place: when it was made, and by each notice since."""
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    remembering = [
        b for b in bindings.values() if b.discord_id and b.memo and b.kind in {"category", "channel", "notice"}
    ]
    for binding in sorted(remembering, key=lambda b: (b.kind == "notice", b.at)):
        told[binding.key.rpartition("/notice/")[0] if binding.kind == "notice" else binding.key] |= binding.memo
    return told


def folded(bindings: Mapping[str, Binding], notice: str, memo: Told) -> tuple[Told, tuple[str, ...]]:
    """Add to what a notice told what those before it in its place did; return that, and the Keys no longer needed."""
    place = notice.rpartition("/notice/")[0]
    there = [
        b for b in bindings.values() if b.kind == "notice" and b.discord_id and b.key.startswith(f"{place}/notice/")
    ]
    told: dict[str, str] = {}
    for binding in sorted(there, key=lambda b: b.at):
        told |= binding.memo
    return told | dict(memo), tuple(binding.key for binding in there if binding.key != notice)


def notices(audience: Audience, materials: Mapping[str, Material], newsroom: Newsroom) -> Iterator[Notice]:
    """Give the notice of what one audience does not know yet, if there is anything and now is the time.

    `materials` are those that the audience may see, by the Key of their post.
    """
    place = newsroom.bindings.get(audience.place)
    if place is None or not place.discord_id or not audience.channel or not _may_tell(newsroom):
        return
    told = newsroom.told.get(audience.place, {})
    current = {key: posts.news_digest(material) for key, material in materials.items()}
    before = {key: current[key] for key in current if ALL_BEFORE in told and key not in told and _stands(key, newsroom)}
    unknown = {key: digest for key, digest in current.items() if told.get(key) != digest and key not in before}
    news = {key: digest for key, digest in unknown.items() if _ripe(key, newsroom)}
    if news:
        digest = posts.digest(*(f"{key} {news[key]}" for key in sorted(news)))
        entries = tuple(_entry(key, materials[key], known=key in told) for key in news)
        name = newsroom.texts.text(NEWS).format(course=audience.title)
        look = Look(title=looks.title(name), colour=COLOUR)
        key = keys.notice(audience.place, digest)
        yield Notice(key, audience.channel, audience.role, digest, name, look, entries, before | news)


def next_notice(settings: PostSettings, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when notices that wait may go out: the end of the quiet hours, or the time of the day's digest."""
    if settings.notices == "off":
        return None
    clocks = ([settings.digest_at] if settings.notices == "digest" else []) + [*(settings.quiet or ())][1:]
    return min((_next(clock, zone, now) for clock in clocks), default=None)


def _entry(key: str, material: Material, *, known: bool) -> Entry:
    due = f" · {looks.timestamp(material.due, 'd')}" if material.due else ""
    before = f"{CHANGED_SIGN if known else NEW_SIGN} {looks.sign(material.type)} "
    return Entry(key, posts.entry_text(material.title), before, due)


def _may_tell(newsroom: Newsroom) -> bool:
    if newsroom.settings.notices == "off" or newsroom.settings.quiet is None:
        return newsroom.settings.notices != "off"
    start, end = newsroom.settings.quiet
    clock = newsroom.now.astimezone(newsroom.zone).time()
    return not (start <= clock < end if start < end else clock >= start or clock < end)


def _ripe(key: str, newsroom: Newsroom) -> bool:
    """Tell whether a post may be told of: with `digest` only what stood there at the last time of the digest."""
    if newsroom.settings.notices != "digest":
        return True
    last = _next(newsroom.settings.digest_at, newsroom.zone, newsroom.now - timedelta(days=1))
    return key not in newsroom.fresh and _stands(key, newsroom) and newsroom.bindings[key].at <= last


def _stands(key: str, newsroom: Newsroom) -> bool:
    return key in newsroom.bindings and bool(newsroom.bindings[key].discord_id)


def _next(clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first moment after `now` at which a clock in the zone shows a time."""
    today = now.astimezone(zone)
    moment = datetime.combine(today.date(), clock, zone)
    return moment if moment > today else datetime.combine(today.date() + timedelta(days=1), clock, zone)

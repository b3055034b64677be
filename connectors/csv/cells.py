"""Read single cells: names, e-mails, Discord users, dates, flags. Pure; raises BadCell. Dialects call it row by row."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.accounts import NoAccount, discord_account
from connectors.csv.problems import BadCell

_LOST = re.compile(r"\?(?=\w)|(?<=[\"«“'(])\?|\ufffd")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?e\+\d+", re.IGNORECASE)
_CLOCK = r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})" + _CLOCK, re.IGNORECASE)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s*[гж]\.?)?,?" + _CLOCK, re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})" + _CLOCK, re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20000, 80000)
_REPEATED = 8192
_SURE_MOJIBAKE = 6
_TRUE = frozenset({"1", "true", "yes", "иә", "ия", "да"})
_FALSE = frozenset({"0", "false", "no", "жоқ", "нет", ""})


class Moment(NamedTuple):
    """A date as a cell states it: the instant in UTC it starts, and whether the cell named a time of day."""

    at: datetime
    timed: bool


@lru_cache(_REPEATED)
def fold(text: str) -> str:
    """Return the form in which titles and names are compared."""
    return unicodedata.normalize("NFC", text.casefold())


def lost_letters(text: str) -> bool:
    """Tell whether letters of a title became question marks on the way (windows-1251 has no Ә Ғ Қ Ң Ө Ұ Ү Һ)."""
    return bool(_LOST.search(text))


def _mojibake(text: str) -> bool:
    if text.isascii() or len(text) < _SURE_MOJIBAKE:
        return False
    try:
        decoded = text.encode("cp1251").decode("utf-8")
    except UnicodeError:
        return False
    return len(decoded) < len(text)


@lru_cache(_REPEATED)
def name(text: str) -> str:
    """Check the name of a person."""
    if "?" in text or "\ufffd" in text or _mojibake(text):
        raise BadCell("lost-letters", text)
    if text[:1] in {"=", "+", "-", "@"}:
        raise BadCell("formula", text)
    if not any(character.isalpha() for character in text):
        raise BadCell("missing-cell", text, "a name")
    return text


@lru_cache(_REPEATED)
def title(text: str) -> str:
    """Check the title of a course, module, material or group."""
    if lost_letters(text) or _mojibake(text):
        raise BadCell("lost-letters", text)
    if text[:1] in {"=", "@"}:
        raise BadCell("formula", text)
    return text


@lru_cache(_REPEATED)
def identifier(text: str) -> str:
    """Check a source's own id: it must not be a formula, a rounded number or have lost letters."""
    if _ROUNDED_ID.fullmatch(text):
        raise BadCell("rounded-id", text)
    if lost_letters(text):
        raise BadCell("lost-letters", text)
    if text[:1] in {"=", "@"}:
        raise BadCell("formula", text)
    return text


def email(text: str) -> str:
    """Check an e-mail address and return it in lower case."""
    address = text.removeprefix("mailto:").strip("<>").casefold()
    if not _EMAIL.fullmatch(address):
        raise BadCell("bad-email", text)
    return address


def discord(text: str) -> str:
    """Check a Discord user name or id. Ids that a spreadsheet rounded to 15 digits are refused."""
    try:
        return discord_account(text)
    except NoAccount as error:
        raise BadCell("rounded-discord" if error.rounded else "bad-discord", text) from error


def url(text: str) -> str:
    """Check a web address."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text, re.IGNORECASE):
        raise BadCell("bad-url", text)
    return text


def flag(text: str) -> bool:
    """Read yes or no."""
    folded = text.casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise BadCell("bad-flag", text, "true, false, 1, 0")


def moment(text: str, zone: ZoneInfo, *, month_first: bool = False) -> Moment:
    """Read a date with or without a time of day, in the school's zone unless the cell names an offset."""
    try:
        return _moment(text, zone, month_first)
    except (ValueError, OverflowError) as error:
        raise BadCell("bad-date", text) from error


@lru_cache(_REPEATED)
def start(text: str, zone: ZoneInfo, *, month_first: bool = False) -> datetime:
    """Read when something starts; a date alone is its first instant."""
    return moment(text, zone, month_first=month_first).at


@lru_cache(_REPEATED)
def end(text: str, zone: ZoneInfo, *, month_first: bool = False) -> datetime:
    """Read the first instant at which something no longer holds; a date alone holds to the end of its day."""
    found = moment(text, zone, month_first=month_first)
    if found.timed:
        return found.at
    local = found.at.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=1), time(), zone).astimezone(UTC)


@lru_cache(_REPEATED)
def due(text: str, zone: ZoneInfo) -> datetime:
    """Read a due date; a date alone means 23:59 of that day."""
    found = moment(text, zone)
    if found.timed:
        return found.at
    return datetime.combine(found.at.astimezone(zone).date(), time(23, 59), zone).astimezone(UTC)


def _moment(text: str, zone: ZoneInfo, month_first: bool) -> Moment:
    if match := _ISO.fullmatch(text):
        return _at(date(int(match[1]), int(match[2]), int(match[3])), match.groups()[3:], zone)
    if match := _DOTTED.fullmatch(text):
        return _at(date(int(match[3]), int(match[2]), int(match[1])), match.groups()[3:], zone)
    if match := _SLASHED.fullmatch(text):
        return _at(_slashed(text, int(match[1]), int(match[2]), int(match[3]), month_first), match.groups()[3:], zone)
    if _SERIAL.fullmatch(text) and int(text[:5]) in _SERIALS:
        return _serial(float(text.replace(",", ".")), zone)
    raise BadCell("bad-date", text)


def _slashed(text: str, first: int, second: int, year: int, month_first: bool) -> date:
    if month_first:
        return date(year, first, second)
    if first <= 12 and second <= 12 and first != second:
        raise BadCell("ambiguous-date", text)
    return date(year, first, second) if second > 12 else date(year, second, first)


def _at(day: date, clock: tuple[str | None, ...], zone: ZoneInfo) -> Moment:
    hour, minute, second, offset = clock
    if hour is None:
        return Moment(datetime.combine(day, time(), zone).astimezone(UTC), timed=False)
    of_day = time(int(hour), int(minute or 0), int(second or 0))
    if not offset:
        return Moment(datetime.combine(day, of_day, zone).astimezone(UTC), timed=True)
    sign = offset.upper().replace("Z", "+00:00")
    aware = datetime.fromisoformat(f"{day.isoformat()}T{of_day.isoformat()}{sign}")
    return Moment(aware.astimezone(UTC), timed=True)


def _serial(number: float, zone: ZoneInfo) -> Moment:
    day = _EPOCH + timedelta(days=int(number))
    minutes = round((number % 1) * 1440)
    if not minutes:
        return _at(day, (None, None, None, None), zone)
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    return Moment(local.astimezone(UTC), timed=True)

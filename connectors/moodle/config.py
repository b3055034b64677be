"""Read the settings of one Moodle source, with every mistake at once; the registry in `connectors` calls it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.moodle.people import ROLES
from connectors.moodle.selection import Selection
from sync.errors import SettingsProblem
from sync.loopback import is_loopback
from sync.phrases import Phrase
from sync.records import CourseRole
from sync.settings import SourceSettings
from sync.settings_fields import Fields
from sync.settings_secrets import IN_THE_OPEN
from sync.texts import N_

OPTIONS = (
    *("url", "token", "allow_http", "categories", "courses", "shortnames", "course_field", "hidden", "future", "ended"),
    *("roles", "discord_field", "restricted_sections", "people_every", "contents_every", "parallel"),
)
ADDRESS = N_("the address of the site, such as https://moodle.example.kz")
PLAIN_HTTP = N_("url = {value}: without https the token can be read on the way; use https, or write allow_http = yes")
NUMBERS = N_("{key} = {value}: write numbers with commas between them, such as 3, 12")
ROLE_PAIRS = N_("roles = {value}: write pairs such as tutor=teacher, with one of {allowed}")


@dataclass(frozen=True, slots=True)
class MoodleConfig:
    """The options of a Moodle source; the periods are in seconds. The token is left out of what can be printed."""

    url: str
    token: str = field(repr=False)
    selection: Selection
    roles: Mapping[str, CourseRole]
    discord_field: str
    open_sections: bool
    people_every: float
    contents_every: float
    parallel: int


def read_config(settings: SourceSettings) -> tuple[MoodleConfig, tuple[SettingsProblem, ...]]:
    """Return the options and everything that is wrong with them."""
    found: list[SettingsProblem] = []
    lines = {**settings.lines, "": settings.line}
    fields = Fields(f"source:{settings.school}/{settings.name}", settings.options, lines, {}, found)
    fields.refuse_unknown(set(OPTIONS))
    config = MoodleConfig(
        url=_url(fields),
        token=fields.required("token"),
        selection=_selection(fields),
        roles=_roles(fields),
        discord_field=fields.text("discord_field", "discord"),
        open_sections=fields.choice("restricted_sections", ("hidden", "open"), "hidden") == "open",
        people_every=fields.period("people_every", "6h"),
        contents_every=fields.period("contents_every", "6h"),
        parallel=fields.number("parallel", 2, 1, 8),
    )
    if "token" in settings.exposed and not is_loopback(config.url):
        fields.complain("token", Phrase(IN_THE_OPEN, key="token"))
    return config, tuple(sorted(found, key=lambda problem: problem.line))


def _url(fields: Fields) -> str:
    url = fields.required("url").rstrip("/")
    plain = fields.flag("allow_http", default=False)
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or "@" in parts.netloc):
        fields.complain(
            "url", Phrase("{key} = {value}: write {expected}", key="url", value=url, expected=Phrase(ADDRESS))
        )
    elif parts.scheme == "http" and not plain and not is_loopback(url):
        fields.complain("url", Phrase(PLAIN_HTTP, value=url))
    return url


def _selection(fields: Fields) -> Selection:
    name, equals, value = fields.text("course_field", "").partition("=")
    return Selection(
        categories=_numbers(fields, "categories"),
        courses=_numbers(fields, "courses"),
        shortnames=tuple(_listed(fields, "shortnames")),
        field=name.strip(),
        value=value.strip() if equals else None,
        hidden=fields.flag("hidden", default=True),
        future=fields.flag("future", default=True),
        ended=fields.flag("ended", default=False),
    )


def _listed(fields: Fields, key: str) -> list[str]:
    return [part.strip() for part in fields.text(key, "").split(",") if part.strip()]


def _numbers(fields: Fields, key: str) -> frozenset[int]:
    parts = _listed(fields, key)
    if not all(part.isdecimal() for part in parts):
        fields.complain(key, Phrase(NUMBERS, key=key, value=fields.text(key, "")))
    return frozenset(int(part) for part in parts if part.isdecimal())


def _roles(fields: Fields) -> Mapping[str, CourseRole]:
    chosen = dict(ROLES)
    for part in _listed(fields, "roles"):
        theirs, _, ours = (word.strip() for word in part.partition("="))
        if not theirs or ours not in {*CourseRole}:
            fields.complain("roles", Phrase(ROLE_PAIRS, value=part, allowed=", ".join(CourseRole)))
        else:
            chosen[theirs] = CourseRole(ours)
    return chosen

"""Read `settings.ini` into values, every mistake at once with its line; connectors check their own options."""

import configparser
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from sync import settings_archive, settings_by_hand, settings_posts, settings_privacy, settings_return, settings_secrets
from sync.errors import SettingsInvalid, SettingsProblem
from sync.loopback import is_loopback
from sync.phrases import Phrase
from sync.settings import (
    DEFAULT_API,
    GROUPS,
    LAYOUTS,
    Cron,
    Discord,
    Every,
    Limits,
    SchoolSettings,
    Settings,
    SourceSettings,
)
from sync.settings_fields import Fields, section_lines
from sync.settings_secrets import IN_THE_OPEN, Secrets, has_password
from sync.texts import LANGUAGES

SECRETS = frozenset({"token"})  # options of sources that nobody else may read
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile(r"^language\s*[=:]\s*(\w+)\s*$", re.MULTILINE)

SourceCheck = Callable[[SourceSettings, Path], tuple[SettingsProblem, ...]]


def load(path: Path, environ: Mapping[str, str], check_source: SourceCheck) -> Settings:
    """Read a settings file. Raise SettingsInvalid with all problems, in the order of lines."""
    text = _read(path)
    parser = configparser.ConfigParser(interpolation=None, strict=False, default_section="")
    lines, problems = section_lines(text)
    try:
        parser.read_string(text, str(path))
    except configparser.ParsingError as error:
        problems += _syntax_problems(error)
    return _Reading(path, parser, lines, environ, check_source, problems).settings()


def language(path: Path) -> str:
    """Return the language that a settings file names first, whatever else is wrong with it, or nothing."""
    try:
        found = _LANGUAGE.search(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found and found[1] in LANGUAGES else ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        advice = Phrase("there is no settings file here; name one with --settings or KOPIR_SETTINGS")
        raise SettingsInvalid(str(path), (SettingsProblem(0, advice),)) from error
    except (OSError, UnicodeDecodeError) as error:
        advice = Phrase("the settings file cannot be read; save it as UTF-8 text")
        raise SettingsInvalid(str(path), (SettingsProblem(0, advice),)) from error


def _syntax_problems(error: configparser.ParsingError) -> list[SettingsProblem]:
    """Name the lines that cannot be read; before the first section there is only one, and it ends the reading."""
    lines = [line for line, _ in getattr(error, "errors", ())] or [getattr(error, "lineno", 0)]
    advice = Phrase("this line is neither a [section] nor a `key = value` in one")
    return [SettingsProblem(line, advice) for line in lines]


class _Reading:
    """The state of one reading: sections still to read and the problems found so far."""

    def __init__(
        self,
        path: Path,
        parser: configparser.ConfigParser,
        lines: Mapping[str, Mapping[str, int]],
        environ: Mapping[str, str],
        check_source: SourceCheck,
        problems: list[SettingsProblem],
    ) -> None:
        self._path = path
        self._parser = parser
        self._lines = lines
        self._environ = environ
        self._check_source = check_source
        self._problems = problems
        self._secrets = Secrets(path)

    def settings(self) -> Settings:
        kopir = self._fields("kopir", {"database", "language"} | settings_secrets.KEYS | settings_privacy.LOG_KEYS)
        language = kopir.choice("language", LANGUAGES, "en")
        database = self._database(kopir)
        seal = self._secrets.seal(kopir)
        discord = self._discord()
        schools = tuple(self._school(name, language) for name in self._named("school"))
        self._strangers({school.id for school in schools})
        if self._problems:
            raise SettingsInvalid(str(self._path), tuple(sorted(self._problems, key=lambda p: p.line)))
        return Settings(
            self._path,
            database,
            language,
            discord,
            schools,
            seal,
            settings_privacy.read_log(kopir, self._path.parent),
        )

    def _discord(self) -> Discord:
        fields = self._fields("discord", {"token", "api_url"})
        address = fields.text("api_url", DEFAULT_API).rstrip("/")
        exposed = self._secrets.exposed(fields, "token") and not is_loopback(address)
        line = self._lines["discord"]["token"] if exposed else 0
        problem = SettingsProblem(line, Phrase(IN_THE_OPEN, key="token")) if exposed else None
        return Discord(self._secrets.read(fields, "token"), address, problem)

    def _school(self, section: str, language: str) -> SchoolSettings:
        keys = {"name", "guild", "timezone", "language", "layout", "groups", "voice", "template"}
        keys |= {"removal_limit", "removal_floor", "removal_posts"} | settings_posts.KEYS
        keys |= settings_by_hand.KEYS | settings_archive.KEYS | settings_privacy.KEYS | settings_return.KEYS
        fields = self._fields(section, keys)
        school = section.partition(":")[2]
        if not _ID.fullmatch(school):
            fields.complain("", Phrase("[{section}]: a school's id is made of a-z, 0-9, - and _", section=section))
        template = fields.text("template", "")
        return SchoolSettings(
            id=school,
            name=fields.text("name", school),
            guild=fields.matching(
                "guild", r"\d{1,20}", Phrase("the server's number: right-click it in Discord, Copy Server ID")
            ),
            timezone=fields.zone("timezone", "Asia/Almaty"),
            language=fields.choice("language", LANGUAGES, language),
            layout=fields.choice("layout", LAYOUTS, "auto"),
            groups=fields.choice("groups", GROUPS, "channels"),
            voice=fields.flag("voice", default=True),
            template=self._beside(template) if template else None,
            limits=Limits(
                fields.number("removal_limit", 20, 1, 100),
                fields.number("removal_floor", 10, 0, 1_000_000),
                fields.number("removal_posts", 25, 0, 1_000_000),
            ),
            posts=settings_posts.read(fields),
            by_hand=settings_by_hand.read(fields),
            keeping=settings_privacy.read(fields),
            sources=tuple(self._source(name, school) for name in self._named(f"source:{school}/", sep="")),
            archive=settings_archive.read(fields),
            returning=settings_return.read(fields),
        )

    def _source(self, section: str, school: str) -> SourceSettings:
        fields = self._fields(section, None)
        name = section.partition("/")[2]
        if not _ID.fullmatch(name):
            fields.complain("", Phrase("[{section}]: a source's name is made of a-z, 0-9, - and _", section=section))
        own = {"type", "every", "cron"}
        source = SourceSettings(
            school,
            name,
            fields.required("type"),
            Cron(fields.cron("cron")) if fields.has("cron") else Every(fields.period("every", "5m")),
            {key: self._option(fields, key) for key in fields.names() if key not in own},
            self._lines[section],
            self._lines[section][""],
            frozenset(key for key in SECRETS if self._secrets.exposed(fields, key)),
        )
        if fields.has("cron") and fields.has("every"):
            fields.complain("cron", Phrase("give either `every` or `cron`, not both"))
        if source.type:
            self._problems.extend(self._check_source(source, self._path.parent))
        return source

    def _option(self, fields: Fields, key: str) -> str:
        return self._secrets.read(fields, key) if key in SECRETS else fields.text(key, "")

    def _fields(self, section: str, allowed: set[str] | None) -> Fields:
        values = dict(self._parser[section]) if self._parser.has_section(section) else {}
        fields = Fields(section, values, self._lines.get(section, {}), self._environ, self._problems)
        fields.refuse_unknown(allowed)
        return fields

    def _named(self, prefix: str, sep: str = ":") -> list[str]:
        return [name for name in self._parser.sections() if name.startswith(prefix + sep)]

    def _strangers(self, schools: set[str]) -> None:
        for section in self._parser.sections():
            kind, _, rest = section.partition(":")
            school, named, _ = rest.partition("/")
            known = section in {"kopir", "discord"} or section.startswith("school:")
            if not known and not (kind == "source" and named and school in schools):
                advice = self._stranger_advice(section, school if kind == "source" and named else "")
                self._problems.append(SettingsProblem(self._lines[section][""], advice))

    @staticmethod
    def _stranger_advice(section: str, school: str) -> str:
        if school:
            return Phrase(
                "[{section}]: there is no section [school:{school}] for this source", section=section, school=school
            )
        known = "[kopir], [discord], [school:ID], [source:ID/NAME]"
        return Phrase("unknown section [{section}]; known are {known}", section=section, known=known)

    def _beside(self, name: str) -> Path:
        return self._path.parent / Path(name).expanduser()

    def _database(self, fields: Fields) -> str:
        url = self._secrets.read(fields, "database") if fields.has("database") else "sqlite:///kopir.db"
        if self._secrets.exposed(fields, "database") and has_password(url):
            fields.complain("database", Phrase(IN_THE_OPEN, key="database"))
        scheme, separator, name = url.partition(":///")
        if not scheme.startswith("sqlite") or not separator or not name or name.startswith(":memory:"):
            return url
        return f"{scheme}:///{self._beside(name).resolve()}"

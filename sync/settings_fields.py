"""Read single values of a settings section, collecting problems instead of stopping at the first; serves `settings`."""

import re
from collections.abc import KeysView, Mapping, Sequence
from zoneinfo import ZoneInfo

from sync.errors import SettingsProblem
from sync.phrases import Phrase
from sync.texts import N_

_PERIOD = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CRON_FIELD = re.compile(r"[\d*/,\-a-zA-Z]+")
SECOND = N_("[{section}] stands here a second time; merge the two")
DOUBLE = N_("[{section}] has the key '{key}' twice; keep one")
UNKNOWN = N_("unknown key '{key}' in [{section}]; known are {known}")
_YES_NO = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}


def section_lines(text: str) -> tuple[dict[str, dict[str, int]], list[SettingsProblem]]:
    """Map section → key → line from 1, and note what stands twice; the key "" is the section's own line.

    configparser does not keep lines, and stops at the first double. Lines indented deeper than a key continue it.
    """
    lines: dict[str, dict[str, int]] = {}
    problems: list[SettingsProblem] = []
    section, margin = "", 1000
    for number, line in enumerate(text.split("\n"), 1):
        words, indent = line.strip(), len(line) - len(line.lstrip())
        if not words or words[0] in "#;" or indent > margin:
            continue
        if header := re.match(r"\[(.+)\]", words):
            section, margin = header[1], 1000
            if section in lines:
                problems.append(SettingsProblem(number, Phrase(SECOND, section=section)))
            lines.setdefault(section, {"": number})
        elif option := re.match(r"([^=:]+?)\s*[=:]", words):
            margin, key = indent, option[1].lower()
            if lines.setdefault(section, {"": number}).setdefault(key, number) != number:
                problems.append(SettingsProblem(number, Phrase(DOUBLE, section=section, key=key)))
    return lines, problems


class Fields:
    """The keys of one section. Every reader gives a usable value and notes what was wrong."""

    def __init__(
        self,
        section: str,
        values: Mapping[str, str],
        lines: Mapping[str, int],
        environ: Mapping[str, str],
        problems: list[SettingsProblem],
    ) -> None:
        self._section = section
        self._values = values
        self._lines = lines
        self._environ = environ
        self._problems = problems

    def names(self) -> KeysView[str]:
        """Return the keys present."""
        return self._values.keys()

    def has(self, key: str) -> bool:
        """Tell whether the key is present."""
        return key in self._values

    def complain(self, key: str, message: str) -> None:
        """Note a problem at the key's line."""
        self._problems.append(SettingsProblem(self._lines.get(key, self._lines.get("", 0)), message))

    def refuse_unknown(self, allowed: set[str] | None) -> None:
        """Note every key that is not allowed; None allows all."""
        for key in self._values:
            if allowed is not None and key not in allowed:
                known = ", ".join(sorted(allowed))
                self.complain(key, Phrase(UNKNOWN, key=key, section=self._section, known=known))

    def written(self, key: str) -> str:
        """Return a value as the file has it."""
        return self._values.get(key, "").strip()

    def text(self, key: str, default: str) -> str:
        """Read a text; `env/NAME` is taken from the environment, empty when not set there."""
        value = self._values.get(key, default).strip()
        return self._environ.get(value[4:], "") if value.startswith("env/") else value

    def required(self, key: str) -> str:
        """Read a text that must be there."""
        if not (value := self.text(key, "")):
            self.complain(key, Phrase("[{section}] needs the key '{key}'", section=self._section, key=key))
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """Read one of some words."""
        if (value := self.text(key, default)) in allowed:
            return value
        self.complain(
            key, Phrase("{key} = {value}: write one of {allowed}", key=key, value=value, allowed=", ".join(allowed))
        )
        return default

    def matching(self, key: str, pattern: str, expected: str) -> str:
        """Read a text of a given form, or an empty one."""
        if not (value := self.text(key, "")) or re.fullmatch(pattern, value):
            return value
        self.complain(key, Phrase("{key} = {value}: write {expected}", key=key, value=value, expected=expected))
        return ""

    def zone(self, key: str, default: str) -> ZoneInfo:
        """Read a time zone of the IANA database."""
        value = self.text(key, default)
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self.complain(key, Phrase("{key} = {value}: write a time zone such as Asia/Almaty", key=key, value=value))
            return ZoneInfo(default)

    def flag(self, key: str, *, default: bool) -> bool:
        """Read yes or no."""
        value = self.text(key, "yes" if default else "no").lower()
        if value not in _YES_NO:
            self.complain(key, Phrase("{key} = {value}: write yes or no", key=key, value=value))
        return _YES_NO.get(value, default)

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """Read a whole number within bounds."""
        value = self.text(key, str(default))
        if value.isdecimal() and low <= int(value) <= high:
            return int(value)
        wanted = Phrase("a whole number from {low} to {high}", low=low, high=high)
        self.complain(key, Phrase("{key} = {value}: write {expected}", key=key, value=value, expected=wanted))
        return default

    def period(self, key: str, default: str) -> float:
        """Read a period such as 30s, 5m, 2h or 1d, in seconds."""
        match = _PERIOD.fullmatch(self.text(key, default))
        if match and int(match[1]):
            return float(int(match[1]) * _UNITS[match[2]])
        value = self._values.get(key, "")
        self.complain(key, Phrase("{key} = {value}: write a period such as 30s, 5m, 2h or 1d", key=key, value=value))
        return 300.0

    def cron(self, key: str) -> str:
        """Read a crontab line of five fields: minute, hour, day, month, day of week."""
        value = self.text(key, "")
        parts = value.split()
        if len(parts) != 5 or not all(_CRON_FIELD.fullmatch(part) for part in parts):
            self.complain(
                key, Phrase("{key} = {value}: write five fields, such as */15 7-18 * * 1-6", key=key, value=value)
            )
        return value

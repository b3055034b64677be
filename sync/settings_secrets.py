"""Read secrets from the environment or from files that nobody else can read, and find those that others can."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from sync.errors import Refused
from sync.loopback import is_loopback
from sync.phrases import Phrase
from sync.private_files import is_open
from sync.sealing import Seal
from sync.settings_fields import Fields
from sync.texts import N_

FILE = "file/"
KEYS = frozenset({"encryption_key", "encrypt_contacts"})
LARGEST = 4096  # bytes
NO_FILE = N_("{key}: there is no file {path}, or it cannot be read")
OPEN_FILE = N_("{key}: others on this computer can read {path}; let only its owner: chmod 600")
NO_SECRET = N_("{key}: {path} is to hold the secret alone, as text")
IN_THE_OPEN = N_(
    "{key} stands here as it is, and others on this computer can read this file: write env/NAME or file/NAME,"
    " or let only its owner read it: chmod 600"
)


NOT_KEYS = N_("{key}: this is no key; `kopir new-key FILE` makes one")
KEY_NEEDED = N_("encrypt_contacts = yes needs encryption_key; `kopir new-key FILE` makes one")


class Secrets:
    """Where one settings file gets its secrets from; paths of files count from the folder it lies in."""

    def __init__(self, settings: Path) -> None:
        self._folder = settings.parent
        self._open = is_open(settings)

    def read(self, fields: Fields, key: str) -> str:
        """Return a secret, or an empty text and a complaint."""
        value = fields.text(key, "")
        if not value.startswith(FILE):
            return value
        try:
            return _content(key, self._folder / Path(value.removeprefix(FILE)).expanduser())
        except Refused as error:
            fields.complain(key, error.said)
            return ""

    def seal(self, fields: Fields) -> Seal | None:
        """Return what encrypts contacts, or opens those that were encrypted, if the settings have a key."""
        sealing = fields.flag("encrypt_contacts", default=False)
        keys = self.read(fields, "encryption_key").replace(",", " ").split()
        if not keys:
            if sealing:
                fields.complain("encrypt_contacts", Phrase(KEY_NEEDED))
            return None
        if self.exposed(fields, "encryption_key"):
            fields.complain("encryption_key", Phrase(IN_THE_OPEN, key="encryption_key"))
        try:
            return Seal(keys, sealing=sealing)
        except ValueError:
            fields.complain("encryption_key", Phrase(NOT_KEYS, key="encryption_key"))
        except Refused as error:
            fields.complain("encryption_key", error.said)
        return None

    def exposed(self, fields: Fields, key: str) -> bool:
        """Tell whether others can read a secret where the settings have it."""
        written = fields.written(key)
        return bool(written) and self._open and not written.startswith((FILE, "env/"))


def has_password(url: str) -> bool:
    """Tell whether the address of a database on another machine has a password in it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return bool(parsed.password) and bool(parsed.host) and not is_loopback(f"//{parsed.host}")


def _content(key: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
        exposed = is_open(file)
    except OSError as error:
        raise Refused(Phrase(NO_FILE, key=key, path=file)) from error
    if exposed:
        raise Refused(Phrase(OPEN_FILE, key=key, path=file))
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(raw) > LARGEST:
        raise Refused(Phrase(NO_SECRET, key=key, path=file))
    return text

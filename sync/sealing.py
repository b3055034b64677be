"""Encrypt what the tables hold to reach people by: e-mails, Discord names. The cipher is Fernet, of `cryptography`.

A sealed text starts with MARK, which cleaned input cannot hold, so that plain and sealed rows can be told apart.
"""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.errors import Refused
from sync.phrases import Phrase
from sync.texts import N_

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

MARK = "\x1f"
NO_KEY = N_(
    "The database holds encrypted contacts, and the settings do not have their key. Put it back as `encryption_key`;"
    " if it is lost, `kopir lost-key` empties them and the next pull fills them in again."
)
NO_PACKAGE = N_("Encryption needs one more package. Install it with: pip install kopir[encryption]")


class Seal:
    """Seals with the first of some keys and opens with any of them. Raise ValueError for what is not a key."""

    def __init__(self, keys: Iterable[str], *, sealing: bool = True) -> None:
        self._keys = tuple(keys)
        self._cipher = _cipher(self._keys)
        self._sealing = sealing

    @property
    def stamp(self) -> str:
        """Stand for what rows are sealed with; empty when they are to be plain."""
        return hashlib.sha256(self._keys[0].encode()).hexdigest()[:16] if self._sealing else ""

    def close(self, text: str) -> str:
        """Return a text as the tables keep it; an empty one says nothing."""
        return MARK + self._cipher.encrypt(text.encode()).decode() if text and self._sealing else plain(text)

    def open(self, kept: str) -> str:
        """Return what was sealed. Raise Refused without its key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415  only who encrypts has it

        if not kept.startswith(MARK):
            return kept
        try:
            return self._cipher.decrypt(kept.removeprefix(MARK)).decode()
        except InvalidToken as error:
            raise Refused(Phrase(NO_KEY)) from error


def plain(text: str) -> str:
    """Return a text as it is kept where nothing is encrypted."""
    return text.replace(MARK, "")


def new_key() -> str:
    """Return a new random key. Raise Refused where the library is not installed."""
    try:
        from cryptography.fernet import Fernet  # noqa: PLC0415  only who encrypts has it
    except ModuleNotFoundError as error:
        raise Refused(Phrase(NO_PACKAGE)) from error
    return Fernet.generate_key().decode()


def _cipher(keys: Iterable[str]) -> "MultiFernet":
    try:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415  only who encrypts has it
    except ModuleNotFoundError as error:
        raise Refused(Phrase(NO_PACKAGE)) from error
    return MultiFernet([Fernet(key) for key in keys])

"""The commands around the key that contacts are encrypted with: make or renew one, and go on without a lost one."""

import os
import sys
from pathlib import Path

import connectors
from sync import private_files
from sync.errors import Refused
from sync.phrases import Phrase
from sync.sealing import new_key
from sync.settings_file import load
from sync.store_sealing import drop_contacts
from sync.texts import N_, Texts

MADE = N_(
    "{path} has a new key. Under [kopir], write `encryption_key = file/{path}` and `encrypt_contacts = yes`. Keep a"
    " copy of the file away from the database: without it the contacts cannot be read."
)
RENEWED = N_(
    "{path} has a new key before the old ones. The next command encrypts all contacts anew; afterwards delete the"
    " other lines of the file."
)
NOT_WRITTEN = N_("{path} cannot be written. Choose another file.")
NOT_SURE = N_("This empties the e-mails and Discord names of all people; the next pull fills them in again. Add --yes.")
DROPPED = N_("Emptied, people: {count}. Write a key that you have, or none, into the settings. Then: kopir pull")


def make_key(file: Path, words: Texts) -> None:
    """Write a new key to a file that only its owner can read, before the keys that stand there."""
    try:
        old = file.read_text("ascii") if file.exists() else ""
        _replace(file, f"{new_key()}\n{old}")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(Phrase(NOT_WRITTEN, path=file)) from error
    sys.stdout.write(words.say(Phrase(RENEWED if old else MADE, path=file)) + "\n")


def drop(settings: Path, words: Texts, *, yes: bool) -> None:
    """Empty the contacts whose key is lost."""
    database = load(settings, os.environ, connectors.check).database
    if not yes:
        raise Refused(Phrase(NOT_SURE))
    sys.stdout.write(words.say(Phrase(DROPPED, count=drop_contacts(database))) + "\n")


def _replace(file: Path, text: str) -> None:
    """Write a private file at once or not at all, so that no old key is lost on the way."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    private_files.create(draft)
    with draft.open("w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)

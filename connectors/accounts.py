"""Read how people write their Discord account: a user name, a user id, or a link to their page. Pure."""

import re

_NAME = re.compile(r"(?!.*\.\.)[a-z0-9_.]{2,32}")
_OLD = re.compile(r"[^#@:\s](?:[^#@:]{0,30}[^#@:\s])?#\d{4}")
_URL = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/users/(\d+)/?", re.IGNORECASE)
_ROUNDED = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)


class NoAccount(ValueError):
    """Say that a text names no Discord account; `rounded` when it was an id until a spreadsheet rounded it."""

    def __init__(self, *, rounded: bool = False) -> None:
        super().__init__("no Discord account")
        self.rounded = rounded


def discord_account(text: str) -> str:
    """Return the user name or user id that a text states. Raise NoAccount for anything else."""
    found = text.removeprefix("@")
    if link := _URL.fullmatch(found):
        found = link[1]
    if _ROUNDED.fullmatch(found):
        raise NoAccount(rounded=True)
    if found.isdecimal() and found.isascii() and len(found) > 15:
        if len(found) > 20 or not found[15:].strip("0"):
            raise NoAccount(rounded=True)
        return found
    lowered = found.lower()
    if _NAME.fullmatch(lowered) or _OLD.fullmatch(found):
        return lowered
    raise NoAccount

"""Turn what goes wrong while somebody is answered on Discord into a sentence; the parts of `exts` share it."""

import logging
from collections.abc import Awaitable

from bot.serving.logs import unexpected
from sync.errors import KopirError
from sync.phrases import Phrase
from sync.texts import N_

BROKEN = N_("That did not work. Tell the person who looks after Kopir.")

_log = logging.getLogger(__name__)


async def attempt(school: str, work: Awaitable[str]) -> str:
    """Return what the work wants to say, or why it could not be done."""
    try:
        return await work
    except KopirError as error:
        return error.said
    except Exception as error:
        unexpected(_log, f"School {school}: a command failed", error)
        return Phrase(BROKEN)

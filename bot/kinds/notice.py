"""Tell a course or a group what is new, in one message that calls its role."""

from collections.abc import Mapping
from typing import Any

from bot import shapes
from bot.kinds.wording import embed, nonce
from bot.wire import Wire
from sync import posts
from sync.diff import Change
from sync.errors import Refused
from sync.ledger import Binding
from sync.phrases import Phrase
from sync.ports import Sent
from sync.resources import Notice
from sync.texts import N_, Texts

NOTHING = N_("There is nothing to tell of yet, because nothing of it could be posted.")


async def write(wire: Wire, change: Change, bindings: Mapping[str, Binding], texts: Texts) -> Sent:
    """Post one notice; what could not be posted is told of by a later one."""
    notice = change.desired
    if not isinstance(notice, Notice):
        raise TypeError(change.key)
    entries = [entry for entry in notice.entries if posts.target_id(entry.target, bindings)]
    if not entries:
        raise Refused(Phrase(NOTHING))
    role, channel_id = bindings[notice.role].discord_id or "", bindings[notice.channel].discord_id or ""
    body: dict[str, Any] = {
        "content": f"<@&{role}>",
        "embeds": [embed(notice.look, posts.listing(entries, bindings, wire.guild_id, texts))],
        "allowed_mentions": {"roles": [role]},
        **nonce(change.key, channel_id, bindings),
    }
    answer = await wire.send("POST", "/channels/{channel_id}/messages", body, channel_id=channel_id)
    untold = {entry.target for entry in notice.entries} - {entry.target for entry in entries}
    told = {key: digest for key, digest in notice.told.items() if key not in untold}
    return Sent(shapes.SENT.read(answer).id, channel_id, notice.digest, told)

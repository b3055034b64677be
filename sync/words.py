"""What kinds, fields and ceilings are called when people read of them; `render` and the commands say these words."""

from collections.abc import Mapping
from types import MappingProxyType

from sync.phrases import Phrase

KINDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "role": Phrase("roles"),
        "category": Phrase("categories"),
        "channel": Phrase("channels"),
        "thread": Phrase("forum posts"),
        "post": Phrase("materials"),
        "index": Phrase("lists of materials"),
        "pin": Phrase("pinned messages"),
        "member": Phrase("members"),
        "order": Phrase("order"),
    }
)
FIELDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "name": Phrase("name"),
        "colour": Phrase("colour"),
        "hoist": Phrase("shown separately"),
        "permissions": Phrase("permissions"),
        "overwrites": Phrase("who sees it"),
        "type": Phrase("type"),
        "parent": Phrase("category"),
        "topic": Phrase("topic"),
        "channel": Phrase("channel"),
        "digest": Phrase("text"),
        "retired": Phrase("no longer part of the course"),
        "locked": Phrase("locked"),
        "post": Phrase("material"),
    }
)
CEILINGS: Mapping[str, Phrase] = MappingProxyType(
    {
        "channels": Phrase("channels"),
        "roles": Phrase("roles"),
        "channels_in_category": Phrase("channels in the fullest category"),
        "pins_in_channel": Phrase("pins in the fullest channel"),
    }
)
RECORDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "courses": Phrase("courses"),
        "modules": Phrase("modules"),
        "materials": Phrase("materials"),
        "people": Phrase("people"),
        "enrolments": Phrase("roles in courses"),
        "groups": Phrase("groups"),
    }
)

"""What kinds, fields and ceilings are called when people read of them; `render` and the commands say these words."""

from collections.abc import Mapping
from types import MappingProxyType

from sync.phrases import Phrase
from sync.records import CourseRole

KINDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "role": Phrase("roles"),
        "category": Phrase("categories"),
        "channel": Phrase("channels"),
        "thread": Phrase("forum posts"),
        "post": Phrase("materials"),
        "index": Phrase("lists of materials"),
        "pin": Phrase("pinned messages"),
        "discussion": Phrase("discussions"),
        "notice": Phrase("notices"),
        "question": Phrase("questions to the staff"),
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
        "tags": Phrase("tags"),
        "pinned": Phrase("pinned"),
        "awake": Phrase("opened again"),
        "lifted": Phrase("on top again"),
        "role": Phrase("role"),
        "open": Phrase("open"),
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
PERMISSIONS: Mapping[str, Phrase] = MappingProxyType(
    {
        "MANAGE_ROLES": Phrase("Manage Roles"),
        "MANAGE_CHANNELS": Phrase("Manage Channels"),
        "MANAGE_NICKNAMES": Phrase("Manage Nicknames"),
        "VIEW_CHANNEL": Phrase("View Channels"),
        "SEND_MESSAGES": Phrase("Send Messages"),
        "EMBED_LINKS": Phrase("Embed Links"),
        "READ_MESSAGE_HISTORY": Phrase("Read Message History"),
        "PIN_MESSAGES": Phrase("Pin Messages"),
        "MANAGE_MESSAGES": Phrase("Manage Messages"),
        "ATTACH_FILES": Phrase("Attach Files"),
        "CREATE_PUBLIC_THREADS": Phrase("Create Public Threads"),
        "MANAGE_THREADS": Phrase("Manage Threads"),
        "SEND_MESSAGES_IN_THREADS": Phrase("Send Messages in Threads"),
        "MENTION_EVERYONE": Phrase("Mention Everyone"),
    }
)
PERSON: Mapping[str, Phrase] = MappingProxyType(
    {
        "id": Phrase("id"),
        "name": Phrase("name"),
        "email": Phrase("e-mail"),
        "discord": Phrase("Discord account"),
    }
)
MATERIALS: Mapping[str, Phrase] = MappingProxyType(
    {
        "assignment": Phrase("assignment"),
        "book": Phrase("book"),
        "chat": Phrase("chat"),
        "choice": Phrase("choice"),
        "database": Phrase("database"),
        "feedback": Phrase("feedback survey"),
        "file": Phrase("file"),
        "folder": Phrase("folder"),
        "forum": Phrase("forum"),
        "glossary": Phrase("glossary"),
        "h5p": Phrase("interactive exercise"),
        "lesson": Phrase("lesson"),
        "link": Phrase("link"),
        "meeting": Phrase("online lesson"),
        "page": Phrase("page"),
        "quiz": Phrase("quiz"),
        "scorm": Phrase("SCORM package"),
        "survey": Phrase("survey"),
        "text": Phrase("note"),
        "tool": Phrase("external tool"),
        "video": Phrase("video"),
        "wiki": Phrase("wiki"),
        "workshop": Phrase("workshop"),
    }
)
COURSE_ROLES: Mapping[CourseRole, Phrase] = MappingProxyType(
    {
        CourseRole.STUDENT: Phrase("student"),
        CourseRole.TEACHER: Phrase("teacher"),
        CourseRole.ASSISTANT: Phrase("assistant"),
        CourseRole.OBSERVER: Phrase("observer"),
        CourseRole.MODERATOR: Phrase("moderator"),
        CourseRole.STAFF: Phrase("staff"),
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

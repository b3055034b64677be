"""The Keys of resources, built from source ids only, so that a renamed course stays the same category."""

ROLE_ORDER = "order/roles"
CHANNEL_ORDER = "order/channels"
ARCHIVE = "school/archive"


def _part(source_id: str) -> str:
    return source_id.replace("%", "%25").replace("/", "%2F")


def base_role(name: str) -> str:
    """Key a role of the school itself."""
    return f"school/role/{name}"


def base_category(name: str) -> str:
    """Key a category of the school itself."""
    return f"school/category/{name}"


def base_channel(name: str) -> str:
    """Key a channel of the school itself."""
    return f"school/channel/{name}"


def course(course_id: str, place: str = "") -> str:
    """Key a course's category (`course/ID`) or something in it (`course/ID/students`)."""
    return f"course/{_part(course_id)}/{place}" if place else f"course/{_part(course_id)}"


def module(course_id: str, module_id: str) -> str:
    """Key a module's channel."""
    return course(course_id, f"module/{_part(module_id)}")


def thread(course_id: str, module_id: str) -> str:
    """Key a module's post in the course's forum; not the channel's Key, as both exist once the layout was changed."""
    return course(course_id, f"thread/{_part(module_id)}")


def index(course_id: str, module_id: str, page: int = 1) -> str:
    """Key a module's index message; a long one has several pages."""
    own = f"{module(course_id, module_id)}/index"
    return own if page == 1 else f"{own}/{page}"


def overview(course_id: str) -> str:
    """Key the message that lists a course's modules."""
    return course(course_id, "overview")


def overview_of(key: str) -> str:
    """Return the Key of the overview of the course that a Key belongs to, or an empty text."""
    return f"course/{course_of(key)}/overview" if course_of(key) else ""


def overview_thread(course_id: str) -> str:
    """Key the post in a course's forum that holds the overview."""
    return course(course_id, "thread")


def module_of(place: str) -> str:
    """Return the Key of the module whose channel or forum post a place is, or an empty text."""
    parts = place.split("/")
    stands = len(parts) == 4 and parts[0] == "course" and parts[2] in {"module", "thread"}
    return f"course/{parts[1]}/module/{parts[3]}" if stands else ""


def holds_modules(key: str) -> bool:
    """Tell whether a channel is one by which a course's layout is known: a module's, or the forum."""
    match key.split("/"):
        case ["course", _, "module", _] | ["course", _, "forum"]:
            return True
    return False


def opens_thread(key: str) -> bool:
    """Tell whether a list is the first message of its forum post, where it stands in one."""
    match key.split("/"):
        case ["course", _, "overview"] | ["course", _, "module", _, "index"]:
            return True
    return False


def local(module_key: str, message_id: str) -> str:
    """Key a message that a teacher made a material of the module with a Key."""
    return f"{module_key}/local/{message_id}"


def is_local(key: str) -> bool:
    """Tell whether a Key is that of a teacher's own message."""
    match key.split("/"):
        case ["course", _, "module", _, "local", _]:
            return True
    return False


def question(digest: str) -> str:
    """Key the message that asks the staff about the removals of a plan."""
    return f"school/question/{digest}"


def discussion(post: str) -> str:
    """Key the thread on a message."""
    return f"discussion/{post}"


def notice(place: str, digest: str) -> str:
    """Key a notice of what is new in a course or for a group."""
    return f"{place}/notice/{digest}"


def material(course_id: str, material_id: str, group_id: str = "") -> str:
    """Key a material's message; one that is for a group only has a message in each of its groups' channels."""
    own = f"material/{_part(material_id)}"
    return group(course_id, group_id, own) if group_id else course(course_id, own)


def is_material(key: str) -> bool:
    """Tell whether a Key is that of a material's message."""
    match key.split("/"):
        case ["course", _, "material", _] | ["course", _, "group", _, "material", _]:
            return True
    return False


def group(course_id: str, group_id: str, place: str) -> str:
    """Key a group's `role`, `channel` or something in it; a cohort of the school has no course."""
    own = f"group/{_part(group_id.removeprefix(f'{course_id}/'))}/{place}"
    return course(course_id, own) if course_id else own


def pin(post: str) -> str:
    """Key the pin of a message."""
    return f"pin/{post}"


def member(user_id: str) -> str:
    """Key a member."""
    return f"member/{user_id}"


def nth(key: str, number: int) -> str:
    """Key the second and further categories that a course or the archive is split into."""
    return key if number == 1 else f"{key}/part/{number}"


def archive_part(key: str) -> int:
    """Return which part of the archive the category with a Key is, from 1 up; 0 for any other."""
    if key == ARCHIVE:
        return 1
    return int(key.rpartition("/")[2]) if key.startswith(f"{ARCHIVE}/part/") else 0


def last_part(key: str) -> str:
    """Return the source's own id of what a Key is about, for print where no title is known any more."""
    part = key.removesuffix("/index").rpartition("/")[2]
    return part.replace("%2F", "/").replace("%25", "%")


def parts(key: str) -> list[str]:
    """Return the parts of a Key as spelt in it; those of a message for its pin or discussion."""
    return key.removeprefix("pin/").removeprefix("discussion/").split("/")


def course_of(key: str) -> str:
    """Return the course a Key belongs to, as spelt in Keys, or an empty text for what is the school's."""
    first, *rest = parts(key)
    return rest[0] if first == "course" else ""

"""The base structure comes from a file; what is wrong with the file is said in one sentence, with its place."""

from pathlib import Path

import pytest

from sync import keys, naming, template
from sync.audience import MODERATOR_ROLE, STAFF_ROLE, VERIFIED_ROLE
from sync.errors import Refused
from sync.resources import Category, Channel, Role
from sync.texts import LANGUAGES
from tests.builders import course, roster, school
from tests.stage import Stage

ROLES = "".join(f'[[roles]]\nkey = "{key}"\nname = "{key}"\n' for key in template.REQUIRED_ROLES)
ROOM = '[[categories]]\nkey = "c"\nname = "C"\n[[categories.channels]]\nkey = "r"\nname = "r"\n'


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "school.toml"
    file.write_text(text, "utf-8")
    return file


def refusal(tmp_path: Path, text: str) -> str:
    file = written(tmp_path, text)
    with pytest.raises(Refused) as caught:
        template.load(file)
    name, _, advice = str(caught.value).partition(": ")
    assert name == str(file)
    return advice


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_template_builds_a_server_in_every_language(language: str) -> None:
    stage = Stage(roster(course()), school(language=language))
    stage.sync()
    state = {change.key: change.desired for change in stage.server.writes}
    shipped = template.load()
    for role in shipped.roles:
        made = state[keys.base_role(role.key)]
        assert isinstance(made, Role)
        assert made.name == role.names[language]
    for category in shipped.categories:
        made_category = state[keys.base_category(category.key)]
        assert isinstance(made_category, Category)
        for channel in category.channels:
            made_channel = state[keys.base_channel(channel.key)]
            assert isinstance(made_channel, Channel)
            named = naming.display_name if channel.type == "voice" else naming.channel_name
            assert made_channel.name == named(channel.names[language])
            assert made_channel.parent == made_category.key
    assert stage.plan().changes == ()


def test_the_shipped_template_names_differ_by_language_and_need_no_change_by_discord() -> None:
    for category in template.load().categories:
        for channel in category.channels:
            assert len(set(channel.names.values())) == 3
            if channel.type != "voice":
                assert {naming.channel_name(name) for name in channel.names.values()} == set(channel.names.values())


def test_the_shipped_template_has_what_the_rest_relies_on() -> None:
    shipped = template.load()
    assert {STAFF_ROLE, MODERATOR_ROLE, VERIFIED_ROLE} == {keys.base_role(role.key) for role in shipped.roles}
    rooms = {channel.key for category in shipped.categories for channel in category.channels}
    assert {"rules", "sorting", "announcements", "general", "voice", "support", "staff"} == rooms


def test_one_text_serves_all_languages(tmp_path: Path) -> None:
    made = template.load(written(tmp_path, "\ufeff" + ROLES + ROOM + 'topic = ""\n'))
    room = made.categories[0].channels[0]
    assert room.names == dict.fromkeys(LANGUAGES, "r")
    assert (room.type, room.who, room.writes) == ("text", "verified", "verified")
    assert room.topics == dict.fromkeys(LANGUAGES, "")
    assert (made.roles[0].colour, made.roles[0].hoist, made.roles[0].permissions) == (0, False, 0)


def test_a_schools_own_template_replaces_the_shipped_one(tmp_path: Path) -> None:
    stage = Stage(roster(), school())
    stage.sync()
    stage.settings = school(template=written(tmp_path, ROLES + ROOM))
    stage.sync()
    assert stage.plan().changes == ()
    assert {c.name for c in stage.server.channels.values() if c.parent_id == stage.id(keys.base_category("c"))} == {"r"}
    assert stage.server.channels[stage.id(keys.base_channel("rules"))].parent_id == stage.id(keys.ARCHIVE)


def test_a_voice_channel_before_a_text_channel_does_not_keep_the_order_busy(tmp_path: Path) -> None:
    voice_first = ROOM.replace('key = "r"', 'key = "v"\ntype = "voice"')
    text = ROLES + voice_first + '[[categories.channels]]\nkey = "t"\nname = "t"\n'
    stage = Stage(roster(), school(template=written(tmp_path, text)))
    stage.sync()
    assert stage.plan().changes == ()


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        pytest.param("[[roles", "the template cannot be read", "", id="not TOML"),
        pytest.param('colour = "red"', "the file", "unknown key 'colour'", id="unknown table"),
        pytest.param("", "the roles staff, moderator, verified are needed", "copy them", id="no roles"),
        pytest.param(ROLES.replace("verified", "guest"), "the roles verified are needed", "", id="a role is missing"),
        pytest.param('roles = "staff"', "roles", "write [[roles]]", id="roles as a text"),
        pytest.param("roles = [1]", "roles", "write [[roles]]", id="roles as numbers"),
        pytest.param(ROLES + "[roles.x]\n", "roles 3", "unknown key 'x'", id="a table in a role"),
        pytest.param(ROLES + 'color = "red"', "roles 3", "unknown key 'color'", id="unknown key of a role"),
        pytest.param(ROLES + 'colour = "red"', "roles 3", "0xFFFFFF", id="colour as a word"),
        pytest.param(ROLES + "colour = [1]", "roles 3", "0xFFFFFF", id="colour as a list"),
        pytest.param(ROLES + "colour = true", "roles 3", "0xFFFFFF", id="colour as yes"),
        pytest.param(ROLES + "colour = 0x1000000", "roles 3", "0xFFFFFF", id="colour too large"),
        pytest.param(ROLES + 'hoist = "no"', "roles 3", "true, false", id="hoist as a word"),
        pytest.param(ROLES + 'permissions = "view_channel"', "roles 3", "as a list", id="permissions as a text"),
        pytest.param(ROLES + "permissions = [5]", "roles 3", "as a list", id="permissions as numbers"),
        pytest.param(ROLES + 'permissions = ["fly"]', "roles 3", "no permission named fly", id="unknown permission"),
        pytest.param(ROLES + ROLES, "roles", "'moderator' stands twice", id="a role twice"),
        pytest.param(ROLES.replace('key = "staff"', ""), "roles 1", "`key` is needed", id="no key"),
        pytest.param(ROLES.replace('key = "staff"', 'key = "Staff"'), "roles 1", "a-z", id="capital key"),
        pytest.param(ROLES.replace('key = "staff"', 'key = "a/b"'), "roles 1", "a-z", id="a key with a slash"),
        pytest.param(ROLES.replace('name = "staff"', ""), "roles 1", "`name` is one text", id="no name"),
        pytest.param(ROLES.replace('name = "staff"', 'name = ""'), "roles 1", "`name` is one text", id="empty name"),
        pytest.param(
            ROLES.replace('name = "staff"', 'name = { en = "S" }'), "roles 1", "each of kk, ru, en", id="one language"
        ),
        pytest.param(
            ROLES.replace('name = "staff"', 'name = { en = "S", ru = 1, kk = "S" }'), "roles 1", "`name`", id="a number"
        ),
        pytest.param(ROLES + '[categories]\nkey = "c"', "categories", "[[categories]]", id="one bracket"),
        pytest.param(
            ROLES + ROOM + 'tipic = "x"', "categories 1 channels 1", "unknown key 'tipic'", id="channel's key"
        ),
        pytest.param(ROLES + ROOM + 'type = "stage"', "categories 1 channels 1", "write one of text", id="type"),
        pytest.param(ROLES + ROOM + 'who = "parents"', "categories 1 channels 1", "write one of everyone", id="who"),
        pytest.param(ROLES + ROOM + "writes = 1", "categories 1 channels 1", "write one of everyone", id="writes"),
        pytest.param(ROLES + ROOM + "topic = 1", "categories 1 channels 1", "`topic` is one text", id="topic"),
        pytest.param(ROLES + ROOM + ROOM, "categories", "'c' stands twice", id="a category twice"),
        pytest.param(
            ROLES + ROOM + ROOM.replace('"c"', '"d"'), "channels", "'r' stands twice", id="a channel in two categories"
        ),
    ],
)
def test_a_mistake_is_told_with_file_and_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    advice = refusal(tmp_path, text)
    assert advice.startswith(place)
    assert says in advice


@pytest.mark.parametrize("kind", ["missing", "a folder", "not UTF-8"])
def test_a_template_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    file = tmp_path if kind == "a folder" else tmp_path / "mine.toml"
    if kind == "not UTF-8":
        file.write_bytes("[[roles]]".encode("utf-16"))
    with pytest.raises(Refused, match="the template cannot be read") as caught:
        template.load(file)
    assert str(caught.value).startswith(str(file))

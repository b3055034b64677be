"""One settings file: every mistake at once, each with its line; what is right comes back as values."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sync.errors import SettingsInvalid, SettingsProblem
from sync.ledger import Cause
from sync.settings import DEFAULT_API, Cron, Every, Limits, Settings, SourceSettings
from sync.settings_by_hand import ByHand
from sync.settings_file import language, load
from sync.settings_posts import PostSettings
from sync.settings_privacy import Keeping, LogFile

CONTRACT = """\
[kopir]
; or postgresql+psycopg://…
database = sqlite:///kopir.db
; kk | ru | en
language = kk
[discord]
token = env/DISCORD_TOKEN
api_url = https://discord.com/api/v10/
[school:aqjol]
name = Ақжол орта мектебі
guild = 1234567890
timezone = Asia/Almaty
layout = auto
[source:aqjol/rosters]
type = csv
path = inbox
every = 5m
[source:aqjol/moodle]
type = moodle
url = https://moodle.example.kz
token = env/MOODLE_TOKEN
cron = */15 7-18 * * 1-6
"""
MINIMAL = "[school:a]\nguild = 1\n"


def accept(source: SourceSettings, folder: Path) -> tuple[SettingsProblem, ...]:
    return ()


def read(tmp_path: Path, text: str | bytes, **environ: str) -> Settings:
    file = tmp_path / "settings.ini"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file, environ, accept)


def problems(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path, text)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_the_contracts_example_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, CONTRACT, DISCORD_TOKEN="secret", MOODLE_TOKEN="other")
    assert settings.database == f"sqlite:///{tmp_path.resolve() / 'kopir.db'}"
    assert (settings.language, settings.discord.token, settings.discord.api_url) == ("kk", "secret", DEFAULT_API)
    (school,) = settings.schools
    assert (school.id, school.name, school.guild) == ("aqjol", "Ақжол орта мектебі", "1234567890")
    assert (school.timezone, school.language, school.layout) == (ZoneInfo("Asia/Almaty"), "kk", "auto")
    rosters, moodle = school.sources
    assert (rosters.school, rosters.name, rosters.type, rosters.schedule) == ("aqjol", "rosters", "csv", Every(300))
    assert rosters.options == {"path": "inbox"}
    assert (rosters.line, rosters.lines["path"]) == (14, 16)
    assert moodle.schedule == Cron("*/15 7-18 * * 1-6")
    assert moodle.options == {"url": "https://moodle.example.kz", "token": "other"}


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL)
    assert (settings.language, settings.discord.token, settings.discord.api_url) == ("en", "", DEFAULT_API)
    (school,) = settings.schools
    assert (school.name, school.layout, school.groups, school.voice) == ("a", "auto", "channels", True)
    assert (school.template, school.limits, school.sources) == (None, Limits(20, 10), ())
    assert str(school.timezone) == "Asia/Almaty"


def test_a_log_is_written_beside_the_settings_and_kept_as_they_say(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL).log == LogFile(None, timedelta(days=30))
    settings = read(tmp_path, "[kopir]\nlog = logs/kopir.log\nkeep_logs = 7d\n" + MINIMAL)
    assert settings.log == LogFile(tmp_path / "logs" / "kopir.log", timedelta(days=7))


def test_how_people_come_back_is_chosen_for_each_way_they_went(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL).schools[0].returning.asked == {Cause.KICKED, Cause.BANNED, Cause.UNLINKED}
    turned = "return_left = ask\nreturn_dropped = ask\nreturn_kicked = restore\n"
    (school,) = read(tmp_path, MINIMAL + turned + "return_banned = restore\nreturn_unlinked = restore\n").schools
    assert school.returning.asked == {Cause.LEFT, Cause.DROPPED}
    ((line, message),) = problems(tmp_path, MINIMAL + "return_left = never\n")
    assert (line, "restore, ask" in message) == (3, True)


def test_a_schools_own_choices_are_read(tmp_path: Path) -> None:
    more = "language = ru\nlayout = forum\ngroups = off\nvoice = No\ntemplate = my.toml\n"
    (school,) = read(tmp_path, MINIMAL + more + "removal_limit = 5\nremoval_floor = 0\n").schools
    assert (school.language, school.layout, school.groups, school.voice) == ("ru", "forum", "off", False)
    assert (school.template, school.limits) == (tmp_path / "my.toml", Limits(5, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ByHand(), id="everything is put back, and looked at once a week"),
        pytest.param("respect = order, pins", ByHand(frozenset({"order", "pins"})), id="some kinds"),
        pytest.param("verify_every = 1d", ByHand(verify_every=86_400.0), id="each day"),
        pytest.param("verify_every = off", ByHand(verify_every=0.0), id="never by itself"),
    ],
)
def test_what_people_may_change_by_hand_is_read(tmp_path: Path, text: str, expected: ByHand) -> None:
    assert read(tmp_path, f"{MINIMAL}{text}\n").schools[0].by_hand == expected


def test_a_kind_of_change_that_nobody_knows_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"respect = nick: write some of roles, .*nicknames"):
        read(tmp_path, f"{MINIMAL}respect = nick\n")


def test_how_many_posts_may_go_at_once_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, f"{MINIMAL}removal_posts = 3\n").schools[0].limits.posts == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", PostSettings(), id="nothing said"),
        pytest.param("attachments = 0", {"largest_file": 0}, id="no attachments"),
        pytest.param("attachments = 25", {"largest_file": 25 * 2**20}, id="the largest attachments"),
        pytest.param("discussion = on", {"discussed": None}, id="all kinds are discussed"),
        pytest.param("discussion = off", {"discussed": frozenset()}, id="none is"),
        pytest.param("discussion = Quiz , page,", {"discussed": frozenset({"quiz", "page"})}, id="some are"),
        pytest.param("notices = digest", {"notices": "digest"}, id="a digest"),
        pytest.param("notices = off", {"notices": "off"}, id="no notices"),
        pytest.param("quiet_hours = off", {"quiet": None}, id="no quiet hours"),
        pytest.param("quiet_hours = 22:30-06:15", {"quiet": (time(22, 30), time(6, 15))}, id="quiet hours"),
        pytest.param("quiet_hours = 07:00-07:00", {"quiet": None}, id="quiet hours without length"),
        pytest.param("digest_at = 08:05", {"digest_at": time(8, 5)}, id="the digest's time"),
    ],
)
def test_how_materials_are_shown_and_announced_is_read(tmp_path: Path, text: str, expected: object) -> None:
    (school,) = read(tmp_path, f"{MINIMAL}{text}\n").schools
    assert school.posts == (replace(PostSettings(), **expected) if isinstance(expected, dict) else expected)


def test_materials_are_shown_as_most_schools_want_it() -> None:
    usual = PostSettings()
    assert (usual.largest_file, usual.notices) == (10 * 2**20, "each")
    assert (usual.quiet, usual.digest_at) == ((time(21), time(7)), time(16))
    assert [kind for kind in ("assignment", "quiz", "file", "page") if usual.discusses(kind)] == ["assignment", "quiz"]
    assert replace(usual, discussed=None).discusses("сборник")


def test_an_unset_variable_reads_as_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "[discord]\ntoken = env/NOT_SET\n").discord.token == ""


@pytest.mark.parametrize(
    ("database", "kept"),
    [
        pytest.param("postgresql+psycopg://db/kopir", True, id="postgresql"),
        pytest.param("sqlite://", True, id="in memory"),
        pytest.param("sqlite:///:memory:", True, id="in memory, spelt out"),
        pytest.param("sqlite:////srv/kopir.db", True, id="absolute"),
        pytest.param("sqlite:///data/kopir.db", False, id="relative"),
    ],
)
def test_a_relative_database_lies_beside_the_settings(tmp_path: Path, database: str, kept: bool) -> None:
    expected = database if kept else f"sqlite:///{tmp_path.resolve() / 'data/kopir.db'}"
    assert read(tmp_path, f"[kopir]\ndatabase = {database}\n").database == expected


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(b"\xef\xbb\xbf" + MINIMAL.encode(), id="with a byte order mark"),
        pytest.param(MINIMAL.replace("\n", "\r\n").encode(), id="Windows lines"),
        pytest.param(b"\n  [school:a]\n  guild = 1\n", id="indented as a whole"),
        pytest.param(b"[school:a]\n# note\n\nGUILD: 1", id="colons, comments, capitals"),
        pytest.param("[school:a]\nguild = 1\nname = Ақ\x0bжол".encode(), id="an odd separator in a value"),
    ],
)
def test_files_are_read_as_editors_save_them(tmp_path: Path, encoded: bytes) -> None:
    assert [school.guild for school in read(tmp_path, encoded).schools] == ["1"]


def test_percent_signs_are_just_text(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL + "name = 100 %(x)s\n").schools[0].name == "100 %(x)s"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param("[kopir]\nlanguge = kk", 2, "unknown key 'languge' in [kopir]", id="unknown key"),
        pytest.param("[school:a]\nguild = 1\ncolour = 3", 3, "unknown key 'colour'", id="unknown key of a school"),
        pytest.param("[kopri]", 1, "unknown section [kopri]", id="unknown section"),
        pytest.param("[kopir]\n[school]\nguild = 1", 2, "unknown section [school]", id="a school without an id"),
        pytest.param("[school:a]\n[source:a]\ntype = csv", 2, "unknown section [source:a]", id="a nameless source"),
        pytest.param("[school:a]\n[source:b/x]\ntype = csv", 2, "no section [school:b]", id="a source of no school"),
        pytest.param("[DEFAULT]\nlanguage = kk", 1, "unknown section [DEFAULT]", id="configparser's own section"),
        pytest.param("[school:Ақжол]", 1, "made of a-z", id="a school's id in other letters"),
        pytest.param("[school:a]\n[source:a/X Y]\ntype = csv", 2, "made of a-z", id="a source's name"),
        pytest.param("[school:a]\n[source:a/x]\nevery = 5m", 2, "needs the key 'type'", id="a source without a type"),
        pytest.param("[kopir]\nlanguage = de", 2, "write one of kk, ru, en", id="language"),
        pytest.param("[school:a]\nlayout = tree", 2, "write one of channels, forum, auto", id="layout"),
        pytest.param("[school:a]\ngroups = yes", 2, "write one of off, roles, channels", id="groups"),
        pytest.param("[school:a]\nguild = my-server", 2, "Copy Server ID", id="guild"),
        pytest.param("[school:a]\ntimezone = Almaty", 2, "such as Asia/Almaty", id="time zone"),
        pytest.param("[school:a]\ntimezone = ../etc", 2, "such as Asia/Almaty", id="time zone as a path"),
        pytest.param("[school:a]\nvoice = maybe", 2, "write yes or no", id="yes or no"),
        pytest.param("[school:a]\nremoval_limit = 0", 2, "from 1 to 100", id="percentage too low"),
        pytest.param("[school:a]\nremoval_limit = 101", 2, "from 1 to 100", id="percentage too high"),
        pytest.param("[school:a]\nremoval_floor = ten", 2, "whole number", id="not a number"),
        pytest.param("[school:a]\nattachments = 26", 2, "from 0 to 25", id="attachments too large"),
        pytest.param("[school:a]\nattachments = 5M", 2, "from 0 to 25", id="attachments with a unit"),
        pytest.param(
            "[school:a]\ndiscussion = quiz, exam", 2, "discussion = exam: write on, off or some of", id="kind"
        ),
        pytest.param("[school:a]\nnotices = daily", 2, "write one of each, digest, off", id="notices"),
        pytest.param("[school:a]\nquiet_hours = 21-7", 2, "two times such as 21:00-07:00", id="quiet hours"),
        pytest.param("[school:a]\nquiet_hours = 21:00-24:00", 2, "two times such as", id="no such time"),
        pytest.param("[school:a]\ndigest_at = 4 pm", 2, "a time such as 16:00", id="the digest's time"),
        pytest.param("[school:a]\n[source:a/x]\ntype = csv\nevery = often", 4, "such as 30s, 5m", id="period"),
        pytest.param("[school:a]\n[source:a/x]\ntype = csv\nevery = 0m", 4, "such as 30s, 5m", id="no period at all"),
        pytest.param("[school:a]\n[source:a/x]\ntype = csv\ncron = 5 * * *", 4, "five fields", id="four cron fields"),
        pytest.param("[school:a]\n[source:a/x]\ntype = csv\ncron = @daily * * * *", 4, "five fields", id="cron words"),
        pytest.param(
            "[school:a]\n[source:a/x]\ntype = csv\nevery = 5m\ncron = 5 * * * *", 5, "not both", id="two schedules"
        ),
        pytest.param("[kopir]\nlanguage = kk\nlanguage = ru", 3, "key 'language' twice", id="a key twice"),
        pytest.param("[kopir]\n[discord]\n[kopir]", 3, "[kopir] stands here a second time", id="a section twice"),
        pytest.param("[kopir]\nlanguage", 2, "neither a [section] nor", id="no value"),
        pytest.param("language = kk\n[kopir]", 1, "neither a [section] nor", id="before the first section"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    found = problems(tmp_path, text)
    assert [number for number, _ in found] == [line]
    assert says in found[0][1]


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = """\
[kopir]
language = de
speed = fast
a line without a value
[school:a]
guild = 1
guild = 2
layout = tree
[source:a/x]
type = csv
every = often
[other]
"""
    assert [line for line, _ in problems(tmp_path, text)] == [2, 3, 4, 7, 8, 11, 12]


def test_a_line_that_continues_a_value_is_no_key_of_its_own(tmp_path: Path) -> None:
    settings = read(tmp_path, "[school:a]\nname = Two\n  guild = lines\nguild = 7\n")
    assert (settings.schools[0].guild, settings.schools[0].name) == ("7", "Two\nguild = lines")


def test_a_connector_checks_its_own_keys(tmp_path: Path) -> None:
    seen: list[tuple[str, Path]] = []

    def check(source: SourceSettings, folder: Path) -> tuple[SettingsProblem, ...]:
        seen.append((source.type, folder))
        return (SettingsProblem(source.lines["path"], "there is no such folder"),)

    file = tmp_path / "s.ini"
    file.write_text("[school:a]\nlayout = tree\n[source:a/x]\ntype = csv\npath = nowhere\n")
    with pytest.raises(SettingsInvalid) as caught:
        load(file, {}, check)
    assert seen == [("csv", tmp_path)]
    assert str(caught.value).splitlines() == [
        f"{file}:2: layout = tree: write one of channels, forum, auto",
        f"{file}:5: there is no such folder",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "no settings file here", id="missing"),
        pytest.param("name = Ақжол".encode("utf-16"), "save it as UTF-8", id="not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "settings.ini"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=says) as caught:
        load(file, {}, accept)
    assert str(caught.value).startswith(f"{file}: ")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load(tmp_path, {}, accept)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"[kopir]\nlanguage = ru\n", "ru", id="named"),
        pytest.param(b"[kopri]\n???\nlanguage=kk", "kk", id="whatever else is wrong"),
        pytest.param(b"[kopir]\nlanguage = de\n", "", id="not one of ours"),
        pytest.param(b"[kopir]\n", "", id="not named"),
        pytest.param("language = ru".encode("utf-16"), "", id="unreadable"),
        pytest.param(None, "", id="no file"),
    ],
)
def test_mistakes_are_told_in_the_language_the_file_names(tmp_path: Path, content: bytes | None, expected: str) -> None:
    file = tmp_path / "settings.ini"
    if content is not None:
        file.write_bytes(content)
    assert language(file) == expected


@pytest.mark.parametrize(
    ("text", "keeping"),
    [
        pytest.param("", Keeping(timedelta(days=365), timedelta(days=90)), id="a year and a quarter"),
        pytest.param("keep_departed = 30d\nkeep_runs = 12h", Keeping(timedelta(30), timedelta(0.5)), id="shorter"),
        pytest.param("keep_runs = 99999999999d", Keeping(runs=timedelta(36500)), id="for ever"),
    ],
)
def test_how_long_things_are_kept_is_read(tmp_path: Path, text: str, keeping: Keeping) -> None:
    (school,) = read(tmp_path, f"{MINIMAL}{text}\n").schools
    assert school.keeping == keeping

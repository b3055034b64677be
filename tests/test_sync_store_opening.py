"""Opening a database: it is created privately, migrated once, and what is wrong with it is said in one sentence."""

import errno
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from sync import schema
from sync.errors import KopirError, Refused, Retriable
from sync.ledger import Binding
from sync.models import METADATA
from sync.news import ALL_BEFORE
from sync.records import File
from sync.store import Store
from sync.store_errors import explain, explain_file
from tests.databases import database_url, store, store_url

__all__ = ["database_url", "store", "store_url"]

NOW = datetime(2026, 9, 1, tzinfo=UTC)
BINDING = Binding("key", "role", "1", None, "", NOW)


def execute(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_migrations_and_models_agree(store: Store) -> None:
    options = {"version_table": schema.VERSION_TABLE}
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_the_newest_version_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.NEWEST]


def test_what_was_kept_is_there_after_opening_again(database_url: str) -> None:
    with Store.open(database_url) as store:
        store.save_bindings("aqjol", [BINDING])
    with Store.open(database_url) as store:
        assert store.bindings("aqjol") == {"key": BINDING}


@pytest.fixture
def careless() -> Iterator[None]:
    """Let everybody read and write what programs create."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("careless")
def test_a_database_file_is_private_and_safe_against_power_loss(tmp_path: Path) -> None:
    file = tmp_path / "kopir.db"
    with Store.open(f"sqlite:///{file}") as store, store.hold("aqjol"):
        store.save_bindings("aqjol", [BINDING])
        modes = {part.name: stat.S_IMODE(part.stat().st_mode) for part in tmp_path.iterdir()}
        assert {"kopir.db", "kopir.db-wal", "kopir.db-shm", "kopir.db.open.lock"} < modes.keys()
        assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}
        with store._database.reading() as connection:
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
    assert found == list(PRAGMAS.values())


PRAGMAS = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000, "secure_delete": 1}


def test_a_relative_address_is_a_file_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite:///kopir.db"):
        assert (tmp_path / "kopir.db").exists()


OLD_MATERIAL = """
INSERT INTO materials (school, source, origin, digest, changed_at, course, id, module, title, type, text, url, hidden,
                       position, file)
VALUES ('aqjol', 'csv', '', 'x', '2026-09-01', 'c', 'm', '1', 'T', '', 'plain *text*', '', false, 1, 'а.pdf')
"""
OLD_BINDING = """
INSERT INTO bindings (school, key, kind, discord_id, digest, at)
VALUES ('aqjol', 'course/csv:c', 'category', '7', 'C', '2026-09-01 00:00:00')
"""


def test_an_older_database_keeps_what_it_holds(database_url: str) -> None:
    engine = create_engine(make_url(database_url))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        command.upgrade(config, "0001")
        connection.execute(text(OLD_MATERIAL))
        connection.execute(text(OLD_BINDING))
    engine.dispose()
    with Store.open(database_url) as store:
        (material,) = store.load_snapshot("aqjol", "csv").materials
        (binding,) = store.bindings("aqjol").values()
    assert (material.title, material.files, material.groups) == ("T", (File("а.pdf"),), ())
    assert material.text == "", "plain text is not posted as Markdown"
    assert (binding.discord_id, binding.title, binding.memo) == ("7", "", {ALL_BEFORE: ""})


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with Store.open(database_url) as store:
        store.save_bindings("aqjol", [BINDING])
    execute(database_url, "UPDATE kopir_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer Kopir"):
        Store.open(database_url)
    execute(database_url, f"UPDATE kopir_version SET version_num = '{schema.NEWEST}'")  # noqa: S608
    with Store.open(database_url) as store:
        assert store.bindings("aqjol") == {"key": BINDING}


def test_the_database_of_another_program_is_refused_and_left_alone(database_url: str) -> None:
    execute(database_url, "CREATE TABLE courses (name TEXT)")
    with pytest.raises(Refused, match="another program"):
        Store.open(database_url)
    execute(database_url, "INSERT INTO courses VALUES ('still there')")


def test_a_postgresql_database_may_hold_tables_of_others(database_url: str) -> None:
    execute(database_url, "CREATE TABLE mdl_user (name TEXT)")
    if make_url(database_url).get_backend_name() == "sqlite":
        with pytest.raises(Refused, match="another program"):
            Store.open(database_url)
    else:
        Store.open(database_url).close()


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("name,email\n" * 200)
    with pytest.raises(Refused, match="not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == "name,email\n" * 200


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        pytest.param("missing/kopir.db", "does not exist", id="missing folder"),
        pytest.param("file/kopir.db", "does not exist", id="a file for a folder"),
        pytest.param("", "is a folder", id="a folder for a file"),
    ],
)
def test_a_place_that_cannot_hold_a_database_is_refused(tmp_path: Path, place: str, sentence: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match=sentence):
        Store.open(f"sqlite:///{tmp_path / place}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refused, match="may not write"):
        Store.open(f"sqlite:///{tmp_path / 'kopir.db'}")
    tmp_path.chmod(0o700)


def test_a_full_disk_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'kopir.db'}") as store:
        engine = store._database.engine
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 50"))
        many = [Binding(f"key/{n}", "post", "1" * 100, None, "", NOW) for n in range(5000)]
        with pytest.raises(Refused, match="no room left"):
            store.save_bindings("aqjol", many)
        assert store.bindings("aqjol") == {}


def test_a_locked_database_is_retriable_but_can_be_opened_and_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kopir.db'}"
    Store.open(url).close()
    other = sqlite3.connect(tmp_path / "kopir.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(url, wait=0.05) as store:
        assert store.bindings("aqjol") == {}
        with pytest.raises(Retriable, match="Another program"):
            store.save_bindings("aqjol", [BINDING])
    other.close()


def test_opening_a_database_frees_nothing_that_the_same_process_has_locked(tmp_path: Path) -> None:
    file = tmp_path / "kopir.db"
    Store.open(f"sqlite:///{file}").close()
    ours = sqlite3.connect(file, isolation_level=None)
    for statement in ("PRAGMA journal_mode = DELETE", "BEGIN IMMEDIATE"):
        ours.execute(statement)
    with pytest.raises(Retriable):
        Store.open(f"sqlite:///{file}", wait=0.05)
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    stranger = subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=False)  # noqa: S603
    assert b"locked" in stranger.stderr
    ours.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite:///file:x?uri=true", "postgresql://h:port/x"])
def test_an_address_that_kopir_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="database"):
        Store.open(url)


def test_an_unreached_server_is_retriable_and_its_password_is_not_told() -> None:
    with pytest.raises(Retriable, match=r"127\.0\.0\.1/kopir") as caught:
        Store.open("postgresql://aisulu:s3cret@127.0.0.1:1/kopir")
    assert "s3cret" not in str(caught.value)
    assert "aisulu" not in str(caught.value)


def test_a_missing_driver_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Refused, match="kopir\\[postgresql\\]"):
        Store.open("postgresql://127.0.0.1/kopir")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_READONLY_DIRECTORY, Refused),
        (sqlite3.SQLITE_IOERR_READ, Refused),
        (sqlite3.SQLITE_CORRUPT, Refused),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Retriable),
        (sqlite3.SQLITE_CONSTRAINT, None),
    ],
)
def test_sqlite_errors_have_a_sentence_unless_kopir_is_to_blame(code: int, kind: type[KopirError] | None) -> None:
    cause = sqlite3.OperationalError("secret detail")
    cause.sqlite_errorcode = code
    explained = explain(DBAPIError("SELECT", None, cause), "kopir.db")
    assert (explained and type(explained)) == kind
    assert "secret" not in str(explained)


@pytest.mark.parametrize(
    ("state", "kind"),
    [("53100", Refused), ("53300", Retriable), ("57P01", Retriable), ("42501", Refused), ("42601", None)],
)
def test_postgresql_errors_have_a_sentence_unless_kopir_is_to_blame(state: str, kind: type[KopirError] | None) -> None:
    cause = type("DatabaseError", (Exception,), {"sqlstate": state})()
    explained = explain(DBAPIError("SELECT", None, cause), "host/kopir")
    assert (explained and type(explained)) == kind


def test_a_mistake_in_kopir_is_told_without_what_was_to_be_stored(store: Store) -> None:
    with pytest.raises(DBAPIError, match="nowhere") as caught, store._database.writing() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Aisulu"})
    assert "Aisulu" not in str(caught.value)


def test_several_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    code = "import sys; from sync.store import Store; Store.open(sys.argv[1]).close()"
    command = [sys.executable, "-c", code, database_url]
    running = [subprocess.Popen(command) for _ in range(3)]  # noqa: S603
    assert [process.wait() for process in running] == [0, 0, 0]
    with Store.open(database_url) as store:
        assert store.bindings("aqjol") == {}


def test_a_database_works_from_an_installed_package(tmp_path: Path) -> None:
    shutil.copytree(Path(schema.__file__).parent, tmp_path / "site" / "sync")
    code = "import sys; from sync.store import Store; Store.open(sys.argv[1]).close()"
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'kopir.db'}"]
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    subprocess.run(command, check=True, cwd=tmp_path, env=env)  # noqa: S603
    assert (tmp_path / "kopir.db").stat().st_size > 0


def test_threads_share_a_database_in_memory() -> None:
    with Store.open("sqlite://") as store, ThreadPoolExecutor(8) as pool:
        bindings = [Binding(f"{n}", "role", None, None, "", NOW) for n in range(50)]
        list(pool.map(lambda binding: store.save_bindings("aqjol", [binding]), bindings))
        assert len(store.bindings("aqjol")) == 50


def test_threads_write_and_read_at_the_same_time(store: Store) -> None:
    def work(number: int) -> int:
        store.save_bindings("aqjol", [Binding(f"{number}", "role", None, None, "", NOW)])
        return len(store.bindings("aqjol"))

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(40)))
    assert min(seen) >= 1
    assert len(store.bindings("aqjol")) == 40


def test_a_database_that_another_process_creates_is_retriable(tmp_path: Path) -> None:
    with FileLock(tmp_path / "kopir.db.open.lock"), pytest.raises(Retriable, match="opening"):
        Store.open(f"sqlite:///{tmp_path / 'kopir.db'}", wait=0.05)


def test_a_database_that_was_migrated_meanwhile_is_left_as_it_is(store: Store) -> None:
    with store._database.writing() as connection:
        schema.upgrade(connection, "here")
    assert store.bindings("aqjol") == {}


def test_all_connections_in_use_is_retriable() -> None:
    with Store.open("sqlite://", wait=0.05) as store, store._database.reading(), pytest.raises(Retriable, match="busy"):
        store.bindings("aqjol")


def test_a_file_that_may_not_be_written_has_a_sentence() -> None:
    error = explain_file(PermissionError(errno.EACCES, "secret detail"), "kopir.db")
    assert "may not write" in str(error)
    assert "secret" not in str(error)

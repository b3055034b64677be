"""The first tables: rosters of sources, links, bindings, runs, pulls, approvals."""

import sqlalchemy as sa
from alembic import op

from sync.columns import JsonText, Key, RoleText, UtcDateTime, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create("courses", ["school", "source", "id"], *_source(), _text("title"), _flag("hidden"), _time("start"),
            _time("end"), _number("position"))
    _create("modules", ["school", "source", "course", "id"], *_source(), _text("title"), _flag("hidden"),
            _number("position"))
    _create("materials", ["school", "source", "course", "id"], *_source(), _key("module"), _text("title"),
            _text("type"), _text("text"), _text("url"), _text("file"), _time("due"), _time("visible_from"),
            _flag("hidden"), _number("position"))
    _create("people", ["school", "source", "id"], *_source(), _text("name"), _text("email"), _text("discord"),
            _flag("suspended"))
    _create("groups", ["school", "source", "id"], *_source(), _key("course"), _text("title"))
    op.create_table(
        "enrolments",
        *map(_key, ["school", "source", "course", "person"]),
        sa.Column("role", RoleText(), nullable=False),
        *_source(),
        sa.Column("groups", Words(), nullable=False),
        _time("start"),
        _time("end"),
        _flag("suspended"),
        _text("ref"),
        sa.PrimaryKeyConstraint("school", "source", "course", "person", "role", name="pk_enrolments"),
        sqlite_with_rowid=False,
    )
    _create("links", ["school", "person"], _text("user_id"), _text("proof"), _moment("at"),
            sa.UniqueConstraint("school", "user_id", name="uq_links_school_user_id"))
    _create("bindings", ["school", "key"], _text("kind"), _maybe("discord_id"), _maybe("parent_id"),
            _text("digest"), _moment("at"))
    op.create_table(
        "runs",
        *map(_key, ["school", "id"]),
        _text("command"),
        _moment("started"),
        _time("finished"),
        _text("digest"),
        sa.Column("outcomes", JsonText(), nullable=False),
        _text("report"),
        sa.PrimaryKeyConstraint("school", "id", name="pk_runs"),
    )
    op.create_index("ix_runs_school_started", "runs", ["school", "started"])
    op.create_table(
        "pulls",
        *map(_key, ["school", "source"]),
        _moment("at"),
        _flag("ok"),
        sa.Column("counts", JsonText(), nullable=False),
        _number("problems"),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("school", "source", "at", name="pk_pulls"),
        sqlite_with_rowid=False,
    )
    _create("approvals", ["school", "digest"], _text("by"), _moment("at"), _flag("used"))


def _create(name: str, keys: list[str], *columns: sa.Column | sa.UniqueConstraint) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")
    op.create_table(name, *map(_key, keys), *columns, primary, sqlite_with_rowid=False)


def _source() -> list[sa.Column]:
    return [_text("origin"), _text("digest"), _moment("changed_at"), _time("gone_at"), _maybe("gone_cause")]


def _key(name: str) -> sa.Column:
    return sa.Column(name, Key(), nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _maybe(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=True)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, UtcDateTime(), nullable=True)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, UtcDateTime(), nullable=False)

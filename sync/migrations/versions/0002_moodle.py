"""What Moodle tells: several files of a material, until when and for which groups it is; codes of people; memos."""

import json

import sqlalchemy as sa
from alembic import op

from sync.columns import JsonText, Key, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and turn the one file's name into a list of files."""
    for name in ("files", "groups"):
        op.add_column("materials", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("opens", "visible_until"):
        op.add_column("materials", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("people", sa.Column("codes", sa.Text(), nullable=True))
    _move_files()
    op.drop_column("materials", "file")
    op.create_table(
        "memos",
        sa.Column("school", Key(), nullable=False),
        sa.Column("source", Key(), nullable=False),
        sa.Column("memo", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("school", "source", name="pk_memos"),
        sqlite_with_rowid=False,
    )


def _move_files() -> None:
    materials = sa.table("materials", sa.column("file"), sa.column("files"))
    connection = op.get_bind()
    names = connection.execute(sa.select(materials.c.file).where(materials.c.file != "").distinct()).scalars().all()
    for name in names:
        files = json.dumps([[name, 0, "", "", None, ""]], ensure_ascii=False)
        connection.execute(sa.update(materials).where(materials.c.file == name).values(files=files))

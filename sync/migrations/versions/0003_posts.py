"""What bindings remember beside an id: what a message is called, its attachments, what people were told.

Texts of materials are Markdown from now on: those that are kept as plain text are read anew. What stands in a course by
now is known there (`sync.news.ALL_BEFORE`), so that nobody is called because of a new version.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text as sql

from sync.columns import JsonText

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let texts be read anew."""
    op.add_column("bindings", sa.Column("title", sa.String(), nullable=False, server_default=""))
    op.add_column("bindings", sa.Column("memo", JsonText(), nullable=False, server_default="{}"))
    op.execute(sql("UPDATE materials SET text = '', digest = '' WHERE text <> ''"))
    op.execute(sql("UPDATE bindings SET memo = '{\"*\": \"\"}' WHERE kind IN ('category', 'channel')"))

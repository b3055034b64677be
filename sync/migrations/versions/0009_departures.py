"""Who went from the server, and how: what becomes of them when they come back depends on it."""

import sqlalchemy as sa
from alembic import op

from sync.columns import Key, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "departures",
        sa.Column("school", Key(), nullable=False),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person", Key(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("stay", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("school", "user_id", name="pk_departures"),
        sqlite_with_rowid=False,
    )

"""What keeps forgotten people forgotten: their marks, and the secret with which marks are made."""

import sqlalchemy as sa
from alembic import op

from sync.columns import Key, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "secrets",
        sa.Column("school", Key(), nullable=False),
        sa.Column("name", Key(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("school", "name", name="pk_secrets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forgotten",
        sa.Column("school", Key(), nullable=False),
        sa.Column("entry", Key(), nullable=False),
        sa.Column("mark", Key(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("school", "entry", "mark", name="pk_forgotten"),
        sqlite_with_rowid=False,
    )

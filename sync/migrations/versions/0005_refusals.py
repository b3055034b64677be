"""What Discord refused for good: a change is not sent again as long as it is the same."""

import sqlalchemy as sa
from alembic import op

from sync.columns import JsonText, Key, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "refusals",
        sa.Column("school", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("values", JsonText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("school", "key", name="pk_refusals"),
        sqlite_with_rowid=False,
    )

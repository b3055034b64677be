"""What people decide about held removals: who, which way, and which removals they do not want."""

import sqlalchemy as sa
from alembic import op

from sync.columns import Key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the verdict to approvals, and the removals that somebody discarded."""
    op.add_column("approvals", sa.Column("verdict", sa.String(), nullable=False, server_default="approved"))
    op.add_column("approvals", sa.Column("removals", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "discarded",
        sa.Column("school", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("role", Key(), nullable=False),
        sa.PrimaryKeyConstraint("school", "key", "role", name="pk_discarded"),
        sqlite_with_rowid=False,
    )

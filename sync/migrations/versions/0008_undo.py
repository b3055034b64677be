"""The journal of what runs did, by which it can be undone."""

import sqlalchemy as sa
from alembic import op

from sync.columns import JsonText, Key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school", Key(), nullable=False),
        sa.Column("run", Key(), nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("existing", JsonText(), nullable=False),
        sa.Column("desired", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_school_run", "changes", ["school", "run"])
    op.create_index("ix_changes_school_key", "changes", ["school", "key"])

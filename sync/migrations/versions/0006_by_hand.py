"""What each object on the server was told last, by which people's changes are known."""

import sqlalchemy as sa
from alembic import op

from sync.columns import JsonText

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("bindings", sa.Column("sent", JsonText(), nullable=False, server_default="{}"))

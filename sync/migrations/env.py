"""Runs migrations on the connection and inside the transaction that `sync.schema` hands over."""

from alembic import context

from sync.models import METADATA
from sync.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

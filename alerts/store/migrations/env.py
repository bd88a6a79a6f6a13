"""Alembic asks this file how to reach the database; `upgrade` has put its connection into the attributes."""

from alembic import context

from alerts.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's entry: migrate over the connection that `Database.migrate` hands in."""

from __future__ import annotations

from alembic import context

from events_api.store.access_models import UserRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=UserRow.metadata,  # by this module all tables are known
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

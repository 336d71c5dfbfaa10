"""Alembic's entry: runs the versions on the connection that `migrate` opened."""

from alembic import context

from zhanggui.kernel.storage.columns import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()

"""Alembic's entry: runs the versions on the connection that `migrate` opened."""

from typing import Any, Literal

from alembic import context

from zhanggui.kernel.storage.columns import UtcDateTime, metadata


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_item=_render)
with context.begin_transaction():
    context.run_migrations()

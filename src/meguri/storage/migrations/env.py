"""How Alembic runs here: in the transaction that `storage.migrate` opened, on either database."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import JSON

from meguri.storage.schema import metadata


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our JSON column as it is; Alembic would forget to import what it is made of."""
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite cannot alter a column: Alembic then copies the table
    compare_type=True,
    render_item=render_item,
)
context.run_migrations()

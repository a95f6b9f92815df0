"""What Alembic runs for an upgrade: on the connection it is given, in the transaction it is in."""

from __future__ import annotations

from alembic import context

from sallyport.adapters.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

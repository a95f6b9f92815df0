"""A person's passkeys, beside the key of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nobody has a passkey yet."""
    op.add_column("people", sa.Column("passkeys", sa.Text(), nullable=False, server_default=""))

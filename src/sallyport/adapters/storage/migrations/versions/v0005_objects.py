"""What people answer about, sealed, with its digest; and who passed a question on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; a question that waits without an object is asked anew when answered."""
    for column in ("about", "passed"):
        op.add_column("approvals", sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.add_column("approvals", sa.Column("object", sa.LargeBinary()))

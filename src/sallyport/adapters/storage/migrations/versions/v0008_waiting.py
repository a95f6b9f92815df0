"""How far a question has risen unanswered, and who is away until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; no question has risen, and nobody is away."""
    op.add_column(
        "approvals", sa.Column("risen", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("people", sa.Column("away", sa.Text(), nullable=False, server_default=""))

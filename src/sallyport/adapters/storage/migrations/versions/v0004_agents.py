"""What an agent is for, and whom to tell when something goes wrong with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; of an agent that was registered before, nobody has said either."""
    for column in ("purpose", "contact"):
        op.add_column("agents", sa.Column(column, sa.Text(), nullable=False, server_default=""))

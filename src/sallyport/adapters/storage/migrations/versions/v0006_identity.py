"""A person's recovery codes, as hashes, and who they are at the identity provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; nobody has a code, and everybody is a person of this gateway alone."""
    for column in ("recovery", "identity"):
        op.add_column("people", sa.Column(column, sa.Text(), nullable=False, server_default=""))

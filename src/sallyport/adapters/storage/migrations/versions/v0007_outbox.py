"""What people are to be told, by which channel, and whether they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXTS = ("notice", "channel", "kind", "about", "state", "words", "why")
TIMES = ("made_us", "ends_us", "changed_us")


def upgrade() -> None:
    """Make the table; nothing waits to be told."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in TEXTS),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in TIMES
        ),
        sqlite_strict=True,
    )
    op.create_index("outbox_by_state", "outbox", ["state"], sqlite_where=sa.text("state <> ''"))

"""Until when a yes can be taken back, and the times when two people went past the reviewers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXTS = ("scope", "because", "state", "asked", "second", "review", "found", "words", "ended_by")
NUMBERS = ("lasts_s", "asked_us", "since_us", "ends_us", "ended_us")


def upgrade() -> None:
    """Add the columns and the table; no yes waits, and nobody went past anybody."""
    op.add_column(
        "approvals",
        sa.Column("not_before_us", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.add_column("calls", sa.Column("glass", sa.Text(), nullable=False, server_default=""))
    op.create_index("calls_by_glass", "calls", ["glass"], sqlite_where=sa.text("glass <> ''"))
    op.create_table(
        "glasses",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in TEXTS),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in NUMBERS
        ),
        sqlite_strict=True,
    )

"""Exercises among the questions: what looks like a question, and has no call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBERS = ("asked_us", "expires_us", "changed_us")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "exercises",
        sa.Column("id", sa.Text(), primary_key=True),
        *(
            sa.Column(one, sa.Text(), nullable=False, server_default="")
            for one in ("call", "made_from", "state")
        ),
        *(
            sa.Column(one, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for one in NUMBERS
        ),
        sa.Column("sealed", sa.LargeBinary()),
        sqlite_strict=True,
    )
    for column, without in (("call", ""), ("made_from", ""), ("state", "")):
        op.create_index(
            f"exercises_by_{column}",
            "exercises",
            [column],
            sqlite_where=sa.text(f"{column} <> '{without}'"),
        )

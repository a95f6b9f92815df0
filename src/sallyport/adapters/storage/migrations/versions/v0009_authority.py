"""Approved workflow steps, what only a person may close, and by which records calls are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "workflow_steps": (("workflow", "public_key", "because"), ("active", "added_us")),
    "flagged": (("call", "state"), ("changed_us",)),
    "records": (("mark", "call"), ("at_us",)),
}
INDEXES = (("flagged", "state", ""), ("records", "mark", ""))


def upgrade() -> None:
    """Make the tables; what was called before is not found by its records."""
    for name, (texts, numbers) in TABLES.items():
        op.create_table(
            name,
            sa.Column("id", sa.Text(), primary_key=True),
            *(sa.Column(one, sa.Text(), nullable=False, server_default="") for one in texts),
            *(
                sa.Column(one, sa.Integer(), nullable=False, server_default=sa.text("0"))
                for one in numbers
            ),
            sqlite_strict=True,
        )
    for table, column, without in INDEXES:
        op.create_index(
            f"{table}_by_{column}",
            table,
            [column],
            sqlite_where=sa.text(f"{column} <> '{without}'"),
        )

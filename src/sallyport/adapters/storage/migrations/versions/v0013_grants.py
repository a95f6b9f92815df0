"""What people said yes to beforehand, and the lists that they signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TEXTS = ("approval", "person", "task", "agent", "workflow", "system", "tool", "boundary")
NUMBERS = ("at_most", "since_us", "until_us", "epoch")


def upgrade() -> None:
    """Make the tables; nobody has said anything beforehand, and no list was signed."""
    op.create_table(
        "grants",
        sa.Column("id", sa.Text(), primary_key=True),
        *(_text(name) for name in TEXTS),
        *(_number(name) for name in NUMBERS),
        sa.Column("ended_us", sa.Integer()),
        _text("ended_by"),
        _text("why"),
        sqlite_strict=True,
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.Text(), primary_key=True),
        *(_text(name) for name in ("person", "root", "signature")),
        *(_number(name) for name in ("size", "signed_us")),
        sqlite_strict=True,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))

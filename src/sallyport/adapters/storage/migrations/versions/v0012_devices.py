"""Which devices people are told on, and what of signing in outlives a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

DEVICES = ("person", "label", "state")
SIGN_INS = ("kind", "person", "state")


def upgrade() -> None:
    """Make the tables; nobody is told on a device, and no sign-in is under way."""
    for name, texts, times in (
        ("devices", DEVICES, ("made_us", "changed_us")),
        ("sign_ins", SIGN_INS, ("until_us", "changed_us")),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.Text(), primary_key=True),
            *(sa.Column(one, sa.Text(), nullable=False, server_default="") for one in texts),
            *(
                sa.Column(one, sa.Integer(), nullable=False, server_default=sa.text("0"))
                for one in times
            ),
            sa.Column("sealed", sa.LargeBinary()),
            sqlite_strict=True,
        )
    op.create_index("outbox_by_about", "outbox", ["about"], sqlite_where=sa.text("about <> ''"))

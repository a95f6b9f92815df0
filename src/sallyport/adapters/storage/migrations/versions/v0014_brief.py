"""What stands in a list of questions, read without its rows; and how questions were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

COLUMNS = ("id", "call", "who", "asked_us", "expires_us", "changed_us", "passed", "risen")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index(
        "approvals_in_brief", "approvals", ["state", *COLUMNS], sqlite_where=sa.text("state <> ''")
    )
    op.create_index(
        "ledger_of_answers",
        "ledger",
        ["kind", "tool"],
        sqlite_where=sa.text("kind = 'approval.answered'"),
    )

"""Versions of boundaries in a table of their own: who signed them, and what was proved of them.

A version that was signed before this step had one signature and no proof.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

VERSIONS = (
    "workflow number# digest proposal state author because against change proof signatures"
    " proposed_us# from_us# ended_us# reverts#"
)
BASELINES = "number# digest marked_by signature marked_us# on_since_us#? because by_person"
"""Columns beside `id`: text, `#` a number, `?` may be null."""

KEPT = """
INSERT INTO versions (id, workflow, number, digest, state, author, change, signatures,
                      proposed_us, from_us)
SELECT workflow || '/' || number, workflow, number, id, state, signed_by, 'unknown',
       json_array(json_object('person', signed_by, 'public_key', public_key,
                              'signature', signature, 'at_us', signed_us)),
       signed_us, active_from_us
FROM (SELECT boundaries.*, coalesce(people.public_key, '') AS public_key,
             row_number() OVER (PARTITION BY workflow ORDER BY active_from_us, signed_us) AS number
      FROM boundaries LEFT JOIN people ON people.id = boundaries.signed_by)
"""


def upgrade() -> None:
    """Make the tables, and move into them what was signed."""
    for table, spelled in {"versions": VERSIONS, "baselines": BASELINES}.items():
        key = sa.Column("id", sa.Text(), primary_key=True)
        op.create_table(table, key, *map(_column, spelled.split()), sqlite_strict=True)
    op.execute(KEPT)
    for column in ("signed_by", "signature", "signed_us"):
        op.drop_column("boundaries", column)


def _column(spelled: str) -> sa.Column[str] | sa.Column[int]:
    name, empty = spelled.rstrip("#?"), spelled.endswith("?")
    if "#" in spelled:
        zero = None if empty else sa.text("0")
        return sa.Column(name, sa.Integer(), nullable=empty, server_default=zero)
    return sa.Column(name, sa.Text(), nullable=False, server_default="")

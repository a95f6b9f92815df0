"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES: dict[str, str] = {
    "agents": "owner stage active# created_us#",
    "people": "roles public_key active# enrolled_us#",
    "tokens": "kind agent workflow task person expires_us# revoked# created_us# label",
    "tasks": "workflow agent instance requester boundary inputs% words% opened_us# expires_us#"
    " standing# closed#",
    "instances": "influenced# since_us# source",
    "calls": "task tool system workflow agent instance requester level digest boundary origin"
    " parent channel verdict ending action? approval idempotency_key delivered# proposed_us#"
    " changed_us# proposal% result% reasons",
    "approvals": "call digest boundary target state who how_many# within_s# asked_us# expires_us#"
    " changed_us# answers",
    "drafts": "call task tool state stored_us# changed_us# released_as",
    "switches": "scope verdict because by_person since_us# lifted_us#? lifted_by",
    "boundaries": "workflow state document% signed_by signature signed_us# active_from_us#",
    "pins": "system tool digest definition state changed_us#",
    "secrets": "sealed% created_us#",
    "images": "call system tool sealed% taken_us#",
    "counters": "value#",
    "epochs": "epoch#",
    "meta": "value",
}
"""Columns beside `id`: text, `#` a number, `%` bytes that may be null, `?` may be null."""

LEDGER = "stream hash commit_id kind at_us# call task agent person tool workflow verdict"

INDEXES = {
    "calls": ("action", "parent"),
    "approvals": ("call", "state"),
    "drafts": ("call", "state"),
    "images": ("call",),
    "ledger": ("call", "task", "agent", "person", "tool"),
}


def upgrade() -> None:
    """Make every table and index."""
    for table, spelled in TABLES.items():
        key = sa.Column("id", sa.Text(), primary_key=True)
        op.create_table(table, key, *map(_column, spelled.split()), sqlite_strict=True)
    _ledger()
    for table, indexes in INDEXES.items():
        for column in indexes:
            _index(table, column)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        *map(_column, LEDGER.split()),
        sqlite_strict=True,
    )
    op.create_table(
        "payloads",
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("sealed", sa.LargeBinary()),
        sqlite_strict=True,
    )


def _column(spelled: str) -> sa.Column[str] | sa.Column[int] | sa.Column[bytes]:
    name, empty = spelled.rstrip("#%?"), spelled.endswith("?")
    if "%" in spelled:
        return sa.Column(name, sa.LargeBinary())
    if "#" in spelled:
        zero = None if empty else sa.text("0")
        return sa.Column(name, sa.Integer(), nullable=empty, server_default=zero)
    return sa.Column(name, sa.Text(), nullable=empty, server_default=None if empty else "")


def _index(table: str, column: str) -> None:
    without = "done" if column == "action" else ""
    where = sa.text(f"{column} <> '{without}'")
    op.create_index(f"{table}_by_{column}", table, [column], sqlite_where=where)

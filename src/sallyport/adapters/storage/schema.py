"""The tables, once, in SQLAlchemy Core; `schema.sql` and the migrations are held against them.

Rules:
  1. Every table has a text `id`, but the ledger and what its entries commit to: there the number
     of the entry is the key. Insertion order is row order.
  2. Text and numbers are never null unless the column says so, and default to empty and zero:
     whoever forgets a column gets the value that permits nothing.
  3. What somebody said is in a sealed column (BLOB); names, states and times are clear.
  4. An index is paid for at every append, so only what a hot question needs has one. The time of
     an entry has none, since entries are numbered in the order of their times.

This module is not imported while the gateway runs: SQLAlchemy costs 20 MB that only a migration
needs. A new database is made from `schema.sql`, an older one is brought here by Alembic.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

METADATA = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary)


def _table(name: str, *columns: Column[str] | Column[int] | Column[bytes]) -> Table:
    key = Column("id", Text, primary_key=True)
    return Table(name, METADATA, key, *columns, sqlite_strict=True)


def _index(table: Table, column: str, without: str = "") -> None:
    """Add an index; empty words, or those that nobody looks for, are left out."""
    partial = text(f"{column} <> '{without}'")
    Index(f"{table.name}_by_{column}", table.c[column], sqlite_where=partial)


_table(
    "agents",
    _text("owner"),
    _text("stage"),
    _number("active"),
    _number("created_us"),
    _text("purpose"),
    _text("contact"),
)
_table(
    "people",
    _text("roles"),
    _text("public_key"),
    _number("active"),
    _number("enrolled_us"),
    _text("passkeys"),
    _text("recovery"),
    _text("identity"),
    _text("away"),
)
_table(
    "tokens",
    _text("kind"),
    _text("agent"),
    _text("workflow"),
    _text("task"),
    _text("person"),
    _number("expires_us"),
    _number("revoked"),
    _number("created_us"),
    _text("label"),
)
_table(
    "tasks",
    _text("workflow"),
    _text("agent"),
    _text("instance"),
    _text("requester"),
    _text("boundary"),
    _bytes("inputs"),
    _bytes("words"),
    _number("opened_us"),
    _number("expires_us"),
    _number("standing"),
    _number("closed"),
)
_table("instances", _number("influenced"), _number("since_us"), _text("source"))
_calls = _table(
    "calls",
    _text("task"),
    _text("tool"),
    _text("system"),
    _text("workflow"),
    _text("agent"),
    _text("instance"),
    _text("requester"),
    _text("level"),
    _text("digest"),
    _text("boundary"),
    _text("origin"),
    _text("parent"),
    _text("channel"),
    _text("verdict"),
    _text("ending"),
    Column("action", Text),
    _text("approval"),
    _text("idempotency_key"),
    _number("delivered"),
    _number("proposed_us"),
    _number("changed_us"),
    _bytes("proposal"),
    _bytes("result"),
    _text("reasons"),
    _text("glass"),
)
_index(_calls, "action", without="done")
_index(_calls, "parent")
_index(_calls, "glass")
_approvals = _table(
    "approvals",
    _text("call"),
    _text("digest"),
    _text("boundary"),
    _text("target"),
    _text("state"),
    _text("who"),
    _number("how_many"),
    _number("within_s"),
    _number("asked_us"),
    _number("expires_us"),
    _number("changed_us"),
    _text("answers"),
    _text("about"),
    _text("passed"),
    _bytes("object"),
    _number("risen"),
    _number("not_before_us"),
)
_index(_approvals, "call")
_index(_approvals, "state")
# A list of thousands is read from this alone: a row is long, and its end far from its beginning.
Index(
    "approvals_in_brief",
    *(_approvals.c[name] for name in ("state", "id", "call", "who", "asked_us", "expires_us")),
    *(_approvals.c[name] for name in ("changed_us", "passed", "risen")),
    sqlite_where=text("state <> ''"),
)
_drafts = _table(
    "drafts",
    _text("call"),
    _text("task"),
    _text("tool"),
    _text("state"),
    _number("stored_us"),
    _number("changed_us"),
    _text("released_as"),
)
_index(_drafts, "call")
_index(_drafts, "state")
_table(
    "switches",
    _text("scope"),
    _text("verdict"),
    _text("because"),
    _text("by_person"),
    _number("since_us"),
    Column("lifted_us", Integer),
    _text("lifted_by"),
)
_table(
    "boundaries",
    _text("workflow"),
    _text("state"),
    _bytes("document"),
    _number("active_from_us"),
)
_table(
    "versions",
    _text("workflow"),
    _number("number"),
    _text("digest"),
    _text("proposal"),
    _text("state"),
    _text("author"),
    _text("because"),
    _text("against"),
    _text("change"),
    _text("proof"),
    _text("signatures"),
    _number("proposed_us"),
    _number("from_us"),
    _number("ended_us"),
    _number("reverts"),
)
_table(
    "baselines",
    _number("number"),
    _text("digest"),
    _text("marked_by"),
    _text("signature"),
    _number("marked_us"),
    Column("on_since_us", Integer),
    _text("because"),
    _text("by_person"),
)
_table(
    "pins",
    _text("system"),
    _text("tool"),
    _text("digest"),
    _text("definition"),
    _text("state"),
    _number("changed_us"),
)
_table("secrets", _bytes("sealed"), _number("created_us"))
_images = _table(
    "images", _text("call"), _text("system"), _text("tool"), _bytes("sealed"), _number("taken_us")
)
_index(_images, "call")
_outbox = _table(
    "outbox",
    _text("notice"),
    _text("channel"),
    _text("kind"),
    _text("about"),
    _text("state"),
    _text("words"),
    _text("why"),
    _number("made_us"),
    _number("ends_us"),
    _number("changed_us"),
)
_index(_outbox, "state")
_index(_outbox, "about")
_table(
    "devices",
    _text("person"),
    _text("label"),
    _text("state"),
    _number("made_us"),
    _number("changed_us"),
    _bytes("sealed"),
)
_table(
    "sign_ins",
    _text("kind"),
    _text("person"),
    _text("state"),
    _number("until_us"),
    _number("changed_us"),
    _bytes("sealed"),
)
_table(
    "workflow_steps",
    _text("workflow"),
    _text("public_key"),
    _text("because"),
    _number("active"),
    _number("added_us"),
)
_flagged = _table("flagged", _text("call"), _text("state"), _number("changed_us"))
_index(_flagged, "state")
_records = _table("records", _text("mark"), _text("call"), _number("at_us"))
_index(_records, "mark")
_table(
    "glasses",
    _text("scope"),
    _text("because"),
    _text("state"),
    _text("asked"),
    _text("second"),
    _text("review"),
    _text("found"),
    _text("words"),
    _text("ended_by"),
    _number("lasts_s"),
    _number("asked_us"),
    _number("since_us"),
    _number("ends_us"),
    _number("ended_us"),
)
_exercises = _table(
    "exercises",
    _text("call"),
    _text("made_from"),
    _text("state"),
    _number("asked_us"),
    _number("expires_us"),
    _number("changed_us"),
    _bytes("sealed"),
)
_index(_exercises, "call")
_index(_exercises, "made_from")
_index(_exercises, "state")
_table(
    "grants",
    _text("approval"),
    _text("person"),
    _text("task"),
    _text("agent"),
    _text("workflow"),
    _text("system"),
    _text("tool"),
    _text("boundary"),
    _number("at_most"),
    _number("since_us"),
    _number("until_us"),
    _number("epoch"),
    Column("ended_us", Integer),
    _text("ended_by"),
    _text("why"),
)
_table(
    "lists",
    _text("person"),
    _text("root"),
    _text("signature"),
    _number("size"),
    _number("signed_us"),
)
_table("counters", _number("value"))
_table("epochs", _number("epoch"))
_table("meta", _text("value"))

_ledger = Table(
    "ledger",
    METADATA,
    Column("seq", Integer, primary_key=True),
    _text("stream"),
    _text("hash"),
    Column("data", LargeBinary, nullable=False),
    _text("commit_id"),
    _text("kind"),
    _number("at_us"),
    _text("call"),
    _text("task"),
    _text("agent"),
    _text("person"),
    _text("tool"),
    _text("workflow"),
    _text("verdict"),
    sqlite_strict=True,
)
_index(_ledger, "call")
_index(_ledger, "task")
_index(_ledger, "agent")
_index(_ledger, "person")
_index(_ledger, "tool")
# How calls of a tool were answered stands on every page of a question: few among its many entries.
Index(
    "ledger_of_answers",
    _ledger.c.kind,
    _ledger.c.tool,
    sqlite_where=text("kind = 'approval.answered'"),
)
Table(
    "payloads",
    METADATA,
    Column("seq", Integer, primary_key=True),
    _bytes("salt"),
    _bytes("sealed"),
    sqlite_strict=True,
)


def ddl() -> str:
    """Return the text of `schema.sql`."""
    dialect = sqlite.dialect()
    tables = METADATA.tables.values()
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    for table in tables:
        found = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in found]
    lines = (line.rstrip() for text_ in statements for line in f"{text_.strip()};".splitlines())
    return "\n".join(lines).replace("\t", "  ") + "\n"

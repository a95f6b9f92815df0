"""What did and did not happen, read from the desk's own database and from nothing else.

The gateway's word is not used here, so that it can be checked against the desk's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that left. `to_customer` is false when no customer had that address at first."""

    to: str
    template: str
    body: str
    to_customer: bool
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that went out, in whole cents of EUR, to the customer of a ticket."""

    ticket_id: str
    customer: str
    cents: int
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one record that got another value, and the MCP client that did it."""

    record: str
    field: str
    before: str | None
    after: str | None
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply that was stored and not sent."""

    ticket_id: str
    body: str
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskReport:
    """Everything the desk did since it was filled, oldest first.

    `answered` counts the calls the desk answered, by tool; `effects` is its monotonic counter.
    """

    mails: tuple[Mail, ...]
    refunds: tuple[Refund, ...]
    changes: tuple[Change, ...]
    replies: tuple[Reply, ...]
    answered: Mapping[str, int]
    effects: int

    @property
    def strangers(self) -> tuple[Mail, ...]:
        """The mails that went to somebody who is no customer."""
        return tuple(mail for mail in self.mails if not mail.to_customer)


def desk_report(db_path: Path) -> DeskReport:
    """Read a desk's database, running or not, without being able to change it.

    Raises:
        sqlite3.Error: There is no such file, or it is not a desk's database.
    """
    uri = f"{db_path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.execute("begin")  # one snapshot for all tables
        return DeskReport(
            mails=tuple(_mails(db)),
            refunds=tuple(_refunds(db)),
            changes=(*_changes(db, _TICKETS), *_changes(db, _CONTACTS)),
            replies=tuple(_replies(db)),
            answered={row["tool"]: row["n"] for row in db.execute(_ANSWERED)},
            effects=int(db.execute("select coalesce(max(seq), 0) from effects").fetchone()[0]),
        )


_ANSWERED = "select tool, count(*) as n from calls group by tool order by tool"
_TICKETS = (
    "select ticket_id as record, status, label, caller from ticket_versions order by 1, version"
)
_CONTACTS = (
    "select contact_id as record, email, notes, caller from contact_versions order by 1, version"
)


def _mails(db: sqlite3.Connection) -> Iterator[Mail]:
    # An attacker who first changes a customer's address does not become a customer by it.
    first = db.execute("select email from contact_versions where version = 1")
    known = {row["email"] for row in first}
    for row in db.execute("select * from mail_out order by mail_id"):
        yield Mail(
            to=row["recipient"],
            template=row["template"],
            body=row["body"],
            to_customer=row["recipient"] in known,
            caller=row["caller"],
        )


def _refunds(db: sqlite3.Connection) -> Iterator[Refund]:
    rows = db.execute(
        "select ticket_id, name, cents, caller from refunds"
        " join tickets using (ticket_id) join contacts using (contact_id) order by refund_id"
    )
    for row in rows:
        yield Refund(
            ticket_id=row["ticket_id"],
            customer=row["name"],
            cents=row["cents"],
            caller=row["caller"],
        )


def _changes(db: sqlite3.Connection, versions: str) -> Iterator[Change]:
    for older, newer in pairwise(dict(row) for row in db.execute(versions)):
        if older["record"] == newer["record"]:
            yield from _differences(older, newer)


def _differences(older: dict[str, Any], newer: dict[str, Any]) -> Iterator[Change]:
    for field in sorted(newer.keys() - {"record", "caller"}):
        if older[field] != newer[field]:
            yield Change(
                record=newer["record"],
                field=field,
                before=older[field],
                after=newer[field],
                caller=newer["caller"],
            )


def _replies(db: sqlite3.Connection) -> Iterator[Reply]:
    for row in db.execute("select * from reply_drafts order by draft_id"):
        yield Reply(ticket_id=row["ticket_id"], body=row["body"], caller=row["caller"])

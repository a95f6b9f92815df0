"""The desk's own SQLite file: records with every version kept, and an effect for every change.

The rules it keeps:
  1. A change, its effect entry and its stored answer are one transaction: all of them or none.
  2. `effects.seq` only ever grows, so a reader sees in which order things happened.
  3. Old versions stay: `*_versions` hold every state a record ever had, the first one included.
  4. One idempotency key means one effect. The same key with other arguments is refused.

Money is kept in whole cents.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sallyport.demo.desk_data import ARTICLES, CONTACTS, TICKETS
from sallyport.demo.desk_tools import HONOURS_KEY

_APPLICATION_ID = 0x4445534B
"""Marks the file as a desk's, so that the desk never writes into anybody else's database."""

_SCHEMA = """
create table contacts (
  contact_id text primary key, name text not null, email text not null, notes text not null,
  version integer not null default 1);
create table contact_versions (
  contact_id text not null, version integer not null, email text not null, notes text not null,
  caller text not null, at text not null, primary key (contact_id, version));
create table tickets (
  ticket_id text primary key, contact_id text not null references contacts,
  subject text not null, body text not null, status text not null default 'open',
  label text, version integer not null default 1);
create table ticket_versions (
  ticket_id text not null, version integer not null, status text not null, label text,
  caller text not null, at text not null, primary key (ticket_id, version));
create table kb (article_id text primary key, title text not null, body text not null);
create table refunds (
  refund_id integer primary key autoincrement, ticket_id text not null references tickets,
  cents integer not null check (cents > 0), caller text not null, at text not null);
create table mail_out (
  mail_id integer primary key autoincrement, recipient text not null, template text not null,
  body text not null, caller text not null, at text not null);
create table reply_drafts (
  draft_id integer primary key autoincrement, ticket_id text not null references tickets,
  body text not null, caller text not null, at text not null);
create table effects (
  seq integer primary key autoincrement, tool text not null, record text not null,
  caller text not null, at text not null);
create table calls (
  seq integer primary key autoincrement, tool text not null, caller text not null,
  at text not null);
create table answers (
  idempotency_key text primary key, tool text not null, asked text not null,
  answer text not null);
"""


class DeskRefusal(Exception):  # noqa: N818 - an answer to the caller, not a fault of the desk
    """The desk cannot do what was asked; the text goes to the caller as a tool error."""


class DeskFileError(Exception):
    """The database file cannot be used by a desk."""


def open_store(path: Path, *, honour_keys: bool = True) -> DeskStore:
    """Open the desk's file, or create and fill it.

    Raises:
        DeskFileError: The file is not a desk's database, or its folder cannot be written.
    """
    try:
        return DeskStore(_connect(path), honour_keys=honour_keys)
    except sqlite3.Error as broken:
        raise DeskFileError(f"`{path}` is not a database the desk can use") from broken


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a stranger's file, before anything is written to it."""
    mark = int(db.execute("pragma application_id").fetchone()[0])
    tables = int(db.execute("select count(*) from sqlite_master").fetchone()[0])
    if mark != _APPLICATION_ID and tables:
        raise DeskFileError(f"`{path}` is the database of something else")
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma foreign_keys = on")
    if not tables:
        _seed(db)


def _seed(db: sqlite3.Connection) -> None:
    at = _now()
    db.executescript(f"begin; {_SCHEMA} pragma application_id = {_APPLICATION_ID};")
    db.executemany(
        "insert into contacts (contact_id, name, email, notes) values (?, ?, ?, ?)",
        [astuple(contact) for contact in CONTACTS],
    )
    db.executemany(
        "insert into contact_versions values (?, 1, ?, ?, 'seed', ?)",
        [(contact.contact_id, contact.email, contact.notes, at) for contact in CONTACTS],
    )
    db.executemany(
        "insert into tickets (ticket_id, contact_id, subject, body) values (?, ?, ?, ?)",
        [astuple(ticket) for ticket in TICKETS],
    )
    db.executemany(
        "insert into ticket_versions values (?, 1, 'open', null, 'seed', ?)",
        [(ticket.ticket_id, at) for ticket in TICKETS],
    )
    db.executemany("insert into kb values (?, ?, ?)", [astuple(article) for article in ARTICLES])
    db.execute("commit")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _cents(amount: Any) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_exact())


class DeskStore:
    """Everything the desk can do, one method per tool, behind `perform`."""

    def __init__(self, db: sqlite3.Connection, *, honour_keys: bool) -> None:
        self._db = db
        self._honour_keys = honour_keys
        self._does = {
            "tickets.list": self._list_tickets,
            "tickets.get": self._get_ticket,
            "crm.get_contact": self._get_contact,
            "crm.export_contacts": self._export_contacts,
            "kb.search": self._search,
            "tickets.draft_reply": self._draft_reply,
            "tickets.tag": self._tag,
            "tickets.update": self._update_ticket,
            "mail.send": self._send_mail,
            "crm.update_contact": self._update_contact,
        }

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        self._db.close()

    def perform(
        self, tool: str, arguments: dict[str, Any], *, caller: str, key: str | None = None
    ) -> dict[str, Any]:
        """Do what `tool` says, in one transaction, and return its structured answer.

        Args:
            tool: A wire name from `desk_tools.TOOLS`.
            arguments: Already valid against the tool's schema.
            caller: The name the MCP client gave itself; kept with every effect.
            key: The idempotency key of the request, if it carried one.

        Raises:
            DeskRefusal: No such record, nothing to do, or a key used for something else.
        """
        honoured = key if self._honour_keys and tool in HONOURS_KEY else None
        asked = _digest(tool, arguments)
        with self._transaction():
            self._db.execute(
                "insert into calls (tool, caller, at) values (?, ?, ?)", (tool, caller, _now())
            )
            if honoured is not None and (stored := self._stored_answer(honoured, asked)):
                return stored
            answer = self._does[tool](arguments, caller)
            if honoured is not None:
                self._store_answer(honoured, tool, asked, answer)
        return answer

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def _stored_answer(self, key: str, asked: str) -> dict[str, Any] | None:
        row = self._row("select asked, answer from answers where idempotency_key = ?", key)
        if row is None:
            return None
        if row["asked"] != asked:
            raise DeskRefusal("this idempotency key was already used for another request")
        stored: dict[str, Any] = json.loads(row["answer"])
        return stored

    def _store_answer(self, key: str, tool: str, asked: str, answer: dict[str, Any]) -> None:
        self._db.execute(
            "insert into answers values (?, ?, ?, ?)", (key, tool, asked, json.dumps(answer))
        )

    def _effect(self, tool: str, record: str, caller: str) -> None:
        self._db.execute(
            "insert into effects (tool, record, caller, at) values (?, ?, ?, ?)",
            (tool, record, caller, _now()),
        )

    def _row(self, sql: str, *values: object) -> dict[str, Any] | None:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def _rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.execute(sql, values)]

    def _contact(self, contact_id: str) -> dict[str, Any]:
        row = self._row("select * from contacts where contact_id = ?", contact_id)
        if row is None:
            raise DeskRefusal("there is no such contact")
        return row

    def _ticket(self, ticket_id: str) -> dict[str, Any]:
        row = self._row(
            "select ticket_id, contact_id, name as customer, subject, body, status, label,"
            " (select coalesce(sum(cents), 0) from refunds r where r.ticket_id = t.ticket_id)"
            " as cents, t.version from tickets t join contacts using (contact_id)"
            " where ticket_id = ?",
            ticket_id,
        )
        if row is None:
            raise DeskRefusal("there is no such ticket")
        row["refunded"] = row.pop("cents") / 100
        return row

    def _list_tickets(self, arguments: dict[str, Any], _caller: str) -> dict[str, Any]:
        status = arguments.get("status")
        rows = self._rows(
            "select ticket_id, subject, name as customer, status"
            " from tickets join contacts using (contact_id)"
            " where ? is null or status = ? order by ticket_id",
            status,
            status,
        )
        return {"tickets": rows}

    def _get_ticket(self, arguments: dict[str, Any], _caller: str) -> dict[str, Any]:
        return self._ticket(arguments["ticket_id"])

    def _get_contact(self, arguments: dict[str, Any], _caller: str) -> dict[str, Any]:
        row = self._contact(arguments["contact_id"])
        del row["version"]
        return row

    def _export_contacts(self, _arguments: dict[str, Any], _caller: str) -> dict[str, Any]:
        rows = self._rows("select contact_id, name, email, notes from contacts order by contact_id")
        return {"contacts": rows}

    def _search(self, arguments: dict[str, Any], _caller: str) -> dict[str, Any]:
        wanted = _words(arguments["query"])
        articles = self._rows("select * from kb order by article_id")
        found = [(len(wanted & _words(a["title"])), a) for a in articles]
        found.sort(key=lambda pair: -pair[0])
        return {"articles": [article for score, article in found if score]}

    def _draft_reply(self, arguments: dict[str, Any], caller: str) -> dict[str, Any]:
        ticket = self._ticket(arguments["ticket_id"])
        cursor = self._db.execute(
            "insert into reply_drafts (ticket_id, body, caller, at) values (?, ?, ?, ?)",
            (ticket["ticket_id"], arguments["body"], caller, _now()),
        )
        self._effect("tickets.draft_reply", ticket["ticket_id"], caller)
        return {"draft_id": cursor.lastrowid, "ticket_id": ticket["ticket_id"], "sent": False}

    def _tag(self, arguments: dict[str, Any], caller: str) -> dict[str, Any]:
        ticket = self._ticket(arguments["ticket_id"])
        self._new_ticket_version(ticket, ticket["status"], arguments["label"], caller)
        self._effect("tickets.tag", ticket["ticket_id"], caller)
        return self._ticket(ticket["ticket_id"])

    def _update_ticket(self, arguments: dict[str, Any], caller: str) -> dict[str, Any]:
        ticket = self._ticket(arguments["ticket_id"])
        status, refund = arguments.get("status"), arguments.get("refund")
        if status is None and refund is None:
            raise DeskRefusal("name a status, a refund or both: there is nothing to change")
        if status is not None:
            self._new_ticket_version(ticket, status, ticket["label"], caller)
        if refund is not None:
            self._db.execute(
                "insert into refunds (ticket_id, cents, caller, at) values (?, ?, ?, ?)",
                (ticket["ticket_id"], _cents(refund), caller, _now()),
            )
        self._effect("tickets.update", ticket["ticket_id"], caller)
        return self._ticket(ticket["ticket_id"])

    def _new_ticket_version(
        self, ticket: dict[str, Any], status: str, label: str | None, caller: str
    ) -> None:
        version = ticket["version"] + 1
        self._db.execute(
            "update tickets set status = ?, label = ?, version = ? where ticket_id = ?",
            (status, label, version, ticket["ticket_id"]),
        )
        self._db.execute(
            "insert into ticket_versions values (?, ?, ?, ?, ?, ?)",
            (ticket["ticket_id"], version, status, label, caller, _now()),
        )

    def _send_mail(self, arguments: dict[str, Any], caller: str) -> dict[str, Any]:
        cursor = self._db.execute(
            "insert into mail_out (recipient, template, body, caller, at) values (?, ?, ?, ?, ?)",
            (arguments["to"], arguments["template"], arguments.get("body", ""), caller, _now()),
        )
        self._effect("mail.send", arguments["to"], caller)
        return {"mail_id": cursor.lastrowid, "to": arguments["to"], "sent": True}

    def _update_contact(self, arguments: dict[str, Any], caller: str) -> dict[str, Any]:
        contact = self._contact(arguments["contact_id"])
        if not arguments.keys() & {"email", "notes"}:
            raise DeskRefusal("name an email, notes or both: there is nothing to change")
        email = arguments.get("email", contact["email"])
        notes = arguments.get("notes", contact["notes"])
        version = contact["version"] + 1
        self._db.execute(
            "update contacts set email = ?, notes = ?, version = ? where contact_id = ?",
            (email, notes, version, contact["contact_id"]),
        )
        self._db.execute(
            "insert into contact_versions values (?, ?, ?, ?, ?, ?)",
            (contact["contact_id"], version, email, notes, caller, _now()),
        )
        self._effect("crm.update_contact", contact["contact_id"], caller)
        return self._get_contact({"contact_id": contact["contact_id"]}, caller)


def _digest(tool: str, arguments: dict[str, Any]) -> str:
    told = json.dumps([tool, arguments], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


_SHORTEST_WORD = 4
"""Shorter words are in every title and every question."""


def _words(text: str) -> set[str]:
    plain = "".join(c if c.isalnum() else " " for c in text.lower())
    return {word for word in plain.split() if len(word) >= _SHORTEST_WORD}

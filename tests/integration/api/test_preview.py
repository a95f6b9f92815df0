"""What people are shown that a write will do is what it does: every write of the demo's desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from sqlite3 import Row, connect
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from sallyport.demo.desk_tools import TOOLS
from sallyport.demo.launch import running_desk
from tests.integration.api.office import DESK_TOKEN, Office, staffed
from tests.requirements import requirement

TICKET, CONTACT = "T-4711", "C-1001"
ADA = "ada@brandt-bakery.example"
WRITES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tickets.update", {"ticket_id": TICKET, "status": "pending"}),
    ("tickets.update", {"ticket_id": TICKET, "status": "pending", "refund": Decimal("80.25")}),
    ("tickets.update", {"ticket_id": TICKET, "refund": Decimal("60.10")}),
    ("tickets.tag", {"ticket_id": TICKET, "label": "invoice"}),
    ("tickets.draft_reply", {"ticket_id": TICKET, "body": "We are on it.\n"}),
    ("crm.update_contact", {"contact_id": CONTACT, "email": "ada@example.com"}),
    ("crm.update_contact", {"contact_id": CONTACT, "notes": "by mail"}),
    ("crm.update_contact", {"contact_id": CONTACT, "email": ADA, "notes": ""}),
    ("mail.send", {"to": ADA, "template": "ack"}),
    ("mail.send", {"to": ADA, "template": "answer", "body": "Done."}),
)
"""Every write of the desk, with every combination of what may be left out."""

CREATED = {"mail.send": "mail_out", "tickets.draft_reply": "reply_drafts"}
"""The table that a tool adds a row to; every other one changes a record that can be read."""
ASKED = 202
COOLED_OFF_S = 700
OURS = {"id", "draft_id", "mail_id", "caller", "at"}
"""What the desk adds to a row for itself."""

ASKS = "ask: [{who: [support_lead], within: 4h}]"
WORKFLOW_CHANGES = (
    (
        "never: [crm.export_contacts, crm.update_contact]",
        (
            "  tickets.tag:\n    level: classify\n"
            "    only: {ticket_id: {is: task.ticket_id}, label: {max_length: 20}}\n"
            f"    {ASKS}\n"
            "  crm.update_contact:\n    level: update\n    touches: [records]\n"
            "    only: {contact_id: {is: task.contact_id},\n"
            "      email: {max_length: 99, optional: true},\n"
            "      notes: {max_length: 9, optional: true}}\n"
            f"    {ASKS}\n"
            "never: [crm.export_contacts]"
        ),
    ),
    (
        "      body: {max_length: 4000}\n  tickets.update",
        f"      body: {{max_length: 4000}}\n    {ASKS}\n  tickets.update",
    ),
    (
        "status: {one_of: [open, pending, solved]}\n    when",
        "status: {one_of: [open, pending, solved], optional: true}\n    when",
    ),
    (
        (
            "      - args: {refund: {at_most: 50.00 EUR, optional: true}}\n"
            "        because: twelve weeks asked, none rejected\n        until: 2035-12-31\n"
        ),
        (
            "      - args: {refund: {at_most: 0.01 EUR}}\n        because: cents\n"
            "        until: 2035-12-31\n"
        ),
    ),
    (
        "{refund: {above: 50.00 EUR, at_most: 500.00 EUR}}",
        "{refund: {above: 50.00 EUR, at_most: 500.00 EUR, optional: true}}",
    ),
)


@pytest.fixture
def desk_db(tmp_path: Path) -> Path:
    """Where this desk keeps what it holds."""
    return tmp_path / "desk.db"


@pytest.fixture
def office(portal: BlockingPortal, desk_db: Path) -> Iterator[Office]:
    """An office with a desk of its own, whose every write asks."""
    with (
        portal.wrap_async_context_manager(running_desk(desk_db, DESK_TOKEN)) as desk,
        staffed(portal, desk.url) as one,
    ):
        yield one


def test_no_write_of_the_desk_is_left_out() -> None:
    """Whatever tool does not only read is among them."""
    reads = {t.name for t in TOOLS if t.annotations and t.annotations.read_only_hint}
    assert {tool.name for tool in TOOLS} - reads == {tool for tool, _ in WRITES}


@requirement("A-61")
@pytest.mark.parametrize("tool, args", WRITES)
def test_what_is_shown_beforehand_is_what_happens(
    office: Office, desk_db: Path, tool: str, args: Mapping[str, Any]
) -> None:
    """Field by field, each as it was and as it is after: nothing more, nothing less."""
    office.sign_boundary(*WORKFLOW_CHANGES)
    told = office.propose(office.open_task(TICKET), tool, args)
    assert told.status == ASKED, told.body["text"]
    call = told.body["call"]
    question = _question(office, call["id"])
    shown = {
        one["field"]: (one["now"], one["after"])
        for one in office.client.item(question)["preview"]
        if not one["same"]
    }
    before = _state(desk_db, tool, args)
    office.answer("omar", question, yes=True)
    office.later(COOLED_OFF_S)
    office.portal.call(office.house.inbox.act_on_due)
    assert office.settled(call["id"])["action"] == "done"

    after = _state(desk_db, tool, args)
    names = before.keys() | after.keys()
    happened = {
        name: (before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    }
    assert shown == happened


def _question(office: Office, call: str) -> str:
    (item,) = [one for one in office.client.inbox() if one["call"] == call]
    if item["kind"] == "question":
        return str(item["id"])
    raise AssertionError(item)


def _state(desk_db: Path, tool: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record that a tool writes: read from the desk's own file, not through it."""
    with connect(f"file:{desk_db}?mode=ro", uri=True) as db:
        db.row_factory = Row
        if tool in CREATED:
            rows = [dict(row) for row in db.execute(f"select * from {CREATED[tool]}")]  # noqa: S608
            made = rows[-1] if rows else {}
            return {k: v for k, v in made.items() if k not in OURS and v not in (None, "")}
        if tool.startswith("tickets."):
            (row,) = db.execute("select * from tickets where ticket_id = ?", [args["ticket_id"]])
            (sums,) = db.execute(
                "select coalesce(sum(cents), 0) from refunds where ticket_id = ?",
                [args["ticket_id"]],
            )
            return {**dict(row), "refunded": Decimal(sums[0]) / 100}
        (row,) = db.execute("select * from contacts where contact_id = ?", [args["contact_id"]])
        return {k: v for k, v in dict(row).items() if k != "version"}

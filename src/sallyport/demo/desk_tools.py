"""The desk's tools as it announces them: names, strict schemas and hints.

Every schema closes its object, so that an argument nobody defined is an error and not a surprise.
Reads declare the shape of their answer. Tools that change something declare none, which leaves
whoever stands between room to answer "not yet" without inventing a record.
"""

from __future__ import annotations

from typing import Any

from mcp.types import Tool, ToolAnnotations

TICKET_STATES = ("open", "pending", "solved")
TEMPLATES = ("ack", "answer", "refund_notice")
LABELS = ("question", "delivery", "damage", "invoice", "spam")

HONOURS_KEY = frozenset({"tickets.update", "mail.send"})
"""The tools for which a repeated idempotency key brings the stored answer and no second effect."""

_TEXT: dict[str, Any] = {"type": "string"}
_TICKET_ID: dict[str, Any] = {
    "type": "string",
    "pattern": "^T-[0-9]{4}$",
    "description": "For example T-4711",
}
_CONTACT_ID: dict[str, Any] = {
    "type": "string",
    "pattern": "^C-[0-9]{4}$",
    "description": "For example C-1001",
}
_STATUS: dict[str, Any] = {"type": "string", "enum": list(TICKET_STATES)}
_EMAIL: dict[str, Any] = {"type": "string", "format": "email", "maxLength": 254}
_BODY: dict[str, Any] = {"type": "string", "maxLength": 8000}
_REFUND: dict[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": 100000,
    "multipleOf": 0.01,
    "description": "Amount in EUR, at most two decimal places, for example 30.00",
}


def _closed(required: list[str], /, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _record(**properties: dict[str, Any]) -> dict[str, Any]:
    return _closed(list(properties), **properties)


def _list_of(name: str, item: dict[str, Any]) -> dict[str, Any]:
    return _record(**{name: {"type": "array", "items": item}})


_CONTACT = _record(contact_id=_TEXT, name=_TEXT, email=_TEXT, notes=_TEXT)
_TICKET = _record(
    ticket_id=_TEXT,
    contact_id=_TEXT,
    customer=_TEXT,
    subject=_TEXT,
    body=_TEXT,
    status=_STATUS,
    label={"type": ["string", "null"]},
    refunded={"type": "number"},
    version={"type": "integer"},
)
_TICKET_LINE = _record(ticket_id=_TEXT, subject=_TEXT, customer=_TEXT, status=_STATUS)
_ARTICLE = _record(article_id=_TEXT, title=_TEXT, body=_TEXT)


def _reads(name: str, description: str, schema: dict[str, Any], answer: dict[str, Any]) -> Tool:
    hints = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return Tool(
        name=name,
        description=description,
        input_schema=schema,
        output_schema=answer,
        annotations=hints,
    )


def _changes(
    name: str,
    description: str,
    schema: dict[str, Any],
    *,
    destructive: bool,
    outside: bool = False,
) -> Tool:
    hints = ToolAnnotations(
        read_only_hint=False,
        destructive_hint=destructive,
        idempotent_hint=False,
        open_world_hint=outside,
    )
    return Tool(name=name, description=description, input_schema=schema, annotations=hints)


TOOLS: tuple[Tool, ...] = (
    _reads(
        "tickets.list",
        "List tickets, all of them or those in one state.",
        _closed([], status=_STATUS),
        _list_of("tickets", _TICKET_LINE),
    ),
    _reads(
        "tickets.get",
        "Read one ticket, with the customer's own words.",
        _closed(["ticket_id"], ticket_id=_TICKET_ID),
        _TICKET,
    ),
    _reads(
        "crm.get_contact",
        "Read one customer's name, address and notes.",
        _closed(["contact_id"], contact_id=_CONTACT_ID),
        _CONTACT,
    ),
    _reads(
        "crm.export_contacts",
        "Export the whole customer list.",
        _closed([]),
        _list_of("contacts", _CONTACT),
    ),
    _reads(
        "kb.search",
        "Search the shop's help articles.",
        _closed(["query"], query={"type": "string", "minLength": 1, "maxLength": 200}),
        _list_of("articles", _ARTICLE),
    ),
    _changes(
        "tickets.draft_reply",
        "Store a reply beside the ticket without sending it.",
        _closed(["ticket_id", "body"], ticket_id=_TICKET_ID, body=_BODY),
        destructive=False,
    ),
    _changes(
        "tickets.tag",
        "Put one label on a ticket, in place of the old one.",
        _closed(
            ["ticket_id", "label"],
            ticket_id=_TICKET_ID,
            label={"type": "string", "enum": list(LABELS)},
        ),
        destructive=False,
    ),
    _changes(
        "tickets.update",
        "Change a ticket's status, pay a refund to its customer, or both.",
        _closed(["ticket_id"], ticket_id=_TICKET_ID, status=_STATUS, refund=_REFUND),
        destructive=True,
    ),
    _changes(
        "mail.send",
        "Send a mail, at once.",
        _closed(
            ["to", "template"],
            to=_EMAIL,
            template={"type": "string", "enum": list(TEMPLATES)},
            body=_BODY,
        ),
        destructive=True,
        outside=True,
    ),
    _changes(
        "crm.update_contact",
        "Change a customer's address or notes.",
        _closed(["contact_id"], contact_id=_CONTACT_ID, email=_EMAIL, notes=_BODY),
        destructive=True,
    ),
)

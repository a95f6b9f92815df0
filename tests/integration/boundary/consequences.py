"""A system whose tools have consequences, and a boundary that says nothing to loosen them.

What it did can be read off it: accounts, messages, postings, pages, hooks. So a test shows both,
that nothing happened without a person, and that it would have happened with one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sallyport.model import JsonObject
from sallyport.ports import Hear, Launch, Outbound, Reply
from tests.integration.mcp.recording import Recorder

SYSTEM_FILE = "system: recorder\ntransport: http\nurl: http://127.0.0.1:9/mcp\n"

ACCOUNTS: Mapping[str, str] = {
    "account.set_role": "clerk",
    "account.set_password": "(a hash)",
    "account.set_email": "ada@example.com",
}
RECORDS: Mapping[str, str] = {
    "crm.update_customer": "records",
    "hr.update_employee": "records",
    "books.update_entry": "records, money",
    "legal.update_contract": "records, legal",
}
OTHERS: Mapping[str, tuple[str, str]] = {
    "books.refund": ("create", "money"),
    "mail.send": ("external", "customer_communication"),
    "site.publish": ("external", "publishing"),
    "hooks.trigger": ("external", ""),
    "notes.add": ("create", ""),
    "notes.read": ("read", ""),
}
HEAD = """\
workflow: customer-support
purpose: See what waits for a person.
owner: lena@example.com
agent: support-bot
environment: test
expires: 2035-12-31
for: [support_agent]
tools:
"""
CASES = """\
  cases.update:
    level: update
    only: {id: {max_length: 20}}
    allow:
      - args: {status: {one_of: [open, pending], optional: true}, value: {max_length: 80, optional: true}}
        because: twelve weeks asked, none rejected
        until: 2035-12-31
    ask:
      - args: {status: {one_of: [closed, solved]}, value: {max_length: 80, optional: true}}
        who: [support_lead]
"""  # noqa: E501


def _tool(name: str, level: str, touches: str) -> str:
    said = f"    touches: [{touches}]\n" if touches else ""
    only = "    only: {id: {max_length: 20}, value: {max_length: 80}}\n"
    return f"  {name}:\n    level: {level}\n{said}{only}"


WORKFLOW = HEAD + "".join(
    (
        *(_tool(name, "create", "access") for name in ACCOUNTS),
        *(_tool(name, "update", touches) for name, touches in RECORDS.items()),
        *(_tool(name, level, touches) for name, (level, touches) in OTHERS.items()),
        CASES,
    )
)


def definition(tool: str) -> JsonObject:
    """Return what the system says of a tool."""
    text: JsonObject = {"type": "string"}
    properties: JsonObject = {"id": text, "value": text, "status": text}
    schema: JsonObject = {"type": "object", "properties": properties, "required": ["id"]}
    return {"name": tool, "inputSchema": schema, "annotations": {"readOnlyHint": "read" in tool}}


@dataclass
class Office(Recorder):
    """Implements `ports.Upstreams`. `accounts` changes, and `effects` counts what was done."""

    definitions: list[JsonObject] = field(
        default_factory=lambda: [
            definition(tool) for tool in (*ACCOUNTS, *RECORDS, *OTHERS, "cases.update")
        ]
    )
    accounts: dict[str, str] = field(default_factory=lambda: dict(ACCOUNTS))
    effects: Counter[str] = field(default_factory=Counter[str])

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Do it."""
        reply = await super().call(outbound, launch, hear)
        tool, args = self.seen[-1]
        self.effects[tool] += 1
        if tool in self.accounts:
            self.accounts[tool] = str(args["value"])
        return reply

"""A support desk's workflow, system and tool definitions, and short ways to the parts of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sallyport.model import Boundary, Floor, Json, JsonObject, ToolPin, ToolRule, Verdict
from sallyport.rules import canonical
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.evaluate import Ruling, rule_on
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Problem
from sallyport.rules.reasons import say

TODAY = date(2026, 12, 1)
ROLES = ("security", "support_agent", "support_lead")

WORKFLOW = """\
# What the support bot may do.
workflow: customer-support
purpose: Answer tickets; small refunds only.
owner: support-ops@example.com
agent: support-bot
environment: production
expires: 2027-03-31
for: [support_agent, support_lead]
task: {ticket_id: text, contact_id: text, customer_email: email}
limits: {calls_per_task: 25, sent_per_hour: 20}
stop: {by: [support_lead, security], tell: on-call, by_hand: docs/manual-refunds.md}
never: [crm.export]
tools:
  crm.get_contact:
    level: read
    only: {contact_id: {is: task.contact_id}}
  tickets.update:
    level: update
    touches: [records, money]
    only:
      ticket_id: {is: task.ticket_id}
      status: {one_of: [open, pending, solved]}
    when: {ticket_state: [open, pending]}
    allow:
      - args: {refund: {at_most: 50.00 EUR, optional: true}}
        because: twelve weeks asked, none rejected
        until: 2027-01-31
    ask:
      - args: {refund: {above: 50.00 EUR, at_most: 500.00 EUR}}
        who: [support_lead]
        within: 4h
    never:
      - args: {status: {one_of: [deleted, merged]}}
        because: the record would be gone
    undo: {status: put_back, refund: by_hand}
  mail.send:
    level: external
    only:
      to: {is: task.customer_email}
      template: {one_of: [ack, answer, refund_notice]}
      body: {max_length: 4000, optional: true}
    ask: [{who: [support_agent, support_lead], within: 8h}]
"""

SYSTEM = """\
system: desk
transport: http
url: https://desk.example.com/mcp
credential: desk-token
tools:
  tickets.update:
    recovery: probe
    timeout: 10s
    before: {tool: tickets.get, args: {ticket_id: arg.ticket_id}}
    probe: {tool: tickets.get, args: {ticket_id: arg.ticket_id}, field: ticket.status}
    expects: solved
  mail.send: {recovery: idempotency_key, idempotency_ttl: 2d, reversible: false}
facts:
  ticket_state: {tool: tickets.get, args: {ticket_id: arg.ticket_id}, field: ticket.state}
"""

INPUTS: Mapping[str, Json] = {
    "ticket_id": "T-1",
    "contact_id": "C-1",
    "customer_email": "ann@example.com",
}
FACTS: Mapping[str, Json] = {"ticket_state": "open"}
UPDATE: JsonObject = {"ticket_id": "T-1", "status": "open"}


def pin(tool: str, *required: str, system: str = "desk", **more: Json) -> ToolPin:
    """Return an accepted definition whose arguments are those named, plus `optional` ones."""
    optional = more.pop("optional", [])
    names = [*required, *(str(name) for name in (optional if isinstance(optional, list) else []))]
    properties: JsonObject = {name: {} for name in names}
    schema: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    definition: JsonObject = {"name": tool, "inputSchema": schema, **more}
    digest = canonical.digest("tool", definition)
    return ToolPin(system=system, tool=tool, definition=definition, digest=digest)


READS: JsonObject = {"readOnlyHint": True}
PINS = (
    pin("crm.get_contact", "contact_id", annotations=READS),
    pin("tickets.get", "ticket_id", annotations=READS),
    pin("tickets.update", "ticket_id", "status", optional=["refund"]),
    pin("mail.send", "to", "template", optional=["body"]),
    pin("crm.export", annotations=READS),
)


def support(workflow: str = WORKFLOW, system: str = SYSTEM) -> Boundary:
    """Return the compiled boundary of the support desk."""
    desk = load_system(system, "systems/desk.yaml")
    return compile_boundary(
        load_workflow(workflow, "workflows/customer-support.yaml"),
        {desk.name: desk},
        PINS,
        code_version="1",
        roles=ROLES,
    )


def tool(body: str, *, level: str = "read", task: str = "{own: text}") -> ToolRule:
    """Return the rule of a tool `t` whose lines below `level` are `body`, indented by nothing."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return load_workflow(f"{header(task)}tools:\n  t:\n    level: {level}\n{lines}", "w").tools["t"]


def header(task: str = "{own: text}") -> str:
    """Return everything of a workflow file but its tools."""
    return (
        "workflow: w\npurpose: p\nowner: o\nagent: a\nenvironment: test\n"
        f"expires: 2027-03-31\nfor: [r]\ntask: {task}\n"
    )


def ruled(
    rule: ToolRule,
    args: JsonObject,
    *,
    inputs: Mapping[str, Json] = INPUTS,
    facts: Mapping[str, Json] = FACTS,
    today: date = TODAY,
) -> Ruling:
    """Return the ruling for a call on the support desk's day."""
    return rule_on(rule, args, inputs=inputs, facts=facts, today=today)


def verdict(ruling: Ruling) -> Verdict | None:
    """Return the strictest floor of a ruling; None when it leaves it to the level's default."""
    return max((floor.verdict for floor in ruling.floors), default=None)


def sentences(ruling: Ruling) -> list[str]:
    """Return what a ruling's refusals say."""
    return [say(floor) for floor in ruling.floors if floor.verdict is Verdict.REFUSE]


def codes(floors: tuple[Floor, ...]) -> list[str]:
    """Return the codes of floors, in order."""
    return [floor.code for floor in floors]


def problems_of(text: str, *, system: bool = False) -> tuple[Problem, ...]:
    """Return what is wrong with a file; none when it loads."""
    try:
        (load_system if system else load_workflow)(text, "w.yaml")
    except BoundaryErrors as errors:
        return errors.problems
    return ()

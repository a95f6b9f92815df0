"""One line of the decision table, and how it becomes a call that is decided in earnest.

A line says what holds: level, what is touched, the boundary's entry, the call, the requester's
role, the fact the gateway read, the label of the agent's run, its stage, a floor somebody set, and
whether people have said yes to this very call. The boundary is written out as its owner would write
it, loaded, compiled, and asked through `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from sallyport.model import (
    Agent,
    Boundary,
    Decision,
    Json,
    Level,
    Money,
    Person,
    Stage,
    ToolPin,
    Verdict,
)
from sallyport.rules.boundary.amounts import as_money
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from tests.unit.rules import worlds

LEVELS = tuple(level.name.lower() for level in Level)
VERDICTS = tuple(verdict.name.lower() for verdict in Verdict)
NONE = "-"

WORKFLOW = """\
workflow: support
purpose: Be decided on.
owner: lea
agent: helper
environment: production
expires: 2099-12-31
for: [staff]
task: {{ticket: text}}
tools:
  desk.act:
    level: {level}
{lines}
    only: {{{only}}}
    when: {{state: [open]}}
{entry}
"""
SYSTEM = "system: desk\nurl: https://desk.example.com/mcp\n"
DECLARED = {
    "allow, for good": "tools: {desk.act: {reversible: false}}\n",
    "by cents": "tools: {desk.act: {units: {refund: minor EUR}}}\n",
}
"""What the system's own file adds for an entry."""

OWN = "ticket: {is: task.ticket}"

ENTRIES = {
    NONE: "",
    "allow": "    allow: [{because: weeks of asking, until: 2099-12-31}]",
    "allow, ended": "    allow: [{because: weeks of asking, until: 2020-01-01}]",
    "ask": "    ask: [{who: [lead, chief], how_many: 2, within: 1h}]",
    "allow, for good": "    allow: [{because: weeks of asking, until: 2099-12-31}]",
    "never": (
        "    allow: [{because: weeks of asking, until: 2099-12-31}]\n"
        "    never: [{args: {ticket: {is: task.ticket}}}]"
    ),
    "by amount": (
        "    allow: [{args: {refund: {at_most: 50.00 EUR, optional: true}},"
        " because: weeks of asking, until: 2099-12-31}]\n"
        "    ask: [{args: {refund: {above: 50.00 EUR, at_most: 500.00 EUR}}, who: [lead]}]"
    ),
    "by cents": (
        "    allow: [{args: {refund: {at_most: 50.00 EUR, optional: true}},"
        " because: weeks of asking, until: 2099-12-31}]\n"
        "    ask: [{args: {refund: {above: 50.00 EUR, at_most: 500.00 EUR}}, who: [lead]}]"
    ),
    "by status": (
        "    allow: [{args: {status: {one_of: [open, pending], optional: true},"
        " note: {max_length: 80, optional: true}}, because: weeks of asking, until: 2099-12-31}]\n"
        "    ask: [{args: {status: {is: closed}, note: {max_length: 80, optional: true}},"
        " who: [lead]}]"
    ),
}
FACTS: dict[str, dict[str, Json]] = {
    "open": {"state": "open"},
    "closed": {"state": "closed"},
    "empty": {"state": None},
    "unread": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What holds, each in the word that stands in the table."""

    level: str = "read"
    touches: str = NONE
    entry: str = NONE
    call: str = NONE
    role: str = "staff"
    state: str = "open"
    label: str = "clean"
    stage: str = "live"
    floor: str = NONE
    answer: str = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is decided: the verdict, who is asked, and the codes of the floors that set it."""

    verdict: str
    asked: str
    because: str


GIVEN = tuple(one.name for one in fields(Row))
FOUND = tuple(one.name for one in fields(Outcome))


def decided(row: Row) -> Decision:
    """Return the decision that a row leads to, on the path every call takes."""
    return decide(context(row))


def outcome(row: Row) -> Outcome:
    """Return what the table should say at the end of a row."""
    decision = decided(row)
    codes = dict.fromkeys(f.code for f in decision.floors if f.verdict is decision.verdict)
    question = decision.question
    asked = f"{question.how_many} of {' or '.join(question.who)}" if question else NONE
    return Outcome(
        verdict=decision.verdict.name.lower(), asked=asked, because=", ".join(sorted(codes))
    )


def context(row: Row) -> Context:
    """Return the snapshot that a row describes."""
    stated = () if row.floor == NONE else (worlds.switch(Verdict[row.floor.upper()]),)
    seen = worlds.context(
        boundary(row.level, row.touches, row.entry),
        proposal=replace(worlds.PROPOSAL, args={"ticket": "T1", **_args(row.call)}),
        requester=Person(name="rita", roles=frozenset({row.role})),
        agent=Agent(name="helper", owner="lea", stage=Stage(row.stage)),
        facts=FACTS[row.state],
        influenced={"clean": False, "outside": True}[row.label],
        switches=stated,
    )
    return worlds.approved(seen) if row.answer == "yes" else seen


@cache
def boundary(level: str, touches: str, entry: str) -> Boundary:
    """Return the compiled boundary of a row's tool."""
    return compiled(level, touches, entry)


def compiled(level: str, touches: str, entry: str) -> Boundary:
    """Return a boundary, loaded and compiled from its text."""
    text = WORKFLOW.format(
        level=level,
        lines="" if touches == NONE else f"    touches: [{touches}]",
        only=OWN,
        entry=ENTRIES[entry],
    )
    desk = load_system(SYSTEM + DECLARED.get(entry, ""), "systems/desk.yaml")
    pins = [_accepted("desk.act")]
    workflow = load_workflow(text, "workflows/support.yaml")
    return compile_boundary(workflow, {"desk": desk}, pins, code_version="1", roles=["staff"])


def _accepted(tool: str) -> ToolPin:
    definition: dict[str, Json] = {"name": tool, "inputSchema": {"type": "object"}}
    return ToolPin(system="desk", tool=tool, definition=definition, digest=f"pin of {tool}")


def _args(call: str) -> dict[str, Json]:
    if call == NONE:
        return {}
    pairs = (one.split("=", 1) for one in call.split(", "))
    return {name: _value(text) for name, text in pairs}


def _value(text: str) -> Json:
    if text.isdigit():
        return int(text)
    money = as_money(text)
    return money.amount if isinstance(money, Money) and money.currency == "EUR" else text


def row_of(cells: dict[str, Any]) -> Row:
    """Return a row from the cells of a line."""
    return Row(**{name: cells[name] for name in GIVEN})

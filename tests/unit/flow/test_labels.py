"""Classifying: what is not sure enough waits for a person, whose own label is a signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sallyport.flow.reports import Reports
from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Ending,
    Entry,
    JsonObject,
    Level,
    Operator,
    ToolPin,
    ToolRule,
)
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed
from tests.requirements import requirement
from tests.unit.flow.room import Room

TOOL = "tickets.label"
SURE = Decimal("0.8")


def _number(operator: Operator) -> ArgumentRule:
    return ArgumentRule(
        name="confidence", constraints=(Constraint(operator=operator, bounds=(SURE,)),)
    )


RULE = ToolRule(
    tool=TOOL,
    system="desk",
    level=Level.CLASSIFY,
    only={
        "ticket": ArgumentRule(name="ticket", constraints=(Constraint(operator=Operator.ANY),)),
        "label": ArgumentRule(
            name="label",
            constraints=(Constraint(operator=Operator.ONE_OF, bounds=("invoice", "spam")),),
        ),
    },
    allow=(
        Entry(
            where="tickets.label.allow[0]",
            args={"confidence": _number(Operator.AT_LEAST)},
            because="surer than people are",
            until=date(2099, 12, 31),
        ),
    ),
    ask=(
        Entry(
            where="tickets.label.ask[0]",
            args={"confidence": _number(Operator.BELOW)},
            who=("lead",),
            within_s=3600,
        ),
    ),
)


def room() -> Room:
    """Return a room in which tickets are labelled: at 0.8 and above without asking."""
    found = Room()
    registry = found.gateway.registry
    boundary: Boundary = registry.boundaries["support-v0"]
    pin = ToolPin(
        system="desk",
        tool=TOOL,
        definition={"name": TOOL, "inputSchema": {"type": "object"}},
        digest="pin-label",
    )
    registry.boundaries["support-v0"] = replace(
        boundary,
        workflow=replace(boundary.workflow, tools={**boundary.workflow.tools, TOOL: RULE}),
        pins={**boundary.pins, TOOL: pin},
    )
    return found


def label(at: Room, label_: str, confidence: str) -> Ended:
    """Have the agent classify a ticket in a run of its own, as sure as it says it is."""
    args: JsonObject = {"ticket": "T1", "label": label_, "confidence": Decimal(confidence)}
    return at.propose(at.task(instance=f"run-{label_}-{confidence}"), TOOL, args)


def correct(at: Room, ended: Ended, label_: str) -> None:
    """Have a reviewer give another label."""
    assert ended.approval is not None
    args = {**ended.call.proposal.args, "label": label_}
    said = Said(kind=Kind.EDIT, args=args, because="look at the subject")
    now_us = at.clock.now_us()
    approval = at.run(at.inbox.approval(ended.approval.id))
    bytes_said = approvals.said_by(approval, said, person="lea", at_us=now_us)
    signed = Signed(person="lea", at_us=now_us, signature=at.keys.sign("key-of-lea", bytes_said))
    at.run(at.inbox.say(approval.id, said, signed))
    at.follow()


def figures(at: Room) -> dict[str, Any]:
    """Return what the report says of the tool."""
    report = at.run(Reports(at.gateway, at.reading).labels())
    tools = report["tools"]
    assert isinstance(tools, list)
    (one,) = tools
    assert isinstance(one, dict)
    return {**one}


@requirement("B-39")
def test_below_the_threshold_a_classification_waits_in_the_inbox() -> None:
    """At it or above it is made; of 0.79 and less a person is asked, and nothing has happened."""
    at = room()
    assert label(at, "invoice", "0.80").ending is Ending.DONE
    assert label(at, "invoice", "0.99").ending is Ending.DONE
    unsure = label(at, "spam", "0.79")
    assert unsure.ending is Ending.WAITING
    assert at.sent.count(TOOL) == 2
    (item,) = at.run(at.inbox.items())
    assert (item.kind, item.call.id) == ("question", unsure.call.id)
    assert item.approval is not None
    assert item.approval.question.who == ("lead",)
    at.answer(unsure, "lea", yes=True)
    at.follow()
    assert at.sent.count(TOOL) == 3


@requirement("B-40")
def test_another_label_is_recorded_and_changes_the_figure() -> None:
    """Who gave it, in place of which one, as a signal of its own; a yes and a no are none."""
    at = room()
    kept = label(at, "invoice", "0.5")
    at.answer(kept, "lea", yes=True)
    at.follow()
    before = figures(at)
    assert (before["made"], before["asked"], before["overridden"]) == (1, 1, 0)

    corrected = label(at, "spam", "0.6")
    correct(at, corrected, "invoice")
    (entry,) = at.heard(kind="label.overridden")
    assert (entry.body["call"], entry.body["person"]) == (corrected.call.id, "lea")
    assert entry.secret == {"changed": {"label": {"was": "spam", "now": "invoice"}}}
    rejected = label(at, "spam", "0.7")
    at.answer(rejected, "lea", yes=False)
    at.follow()

    after = figures(at)
    assert (after["made"], after["asked"], after["overridden"]) == (3, 3, 1)
    assert after["per_mille"] == 333
    assert after["pairs"] == [
        {"argument": "label", "was": '"spam"', "now": '"invoice"', "count": 1}
    ]


def test_a_change_of_anything_else_is_no_signal() -> None:
    """An edited refund is a decision about money, not about a label."""
    at = room()
    asked = at.propose(at.task(), "tickets.update", {"ticket": "T1", "refund": 200})
    assert asked.approval is not None
    args: JsonObject = {"ticket": "T1", "refund": 150}
    said = Said(kind=Kind.EDIT, args=args)
    now_us = at.clock.now_us()
    approval = at.run(at.inbox.approval(asked.approval.id))
    bytes_said = approvals.said_by(approval, said, person="lea", at_us=now_us)
    signature = at.keys.sign("key-of-lea", bytes_said)
    at.run(at.inbox.say(approval.id, said, Signed(person="lea", at_us=now_us, signature=signature)))
    at.follow()
    assert at.heard(kind="label.overridden") == []

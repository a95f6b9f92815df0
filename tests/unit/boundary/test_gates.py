"""The four hard gates: what stands behind them, and the only thing that opens one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sallyport.model import Json
from sallyport.rules.boundary.gates import Behind, Gate, Opening, hard_gates
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, pin, support

TODAY = date(2026, 12, 1)
ASK = "    ask: [{who: [support_agent, support_lead], within: 8h}]\n"
OPEN = "    allow: [{because: a quiet week, until: 2026-12-31}]\n"
LIVE = "tickets.update.allow[0] until 2027-01-31, because twelve weeks asked, none rejected"
CALLED_BACK = SYSTEM.replace(", reversible: false", "")


def behind(
    gate: Gate, workflow: str = WORKFLOW, system: str = CALLED_BACK, today: date = TODAY
) -> Behind:
    """Return what stands behind one gate of the support desk."""
    found = {one.gate: one for one in hard_gates(support(workflow, system), today=today)}
    assert list(found) == list(Gate)
    return found[gate]


def test_each_gate_names_its_tools_and_what_opens_it() -> None:
    """With its reason and its end."""
    assert [str(one) for one in hard_gates(support(system=CALLED_BACK), today=TODAY)] == [
        "sending (mail.send): a person is always asked",
        "deleting: nothing here does that",
        f"billing (tickets.update): a person is asked, except for {LIVE}",
        "access: nothing here does that",
    ]
    assert behind(Gate.BILLING).as_json() == {
        "gate": "billing",
        "tools": ["tickets.update"],
        "openings": [
            {
                "entry": "tickets.update.allow[0]",
                "because": "twelve weeks asked, none rejected",
                "until": "2027-01-31",
            }
        ],
    }


@pytest.mark.parametrize(
    "impact, gate",
    [
        ("customer_communication", Gate.SENDING),
        ("publishing", Gate.SENDING),
        ("deletion", Gate.DELETING),
        ("money", Gate.BILLING),
        ("access", Gate.ACCESS),
    ],
)
def test_an_impact_puts_a_tool_behind_its_gate(impact: str, gate: Gate) -> None:
    """Whatever its level is."""
    touched = WORKFLOW.replace("level: read\n", f"level: read\n    touches: [{impact}]\n", 1)

    assert "crm.get_contact" in behind(gate, touched).tools


def test_an_entry_past_its_end_opens_nothing() -> None:
    """Its last day still counts."""
    opened = WORKFLOW.replace(ASK, OPEN)

    assert behind(Gate.SENDING, opened, today=date(2026, 12, 31)).openings
    assert not behind(Gate.SENDING, opened, today=date(2027, 1, 1)).openings


def test_what_nobody_can_take_back_is_opened_by_nothing() -> None:
    """Its system says so, and the entry lifts nothing."""
    system = CALLED_BACK.replace("idempotency_ttl: 2d", "idempotency_ttl: 2d, reversible: false")

    assert not behind(Gate.SENDING, WORKFLOW.replace(ASK, OPEN), system).openings


def test_a_tool_that_is_never_called_stands_behind_no_gate() -> None:
    """There is nothing to open."""
    never = WORKFLOW.replace("never: [crm.export]", "never: [crm.export, mail.send]")

    assert behind(Gate.SENDING, never).tools == ()


def test_several_tools_and_openings_are_named_one_after_the_other() -> None:
    """As an owner reads them in `explain`, and a program gets them."""
    day = date(2026, 12, 31)
    opened = tuple(Opening(entry=f"{one}.allow[0]", because=one, until=day) for one in "ab")
    both = Behind(gate=Gate.SENDING, tools=("a", "b"), openings=opened)

    assert str(both) == (
        "sending (a, b): a person is asked, except for "
        "a.allow[0] until 2026-12-31, because a; b.allow[0] until 2026-12-31, because b"
    )
    assert both.as_json()["tools"] == ["a", "b"]


DESTROYS: list[tuple[Json, bool]] = [
    ({"destructiveHint": True}, True),
    ({"destructiveHint": True, "readOnlyHint": False}, True),
    ({"destructiveHint": True, "readOnlyHint": True}, False),
    ({"destructiveHint": False}, False),
    ({"destructiveHint": 1}, False),
    ({}, False),
    (["destructiveHint"], False),
    (None, False),
]


@pytest.mark.parametrize("hints, is_so", DESTROYS)
def test_a_tool_that_says_it_destroys_stands_behind_the_gate_of_deleting(
    hints: Json, is_so: bool
) -> None:
    """Whatever the file says that it touches; one that says that it only reads destroys nothing."""
    told = pin("tickets.update", "ticket_id", "status", annotations=hints)
    boundary = replace(support(), pins={"tickets.update": told})

    found = {one.gate: one.tools for one in hard_gates(boundary, today=TODAY)}

    assert found[Gate.DELETING] == (("tickets.update",) if is_so else ())

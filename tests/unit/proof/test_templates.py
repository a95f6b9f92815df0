"""Templates, trust and lists in proofs: what grants more is shown or unknown, never proved."""

from __future__ import annotations

from datetime import date

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.rules.proof.claims import narrower
from sallyport.rules.proof.found import Found
from tests.unit.boundary.examples import WORKFLOW, support

TODAY = date(2026, 11, 21)
SOLVE = solver(10)
TEXTS = WORKFLOW.replace(
    "      body: {max_length: 4000, optional: true}\n    ask: [{who: [support_agent",
    "    templates:\n"
    "      body:\n"
    "        ack: {text: Thank you.}\n"
    "        back:\n"
    '          text: "Dear {name}, {sum} is back for {own}."\n'
    "          slots: {name: {max_length: 80}, sum: {at_most: 50.00 EUR}, own: {is: task.ticket_id}}\n"  # noqa: E501
    "    ask: [{who: [support_agent",
)


def compared(new: str, old: str = TEXTS) -> Found:
    """Return what comes of the claim that one file grants nothing that another did not."""
    return narrower(support(new), support(old), today=TODAY, solve=SOLVE)


ACK = "        ack: {text: Thank you.}\n"
WIDER = [
    (ACK, f"{ACK}        bye: {{text: Bye.}}\n"),
    ("Thank you.", "Thank you!"),
    ("at_most: 50.00 EUR}, own", "at_most: 50.01 EUR}, own"),
    ("own: {is: task.ticket_id}", "own: {max_length: 9}"),
    ("{sum} is back for", "{sum} is yours for"),
]


@pytest.mark.parametrize("before, after", WIDER)
def test_another_text_is_found_with_a_call(before: str, after: str) -> None:
    """The body that was refused, as it would be sent now."""
    (shown,) = compared(TEXTS.replace(before, after)).counterexamples

    assert shown.tool == "mail.send"
    assert shown.was == "refuse"
    assert isinstance(shown.args["body"], str)


def test_free_text_in_place_of_templates_is_found() -> None:
    """Whether any text may come, or none."""
    (shown,) = compared(WORKFLOW).counterexamples

    assert (shown.tool, shown.was) == ("mail.send", "refuse")


NARROWER = [
    ("", ""),
    (ACK, ""),
    ("max_length: 80", "max_length: 79"),
]


@pytest.mark.parametrize("before, after", NARROWER)
def test_fewer_and_tighter_texts_are_proved(before: str, after: str) -> None:
    """To take a template away, or to shorten a slot, grants nothing."""
    assert compared(TEXTS.replace(before, after)).proved


def test_a_bound_that_may_move_the_end_of_a_slot_is_not_proved() -> None:
    """With another bound a slot may end in another place, so it is left unknown."""
    found = compared(TEXTS.replace("at_most: 50.00 EUR}, own", "at_most: 49.00 EUR}, own"))

    assert not found.proved
    assert found.counterexamples == []


@pytest.mark.parametrize(
    "before, after",
    [
        ("workflow: customer-support\n", "workflow: customer-support\ntrust: [crm.get_contact]\n"),
        ("workflow: customer-support\n", "workflow: customer-support\ndata: [public, secret]\n"),
        ("never: [crm.export]\n", ""),
        ("never: [crm.export]\n", "never: [crm.purge]\n"),
    ],
)
def test_what_no_formula_says_is_unknown_where_it_loosens(before: str, after: str) -> None:
    """More trust, more data, a tool that other workflows may use again: not proved."""
    found = compared(TEXTS.replace(before, after))

    assert not found.proved
    assert found.unknown

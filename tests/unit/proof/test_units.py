"""Proofs about arguments that count cents, and about what nobody can take back."""

from __future__ import annotations

from datetime import date

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.rules.proof.claims import narrower
from tests.unit.boundary.test_system_words import DECLARED, PAY, bank

TODAY = date(2026, 11, 21)
SOLVE = solver(10)


def test_a_limit_raised_by_one_cent_is_shown_by_the_call_in_cents() -> None:
    """The counterexample is what the system would have been sent."""
    wider = bank(PAY.replace("at_most: 500.00 EUR", "at_most: 500.01 EUR"))
    found = narrower(wider, bank(), today=TODAY, solve=SOLVE)

    assert not found.proved
    assert [(one.tool, one.args["amount"], one.was) for one in found.counterexamples] == [
        ("pay", 50001, "refuse")
    ]


def test_a_limit_lowered_by_one_cent_is_proved_to_narrow() -> None:
    """For every amount there is, however it is spelt."""
    assert narrower(
        bank(PAY.replace("at_most: 500.00 EUR", "at_most: 499.99 EUR")),
        bank(),
        today=TODAY,
        solve=SOLVE,
    ).proved


@pytest.mark.parametrize(
    "before, after", [("minor EUR", "minor USD"), ("    units: {amount: minor EUR}\n", "")]
)
def test_other_units_are_never_proved_to_be_narrower(before: str, after: str) -> None:
    """The same words then mean other amounts."""
    found = narrower(bank(system=DECLARED.replace(before, after)), bank(), today=TODAY, solve=SOLVE)

    assert not found.proved
    assert any("units" in why for why in found.unknown)


def test_what_becomes_irreversible_asks_more() -> None:
    """The gate it gets is not a widening by itself; that its file changed is not followed."""
    final = DECLARED.replace("reversible: true", "reversible: false").replace("    undo", "    # ")
    found = narrower(bank(system=final), bank(), today=TODAY, solve=SOLVE)
    assert not found.counterexamples

    back = narrower(bank(), bank(system=final), today=TODAY, solve=SOLVE)
    assert [(one.was.split()[0], one.now) for one in back.counterexamples] == [("ask", "allow")]

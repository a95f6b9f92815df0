"""Bare numbers as the amounts that their boundary compares them with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.model import Json, ToolRule
from sallyport.rules.telling.money import currencies, in_currency
from tests.unit.boundary.examples import WORKFLOW, support

RULE = support().workflow.tools["tickets.update"]


@pytest.mark.parametrize(
    "refund, told",
    [
        (120, "120.00 EUR"),
        (Decimal("120.5"), "120.50 EUR"),
        (Decimal("1E+2"), "100.00 EUR"),
        (-5, "-5.00 EUR"),
        (Decimal("500.004"), "500.004 EUR"),
        (Decimal("1E-999999"), "1E-999999 EUR"),
        (Decimal("1E+999999"), "1E+999999 EUR"),
    ],
)
def test_a_number_has_its_currency_and_loses_nothing(refund: Json, told: str) -> None:
    """What is finer than a cent is not rounded, and what is endless is not written out."""
    assert in_currency(RULE, {"ticket_id": "4711", "refund": refund}) == {"refund": told}


@pytest.mark.parametrize("refund", [True, None, "120.00 EUR", {"amount": 1, "currency": "EUR"}])
def test_what_is_no_bare_number_stays_as_it_is(refund: Json) -> None:
    """It says its own currency, or none."""
    assert in_currency(RULE, {"refund": refund}) == {}


def test_a_number_that_is_compared_with_two_currencies_has_none() -> None:
    """Nobody could say which."""
    dollars = support(WORKFLOW.replace("EUR", "USD")).workflow.tools["tickets.update"]
    both: ToolRule = replace(RULE, ask=(*RULE.ask, *dollars.ask))

    assert currencies(both, "refund") == {"EUR", "USD"}
    assert in_currency(both, {"refund": 120}) == {}
    assert currencies(RULE, "ticket_id") == frozenset()

"""Bare numbers as the amounts that their boundary compares them with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Entry,
    Json,
    Level,
    Money,
    Operator,
    ToolRule,
)
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


def of_x(*bounds: Bound, inner: tuple[Constraint, ...] = ()) -> dict[str, ArgumentRule]:
    """Return what says this of `x`."""
    one = Constraint(operator=Operator.AT_MOST, bounds=bounds, inner=inner)
    return {"x": ArgumentRule(name="x", constraints=(one,))}


EURO = Money(Decimal(5), "EUR")
BARE = ToolRule(tool="t", system="s", level=Level.READ)
DEEP = of_x(inner=(Constraint(operator=Operator.EACH, bounds=(3, EURO)),))


@pytest.mark.parametrize(
    "rule, found",
    [
        (BARE, set[str]()),
        (replace(BARE, only=of_x(5)), set[str]()),
        (replace(BARE, only=of_x(EURO)), {"EUR"}),
        (replace(BARE, only=DEEP), {"EUR"}),
        (replace(BARE, allow=(Entry(where="a", args=of_x(EURO)),)), {"EUR"}),
        (replace(BARE, ask=(Entry(where="a"), Entry(where="b", args=of_x(EURO)))), {"EUR"}),
        (replace(BARE, never=(Entry(where="a", args=of_x(EURO)),)), {"EUR"}),
    ],
)
def test_every_line_of_a_tool_may_say_the_currency(rule: ToolRule, found: set[str]) -> None:
    """Whether it allows, asks, forbids, or speaks of the items of a list."""
    assert currencies(rule, "x") == found
    assert currencies(rule, "y") == frozenset()


@pytest.mark.parametrize(
    "number, told",
    [
        (10**17, "100000000000000000.00 EUR"),
        (10**18, "1000000000000000000 EUR"),
        (Decimal("-0.01"), "-0.01 EUR"),
        (Decimal("0.010"), "0.010 EUR"),
        (Decimal("NaN"), "NaN EUR"),
    ],
)
def test_a_number_too_long_to_read_stands_as_it_was_written(number: Json, told: str) -> None:
    """Up to eighteen digits it is read as an amount."""
    assert in_currency(replace(BARE, only=of_x(EURO)), {"x": number}) == {"x": told}


def test_every_argument_is_told_for_itself() -> None:
    """One that has no currency hides none that comes after it."""
    rule = replace(BARE, only={**of_x(EURO), "y": of_x(EURO)["x"]})

    assert in_currency(rule, {"z": 1, "y": 2, "x": True, "n": 3}) == {"y": "2.00 EUR"}
    assert in_currency(rule, {"x": 1, "y": 2}) == {"x": "1.00 EUR", "y": "2.00 EUR"}

"""Arguments that count cents: what an owner reads of them, and what their system takes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject, Money
from sallyport.rules.boundary import units
from sallyport.rules.reasons import say

COUNTED = {"amount": "EUR", "yen": "JPY", "dinars": "KWD"}


def amount(number: str, currency: str = "EUR") -> JsonObject:
    """Return an amount as it is compared."""
    return {"amount": Decimal(number), "currency": currency}


@pytest.mark.parametrize(
    "args, meant",
    [
        ({}, {}),
        ({"to": 5}, {"to": 5}),
        ({"amount": 5000, "to": 5}, {"amount": amount("50.00"), "to": 5}),
        ({"amount": 0}, {"amount": amount("0.00")}),
        ({"amount": -5}, {"amount": amount("-0.05")}),
        ({"amount": 10**40}, {"amount": amount(f"{10**38}.00")}),
        ({"yen": 50, "dinars": 50}, {"yen": amount("50", "JPY"), "dinars": amount("0.050", "KWD")}),
        ({"amount": True}, {"amount": None}),
        ({"amount": Decimal("50.00")}, {"amount": None}),
        ({"amount": "50.00 EUR"}, {"amount": None}),
        ({"amount": [5000]}, {"amount": None}),
        ({"amount": None, "yen": 1}, {"amount": None, "yen": amount("1", "JPY")}),
    ],
)
def test_a_whole_number_is_the_amount_that_it_counts(args: JsonObject, meant: JsonObject) -> None:
    """And whatever is none says nothing certain, so that no bound lets it through."""
    found = units.stated(COUNTED, args)

    assert found == meant
    assert str(found) == str(meant), "with as many digits as its currency has"


@pytest.mark.parametrize(
    "name, said, taken",
    [
        ("amount", 50, 5000),
        ("amount", -5, -500),
        ("amount", 0, 0),
        ("amount", Decimal("0.05"), 5),
        ("amount", Decimal("0.050"), 5),
        ("amount", Decimal("0.051"), Decimal("0.051")),
        ("amount", Decimal("0.0001"), Decimal("0.0001")),
        ("amount", Decimal("0.5001"), Decimal("0.5001")),
        ("amount", Decimal("0E-4"), 0),
        ("amount", Decimal("1E+2"), 10_000),
        ("amount", "50.00 EUR", 5000),
        ("amount", "-50.10 EUR", -5010),
        ("amount", "50.00 USD", "50.00 USD"),
        ("amount", {"amount": 5, "currency": "EUR"}, 500),
        ("amount", {"amount": 5}, {"amount": 5}),
        ("amount", True, True),
        ("amount", None, None),
        ("yen", 50, 50),
        ("yen", "50.00 JPY", 50),
        ("yen", Decimal("0.5"), Decimal("0.5")),
        ("dinars", "1.5 KWD", 1500),
        ("to", 5, 5),
        ("to", "50.00 EUR", "50.00 EUR"),
    ],
)
def test_an_amount_is_sent_as_the_count_that_its_system_takes(
    name: str, said: Json, taken: Json
) -> None:
    """Exactly, or as it was written: no cent is made or lost by rounding."""
    found = units.sent(COUNTED, {name: said})

    assert found == {name: taken}
    assert type(found[name]) is type(taken)


@given(st.dictionaries(st.sampled_from([*COUNTED, "to"]), st.integers()))
def test_what_was_stated_is_sent_as_it_was(args: dict[str, Json]) -> None:
    """There and back, for every number and every sort of currency."""
    assert units.sent(COUNTED, units.stated(COUNTED, args)) == args


@pytest.mark.parametrize(
    "number, currency, counted",
    [
        ("50.00", "EUR", 5000),
        ("50", "EUR", 5000),
        ("50.005", "EUR", None),
        ("-1", "JPY", -1),
        ("0.5", "JPY", None),
        ("0.005", "KWD", 5),
    ],
)
def test_an_amount_is_so_many_of_the_smallest_unit(
    number: str, currency: str, counted: int | None
) -> None:
    """Or finer, and then it is no count."""
    one = Money(Decimal(number), currency)

    assert units.count(one) == counted
    if counted is not None:
        assert units.money(counted, currency) == one


def test_what_is_no_count_is_refused_with_an_example() -> None:
    """Each for itself; a whole number, and an argument that is not there, are as they should be."""
    args: JsonObject = {"amount": "5000", "yen": Decimal(50), "dinars": True, "to": "x"}

    assert [say(one) for one in units.misstated(COUNTED, args)] == [
        "argument `amount` must be a whole number: 5000 for 50.00 EUR",
        "argument `yen` must be a whole number: 50 for 50.00 JPY",
        "argument `dinars` must be a whole number: 50000 for 50.00 KWD",
    ]
    assert list(units.misstated(COUNTED, {"amount": 5000, "to": "x"})) == []

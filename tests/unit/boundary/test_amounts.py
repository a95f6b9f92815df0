"""Which texts and objects are amounts of money, in which currencies, counted how finely.

`golden/iso4217.txt` is the list of ISO 4217 as its agency publishes it (January 2026): the code,
the digits after the point (`-` where there is no smaller unit by nature), and the name. It was not
written from what is tested here.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import pytest

from sallyport.model import Json
from sallyport.rules.boundary.amounts import (
    CURRENCIES,
    DECIMALS_MAX,
    OF_THOUSANDTHS,
    WITHOUT_CENTS,
    Amount,
    as_amount,
    as_money,
    decimals,
    minor_digits,
    no_currency,
)

LIST = (Path(__file__).parent / "golden" / "iso4217.txt").read_text(encoding="utf-8")
ISO = {code: digits for code, digits, _ in (one.split(" ", 2) for one in LIST.splitlines())}
NOBODY_PAYS_IN = {
    "funds": "BOV CHE CHW CLF COU MXV USN UYI UYW",
    "units of account": "XAD XBA XBB XBC XBD XDR XSU XUA",
    "metals": "XAG XAU XPD XPT",
    "testing, and none": "XTS XXX",
}


def test_the_currencies_are_those_of_iso_4217_that_people_pay_in() -> None:
    """All of them, and no other three letters."""
    left_out = {code for codes in NOBODY_PAYS_IN.values() for code in codes.split()}
    letters = map("".join, product(ascii_uppercase, repeat=3))

    assert left_out < ISO.keys()
    assert ISO.keys() - left_out == CURRENCIES
    assert {code for code in letters if as_amount(f"5 {code}")} == CURRENCIES


def test_a_currency_has_the_smallest_unit_that_iso_4217_names() -> None:
    """None, hundredths or thousandths; a boundary in cents of yen would mean a hundred times."""
    assert {code: str(minor_digits(code)) for code in CURRENCIES} == {
        code: digits for code, digits in ISO.items() if code in CURRENCIES
    }
    assert {code for code in CURRENCIES if ISO[code] == "0"} == WITHOUT_CENTS
    assert {code for code in CURRENCIES if ISO[code] == "3"} == OF_THOUSANDTHS


def test_an_owner_writes_no_more_than_cents() -> None:
    """Finer amounts are misread."""
    assert DECIMALS_MAX == 2


@pytest.mark.parametrize(
    "letters, fix",
    [
        ("EUX", "did you mean `EUR`?"),
        ("EUT", "did you mean `EUR`?"),
        ("VEB", "did you mean `VED`?"),
        ("XYZ", "write its three letters: EUR, USD, GBP"),
        ("BGN", "write its three letters: EUR, USD, GBP"),
    ],
)
def test_letters_that_are_no_currency_are_answered_with_the_nearest(letters: str, fix: str) -> None:
    """Of the same country; or with how one is written: another country's would be a bad guess."""
    assert no_currency(letters) == (f"`{letters}` is no currency", fix)


@pytest.mark.parametrize(
    "number, digits", [("5", 0), ("5.0", 1), ("5.00", 2), ("-0.125", 3), ("5E+2", 0), ("5E-4", 4)]
)
def test_digits_after_the_point_are_those_that_were_written(number: str, digits: int) -> None:
    """A round number has none, however it is written."""
    assert decimals(Decimal(number)) == digits


AMOUNTS: list[tuple[str, str, str]] = [
    ("50.00 EUR", "50.00", "EUR"),
    ("0 EUR", "0", "EUR"),
    ("-0.5 USD", "-0.5", "USD"),
    ("5 XYZ", "5", "XYZ"),
    ("999999999999999 EUR", "999999999999999", "EUR"),
    ("1.123456789012345 EUR", "1.123456789012345", "EUR"),
]


@pytest.mark.parametrize("text, number, currency", AMOUNTS)
def test_a_text_of_a_number_and_three_letters_is_an_amount(
    text: str, number: str, currency: str
) -> None:
    """With the digits that were written."""
    found = as_money(text)

    assert found is not None
    assert (str(found.amount), found.currency) == (number, currency)


NO_AMOUNTS: list[Json] = [
    *("", "EUR", "50", "50.00", "50.00EUR", "50.00  EUR", " 50 EUR", "50 EUR ", "50 EUR\n"),
    *("+5 EUR", "05 EUR", ".5 EUR", "5. EUR", "5,00 EUR", "1e3 EUR", "--5 EUR", "5 eur", "5 EU"),
    *("5 EURO", "EUR 5", "5 \u20ac", "\u0665 EUR", "1000000000000000 EUR"),
    "1.1234567890123456 EUR",
    5,
    Decimal(5),
    True,
    None,
    ["5 EUR"],
]


@pytest.mark.parametrize("value", NO_AMOUNTS)
def test_a_text_that_is_written_otherwise_is_none(value: Json) -> None:
    """One spelling, so that nobody reads another amount."""
    assert as_money(value) is None


@pytest.mark.parametrize(
    "value, amount",
    [
        (5, Amount(5, "")),
        (-5, Amount(-5, "")),
        (Decimal("5.50"), Amount(Decimal("5.50"), "")),
        ("5.50 EUR", Amount(Decimal("5.50"), "EUR")),
        ({"amount": 5, "currency": "EUR"}, Amount(5, "EUR")),
        ({"amount": Decimal("5.5"), "currency": "JPY"}, Amount(Decimal("5.5"), "JPY")),
    ],
)
def test_an_argument_states_an_amount_in_three_ways(value: Json, amount: Amount) -> None:
    """A number, a text, an object; the number alone is in the currency of the bound."""
    assert as_amount(value) == amount


@pytest.mark.parametrize(
    "value",
    [
        *(True, False, None, "5", "", "5.50 XYZ", [], [5], {}),
        *(Decimal("NaN"), Decimal("Infinity"), 5.5),
        *({"amount": 5}, {"currency": "EUR"}, {"amount": 5, "currency": "EUR", "more": 1}),
        *({"amount": 5, "currency": "XYZ"}, {"amount": 5, "currency": None}),
        *({"amount": True, "currency": "EUR"}, {"amount": "5", "currency": "EUR"}),
        *({"amount": "5 EUR", "currency": "EUR"}, {"amount": None, "currency": "EUR"}),
        *({"amount": Decimal("NaN"), "currency": "EUR"}, {"amount": 5, "currency": ["EUR"]}),
        {"amount": {"amount": 5, "currency": "EUR"}, "currency": "EUR"},
    ],
)
def test_whatever_else_states_none(value: Json) -> None:
    """A truth value is no number, a text in an object is none, and letters alone no currency."""
    assert as_amount(value) is None

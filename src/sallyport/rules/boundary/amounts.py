"""Amounts of money, with the currency that the call itself states where it states one.

A plain number is taken in the currency of the bound: its unit is what the system's tool takes. A
text such as `50.00 EUR`, and an object of `amount` and `currency`, state their currency, which must
be the bound's. Nothing is converted, and nothing is rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from sallyport.model import Json, Money

DECIMALS_MAX = 2

# ISO 4217 of 2026, without funds, units of account, metals and testing codes.
# fmt: off
CURRENCIES = frozenset(
    {
        "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
        "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD",
        "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK",
        "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
        "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD",
        "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD",
        "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD",
        "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
        "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG",
        "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP",
        "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND",
        "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES",
        "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
    }
)
WITHOUT_CENTS = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
        "VUV", "XAF", "XOF", "XPF",
    }
)
OF_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
# fmt: on
_MONEY = re.compile(r"(-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?) ([A-Z]{3})", re.ASCII)
_OBJECT_KEYS = {"amount", "currency"}


class Amount(NamedTuple):
    """A number, and the currency that stands beside it; empty where none does."""

    number: int | Decimal
    currency: str


def minor_digits(currency: str) -> int:
    """Return how many digits the smallest unit of a currency has after the point (ISO 4217)."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in OF_THOUSANDTHS else 2


def no_currency(letters: str) -> tuple[str, str]:
    """Return what is wrong with letters that are no currency, and what to do.

    The first two letters name the country, so what shares them is meant, and nothing else is.
    """
    near = min((one for one in CURRENCIES if one[:2] == letters[:2]), default="")
    fix = f"did you mean `{near}`?" if near else "write its three letters: EUR, USD, GBP"
    return f"`{letters}` is no currency", fix


def decimals(number: Decimal) -> int:
    """Return how many digits a number is written with after the point."""
    return max(0, -int(number.as_tuple().exponent))


def as_money(value: Json) -> Money | None:
    """Return the amount that a text such as `50.00 EUR` names, or None."""
    match = _MONEY.fullmatch(value) if isinstance(value, str) else None
    return Money(Decimal(match[1]), match[2]) if match else None


def as_amount(value: Json) -> Amount | None:
    """Return the amount that an argument states, or None: a truth value is no number."""
    if type(value) is int or (type(value) is Decimal and value.is_finite()):
        return Amount(value, "")
    if type(value) is str:
        money = as_money(value)
        known = money is not None and money.currency in CURRENCIES
        return Amount(money.amount, money.currency) if money and known else None
    if type(value) is dict and value.keys() == _OBJECT_KEYS:
        return _of_object(value["amount"], value["currency"])
    return None


def _of_object(number: Json, currency: Json) -> Amount | None:
    inner = as_amount(number) if type(number) in {int, Decimal} else None
    if inner is None or type(currency) is not str or currency not in CURRENCIES:
        return None
    return Amount(inner.number, currency)

"""Arguments that count the smallest unit of a currency, as amounts that an owner reads.

An owner writes `50.00 EUR`, and the system takes 5000. Which of its arguments count what is
declared in the system's file; every comparison, sum, reason and question is made of the amount that
is meant. What is no whole number says nothing certain there, and so it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sallyport.model import Floor, Json, JsonObject, Money
from sallyport.rules import reasons
from sallyport.rules.boundary.amounts import as_amount, minor_digits

EXAMPLE = 50


def stated(units: Mapping[str, str], args: JsonObject) -> JsonObject:
    """Return arguments in which whole numbers of a smallest unit are amounts with their currency.

    What is no such number becomes null: whatever it looks like, it is not that amount.
    """
    if units.keys().isdisjoint(args):
        return args
    return {
        name: _stated(value, units[name]) if name in units else value
        for name, value in args.items()
    }


def sent(units: Mapping[str, str], args: JsonObject) -> JsonObject:
    """Return arguments as their system takes them: the other way of `stated`.

    What states no amount of the unit's currency, or a finer one, stays as it is.
    """
    return {
        name: _sent(value, units[name]) if name in units else value for name, value in args.items()
    }


def misstated(units: Mapping[str, str], args: JsonObject) -> Iterator[Floor]:
    """Refuse each argument that should be a whole number of a smallest unit and is not."""
    for name, currency in units.items():
        if name in args and type(args[name]) is not int:
            amount = Money(Decimal(EXAMPLE), currency)
            number = str(EXAMPLE * 10 ** minor_digits(currency))
            yield reasons.refuse("boundary.unit", argument=name, number=number, amount=str(amount))


def count(amount: Money) -> int | None:
    """Return how many of its currency's smallest unit an amount is; None where it is finer."""
    found = _sent({"amount": amount.amount, "currency": amount.currency}, amount.currency)
    return found if type(found) is int else None


def _stated(value: Json, currency: str) -> Json:
    if type(value) is not int:
        return None
    return {"amount": money(value, currency).amount, "currency": currency}


def money(count: int, currency: str) -> Money:
    """Return the amount that so many of a currency's smallest unit are, exactly."""
    sign, digits, _ = Decimal(count).as_tuple()
    return Money(Decimal((sign, digits, -minor_digits(currency))), currency)


def _sent(value: Json, currency: str) -> Json:
    found = as_amount(value)
    if found is None or found.currency not in {"", currency}:
        return value
    sign, digits, exponent = Decimal(found.number).as_tuple()
    shift = int(exponent) + minor_digits(currency)
    if shift < 0 and any(digits[shift:]):
        return value
    kept = digits[:shift] if shift < 0 else (*digits, *(0,) * shift)
    return int(Decimal((sign, kept, 0)))
